#include "app/run_report.h"

#include <csignal>

#include "app/locations.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "report/progress.h"
#include "report/text_table.h"
#include "study/launcher.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string result_text(const RunResult& result, const std::string& folder) {
  const Summary& summary = result.summary;
  Rows rows{{"epochs", std::to_string(summary.epochs)}};
  if (summary.last) {
    rows.push_back({"loss", four_decimals(summary.last->loss)});
    rows.push_back({"accuracy", four_decimals(summary.last->accuracy)});
    rows.push_back({"val_loss", four_decimals(summary.last->val_loss)});
    rows.push_back({"val_accuracy", four_decimals(summary.last->val_accuracy)});
  }
  rows.push_back({"time", duration(summary.seconds)});
  rows.push_back({"run", folder});
  const fs::path plot = fs::path(folder) / "curves.svg";
  std::error_code ignored;
  if (fs::exists(plot, ignored)) rows.push_back({"plot", plot.string()});
  rows.push_back({"next", "nnrun evaluate " + shell_word(folder)});
  return (result.nothing_to_do ? "nothing left to do\n" : "") + aligned(rows);
}

}  // namespace

RunRequest single_run(const Options& options, const Trial& trial) {
  RunRequest request;
  request.experiment = trial.experiment;
  request.label = trial.experiment.config.name;
  request.folder = {output_folder(options, request.label), options.resume, options.overwrite};
  request.data_dir = data_folder(options);
  request.hardware = hardware_from(options, /*in_trial=*/false);
  request.quiet = options.quiet;
  request.stop_after = options.stop_after;
  return request;
}

int run_and_report(const Options& options, const RunRequest& request, Output& out) try {
  const RunResult result = run_experiment(request);
  if (result.outcome == Outcome::kStopped) {
    const int signal = stop_signal() != 0 ? stop_signal() : SIGUSR1;  // --stop-after: as that one
    log_info("stopped by signal " + std::to_string(signal) + "; the same command goes on");
    return 128 + signal;
  }
  if (options.json) {
    out.write(to_json(result.summary));
  } else if (!options.quiet) {
    out.write(result_text(result, request.folder.folder.string()));
  }
  return 0;
} catch (const InUseError& error) {
  if (!options.stop_after) throw;
  return static_cast<int>(error.code());  // the study that started this trial waits for the holder
}

std::string study_text(const fs::path& folder, const ExperimentConfig& config, size_t trials,
                       bool nothing_to_do) {
  const std::string run = folder.string();
  const std::string script = config.sweep ? "plot_sweep.py" : "plot_curves.py";
  const Rows rows{{"trials", std::to_string(trials)},
                  {"results", run + "/sweep.csv"},
                  {"run", run},
                  {"plot", "scripts/" + script + " " + shell_word(run)},
                  {"next", "nnrun table " + shell_word(run)}};
  return (nothing_to_do ? "nothing left to do\n" : "") + aligned(rows);
}

}  // namespace nnrun
