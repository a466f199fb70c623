#include "config/locate.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "nnrun/config.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 64;

/// Configs in a folder and its sub-folders down to `depth`, as names relative to it.
void list_configs(const fs::path& folder, const fs::path& prefix, int depth,
                  std::vector<std::string>& names) {
  std::error_code ignored;
  const fs::path listed = folder.empty() ? fs::path(".") : folder;
  for (const fs::directory_entry& entry : fs::directory_iterator(listed, ignored)) {
    const fs::path name = prefix / entry.path().filename();
    if (entry.path().extension() == ".json") names.push_back(name.string());
    if (depth > 0 && entry.is_directory(ignored))
      list_configs(entry.path(), name, depth - 1, names);
  }
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

bool is_letter_or_digit(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9');
}

/// "./a.json", "../configs/a.json", "/a.json": a place of its own, no name to look up elsewhere.
bool is_explicit(const fs::path& name) {
  return name.is_absolute() || std::ranges::any_of(name, [](const fs::path& component) {
           return component == "." || component == "..";
         });
}

}  // namespace

fs::path locate(const std::string& name, const fs::path& folder, const fs::path& shipped) {
  if (name.empty() || name.find('\0') != std::string::npos) return {};
  if (is_there(folder / name)) return folder / name;
  if (!shipped.empty() && !is_explicit(name) && is_there(shipped / name)) return shipped / name;
  return {};
}

std::string nearest_config(const std::string& name, const fs::path& folder,
                           const fs::path& shipped) {
  const fs::path below = fs::path(name).parent_path();
  std::vector<std::string> names;
  list_configs(folder / below, below, /*depth=*/0, names);
  if (!shipped.empty()) list_configs(shipped, {}, /*depth=*/1, names);
  std::ranges::sort(names);
  for (const std::string& meant : {name + ".json", fs::path(name).filename().string()}) {
    if (std::ranges::binary_search(names, meant)) return meant;
  }
  return nearest(name, names);
}

std::string default_name(const fs::path& file) {
  const fs::path whole = fs::absolute(file).lexically_normal();
  const std::string stem = whole.stem().string();
  std::string name = whole.parent_path().filename() == "as_run" ? "as_run_" : "";
  for (std::string_view rest = stem; !rest.empty();) {
    const size_t length = std::max<size_t>(utf8_length(rest), 1);
    const bool stays =
        is_letter_or_digit(rest[0]) || rest[0] == '.' || rest[0] == '_' || rest[0] == '-';
    name += stays ? rest[0] : '_';
    rest.remove_prefix(length);
  }
  if (!is_letter_or_digit(name[0])) name.insert(0, "run");  // names begin with a letter or digit
  return name.substr(0, kLongestName);
}

fs::path find_config(const std::string& name, const fs::path& shipped) {
  const auto fail = [&](const std::string& message, const std::string& suggestion) {
    Problem problem;
    problem.file = name;
    problem.message = message;
    problem.suggestion = suggestion;
    throw EnvironmentError(std::vector<Problem>{problem});
  };
  const fs::path found = locate(name, /*folder=*/{}, shipped);
  if (found.empty()) fail("no such config", nearest_config(name, /*folder=*/{}, shipped));
  std::error_code ignored;
  if (fs::is_directory(found, ignored)) fail("is a folder (expected a config file)", "");
  return found;
}

}  // namespace nnrun
