#include "app/commands.h"
#include "app/dry_run.h"
#include "app/experiment.h"
#include "app/locations.h"
#include "app/run_report.h"
#include "app/trials.h"
#include "config/resolved.h"
#include "nnrun/stop.h"

namespace nnrun {

int train_command(const Options& options, Output& out) {
  ignore_closed_pipes();
  const auto load = options.stop_after ? load_resolved : load_experiment;  // a trial's, or a user's
  const Experiment experiment = load(options.config, shipped_configs(), options.overrides);
  const std::vector<Trial> trials = expand_trials(experiment);
  if (options.print_config) {
    check_shapes(trials);
    out.write(resolved_json(experiment));
    return 0;
  }
  if (options.dry_run) return dry_run(options, experiment, trials, out);
  if (has_trials(experiment.config)) return run_trials(options, experiment, trials, out);
  return run_and_report(options, single_run(options, trials.front()), out);
}

}  // namespace nnrun
