#include "data/image_folder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "data/cleaning.h"
#include "data/image_dataset.h"
#include "data/picture.h"
#include "data/problems.h"
#include "data/source.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kChannels = 3;

bool is_named_like_a_picture(const fs::path& path) {
  constexpr std::array<std::string_view, 4> kExtensions{".png", ".jpg", ".jpeg", ".bmp"};
  std::string extension = path.extension().string();
  lower_case(extension);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

Problem unreadable(const fs::path& path, const std::error_code& error) {
  return at_file(path.string(), "cannot be read (" + error.message() + ")");
}

/// The entries of `folder` by name, hidden ones left out.
std::vector<fs::directory_entry> entries_of(const fs::path& folder, DataProblems& problems) {
  std::vector<fs::directory_entry> entries;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry);
  } catch (const fs::filesystem_error& error) {
    problems.add_missing({unreadable(folder, error.code())});
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// What `entry` is, links followed.
fs::file_type type_of(const fs::directory_entry& entry, DataProblems& problems) {
  std::error_code error;
  const fs::file_type type = entry.status(error).type();
  if (type == fs::file_type::not_found)
    problems.add_missing({at_file(entry.path().string(), "no such file: the link leads nowhere")});
  else if (error)
    problems.add_missing({unreadable(entry.path(), error)});
  return type;
}

/// The names of the classes that `folder` holds. A link that leads nowhere might be one of them.
std::vector<std::string> class_folders(const fs::path& folder, DataProblems& problems) {
  std::vector<std::string> names;
  const auto entries = entries_of(folder, problems);
  for (const fs::directory_entry& entry : entries)
    if (type_of(entry, problems) == fs::file_type::directory)
      names.push_back(entry.path().filename().string());
  if (names.empty())
    problems.add(at_file(folder.string(), "holds no folder (expected one per class)"));
  return names;
}

/// The files below a class's folder, by their paths in it.
struct Listing {
  std::vector<std::string> pictures, others;
};

/// Adds what lies in the folder `inner` of `folder` and below it. Links to folders are not
/// followed.
void list_files(const fs::path& folder, const fs::path& inner, Listing& found,
                DataProblems& problems) {
  for (const fs::directory_entry& entry : entries_of(folder / inner, problems)) {
    const fs::path path = inner / entry.path().filename();
    std::error_code ignored;
    if (entry.symlink_status(ignored).type() == fs::file_type::directory) {
      list_files(folder, path, found, problems);
    } else if (is_named_like_a_picture(path)) {
      if (type_of(entry, problems) == fs::file_type::regular) found.pictures.push_back(path);
    } else if (entry.is_regular_file(ignored)) {
      found.others.push_back(path);
    }
  }
}

Listing files_below(const fs::path& folder, DataProblems& problems) {
  Listing found;
  list_files(folder, "", found, problems);
  std::sort(found.pictures.begin(), found.pictures.end());
  return found;
}

/// [H, W, C] to [C, H, W].
void append_planes(const Picture& picture, std::vector<uint8_t>& pixels) {
  for (size_t c = 0; c < static_cast<size_t>(kChannels); ++c) {
    for (size_t k = c; k < picture.pixels.size(); k += static_cast<size_t>(kChannels)) {
      pixels.push_back(picture.pixels[k]);
    }
  }
}

/// Reads the pictures of splits into examples.
class SplitReader {
 public:
  SplitReader(const DataConfig& config, const fs::path& data_dir, DataProblems& problems)
      : config_(config), data_dir_(data_dir), problems_(problems) {}

  /// `folders`: those of the split's classes. `classes`: the names of the classes that `owner` has;
  /// others are refused.
  Examples read(const std::string& split, const std::vector<std::string>& folders,
                const std::vector<std::string>& classes,
                const std::string& owner = "the training folder") {
    Examples examples;
    PassedOver passed_over{split, 0, ""};
    for (const std::string& name : folders) {
      const fs::path folder = fs::path(split) / name;
      const auto place = std::find(classes.begin(), classes.end(), name);
      if (place == classes.end()) {
        problems_.add(at_file((data_dir_ / folder).string(),
                              owner + " has no class of this name (got " + in_quotes(name) + ")"));
        continue;
      }
      const Listing found = files_below(data_dir_ / folder, problems_);
      passed_over.add(name, found.others);
      read_class(folder, found.pictures, static_cast<int32_t>(place - classes.begin()), examples);
    }
    passed_over_.push_back(passed_over);
    return examples;
  }

  /// Tells of files that an extension keeps out.
  void tell_of_others() const {
    for (const PassedOver& split : passed_over_)
      if (split.files > 0) log_advice(split.text(data_dir_));
  }

  std::vector<DataFile> files() && { return std::move(files_); }

 private:
  struct PassedOver {
    std::string split;
    int64_t files;
    std::string example;

    void add(const fs::path& folder, const std::vector<std::string>& others) {
      if (files == 0 && !others.empty()) example = folder / others.front();
      files += std::ssize(others);
    }

    std::string text(const fs::path& data_dir) const {
      return to_text(at_file((data_dir / split).string(),
                             counted(files, "file") +
                                 " passed over, only .png, .jpg, .jpeg and .bmp are read (" +
                                 escaped(example) + (files > 1 ? ", …)" : ")")));
    }
  };

  void read_class(const fs::path& folder, const std::vector<std::string>& pictures, int32_t label,
                  Examples& examples) {
    if (pictures.empty()) {
      problems_.add(at_file((data_dir_ / folder).string(), "holds no PNG, JPEG or BMP file"));
    }
    for (const std::string& name : pictures) {
      if (const auto bytes = read(folder / name)) decode(folder / name, *bytes, examples);
      examples.labels.push_back(label);
    }
  }

  std::optional<std::string> read(const fs::path& name) try {
    std::string bytes = read_file(data_dir_ / name);
    files_.push_back({name.string(), static_cast<int64_t>(bytes.size()), sha256(bytes)});
    return bytes;
  } catch (const EnvironmentError& error) {
    problems_.add_missing(error.problems());
    return std::nullopt;
  }

  void decode(const fs::path& name, const std::string& bytes, Examples& examples) try {
    const std::string file = (data_dir_ / name).string();
    append_planes(decode_picture(file, bytes, config_.size[0], config_.size[1]), examples.pixels);
  } catch (const DataError& error) {
    for (const Problem& problem : error.problems()) problems_.add(problem);
  }

  const DataConfig& config_;
  const fs::path& data_dir_;
  DataProblems& problems_;
  std::vector<DataFile> files_;
  std::vector<PassedOver> passed_over_;
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
  const auto folders = class_folders(data_dir / split, problems);
  Examples examples = reader.read(split, folders, classes, "the run");
  problems.throw_if_any();
  return {std::move(examples), std::move(reader).files()};
}

Dataset load_image_folder(const DataConfig& config, const fs::path& data_dir, int64_t seed) {
  require_folders(data_dir, {config.train_dir, config.test_dir});
  DataProblems problems;
  SplitReader reader(config, data_dir, problems);
  ImageSplits splits;
  splits.class_names = class_folders(data_dir / config.train_dir, problems);
  problems.throw_if_any();  // without the classes' names nothing else can be judged
  splits.train = reader.read(config.train_dir, splits.class_names, splits.class_names);
  if (config.test_dir == config.train_dir) {
    splits.test = splits.train;
  } else {
    const auto folders = class_folders(data_dir / config.test_dir, problems);
    splits.test = reader.read(config.test_dir, folders, splits.class_names);
  }
  problems.throw_if_any();
  reader.tell_of_others();
  splits.classes = static_cast<int64_t>(splits.class_names.size());
  splits.shape = {kChannels, config.size[0], config.size[1]};
  Dataset set = image_dataset(config, std::move(splits), seed);
  set.files = std::move(reader).files();
  return set;
}

}  // namespace nnrun
