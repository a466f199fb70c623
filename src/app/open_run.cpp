#include "app/open_run.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "app/locations.h"
#include "app/run_folder.h"
#include "config/resolved.h"
#include "data/one_split.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/train.h"
#include "store/best.h"
#include "store/owner.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

Vocabulary stored_vocabulary(const RunDirectory& directory, const DataConfig& data) {
  if (!is_text(data)) return {};
  auto vocabulary = directory.vocabulary();
  if (!vocabulary) refuse_folder(directory.file("vocabulary.json"), "is missing");
  return std::move(*vocabulary);
}

/// Model, vocabulary and pixel scaling of a run; no examples, so no data files are needed.
std::unique_ptr<Material> model_material(const Experiment& experiment, const OpenRun& run) {
  const DataConfig& data = experiment.config.data;
  auto material = std::make_unique<Material>();
  material->experiment = experiment;
  Dataset dataset;
  dataset.input = input_from_config(data);
  dataset.class_names = run.manifest.class_names;
  if (dataset.input.classes == 0)
    dataset.input.classes = static_cast<int64_t>(dataset.class_names.size());
  dataset.vocabulary = stored_vocabulary(run.directory, data);
  dataset.input.vocabulary = dataset.vocabulary.size();
  if (data.normalize) dataset.mean = data.normalize->mean, dataset.std = data.normalize->std;
  material->plan = plan_experiment(experiment, dataset.input);
  material->dataset = std::make_shared<const Dataset>(std::move(dataset));
  return material;
}

/// The split that is needed, if one is.
std::optional<Split> wanted_split(Need need, const ExperimentConfig& config) {
  const auto& maps = config.feature_maps;
  switch (need) {
    case Need::kTrain:
      return Split::kTrain;
    case Need::kTest:
      return Split::kTest;
    case Need::kMaps:
      return !maps || maps->test_split ? Split::kTest : Split::kTrain;
    case Need::kModel:
      break;
  }
  return std::nullopt;
}

/// model_material with the examples of one split, where they are read from files.
std::unique_ptr<Material> split_material(const Experiment& experiment, const OpenRun& run,
                                         const fs::path& data_dir, Split split) {
  const DataConfig& data = experiment.config.data;
  auto read = load_split(data, data_dir,
                         {split, experiment.config.seed, stored_vocabulary(run.directory, data),
                          run.manifest.class_names});
  if (!read) return nullptr;
  auto material = model_material(experiment, run);
  Dataset dataset = *material->dataset;
  (split == Split::kTest ? dataset.test : dataset.train) = std::move(read->examples);
  dataset.files = std::move(read->files);
  material->dataset = std::make_shared<const Dataset>(std::move(dataset));
  return material;
}

std::unique_ptr<const Material> material_of(const Experiment& experiment, const OpenRun& run,
                                            const fs::path& data_dir, std::optional<Split> split) {
  if (!split) return model_material(experiment, run);
  auto material = split_material(experiment, run, data_dir, *split);
  if (material) return material;
  return MaterialLoader(data_dir).load(experiment);
}

/// SHA-256 of each file, by its path.
using Hashes = std::map<std::string_view, std::string_view>;

Hashes hashes_of(const std::vector<DataFile>& files) {
  Hashes hashes;
  for (const DataFile& file : files) hashes.emplace(file.path, file.sha256);
  return hashes;
}

/// What is to be said of a file that was read, given the run's; "" when it is one of them.
std::string change_of(const DataFile& file, const Hashes& then) {
  const auto known = then.find(file.path);
  if (known == then.end()) return "the run was made without this file";
  if (known->second == file.sha256) return "";
  return "not the file the run was made with (got SHA-256 " + file.sha256 + ", expected " +
         std::string(known->second) + ")";
}

/// The folder of a split that takes whatever pictures it holds; "" where the files are named.
fs::path picture_folder(const DataConfig& data, std::optional<Split> split) {
  if (data.type != DataType::kImageFolder || !split) return "";
  return *split == Split::kTest ? data.test_dir : data.train_dir;
}

/// How many of the run's files in `folder` were not read now.
int64_t missing_from(const fs::path& folder, const Dataset& dataset, const Manifest& manifest) {
  const Hashes now = hashes_of(dataset.files);
  const std::string start = (folder / "").string();
  return std::count_if(manifest.files.begin(), manifest.files.end(), [&](const DataFile& file) {
    return file.path.starts_with(start) && !now.contains(file.path);
  });
}

