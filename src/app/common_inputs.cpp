#include "app/common_inputs.h"

#include <filesystem>
#include <vector>

#include "app/workbench.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

struct Input {
  std::string key;
  std::string hash;
  std::string if_changed;
};

bool is_below(const fs::path& file, const fs::path& folder) {
  const fs::path relative = file.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

/// An image folder takes what is there; all else is named by the config, initial weights by the
/// path that they had then.
std::string names_of_pictures(const DataConfig& data, const Manifest& manifest) {
  Sha256 names;
  for (const DataFile& file : manifest.files)
    if (is_below(file.path, data.train_dir) || is_below(file.path, data.test_dir))
      names.add(file.path + '\n');
  return names.hex();
}

/// Of an older run, which lists no files, the data's hash alone.
std::vector<Input> inputs_of(const ExperimentConfig& config, const Manifest& manifest) {
  const DataConfig& data = config.data;
  std::vector<Input> inputs;
  for (const DataFile& file : manifest.files)
    inputs.push_back({"file " + file.path, file.sha256, "another " + file.path});
  if (data.type == DataType::kImageFolder && !inputs.empty())
    inputs.push_back({"pictures " + data.train_dir + '\n' + data.test_dir,
                      names_of_pictures(data, manifest), "other pictures"});
  inputs.push_back({"data " + data_key(config), manifest.data_hash, "other data"});
  return inputs;
}

}  // namespace

std::string CommonInputs::add(const Trial& trial, const Manifest& manifest) {
  for (const Input& input : inputs_of(trial.experiment.config, manifest)) {
    const First& first =
        known_.try_emplace(input.key, First{input.hash, trial.folder}).first->second;
    if (first.hash != input.hash) return input.if_changed + " than " + first.folder;
  }
  return "";
}

}  // namespace nnrun
