#include "app/commands.h"
#include "app/guard.h"
#include "nnrun/stop.h"

/// The order of things: streams, command line, command, results, exit code.
int main(int argc, char** argv) {
  using namespace nnrun;
  prepare_standard_streams();
  install_stop_signals();
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const ErrorFormat errors = take_error_format(arguments);
  guard_uncaught(errors);
  return guarded_code(
      [&] {
        Output out;
        const int code = run_command_line(arguments, errors, out);
        if (code == 0) out.flush();
        return code;
      },
      errors);
}
