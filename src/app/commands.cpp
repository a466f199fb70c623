#include "app/commands.h"

#include <algorithm>
#include <iostream>
#include <limits>

#include "app/locations.h"
#include "app/terminal.h"
#include "nnrun/log.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

constexpr size_t kMany = std::numeric_limits<size_t>::max();

using Names = std::vector<std::string>;

Names joined(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

const Names kConfigOptions{"config", "set", "data-dir", "seed", "repeats"};
const Names kDeviceOptions{"device", "threads"};
const Names kRunOptions{"data-dir", "device", "threads", "weights", "json"};
const Names kTrainOptions =
    joined(joined(kConfigOptions, kDeviceOptions),
           {"out", "jobs", "resume", "overwrite", "dry-run", "print-config", "json"});
const Names kCommonOptions{"quiet", "errors", "color", "help"};

const Command* find_command(const std::string& name) {
  for (const auto& command : command_table())
    if (command.name == name) return &command;
  return nullptr;
}

[[noreturn]] void unknown_command(const std::string& typed) {
  Names names;
  for (const auto& command : command_table())
    if (!command.summary.empty()) names.push_back(command.name);
  Problem problem;
  problem.option = typed;
  problem.message = "unknown command";
  problem.suggestion = typed.ends_with(".json")                ? "--config " + typed
                       : typed == "help" || typed == "version" ? "--" + typed
                                                               : nearest(typed, names);
  throw ConfigError(std::vector<Problem>{problem});
}

void check_paths(const Command& command, const Names& paths, std::vector<Problem>& problems) {
  Problem problem;
  if (paths.size() < command.min_paths) {
    problem.message =
        "missing argument (expected nnrun " + command.name + " " + command.usage + ")";
    problems.push_back(problem);
  }
  for (size_t i = command.max_paths; i < paths.size(); ++i) {
    problem.option = paths[i];
    problem.message = "unexpected argument";
    problems.push_back(problem);
  }
}

/// Whether a problem is told of this option, as typed or for a typo: then it counts as given.
bool is_told(const std::vector<Problem>& problems, const std::string& option) {
  return std::ranges::any_of(problems, [&](const Problem& problem) {
    return problem.option == option || problem.option.starts_with(option + " ") ||
           problem.option.starts_with(option + "=") || problem.suggestion == option;
  });
}

void check_config_given(const Command& command, const Options& options,
                        std::vector<Problem>& problems) {
  const auto& names = command.options;
  if (!options.config.empty() || std::ranges::find(names, "config") == names.end() ||
      is_told(problems, "--config"))
    return;
  Problem problem;
  problem.option = "--config";
  problem.message = "missing option (expected --config FILE)";
  problems.push_back(problem);
}

/// Options that exclude or need each other; told before a config is read.
class Combinations {
 public:
  Combinations(const Command& command, const Options& options, std::vector<Problem>& problems)
      : command_(command), options_(options), problems_(problems) {}

  void check() {
    if (options_.overwrite && options_.resume == Resume::kMust)
      refuse("--overwrite", "cannot be used together with --resume must");
    if (options_.descending && options_.sort.empty() && !is_told(problems_, "--sort"))
      refuse("--descending", "missing --sort (expected --sort COLUMN --descending)");
    if (int{options_.csv} + int{options_.json} + int{options_.markdown} > 1)
      refuse("", "--csv, --json and --markdown exclude each other");
    if (command_.name == "sweep") check_sweep();
  }

 private:
  /// Exactly one of the things that `nnrun sweep` does; only a trial trains.
  void check_sweep() {
    const std::pair<const char*, bool> given[] = {{"--list", options_.list},
                                                  {"--trial", options_.trial.has_value()},
                                                  {"--emit", !options_.emit.empty()},
                                                  {"--collect", options_.collect}};
    Names jobs;
    for (const auto& [job, is_given] : given)
      if (is_given || is_told(problems_, job)) jobs.emplace_back(job);
    if (jobs.size() != 1) {
      refuse("sweep", std::string(jobs.empty() ? "nothing to do" : "several things to do at once") +
                          " (expected --list, --trial N, --emit slurm|parallel|sh or --collect)");
      return;
    }
    if (jobs.front() == "--trial") return;
    // A script's trials are started again after a failure, so they must go on from what is there.
    const std::string beside = "cannot be used together with " + jobs.front();
    if (options_.dry_run) refuse("--dry-run", beside);
    if (options_.print_config) refuse("--print-config", beside);
    if (options_.overwrite) refuse("--overwrite", beside);
    if (options_.resume != Resume::kAuto) refuse("--resume", beside);
  }

  void refuse(const std::string& option, const std::string& message) {
    Problem problem;
    problem.option = option;
    problem.message = message;
    problems_.push_back(problem);
  }

  const Command& command_;
  const Options& options_;
  std::vector<Problem>& problems_;
};

/// The config's problems beside those of the command line, so that all are shown in one go.
void add_config_problems(const Options& options, std::vector<Problem>& problems) {
  if (options.config.empty()) return;
  try {
    load_experiment(options.config, shipped_configs(), options.overrides);
  } catch (const Error& error) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
}

std::string padded(const std::string& text, size_t columns) {
  const size_t width = width_of(text);
  return text + std::string(width < columns ? columns - width : 1, ' ');
}

struct RunText {
  std::string command, option, text;
};

/// Options that mean something else to the commands that take runs ("": all of them) than to those
/// that take a config.
const std::vector<RunText> kRunTexts{
    {"verify", "threads", "CPU threads of --rerun (default: as the run had)"},
    {"features", "out", "folder of the pictures (default: features/ in the run)"},
    {"report", "out", "the file, -o for short (default report.html)"},
    {"", "threads", "CPU threads (default: cores)"},
    {"", "data-dir", "data folder (default: the one the run was made with)"}};

std::string text_for(const Command& command, const OptionHelp& help) {
  const auto found = std::ranges::find_if(kRunTexts, [&](const RunText& text) {
    return text.option == help.name && (text.command.empty() || text.command == command.name);
  });
  return command.max_paths == 0 || found == kRunTexts.end() ? help.text : found->text;
}

std::string option_line(const Command& command, const std::string& name) {
  OptionHelp help = option_help(name);
  help.text = text_for(command, help);
  if (help.text.empty()) return "";
  return "  " + padded("--" + help.name + (help.value.empty() ? "" : " " + help.value), 24) +
         help.text + "\n";
}

}  // namespace

