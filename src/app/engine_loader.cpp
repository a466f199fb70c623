#include "app/engine_loader.h"

#include <dlfcn.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "app/locations.h"
#include "base/cuda_libraries.h"
#include "nnrun/format.h"
#include "nnrun/log.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

std::string cuda_problem;

/// Environment that LibTorch's libraries read while they load; the user's own values win.
void set_library_environment() {
  const std::pair<const char*, const char*> variables[] = {
      // Waiting actively is ruinous when cores are shared, never doing so makes two short loops in
      // a row slow: a few turns (measured in docs/performance.md).
      {"OMP_WAIT_POLICY", "passive"},
      {"GOMP_SPINCOUNT", "2000"},
      {"CUBLAS_WORKSPACE_CONFIG", ":4096:8"},  // deterministic cuBLAS
      {"CUDA_MODULE_LOADING", "LAZY"},
  };
  for (const auto& [name, value] : variables) ::setenv(name, value, /*overwrite=*/0);
}

/// First line that `python3 -c code` prints; "" when there is no python3.
std::string python_answer(const char* code) {
  int ends[2];
  if (::pipe(ends) != 0) return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
  const char* argv[] = {"python3", "-c", code, nullptr};
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, "python3", &actions, nullptr, const_cast<char**>(argv), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; failed == 0 && (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<size_t>(n));
  ::close(ends[0]);
  if (failed == 0) ::waitpid(child, nullptr, 0);
  return answer.substr(0, answer.find('\n'));
}

fs::path python_torch() {
  return python_answer(
      "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] "
      "if s else '')");
}

bool has_torch(const fs::path& root) {
  std::error_code ignored;
  return !root.empty() && fs::exists(root / "lib/libtorch_cpu.so", ignored);
}

/// The folder of libnnrun_base.so, where the plug-ins stand.
fs::path library_folder() {
  Dl_info info{};
  ::dladdr(reinterpret_cast<void*>(&escaped), &info);
  return fs::absolute(info.dli_fname).parent_path();
}

/// LibTorch's initialisers throw where memory ends, and MKL exits where there is no working
/// directory: neither can be caught.
void check_loadable(const fs::path& library) {
  static_cast<void>(fs::current_path());       // throws
  const size_t room = fs::file_size(library);  // about what it takes with all that it needs
  void* const place =
      ::mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED)
    throw EnvironmentError("cannot load LibTorch: out of memory (it takes " +
                           grouped(static_cast<int64_t>(room >> 20)) +
                           " MiB of address space; see ulimit -v)");
  ::munmap(place, room);
}

void* open_library(const fs::path& file) {
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr)
    throw EnvironmentError(std::string("cannot load LibTorch: ") + ::dlerror());
  return handle;
}

void open_cuda(const fs::path& torch) {
  if (!has_cuda_driver()) {
    cuda_problem = "no NVIDIA driver on this machine (libcuda.so.1 not found)";
  } else if (const std::string problem = load_torch_cuda(torch); !problem.empty()) {
    cuda_problem = "LibTorch's CUDA half does not load: " + problem;
  }
}

Engine& create_engine(bool want_cuda) {
  set_library_environment();
  const fs::path torch = require_torch();
  if (const std::string problem = torch_root_problem(); !problem.empty())
    log_warning("NNRUN_TORCH_ROOT=" + problem + "; using " + torch.string());
  const fs::path library = torch / "lib/libtorch_cpu.so";
  check_loadable(library);
  open_library(library);
  if (want_cuda) open_cuda(torch);
  void* plugin = open_library(library_folder() / "libnnrun_engine.so");
  const auto factory = reinterpret_cast<EngineFactory>(::dlsym(plugin, kEngineFactory));
  if (factory == nullptr)
    throw EnvironmentError("libnnrun_engine.so is of another version of nnrun");
  return *factory();
}

}  // namespace

std::string torch_root_problem() {
  const char* variable = std::getenv("NNRUN_TORCH_ROOT");
  if (variable == nullptr || *variable == '\0' || has_torch(variable)) return "";
  return escaped(variable) + ": no lib/libtorch_cpu.so there";
}

std::vector<fs::path> torch_candidates() {
  std::vector<fs::path> candidates;
  if (const char* variable = std::getenv("NNRUN_TORCH_ROOT");
      variable != nullptr && *variable != '\0')
    candidates.emplace_back(variable);
  candidates.push_back(build_torch());
  candidates.push_back(executable().parent_path().parent_path().parent_path() /
                       "third_party/libtorch/torch");
  candidates.emplace_back(source_folder() / "third_party/libtorch/torch");
  return candidates;
}

fs::path find_torch() {
  for (const auto& candidate : torch_candidates())
    if (has_torch(candidate)) return candidate;
  const fs::path python = python_torch();
  return has_torch(python) ? python : fs::path();
}

fs::path require_torch() {
  const fs::path torch = find_torch();
  if (!torch.empty()) return torch;
  throw EnvironmentError(
      "LibTorch not found; `scripts/nnrun` fetches it, or set NNRUN_TORCH_ROOT to a folder with "
      "lib/libtorch_cpu.so");
}

std::string cuda_load_problem() { return cuda_problem; }

Engine& load_engine(bool want_cuda) {
  static Engine& engine = create_engine(want_cuda);
  return engine;
}

}  // namespace nnrun
