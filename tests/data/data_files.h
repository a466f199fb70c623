#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "nnrun/error.h"

namespace nnrun {

/// A folder of its own for one test, gone with the object.
class DataFolder {
 public:
  DataFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "nnrun-data-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~DataFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

/// The error lines of what `action` throws, and their exit code in front: "2: FILE: message".
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
  }
  return "no error";
}

/// The folder of the real data sets, or "" when the environment names none that holds `file`.
inline std::string real_data_with(const std::string& file) {
  const char* folder = std::getenv("NNRUN_DATA");
  if (folder == nullptr || !std::filesystem::exists(std::filesystem::path(folder) / file))
    return "";
  return folder;
}

}  // namespace nnrun
