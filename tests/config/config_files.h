#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "nnrun/config.h"
#include "repository.h"

/// Experiments from texts, for tests.
namespace nnrun {

inline const std::filesystem::path kShipped = repository() / "configs";

/// A small valid experiment.
inline const char* const kSmall = R"({
  "data": {"type": "cifar10"},
  "model": {"layers": [{"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 10}]},
  "optimizer": {"type": "sgd"}
})";

/// A folder of config files that goes away with the test.
///   ConfigFiles files;
///   files.write("a.json", kSmall);
///   files.load("a.json").config.seed;
class ConfigFiles {
 public:
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  Experiment load(const std::string& name, const Overrides& overrides = {}) const {
    return load_experiment((folder_ / name).string(), kShipped, overrides);
  }

  /// All problems as lines, the folder's own path left out; "" when there is none.
  std::string problems(const std::string& name, const Overrides& overrides = {}) const {
    std::string lines;
    try {
      expand_trials(load(name, overrides));
    } catch (const ConfigError& error) {
      for (const Problem& problem : error.problems()) {
        lines += (lines.empty() ? "" : "\n") + without_folder(to_text(problem));
      }
    }
    return lines;
  }

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::string without_folder(std::string text) const {
    const std::string prefix = folder_.string() + "/";
    for (size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }

  TempFolder temporary_;
  std::filesystem::path folder_ = temporary_.path();
};

}  // namespace nnrun
