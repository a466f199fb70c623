#include <exception>
#include <iostream>
#include <new>

#include "app/commands.h"
#include "app/terminal.h"

/// The order of things: streams, command line, command, results, exit code.
int main(int argc, char** argv) {
  using namespace nnrun;
  prepare_standard_streams();
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const ErrorFormat errors = take_error_format(arguments);
  try {
    Output out;
    const int code = run_command_line(arguments, errors, out);
    if (code == 0) out.flush();
    return code;
  } catch (const Error& error) {
    print_problems(error.problems(), errors);
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    print_problems(EnvironmentError("out of memory").problems(), errors);
    return static_cast<int>(ExitCode::kEnvironment);
  } catch (const std::exception& error) {
    print_problems(Error(ExitCode::kBug, std::string("bug in nnrun: ") + error.what()).problems(),
                   errors);
    return static_cast<int>(ExitCode::kBug);
  }
}
