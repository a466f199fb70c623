#include "app/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace nnrun {
namespace {

ColorMode color_mode = ColorMode::kAuto;

/// Set and neither empty nor "0" (https://no-color.org, https://bixense.com/clicolors).
bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' && std::string(value) != "0";
}

}  // namespace

void set_color_mode(ColorMode mode) { color_mode = mode; }

bool colored_errors() {
  if (color_mode != ColorMode::kAuto) return color_mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  return is_set("CLICOLOR_FORCE") || ::isatty(STDERR_FILENO) == 1;
}

void print_problems(const std::vector<Problem>& problems, ErrorFormat format) {
  const std::string prefix =
      colored_errors() ? "\033[1;31mnnrun: error:\033[0m " : "nnrun: error: ";
  std::string text;
  for (const auto& problem : problems)
    text += (format == ErrorFormat::kJson ? to_json(problem) : prefix + to_text(problem)) + "\n";
  std::cerr << text << std::flush;
}

}  // namespace nnrun
