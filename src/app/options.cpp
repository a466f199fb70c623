#include "app/options.h"

#include <algorithm>
#include <cxxopts.hpp>
#include <limits>

#include "app/metric_option.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr int64_t kMaxCount = std::numeric_limits<int32_t>::max();
/// More than any machine has cores; the OpenMP library ends the process where it cannot start them.
constexpr int64_t kMaxThreads = 1024;

/// What is wrong with a value; no message: nothing.
struct Fault {
  std::string message, suggestion;
};

/// Stores one value.
using Store = Fault (*)(Options&, const std::string& value);

struct OptionSpec {
  OptionHelp help;  // value "": a switch
  Store store;
};

Fault expected(const std::string& value, const std::string& what,
               const std::string& suggestion = "") {
  return {"invalid value (got \"" + escaped(value) + "\", expected " + what + ")", suggestion};
}

template <auto kMember>
Fault store_text(Options& options, const std::string& value) {
  if (value.empty()) return expected(value, "a non-empty text");
  options.*kMember = value;
  return {};
}

template <auto kMember>
Fault append_text(Options& options, const std::string& value) {
  (options.*kMember).push_back(value);
  return {};
}

template <auto kMember>
Fault append_list(Options& options, const std::string& value) {
  size_t begin = 0;
  while (begin <= value.size()) {
    const size_t end = std::min(value.find(',', begin), value.size());
    if (end == begin) return expected(value, "entries separated by single commas");
    (options.*kMember).push_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  return {};
}

Fault append_filter(Options& options, const std::string& value) {
  if (value.find('=') == std::string::npos) return expected(value, "COLUMN=VALUE");
  options.filters.push_back(value);
  return {};
}

/// A switch: `value` is what stood behind "=".
template <auto kMember>
Fault raise(Options& options, const std::string& value) {
  if (!value.empty()) return {"takes no value", ""};
  options.*kMember = true;
  return {};
}

template <auto kMember, int64_t kMin, int64_t kMax = kMaxCount>
Fault store_count(Options& options, const std::string& value) {
  const auto number = parse_int(value);
  if (!number || *number < kMin || *number > kMax)
    return expected(value,
                    "an integer from " + std::to_string(kMin) + " to " + std::to_string(kMax));
  options.*kMember = *number;
  return {};
}

Fault store_repeats(Options& options, const std::string& value) {
  const auto number = parse_int(value);
  if (!number || *number < 1 || *number > kMaxCount)
    return expected(value, "an integer from 1 to " + std::to_string(kMaxCount));
  options.overrides.repeats = *number;
  return {};
}

Fault store_seed(Options& options, const std::string& value) {
  const auto number = parse_int(value);
  if (!number || *number < 0) return expected(value, "an integer from 0 to 9223372036854775807");
  options.overrides.seed = *number;
  return {};
}

Fault store_set(Options& options, const std::string& value) {
  options.overrides.set.push_back(value);
  return {};
}

template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

template <typename Value>
Fault choose(Value& target, const std::string& value, const Choices<Value>& choices) {
  std::string list;
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) {
    if (value == name) {
      target = choice;
      return {};
    }
    list += (list.empty() ? "" : ", ") + name;
    names.push_back(name);
  }
  return expected(value, "one of " + list, nearest(value, names));
}

Fault store_resume(Options& options, const std::string& value) {
  return choose<Resume>(
      options.resume, value,
      {{"auto", Resume::kAuto}, {"never", Resume::kNever}, {"must", Resume::kMust}});
}

Fault store_errors(Options& options, const std::string& value) {
  return choose<ErrorFormat>(options.errors, value,
                             {{"text", ErrorFormat::kText}, {"json", ErrorFormat::kJson}});
}

