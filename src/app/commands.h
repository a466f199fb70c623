#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "app/output.h"

/// The commands: one function per file `*_command.cpp`, one line each in the table of commands.cpp.
/// A function returns the exit code and throws `Error` for everything that keeps it from its
/// results.
namespace nnrun {

int train_command(const Options& options, Output& out);
int describe_command(const Options& options, Output& out);
int data_command(const Options& options, Output& out);
int evaluate_command(const Options& options, Output& out);
int predict_command(const Options& options, Output& out);
int features_command(const Options& options, Output& out);
int sweep_command(const Options& options, Output& out);
int verify_command(const Options& options, Output& out);
int table_command(const Options& options, Output& out);
int compare_command(const Options& options, Output& out);
int report_command(const Options& options, Output& out);
int bench_command(const Options& options, Output& out);
int doctor_command(const Options& options, Output& out);
int work_command(const Options& options, Output& out);

struct Command {
  std::string name;     ///< "" for the main job
  std::string usage;    ///< what follows the name, e.g. "RUN [options]"
  std::string summary;  ///< one line; "": not for people, so not in the help
  std::vector<std::string>
      options;  ///< names of options.cpp; help, errors, color and quiet come with all
  size_t min_paths, max_paths;  ///< positional arguments
  std::vector<std::string> examples;
  int (*run)(const Options& options, Output& out);
};

const std::vector<Command>& command_table();

/// Help of all commands, or of one.
std::string program_help();
std::string command_help(const Command& command);

/// Finds the command, reads its options and runs it. `arguments`: without the program's name and
/// `--errors`. Throws ConfigError for a wrong command line.
int run_command_line(const std::vector<std::string>& arguments, ErrorFormat errors, Output& out);

}  // namespace nnrun
