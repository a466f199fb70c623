#include <set>

#include "app/commands.h"
#include "app/facts.h"
#include "app/locations.h"
#include "app/workbench.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"

namespace nnrun {
namespace {

constexpr int64_t kLinesPerFlush = 256;

void dump_to_stdout(const Examples& examples, Output& out) {
  for (int64_t i = 0; i < examples.size(); ++i) {
    out.line(dump_line(examples, i));
    if (i % kLinesPerFlush == kLinesPerFlush - 1) out.flush();
  }
}

void dump_to_file(const Examples& examples, const std::string& file) {
  std::string text;
  for (int64_t i = 0; i < examples.size(); ++i) (text += dump_line(examples, i)) += '\n';
  replace_file(file, text, Sync::kNone);
}

/// Where trials have other data than the first one, the facts are of that one alone.
void tell_of_other_data(const std::vector<Trial>& trials) {
  std::set<std::string> keys;
  for (const Trial& trial : trials) keys.insert(data_key(trial.experiment.config));
  if (keys.size() > 1)
    log_info("the trials have " + counted(std::ssize(keys), "data set") + "; this is the one of " +
             trials.front().folder);
}

}  // namespace

int data_command(const Options& options, Output& out) {
  const Experiment experiment =
      load_experiment(options.config, shipped_configs(), options.overrides);
  const std::vector<Trial> trials = expand_trials(experiment);
  tell_of_other_data(trials);
  const Dataset dataset = read_dataset(trials.front().experiment, data_folder(options));
  const Examples& split = dataset.split(options.split == "train" ? Split::kTrain : Split::kTest);
  if (options.dump == "-") {
    dump_to_stdout(split, out);
    return 0;
  }
  if (!options.dump.empty()) dump_to_file(split, options.dump);
  if (options.json)
    out.json(data_json(dataset));
  else
    out.write(data_text(dataset));
  return 0;
}

}  // namespace nnrun
