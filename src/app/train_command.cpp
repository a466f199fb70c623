#include "app/commands.h"
#include "app/dry_run.h"
#include "app/experiment.h"
#include "app/locations.h"
#include "app/run_report.h"
#include "app/trials.h"
#include "nnrun/stop.h"

namespace nnrun {
namespace {

int train_single(const Options& options, const Trial& trial, Output& out) {
  RunRequest request;
  request.experiment = trial.experiment;
  request.label = trial.experiment.config.name;
  request.folder = {output_folder(options, request.label), options.resume, options.overwrite};
  request.data_dir = data_folder(options);
  request.hardware = hardware_from(options, /*in_trial=*/false);
  request.quiet = options.quiet;
  request.stop_after = options.stop_after;
  return run_and_report(options, request, out);
}

}  // namespace

int train_command(const Options& options, Output& out) {
  install_stop_signals();
  const Experiment experiment =
      load_experiment(options.config, shipped_configs(), options.overrides);
  const std::vector<Trial> trials = expand_trials(experiment);
  if (options.print_config) {
    check_shapes(trials);
    out.write(resolved_json(experiment.config));
    return 0;
  }
  if (options.dry_run) return dry_run(options, experiment, trials, out);
  if (has_trials(experiment.config)) return run_trials(options, experiment, trials, out);
  return train_single(options, trials.front(), out);
}

}  // namespace nnrun
