#include <iostream>

#include "app/commands.h"
#include "app/engine_loader.h"
#include "app/guard.h"
#include "app/locations.h"
#include "app/run_report.h"
#include "config/resolved.h"
#include "nnrun/stop.h"
#include "study/child_process.h"
#include "study/worker.h"

namespace nnrun {
namespace {

/// A task as `nnrun --config` would run it; its results are in its folder.
int run_task(const Task& task, const std::shared_ptr<Company>& company, Options options,
             const std::shared_ptr<MaterialLoader>& loader) {
  const Descriptor config = file_in_memory(task.config);
  options.config = "/dev/fd/" + std::to_string(config.get());
  options.out = task.folder.string();
  options.stop_after = task.stop_after;
  const Experiment experiment = load_resolved(options.config, shipped_configs(), {});
  RunRequest request = single_run(options, expand_trials(experiment).front());
  request.loader = loader;
  request.company = company;
  Output nowhere;
  return run_and_report(options, request, nowhere);
}

}  // namespace

/// Runs the trials of a WorkerPool as threads of this process (study/worker.h).
int work_command(const Options& options, Output&) {
  ignore_closed_pipes();
  defer_stop_signals();
  // Before there are threads: it sets environment variables.
  load_engine(/*want_cuda=*/options.device.kind != DeviceOption::Kind::kCpu);
  const auto loader = std::make_shared<MaterialLoader>(data_folder(options));
  const RunTask run = [&](const Task& task, const std::shared_ptr<Company>& company) {
    return guarded_code([&] { return run_task(task, company, options, loader); }, options.errors);
  };
  serve_tasks(std::cin, std::cout, options.jobs.value_or(1), run);
  return 0;
}

}  // namespace nnrun