const std::vector<Command>& command_table() {
  static const std::vector<Command> table = {
      {"",
       "--config FILE [options]",
       "train what FILE describes, all its trials included",
       joined(kTrainOptions, {"version", "stop-after", "jobs-as", "repeats-as"}),
       0,
       0,
       {"nnrun --config smoke_image_cnn.json",
        "nnrun --config partA_q1.json --set training.epochs=3 --out runs/try"},
       train_command},
      {"describe",
       "--config FILE [options]",
       "layers, data and plan of an experiment",
       joined(kConfigOptions, joined(kDeviceOptions, {"json"})),
       0,
       0,
       {"nnrun describe --config partA_q1.json"},
       describe_command},
      {"data",
       "--config FILE --split train|test [options]",
       "data facts; dump the examples as the model sees them",
       joined(kConfigOptions, {"split", "dump", "json"}),
       0,
       0,
       {"nnrun data --config partB_q1_char_cnn.json --split train --dump train.csv"},
       data_command},
      {"evaluate",
       "RUN [options]",
       "metrics, per-class scores and confusion matrix",
       joined(kRunOptions, {"split"}),
       1,
       1,
       {"nnrun evaluate runs/smoke_image_cnn --split test"},
       evaluate_command},
      {"predict",
       "RUN (--image FILE… | --text STRING… | --input FILE)",
       "most probable classes of new examples",
       joined(kRunOptions, {"image", "text", "input", "top"}),
       1,
       kMany,
       {"nnrun predict runs/smoke_image_cnn --image cat.png dog.jpg"},
       predict_command},
      {"features",
       "RUN [options]",
       "feature-map pictures",
       joined(kRunOptions, {"images", "layers", "out"}),
       1,
       1,
       {"nnrun features runs/smoke_image_cnn --images 0,1 --layers C1,S1"},
       features_command},
      {"table",
       "PATH… [options]",
       "runs as a table, with intervals and ties",
       {"metric", "columns", "sort", "descending", "filter", "csv", "json", "markdown"},
       1,
       kMany,
       {"nnrun table runs/smoke_sweep",
        "nnrun table runs --columns optimizer.type,loss --sort seconds --csv"},
       table_command},
      {"compare",
       "A B [options]",
       "paired comparison over shared seeds, in a sentence",
       {"metric", "data-dir", "device", "threads", "weights", "json"},
       2,
       2,
       {"nnrun compare runs/partB_q3_char_rnn runs/partB_q4_word_rnn"},
       compare_command},
      {"report",
       "PATH… -o FILE.html [options]",
       "one self-contained HTML file: curves, tables, sweep plots",
       {"out", "metric", "weights", "data-dir", "device", "threads"},
       1,
       kMany,
       {"nnrun report runs/smoke_sweep -o sweep.html",
        "nnrun report runs/a runs/b --metric val_loss -o both.html"},
       report_command},
      {"sweep",
       "--config FILE (--list | --trial N | --emit slurm|parallel|sh | --collect) [options]",
       "the numbered trial list, one trial of it, or a launcher script for it",
       joined(kTrainOptions, {"list", "trial", "emit", "collect"}),
       0,
       0,
       {"nnrun sweep --config partA_q2_sweep.json --list",
        "nnrun sweep --config partA_q2_sweep.json --trial 3",
        "nnrun sweep --config partA_q2_sweep.json --emit slurm > sweep.sh && sh sweep.sh"},
       sweep_command},
      {"verify",
       "RUN [options]",
       "re-check every hash of a run; --rerun trains again",
       joined(kDeviceOptions, {"data-dir", "rerun", "json"}),
       1,
       1,
       {"nnrun verify runs/smoke_image_cnn --rerun"},
       verify_command},
      {"bench",
       "--config FILE [options]",
       "time per step and per epoch, peak memory; on a GPU the phases are timed apart",
       joined(kConfigOptions, joined(kDeviceOptions, {"steps", "json"})),
       0,
       0,
       {"nnrun bench --config partA_q1.json --steps 50"},
       bench_command},
      {"doctor",
       "[options]",
       "LibTorch, BLAS, devices, threads, data found",
       {"data-dir", "json"},
       0,
       0,
       {"nnrun doctor"},
       doctor_command},
      {"work", "", "", {"data-dir", "device", "threads", "jobs"}, 0, 0, {}, work_command},
  };
  return table;
}

