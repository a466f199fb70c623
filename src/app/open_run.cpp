#include "app/open_run.h"

#include "app/locations.h"
#include "app/run_folder.h"
#include "nnrun/train.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// Model, vocabulary and pixel scaling of a run; no examples, so no data files are needed.
std::unique_ptr<const Material> model_material(const Experiment& experiment, const OpenRun& run) {
  const DataConfig& data = experiment.config.data;
  auto material = std::make_unique<Material>();
  material->experiment = experiment;
  Dataset dataset;
  dataset.input = input_from_config(data);
  dataset.class_names = run.manifest.class_names;
  if (dataset.input.classes == 0)
    dataset.input.classes = static_cast<int64_t>(dataset.class_names.size());
  if (const auto vocabulary = run.directory.vocabulary()) {
    dataset.vocabulary = *vocabulary;
    dataset.input.vocabulary = vocabulary->size();
  }
  if (data.normalize) dataset.mean = data.normalize->mean, dataset.std = data.normalize->std;
  material->plan = plan_experiment(experiment, dataset.input);
  material->dataset = std::make_shared<const Dataset>(std::move(dataset));
  return material;
}

}  // namespace

RunDirectory find_run(const std::string& path) {
  const RunState state = inspect(path);
  if (state == RunState::kAbsent) throw EnvironmentError(escaped(path) + ": no such folder");
  if (state == RunState::kParent)
    refuse_folder(path, "holds the trials of a sweep (expected the folder of one run, below it)");
  if (state != RunState::kRun) refuse_folder(path, "no run directory");
  return RunDirectory(path);
}

Experiment stored_experiment(const RunDirectory& directory) {
  try {
    return load_experiment(directory.file("config.json").string(), shipped_configs(), {});
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
  run.material = need == Need::kData
                     ? MaterialLoader(run_data_folder(options, run.manifest)).load(experiment)
                     : model_material(experiment, run);
  run.bench = open_workbench(*run.material, hardware_from(options, /*in_trial=*/false));
  resume(*run.bench.session, run.checkpoint);
  return run;
}

}  // namespace nnrun
