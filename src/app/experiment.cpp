#include "app/experiment.h"

#include <cmath>
#include <utility>

#include "app/facts.h"
#include "app/feature_maps.h"
#include "app/locations.h"
#include "app/recorder.h"
#include "app/shared_problems.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "nnrun/train.h"
#include "report/curves.h"
#include "report/progress.h"

namespace nnrun {
namespace {

/// log.jsonl of the run while its thread trains.
class RunLog {
 public:
  explicit RunLog(const RunDirectory& directory) {
    set_log_file(directory.file("log.jsonl").string());
  }
  ~RunLog() { set_log_file(""); }
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;
};

/// Everything of a run that stands before its first epoch.
struct Run {
  const RunRequest& request;
  RunFolder& folder;
  const Material& material;
  Workbench bench;
  Manifest manifest;
  std::optional<Checkpoint> checkpoint;
  bool exact = true;  ///< the same bytes as an uninterrupted run
};

Manifest manifest_of(const RunRequest& request, const Material& material, const Inputs& inputs,
                     const Workbench& bench) {
  Manifest manifest;
  manifest.nnrun_version = program_version();
  manifest.revision = program_revision();
  manifest.torch_version = bench.engine.torch_version;
  manifest.cpu_capability = bench.engine.cpu_capability;
  manifest.device = bench.device_name;
  manifest.threads = bench.device.threads;
  manifest.data_dir = request.data_dir.string();
  manifest.data_hash = inputs.data_hash;
  manifest.files = inputs.files;
  manifest.class_names = material.dataset->class_names;
  manifest.val_examples = material.dataset->split(material.dataset->validation_split()).size();
  if (material.dataset->vocabulary.size() > 0)
    manifest.vocabulary_sha256 = sha256(to_json(material.dataset->vocabulary));
  manifest.created = utc_now();
  return manifest;
}

bool same_arithmetic(const Manifest& a, const Manifest& b) {
  return a.nnrun_version == b.nnrun_version && a.torch_version == b.torch_version &&
         a.device == b.device && a.cpu_capability == b.cpu_capability && a.threads == b.threads;
}

[[noreturn]] void throw_diverged(const RunRequest& request, const Summary& summary) {
  Problem problem;
  problem.file = request.folder.folder.string();
  problem.message = "training diverged";
  if (const auto& last = summary.last) {
    const bool in_training = !std::isfinite(last->loss);
    problem.message += " in epoch " + std::to_string(last->epoch) +
                       (in_training ? " (loss " + shortest(last->loss)
                                    : " (val_loss " + shortest(last->val_loss)) +
                       ")";
  }
  throw DivergedError(std::vector<Problem>{problem});
}

RunResult finished(const RunFolder& folder) {
  RunResult result;
  result.nothing_to_do = true;
  result.summary = *folder.directory().summary();
  return result;
}

Summary first_summary(const Run& run) {
  Summary summary;
  summary.parameters = run.material.plan.parameters;
  summary.seed = run.material.experiment.config.seed;
  summary.device = run.bench.device_name;
  summary.exact = run.exact;
  if (run.checkpoint) summary.weights_sha256 = weights_sha256(run.checkpoint->tensors);
  return summary;
}

/// The session at the start of the loop, and the loop's state there.
LoopState restore(const Run& run) {
  Session& session = *run.bench.session;
  if (!run.checkpoint) {
    session.restore(starting_weights(run.material), /*updates=*/0);
    return {};
  }
  return resume(session, *run.checkpoint);
}

/// A picture of the run so far, for people: a run without it is as good.
void draw_curves(const Run& run, const LoopState& state) {
  if (state.rows.empty()) return;
  const bool on_test = run.material.dataset->validation_split() == Split::kTest;
  try {
    run.folder.directory().write_curves(curves_svg(run.material.experiment.config.name,
                                                   on_test ? "test" : "validation", state.rows));
  } catch (const EnvironmentError& error) {
    log_warning(std::string("curves.svg was not written: ") + error.what());
  }
}

/// What follows the last epoch; DONE comes last. False: stopped on the way.
bool complete(const Run& run, const LoopState& state, Recorder& recorder) {
  const RunDirectory& directory = run.folder.directory();
  if (has_test_of_its_own(*run.material.dataset)) {
    recorder.summary().test =
        evaluate_test(*run.bench.session, static_cast<int64_t>(state.rows.size()));
    if (!recorder.summary().test) return false;
  }
  if (const auto& maps = run.material.experiment.config.feature_maps)
    directory.write_features(
        draw_feature_maps(run.material, *run.bench.session, *maps, run.request.data_dir));
  recorder.finish(state, "done");
  directory.write_done();
  return true;
}

/// Brings the folder to the state that the loop's outcome asks for; the outcome of the run as a
/// whole.
Outcome close(const Run& run, Outcome outcome, const LoopState& state, Recorder& recorder) {
  draw_curves(run, state);
  if (outcome == Outcome::kDone && complete(run, state, recorder)) return Outcome::kDone;
  const bool diverged = outcome == Outcome::kDiverged;
  recorder.finish(state, diverged ? "diverged" : "stopped");
  return diverged ? Outcome::kDiverged : Outcome::kStopped;
}

/// Best effort: the error that ended the run matters more than one of this write. DONE may stand
/// already, where only its way to the disk failed.
void record_failure(const Run& run, const LoopState& state, Recorder& recorder,
                    const Error& error) {
  if (state.rows.empty()) return;
  recorder.summary().error = error.what();
  try {
    run.folder.directory().remove_done();
    recorder.finish(state, "failed");
  } catch (const Error& second) {
    log_warning(run.folder.directory().file("summary.json").string() +
                " is out of date: " + second.what());
  }
}

/// "tiny: 4 epochs of 6 steps on cpu, 2 threads", "tiny: goes on after epoch 3 of 4 …".
void announce(const Run& run, const LoopState& state) {
  const TrainingConfig& training = run.material.experiment.config.training;
  const std::string part = state.rows.empty()
                               ? counted(training.epochs, "epoch")
                               : "goes on after epoch " + std::to_string(state.rows.size()) +
                                     " of " + std::to_string(training.epochs);
  log_info(run.request.label + ": " + part + ", " +
           counted(steps_per_epoch(training, run.material.dataset->train.size()), "step") +
           " each, on " + run.bench.device_name + ", " +
           counted(run.bench.device.threads, "thread"));
}

RunResult train(Run& run, LoopState state) {
  const RunLog log(run.folder.directory());
  announce(run, state);
  const auto& config = run.material.experiment.config;
  Progress progress(run.request.label, config.training.epochs,
                    static_cast<int64_t>(state.rows.size()), progress_style(run.request.quiet));
  Recorder recorder(run.folder.directory(),
                    {sha256(run.folder.resolved_config()), run.manifest.data_hash},
                    first_summary(run), progress);
  if (config.output.tensorboard) {
    recorder.keep_events(
        {run.folder.directory().file(kEventFile), config.optimizer, config.training.epochs});
  }
  recorder.on_epoch([&run](const LoopState&) { run.folder.keep(); });
  LoopEvents events = recorder.events();
  events.pause_after = run.request.stop_after;
  try {
    const std::string loop_json = run.checkpoint ? run.checkpoint->loop_state : "";
    const Outcome trained = fit(*run.bench.session, session_request(run.material, run.bench.device),
                                state, loop_json, events);
    progress.finish();
    run.folder.keep();
    const Outcome outcome = close(run, trained, state, recorder);
    if (outcome == Outcome::kDiverged) throw_diverged(run.request, recorder.summary());
    return {outcome, /*nothing_to_do=*/false, recorder.summary()};
  } catch (const DivergedError&) {
    throw;
  } catch (const LostFolderError&) {  // nothing of the run is there any more
    throw;
  } catch (const Error& error) {
    record_failure(run, state, recorder, error);
    throw;
  }
}

std::unique_ptr<const Material> load_material(const RunRequest& request, FolderAction action) {
  const auto loader =
      request.loader ? request.loader : std::make_shared<MaterialLoader>(request.data_dir);
  return action == FolderAction::kFresh
             ? load_for_start(*loader, request.experiment, request.hardware.device)
             : loader->load(request.experiment);
}

/// Where the folder cannot be made, all else that keeps the run from its start is told beside it.
RunFolder open_folder(const RunRequest& request) try {
  return RunFolder(request.folder, request.experiment.config);
} catch (const EnvironmentError&) {
  SharedProblems problems;
  problems.collect([] { throw; });
  problems.collect([&] { load_material(request, FolderAction::kFresh); });
  problems.throw_if_any();
  throw;
}

}  // namespace

Inputs InputFacts::of(const Material& material) {
  Inputs inputs{material.dataset->files, material.dataset->hash};
  auto& files = inputs.files;
  files.insert(files.end(), material.picture_files.begin(), material.picture_files.end());
  const std::string& weights = material.experiment.config.model.init_from;
  if (weights.empty()) return inputs;
  if (!weights_.contains(weights)) {
    const std::string bytes = read_file(weights);
    weights_[weights] = {weights, static_cast<int64_t>(bytes.size()), sha256(bytes)};
  }
  files.push_back(weights_[weights]);
  return inputs;
}

bool has_test_of_its_own(const Dataset& dataset) {
  return dataset.validation_split() != Split::kTest;
}

std::optional<EpochRecord> evaluate_test(Session& session, int64_t epochs) {
  const auto sums = session.evaluate(Split::kTest, epochs - 1);
  if (!sums) return std::nullopt;
  EpochRecord record;
  record.epoch = epochs - 1;
  record.val_loss = sums->loss / static_cast<double>(sums->examples);
  record.val_accuracy = static_cast<double>(sums->correct) / static_cast<double>(sums->examples);
  return record;
}

RunResult run_experiment(const RunRequest& request) {
  RunFolder folder = open_folder(request);
  if (folder.action() == FolderAction::kDiverged)
    throw_diverged(request, *folder.directory().summary());
  const auto material = load_material(request, folder.action());
  const Inputs inputs = InputFacts().of(*material);
  folder.check_inputs(inputs);
  if (folder.action() == FolderAction::kFinished) {
    folder.checkpoint();  // tells a damaged one
    return finished(folder);
  }

  Run run{request,   folder,
          *material, open_workbench(*material, request.hardware, request.company),
          {},        folder.checkpoint()};
  run.manifest = manifest_of(request, *material, inputs, run.bench);
  if (run.checkpoint)
    run.exact =
        run.checkpoint->exact && same_arithmetic(run.manifest, folder.directory().manifest());
  LoopState state = restore(run);
  defer_stop_signals();
  if (stop_signal() != 0) return {Outcome::kStopped, /*nothing_to_do=*/false, {}};
  folder.make(run.manifest, run.checkpoint, run.exact);
  if (material->dataset->vocabulary.size() > 0)
    folder.directory().write_vocabulary(material->dataset->vocabulary);
  return train(run, std::move(state));
}

}  // namespace nnrun
