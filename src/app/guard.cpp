#include "app/guard.h"

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <vector>

#include "app/terminal.h"

namespace nnrun {
namespace {

Problem problem_of(const std::filesystem::filesystem_error& error) {
  Problem problem;
  problem.file = error.path1().string();
  const bool has_path = !error.path1().empty();  // else it was asked where the program works
  problem.message = std::string(has_path ? "" : "the working directory ") + "cannot be used (" +
                    error.code().message() + ")";
  return problem;
}

struct Uncaught {
  ErrorFormat format;
  std::vector<char> reserve;  ///< memory to say that there is no more
};

Uncaught& uncaught() {
  static Uncaught uncaught{ErrorFormat::kText, std::vector<char>(size_t{1} << 16)};
  return uncaught;
}

[[noreturn]] void end_process() {
  std::set_terminate(std::abort);
  std::vector<char>().swap(uncaught().reserve);
  const auto error = std::current_exception();
  if (!error) std::abort();
  std::_Exit(guarded_code([&]() -> int { std::rethrow_exception(error); }, uncaught().format));
}

}  // namespace

void guard_uncaught(ErrorFormat errors) {
  uncaught().format = errors;
  std::set_terminate(end_process);
}

int guarded_code(const std::function<int()>& work, ErrorFormat errors) {
  try {
    return work();
  } catch (const Error& error) {
    print_problems(error.problems(), errors);
    return static_cast<int>(error.code());
  } catch (const std::filesystem::filesystem_error& error) {
    print_problems({problem_of(error)}, errors);
    return static_cast<int>(ExitCode::kEnvironment);
  } catch (const std::bad_alloc&) {
    print_problems(DeviceError("out of memory").problems(), errors);
    return static_cast<int>(ExitCode::kDevice);
  } catch (const std::exception& error) {
    print_problems(Error(ExitCode::kBug, std::string("bug in nnrun: ") + error.what()).problems(),
                   errors);
    return static_cast<int>(ExitCode::kBug);
  }
}

}  // namespace nnrun
