#include "app/locations.h"

#include <cstdlib>

#include "revision.h"

namespace fs = std::filesystem;

namespace nnrun {

fs::path executable() { return fs::read_symlink("/proc/self/exe"); }

fs::path source_folder() { return NNRUN_SOURCE_DIR; }

fs::path build_torch() { return NNRUN_TORCH_ROOT; }

fs::path shipped_configs() {
  const fs::path installed = executable().parent_path().parent_path() / "share/nnrun/configs";
  std::error_code ignored;
  return fs::is_directory(installed, ignored) ? installed : source_folder() / "configs";
}

fs::path report_assets() {
  const fs::path installed = executable().parent_path().parent_path() / "share/nnrun/report";
  std::error_code ignored;
  return fs::is_directory(installed, ignored) ? installed : source_folder() / "assets/report";
}

fs::path data_folder(const Options& options) {
  if (!options.data_dir.empty()) return fs::absolute(options.data_dir).lexically_normal();
  const char* variable = std::getenv("NNRUN_DATA");
  if (variable != nullptr && *variable != '\0') return fs::absolute(variable).lexically_normal();
  return shipped_configs().parent_path() / "data";
}

fs::path output_folder(const Options& options, const std::string& name) {
  return options.out.empty() ? fs::path("runs") / name : fs::path(options.out);
}

std::string program_version() { return NNRUN_VERSION; }

std::string program_revision() { return NNRUN_REVISION; }

std::string version_line() {
  const std::string revision = program_revision();
  return "nnrun " + program_version() + (revision.empty() ? "" : " (revision " + revision + ")") +
         "\n";
}

}  // namespace nnrun