const Choices<ColorMode> kColorModes{
    {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};

Fault store_color(Options& options, const std::string& value) {
  return choose(options.color, value, kColorModes);
}

Fault store_jobs_as(Options& options, const std::string& value) {
  return choose<JobsAs>(
      options.jobs_as, value,
      {{"auto", JobsAs::kAuto}, {"processes", JobsAs::kProcesses}, {"threads", JobsAs::kThreads}});
}

Fault store_repeats_as(Options& options, const std::string& value) {
  return choose<RepeatsAs>(options.repeats_as, value,
                           {{"streams", RepeatsAs::kStreams}, {"launches", RepeatsAs::kLaunches}});
}

Fault store_split(Options& options, const std::string& value) {
  return choose<std::string>(options.split, value, {{"train", "train"}, {"test", "test"}});
}

Fault store_emit(Options& options, const std::string& value) {
  return choose<std::string>(options.emit, value,
                             {{"slurm", "slurm"}, {"parallel", "parallel"}, {"sh", "sh"}});
}

Fault store_weights(Options& options, const std::string& value) {
  return choose<std::string>(options.weights, value, {{"last", "last"}, {"best", "best"}});
}

Fault store_metric(Options& options, const std::string& value) {
  Choices<std::string> choices;
  for (const Metric metric : kMetrics) choices.emplace_back(name_of(metric), name_of(metric));
  return choose<std::string>(options.metric, value, choices);
}

Fault store_device(Options& options, const std::string& value) {
  const std::string prefix = "cuda:";
  if (value.rfind(prefix, 0) == 0) {
    const auto index = parse_int(value.substr(prefix.size()));
    if (!index || *index < 0 || *index > 1023)
      return expected(value, "cuda:N with N from 0 to 1023");
    options.device = {DeviceOption::Kind::kCuda, static_cast<int>(*index), /*is_numbered=*/true};
    return {};
  }
  using Kind = DeviceOption::Kind;
  const Fault fault = choose<DeviceOption>(
      options.device, value,
      {{"auto", {Kind::kAuto}}, {"cpu", {Kind::kCpu}}, {"cuda", {Kind::kCuda}}});
  if (fault.message.empty()) return {};
  return expected(value, "one of auto, cpu, cuda, cuda:N",
                  value == "gpu" ? "cuda" : fault.suggestion);
}

/// Every option of every command: name, value, help, effect.
const std::vector<OptionSpec>& option_table() {
  using O = Options;
  static const std::vector<OptionSpec> table = {
      {{"config", "FILE", "experiment file: a path, or the name of a shipped config"},
       store_text<&O::config>},
      {{"set", "PATH=VALUE",
        "change one value of the config (repeatable); null restores the default"},
       store_set},
      {{"data-dir", "DIR",
        "data folder (default $NNRUN_DATA, else data beside the shipped configs)"},
       store_text<&O::data_dir>},
      {{"out", "PATH", "folder of the results (default runs/<name>)"}, store_text<&O::out>},
      {{"device", "DEVICE", "auto, cpu, cuda or cuda:N (default auto)"}, store_device},
      {{"threads", "N", "CPU threads of one run (default: cores; 1 for every trial)"},
       store_count<&O::threads, 1, kMaxThreads>},
      {{"seed", "N", "seed of the run, or of the first repeat"}, store_seed},
      {{"repeats", "N", "runs with the seeds seed, seed + 1, …"}, store_repeats},
      {{"jobs", "N", "trials side by side (default: cores; on a GPU at most 4)"},
       store_count<&O::jobs, 1>},
      {{"jobs-as", "WHAT", ""}, store_jobs_as},
      {{"repeats-as", "WHAT", ""}, store_repeats_as},
      {{"resume", "MODE", "auto, never or must continue what is there (default auto)"},
       store_resume},
      {{"overwrite", "", "delete the run that is there and start anew"}, raise<&O::overwrite>},
      {{"dry-run", "", "check everything, time two batches of every trial, write nothing"},
       raise<&O::dry_run>},
      {{"print-config", "", "print the resolved config"}, raise<&O::print_config>},
      {{"quiet", "", "errors and warnings only"}, raise<&O::quiet>},
      {{"json", "", "results as JSON on stdout"}, raise<&O::json>},
      {{"errors", "FORMAT", "error lines as text or json (default text)"}, store_errors},
      {{"color", "WHEN", "auto, always or never (default auto)"}, store_color},
      {{"split", "SPLIT", "train or test (default test)"}, store_split},
      {{"dump", "FILE", "write one CSV line per example: label,v0,v1,… (- for stdout)"},
       store_text<&O::dump>},
      {{"weights", "WHICH", "last or best (default last)"}, store_weights},
      {{"image", "FILE…", "PNG, JPEG, BMP or CIFAR-10 binary files"}, append_text<&O::image_files>},
      {{"text", "STRING…", "texts to classify"}, append_text<&O::texts>},
      {{"input", "FILE",
        "one text per line, or a CSV in the layout of the training file (.csv, or its extension)"},
       store_text<&O::input>},
      {{"top", "K", "classes to show (default 5)"}, store_count<&O::top, 1>},
      {{"images", "LIST", "examples of the test split, e.g. 0,1 or test_batch.bin#1940"},
       append_list<&O::images>},
      {{"layers", "LIST", "layers to draw, e.g. C1,S1"}, append_list<&O::layers>},
      {{"rerun", "", "train again in memory and compare bit for bit"}, raise<&O::rerun>},
      {{"steps", "N", "training steps to time (default 20)"}, store_count<&O::steps, 1>},
      {{"metric", "NAME", "val_accuracy, val_loss, accuracy or loss (default val_accuracy)"},
       store_metric},
      {{"columns", "LIST",
        "further columns: of the config or the summary, e.g. optimizer.type,best_val_loss"},
       append_list<&O::columns>},
      {{"filter", "COLUMN=VALUE", "only configurations with this value (repeatable)"},
       append_filter},
      {{"sort", "COLUMN", "sort by a column (default: best first)"}, store_text<&O::sort>},
      {{"descending", "", "largest first with --sort"}, raise<&O::descending>},
      {{"csv", "", "as CSV"}, raise<&O::csv>},
      {{"markdown", "", "as a Markdown table"}, raise<&O::markdown>},
      {{"list", "", "print the numbered trial list"}, raise<&O::list>},
      {{"trial", "N", "run one trial of the list: one run, of one seed"},
       store_count<&O::trial, 0>},
      {{"emit", "WHAT", "print a script that runs the trials: slurm, parallel or sh"}, store_emit},
      {{"collect", "", "train nothing; bring sweep.csv and summary up to date with the trials"},
       raise<&O::collect>},
      {{"stop-after", "N", ""}, store_count<&O::stop_after, 1>},
      {{"help", "", "show this help"}, raise<&O::help>},
      {{"version", "", "show the version"}, raise<&O::version>},
  };
  return table;
}

const OptionSpec* find_option(const std::string& name) {
  for (const auto& spec : option_table())
    if (spec.help.name == name) return &spec;
  return nullptr;
}

Problem option_problem(const std::string& option, const std::string& message,
                       const std::string& suggestion = "") {
  Problem problem;
  problem.option = option;
  problem.message = message;
  problem.suggestion = suggestion;
  return problem;
}

Problem unknown_option(const std::string& typed, const std::vector<std::string>& allowed) {
  const std::string name = typed.substr(0, typed.find('='));
  std::vector<std::string> candidates;
  for (const auto& option : allowed) candidates.push_back("--" + option);
  return option_problem(name, "unknown option", nearest(name, candidates));
}

cxxopts::Options declare(const std::vector<std::string>& allowed) {
  cxxopts::Options declared("nnrun");
  declared.allow_unrecognised_options();
  auto add = declared.add_options();
  for (const auto& name : allowed) {
    const OptionSpec& spec = *find_option(name);
    const std::string names = name == "help" ? "h,help" : name == "out" ? "o,out" : name;
    const auto value = cxxopts::value<std::string>();
    add(names, spec.help.text, spec.help.value.empty() ? value->implicit_value("") : value);
  }
  return declared;
}

/// "--seed x" or "--quiet=1", as typed.
std::string as_typed(const OptionSpec& spec, const std::string& value) {
  return "--" + spec.help.name + (spec.help.value.empty() ? "=" : " ") + value;
}

}  // namespace