std::string program_help() {
  std::string text =
      "nnrun: trains small and mid-size neural networks from JSON experiment files.\n\nusage:\n";
  for (const auto& command : command_table()) {
    if (command.summary.empty()) continue;
    const std::string name = command.name.empty() ? "nnrun" : "nnrun " + command.name;
    text += "  " + padded(name + (command.name.empty() ? " --config FILE" : ""), 24) +
            command.summary + "\n";
  }
  text += "\n" + command_help(command_table().front());
  return text + "\n`nnrun COMMAND --help` shows the options of a command.\n";
}

std::string command_help(const Command& command) {
  const std::string name = command.name.empty() ? "nnrun " : "nnrun " + command.name + " ";
  std::string text = name + command.usage + "\n  " + command.summary + "\n\noptions:\n";
  for (const auto& option : joined(command.options, kCommonOptions))
    text += option_line(command, option);
  text += "\nexamples:\n";
  for (const auto& example : command.examples) text += "  " + example + "\n";
  return text;
}

int run_command_line(const std::vector<std::string>& arguments, ErrorFormat errors, Output& out) {
  const bool named = !arguments.empty() && arguments[0][0] != '-';
  const Command* command = find_command(named ? arguments[0] : "");
  if (arguments.empty()) {
    std::cerr << program_help();
    return static_cast<int>(ExitCode::kWrongInput);
  }
  if (command == nullptr) unknown_command(arguments[0]);

  std::vector<Problem> problems;
  Options options = parse_options({arguments.begin() + (named ? 1 : 0), arguments.end()},
                                  joined(command->options, kCommonOptions), problems);
  options.errors = errors;
  if (problems.empty() && (options.help || options.version)) {
    out.write(options.version ? version_line() : named ? command_help(*command) : program_help());
    return 0;
  }
  set_color_mode(options.color);
  if (problems.empty()) check_paths(*command, options.paths, problems);
  check_config_given(*command, options, problems);
  Combinations(*command, options, problems).check();
  if (!problems.empty()) {
    add_config_problems(options, problems);
    throw ConfigError(problems);
  }
  set_verbosity(options.quiet ? Verbosity::kQuiet : Verbosity::kNormal);
  return command->run(options, out);
}

}  // namespace nnrun