void warn_at(const fs::path& path, const std::string& message) {
  log_warning(path.lexically_normal().string() + ": " + message);
}

/// The examples are then others than the run has seen; the numbers still are of what is there now.
/// True when there was nothing to warn of.
bool warn_of_changed_data(const Material& material, std::optional<Split> split,
                          const Manifest& manifest, const fs::path& data_dir) {
  const Dataset& dataset = *material.dataset;
  bool same = true;
  const auto warn = [&](const fs::path& path, const std::string& message) {
    warn_at(path, message);
    same = false;
  };
  const Hashes then = hashes_of(manifest.files);
  for (const DataFile& file : dataset.files)
    if (const std::string change = change_of(file, then); !change.empty())
      warn(data_dir / file.path, change);
  const fs::path folder = picture_folder(material.experiment.config.data, split);
  const int64_t gone = folder.empty() ? 0 : missing_from(folder, dataset, manifest);
  if (gone > 0)
    warn(data_dir / folder, "lacks " + counted(gone, "picture") + " that the run was made with");
  if (same && !dataset.hash.empty() && dataset.hash != manifest.data_hash)
    warn(data_dir, "not the data the run was made with");
  return same;
}

/// last.nnr or best.nnr of the run; both are checked to be of this run.
Checkpoint wanted_checkpoint(const RunDirectory& directory, const std::string& weights) {
  auto last = directory.checkpoint("last.nnr");
  if (last) check_owner(directory, *last, {sha256(directory.config_json())});
  const std::string name = weights + ".nnr";
  const auto best = [&] {
    return last ? best_beside(*last, directory) : directory.checkpoint(name);
  };
  auto wanted = weights == "last" ? std::move(last) : best();
  if (!wanted)
    refuse_folder(directory.file(name), "not there: the run has no such checkpoint (yet)");
  return std::move(*wanted);
}

}  // namespace

bool is_text(const DataConfig& data) {
  return data.type == DataType::kTextCsv || data.type == DataType::kSyntheticText;
}

RunDirectory find_run(const std::string& path) {
  const RunState state = inspect(path);
  if (state == RunState::kAbsent) {
    Problem problem;
    problem.file = path;
    problem.message = "no such folder";
    throw EnvironmentError(std::vector<Problem>{problem});
  }
  if (state == RunState::kParent)
    refuse_folder(path, "holds the trials of a sweep (expected the folder of one run, below it)");
  if (state != RunState::kRun) refuse_folder(path, "no run directory");
  return RunDirectory(path);
}

Experiment stored_experiment(const RunDirectory& directory) {
  directory.checked_config();  // where it is missing or another, the run is damaged
  try {
    return load_resolved(directory.file("config.json").string(), shipped_configs(), {});
  } catch (const ConfigError& error) {
    throw StoreError(error.problems());
  }
}

void warn_of_changed_files(const std::vector<std::string>& names, const Manifest& manifest,
                           const fs::path& data_dir) {
  const Hashes then = hashes_of(manifest.files);
  for (const std::string& name : names) {
    if (!then.contains(name)) continue;
    const DataFile now{name, 0, sha256(read_file(data_dir / name))};
    if (const std::string change = change_of(now, then); !change.empty())
      warn_at(data_dir / name, change);
  }
}

fs::path run_data_folder(const Options& options, const Manifest& manifest) {
  return options.data_dir.empty() ? fs::path(manifest.data_dir)
                                  : fs::absolute(options.data_dir).lexically_normal();
}

OpenRun open_run(const Options& options, Need need) {
  OpenRun run{find_run(options.paths[0]), {}, nullptr, {}, {}};
  run.manifest = run.directory.manifest();
  const Experiment experiment = stored_experiment(run.directory);
  run.checkpoint = wanted_checkpoint(run.directory, options.weights);
  const fs::path data_dir = run_data_folder(options, run.manifest);
  const auto split = wanted_split(need, experiment.config);
  run.material = material_of(experiment, run, data_dir, split);
  run.same_data = warn_of_changed_data(*run.material, split, run.manifest, data_dir);
  run.bench = open_workbench(*run.material, hardware_from(options, /*in_trial=*/false));
  resume(*run.bench.session, run.checkpoint);
  return run;
}

}  // namespace nnrun