std::string to_text(const DeviceOption& device) {
  if (device.kind == DeviceOption::Kind::kAuto) return "auto";
  if (device.kind == DeviceOption::Kind::kCpu) return "cpu";
  return device.is_numbered ? "cuda:" + std::to_string(device.index) : "cuda";
}

std::string to_text(ColorMode color) {
  return std::ranges::find(kColorModes, color, &std::pair<std::string, ColorMode>::second)->first;
}

ErrorFormat take_error_format(std::vector<std::string>& arguments) {
  const auto format = [](const std::string& value) -> std::optional<ErrorFormat> {
    if (value == "json") return ErrorFormat::kJson;
    if (value == "text") return ErrorFormat::kText;
    return std::nullopt;
  };
  ErrorFormat result = ErrorFormat::kText;
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--";) {
    const std::string joined = "--errors=";
    const bool separate = arguments[i] == "--errors" && i + 1 < arguments.size();
    const bool one = arguments[i].rfind(joined, 0) == 0;
    const auto value = separate ? format(arguments[i + 1])
                       : one    ? format(arguments[i].substr(joined.size()))
                                : std::nullopt;
    if (!value) {
      ++i;
      continue;
    }
    result = *value;
    const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    arguments.erase(at, at + (separate ? 2 : 1));
  }
  return result;
}

Options parse_options(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& allowed, std::vector<Problem>& problems) {
  Options options;
  const auto end_of_options = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<const char*> argv{"nnrun"};
  for (auto it = arguments.begin(); it != end_of_options; ++it) argv.push_back(it->c_str());
  try {
    const auto parsed = declare(allowed).parse(static_cast<int>(argv.size()), argv.data());
    for (const auto& given : parsed.arguments()) {
      const OptionSpec& spec = *find_option(given.key());
      const Fault fault = spec.store(options, given.value());
      if (fault.message.empty()) continue;
      problems.push_back(
          option_problem(as_typed(spec, given.value()), fault.message, fault.suggestion));
    }
    for (const auto& rest : parsed.unmatched()) {
      if (rest.size() > 1 && rest[0] == '-')
        problems.push_back(unknown_option(rest, allowed));
      else
        options.paths.push_back(rest);
    }
  } catch (const cxxopts::exceptions::missing_argument&) {  // only the last one can lack its value
    const std::vector<std::string> before(arguments.begin(), end_of_options - 1);
    options = parse_options(before, allowed, problems);
    problems.push_back(option_problem(argv.back(), "needs a value"));
  } catch (const cxxopts::exceptions::exception& error) {
    problems.push_back(option_problem("", error.what()));
  }
  if (end_of_options != arguments.end())
    options.paths.insert(options.paths.end(), end_of_options + 1, arguments.end());
  return options;
}

OptionHelp option_help(const std::string& name) { return find_option(name)->help; }

}  // namespace nnrun
