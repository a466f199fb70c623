#include "app/guard.h"

#include <exception>
#include <filesystem>
#include <new>

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

}  // namespace

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
