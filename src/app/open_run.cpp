#include "app/open_run.h"

#include "app/locations.h"
#include "app/run_folder.h"
#include "nnrun/train.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// Classes, vocabulary and pixel scaling of a run's data; no examples, so no data files are needed.
Dataset dataset_without_examples(const DataConfig& data, const OpenRun& run) {
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
  return dataset;
}

/// Texts are encoded with the run's vocabulary: the other split's file is not read.
bool reads_one_split(const Experiment& experiment, const OpenRun& run, Need need) {
  return need == Need::kSplit && experiment.config.data.type == DataType::kTextCsv &&
         run.directory.vocabulary();
}

std::unique_ptr<const Material> material_of(const Experiment& experiment, const OpenRun& run,
                                            const Options& options, Need need) {
  const fs::path folder = run_data_folder(options, run.manifest);
  const bool one_split = reads_one_split(experiment, run, need);
  if (need != Need::kModel && !one_split) return MaterialLoader(folder).load(experiment);
  const ExperimentConfig& config = experiment.config;
  Dataset dataset = dataset_without_examples(config.data, run);
  if (one_split) {
    const Split split = options.split == "train" ? Split::kTrain : Split::kTest;
    (split == Split::kTrain ? dataset.train : dataset.test) =
        load_text_split(config.data, folder, config.seed, split, dataset.vocabulary);
  }
  auto material = std::make_unique<Material>();
  material->experiment = experiment;
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
  return options.data_dir.empty() ? fs::path(manifest.data_dir) : fs::absolute(options.data_dir);
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
  run.material = material_of(experiment, run, options, need);
  run.bench = open_workbench(*run.material, hardware_from(options, /*in_trial=*/false));
  resume(*run.bench.session, run.checkpoint);
  return run;
}

}  // namespace nnrun
