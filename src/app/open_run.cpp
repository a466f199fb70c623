#include "app/open_run.h"

#include <algorithm>

#include "app/locations.h"
#include "app/run_folder.h"
#include "config/resolved.h"
#include "data/test_split.h"
#include "nnrun/log.h"
#include "nnrun/train.h"

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

/// model_material with the test split, where that can be read without the training files.
std::unique_ptr<Material> test_material(const Experiment& experiment, const OpenRun& run,
                                        const fs::path& data_dir) {
  const DataConfig& data = experiment.config.data;
  auto test = load_test_split(data, data_dir, stored_vocabulary(run.directory, data));
  if (!test) return nullptr;
  auto material = model_material(experiment, run);
  Dataset dataset = *material->dataset;
  dataset.test = std::move(test->examples);
  dataset.files = std::move(test->files);
  material->dataset = std::make_shared<const Dataset>(std::move(dataset));
  return material;
}

std::unique_ptr<const Material> material_of(const Experiment& experiment, const OpenRun& run,
                                            const fs::path& data_dir, Need need) {
  if (need == Need::kModel) return model_material(experiment, run);
  auto test = need == Need::kTest ? test_material(experiment, run, data_dir) : nullptr;
  if (test) return test;
  return MaterialLoader(data_dir).load(experiment);
}

/// The examples are then others than the run has seen; the numbers still are of what is there now.
void warn_of_changed_data(const Dataset& dataset, const Manifest& manifest,
                          const fs::path& data_dir) {
  bool is_explained = dataset.hash.empty() || dataset.hash == manifest.data_hash;
  for (const DataFile& file : dataset.files) {
    const auto then = std::find_if(manifest.files.begin(), manifest.files.end(),
                                   [&](const DataFile& old) { return old.path == file.path; });
    if (then != manifest.files.end() && then->sha256 == file.sha256) continue;
    const std::string path = (data_dir / file.path).lexically_normal().string();
    if (then == manifest.files.end())
      log_warning(path + ": the run was made without this file");
    else
      log_warning(path + ": not the file the run was made with (got SHA-256 " + file.sha256 +
                  ", expected " + then->sha256 + ")");
    is_explained = true;
  }
  if (!is_explained) log_warning(data_dir.string() + ": not the data the run was made with");
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

fs::path run_data_folder(const Options& options, const Manifest& manifest) {
  return options.data_dir.empty() ? fs::path(manifest.data_dir)
                                  : fs::absolute(options.data_dir).lexically_normal();
}

OpenRun open_run(const Options& options, Need need) {
  OpenRun run{find_run(options.paths[0]), {}, nullptr, {}, {}};
  run.manifest = run.directory.manifest();
  const Experiment experiment = stored_experiment(run.directory);
  const std::string name = options.weights + ".nnr";
  auto checkpoint = run.directory.checkpoint(name);
  if (!checkpoint)
    refuse_folder(run.directory.file(name), "not there: the run has no such checkpoint (yet)");
  run.checkpoint = std::move(*checkpoint);
  const fs::path data_dir = run_data_folder(options, run.manifest);
  run.material = material_of(experiment, run, data_dir, need);
  warn_of_changed_data(*run.material->dataset, run.manifest, data_dir);
  run.bench = open_workbench(*run.material, hardware_from(options, /*in_trial=*/false));
  resume(*run.bench.session, run.checkpoint);
  return run;
}

}  // namespace nnrun
