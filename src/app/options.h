#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/store.h"

/// The command line as typed values. Every option is declared once, in options.cpp.
namespace nnrun {

enum class ErrorFormat { kText, kJson };
enum class ColorMode { kAuto, kAlways, kNever };
/// How trials run side by side; kAuto: on a GPU as threads of one process.
enum class JobsAs { kAuto, kProcesses, kThreads };
/// How a GPU serves runs that differ in the seed alone: each its stream, or launches for several.
enum class RepeatsAs { kStreams, kLaunches };

/// `--device auto|cpu|cuda|cuda:N`.
struct DeviceOption {
  enum class Kind { kAuto, kCpu, kCuda } kind = Kind::kAuto;
  int index = 0;
  bool is_numbered = false;  ///< typed as cuda:N
};

std::string to_text(const DeviceOption& device);  ///< as it is typed
std::string to_text(ColorMode color);

/// What the command line says; the defaults are those of a command line that says nothing.
struct Options {
  std::vector<std::string> paths;  ///< positional arguments after the command
  bool help = false, version = false;

  std::string config;
  Overrides overrides;
  std::string data_dir, out;
  DeviceOption device;
  std::optional<int64_t> threads, jobs;
  JobsAs jobs_as = JobsAs::kAuto;
  RepeatsAs repeats_as = RepeatsAs::kStreams;
  Resume resume = Resume::kAuto;
  bool overwrite = false, dry_run = false, print_config = false;
  bool quiet = false, json = false;
  ErrorFormat errors = ErrorFormat::kText;
  ColorMode color = ColorMode::kAuto;

  std::string split = "test";            ///< data, evaluate
  std::string dump;                      ///< data: "-" or a file
  std::string weights = "last";          ///< evaluate, predict, features: last | best
  std::vector<std::string> image_files;  ///< predict
  std::vector<std::string> texts;        ///< predict
  std::string input;                     ///< predict
  int64_t top = 5;                       ///< predict
  std::vector<std::string> images;       ///< features
  std::vector<std::string> layers;       ///< features
  bool rerun = false;                    ///< verify
  int64_t steps = 20;                    ///< bench
  std::string metric = "val_accuracy";   ///< table, compare
  std::vector<std::string> columns;      ///< table
  std::vector<std::string> filters;      ///< table
  std::string sort;                      ///< table
  bool descending = false;               ///< table
  bool csv = false, markdown = false;    ///< table
  bool list = false, collect = false;    ///< sweep
  std::string emit;                      ///< sweep: slurm | parallel | sh
  std::optional<int64_t> trial;          ///< sweep
  std::optional<int64_t> stop_after;     ///< epochs after which a trial pauses (early termination)
};

/// One line of a command's help; options without a text are not shown.
struct OptionHelp {
  std::string name, value, text;  ///< "out", "DIR", "run directory (default runs/<name>)"
};

/// Takes `--errors text|json` out of `arguments`, wherever it stands; another value stays for
/// parse_options.
ErrorFormat take_error_format(std::vector<std::string>& arguments);

/// Reads the options that `allowed` names; `arguments` come without program and command. Every
/// problem of the command line is appended to `problems`.
Options parse_options(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& allowed, std::vector<Problem>& problems);

/// Help of one option; `name` must be declared.
OptionHelp option_help(const std::string& name);

}  // namespace nnrun
