#include "data/image_folder.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/cleaning.h"
#include "data/image_dataset.h"
#include "data/picture.h"
#include "data/problems.h"
#include "data/source.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kChannels = 3;

bool is_named_like_a_picture(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kExtensions{".png", ".jpg", ".jpeg"};
  std::string extension = path.extension().string();
  lower_case(extension);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

/// A class's folder or one of its pictures.
enum class Kind { kClass, kPicture };

bool is_of(Kind kind, const fs::directory_entry& entry) {
  return kind == Kind::kClass ? entry.is_directory() : entry.is_regular_file();
}

/// The names of the entries of `folder` of one kind, hidden ones left out, sorted. A link that
/// leads nowhere might be one of them.
std::vector<std::string> names_in(const fs::path& folder, Kind kind) try {
  std::vector<std::string> names;
  std::vector<Problem> missing;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.')) continue;
    if (kind == Kind::kPicture && !is_named_like_a_picture(name)) continue;
    if (entry.is_symlink() && !is_there(entry.path()))
      missing.push_back(at_file(entry.path().string(), "no such file: the link leads nowhere"));
    if (is_of(kind, entry)) names.push_back(name);
  }
  if (!missing.empty()) throw EnvironmentError(std::move(missing));
  std::sort(names.begin(), names.end());
  return names;
} catch (const fs::filesystem_error& error) {
  throw EnvironmentError(
      {at_file(folder.string(), "cannot be read (" + error.code().message() + ")")});
}

std::vector<std::string> class_folders(const fs::path& folder, DataProblems& problems) {
  auto names = names_in(folder, Kind::kClass);
  if (names.empty())
    problems.add(at_file(folder.string(), "holds no folder (expected one per class)"));
  return names;
}

/// [H, W, C] to [C, H, W].
void append_planes(const Picture& picture, std::vector<uint8_t>& pixels) {
  for (size_t c = 0; c < static_cast<size_t>(kChannels); ++c) {
    for (size_t k = c; k < picture.pixels.size(); k += static_cast<size_t>(kChannels)) {
      pixels.push_back(picture.pixels[k]);
    }
  }
}

/// Reads the pictures of one split into examples.
class SplitReader {
 public:
  SplitReader(const DataConfig& config, const fs::path& data_dir, DataProblems& problems)
      : config_(config), data_dir_(data_dir), problems_(problems) {}

  /// `classes`: the names of the classes that `owner` has; others are refused.
  Examples read(const std::string& split, const std::vector<std::string>& classes,
                const std::string& owner = "the training folder") {
    Examples examples;
    for (const std::string& name : class_folders(data_dir_ / split, problems_)) {
      const fs::path folder = fs::path(split) / name;
      const auto place = std::find(classes.begin(), classes.end(), name);
      if (place == classes.end()) {
        problems_.add(at_file((data_dir_ / folder).string(),
                              owner + " has no class of this name (got " + in_quotes(name) + ")"));
        continue;
      }
      read_class(folder, static_cast<int32_t>(place - classes.begin()), examples);
    }
    return examples;
  }

  std::vector<DataFile> files() && { return std::move(files_); }

 private:
  void read_class(const fs::path& folder, int32_t label, Examples& examples) {
    const std::vector<std::string> names = names_in(data_dir_ / folder, Kind::kPicture);
    if (names.empty()) {
      problems_.add(at_file((data_dir_ / folder).string(), "holds no PNG or JPEG file"));
    }
    for (const std::string& name : names) {
      read_one(folder / name, examples);
      examples.labels.push_back(label);
    }
  }

  void read_one(const fs::path& name, Examples& examples) try {
    const std::string file = (data_dir_ / name).string();
    const std::string bytes = read_file(file);
    files_.push_back({name.string(), static_cast<int64_t>(bytes.size()), sha256(bytes)});
    append_planes(decode_picture(file, bytes, config_.size[0], config_.size[1]), examples.pixels);
  } catch (const DataError& error) {
    for (const Problem& problem : error.problems()) problems_.add(problem);
  }

  const DataConfig& config_;
  const fs::path& data_dir_;
  DataProblems& problems_;
  std::vector<DataFile> files_;
};

void require_folder(const fs::path& folder) {
  require_data(folder);
  if (!fs::is_directory(folder))
    throw EnvironmentError({at_file(folder.string(), "is a file (expected a folder)")});
}

void require_folders(const fs::path& data_dir, const std::vector<std::string>& names) {
  std::vector<Problem> problems;
  for (const std::string& name : names) {
    try {
      require_folder(data_dir / name);
    } catch (const EnvironmentError& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw EnvironmentError(std::move(problems));
}

}  // namespace

OneSplit read_image_folder(const DataConfig& config, const fs::path& data_dir,
                           const std::string& split, const std::vector<std::string>& classes) {
  require_folders(data_dir, {split});
  DataProblems problems;
  SplitReader reader(config, data_dir, problems);
  Examples examples = reader.read(split, classes, "the run");
  problems.throw_if_any();
  return {std::move(examples), std::move(reader).files()};
}

Dataset load_image_folder(const DataConfig& config, const fs::path& data_dir, int64_t seed) {
  require_folders(data_dir, {config.train_dir, config.test_dir});
  DataProblems problems;
  SplitReader reader(config, data_dir, problems);
  ImageSplits splits;
  splits.class_names = names_in(data_dir / config.train_dir, Kind::kClass);
  splits.train = reader.read(config.train_dir, splits.class_names);
  splits.test = reader.read(config.test_dir, splits.class_names);
  problems.throw_if_any();
  splits.classes = static_cast<int64_t>(splits.class_names.size());
  splits.shape = {kChannels, config.size[0], config.size[1]};
  Dataset set = image_dataset(config, std::move(splits), seed);
  set.files = std::move(reader).files();
  return set;
}

}  // namespace nnrun
