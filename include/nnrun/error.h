#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nnrun {

/// Exit codes of the program (README, "Exit codes"). Signals add 128 + their number.
enum class ExitCode : int {
  kDone = 0,
  kBug = 1,
  kWrongInput = 2,
  kDamaged = 3,
  kDiverged = 4,
  kEnvironment = 5,
  kDevice = 6,
  kInUse = 7,
  kTrialsFailed = 8,
};

/// One thing that is wrong and where: one error line on stderr. Fields that do not apply stay empty.
struct Problem {
  std::string file;                ///< the file at fault, as the user named it
  std::string option;              ///< the option at fault, as typed: `--set a.b=3`
  int64_t line = 0;                ///< from 1; 0: the file as a whole
  int64_t column = 0;              ///< from 1, in bytes
  std::string pointer;             ///< RFC 6901; empty for the root
  std::optional<int64_t> record;   ///< CIFAR record, from 0
  std::optional<int64_t> byte;     ///< byte offset of that record
  std::string message;             ///< what is wrong (got X, expected Y)
  std::string suggestion;          ///< the nearest valid key or value, unquoted
};

/// `FILE:LINE:COL: /pointer: message; did you mean "Z"?` without the `nnrun: error: ` prefix.
std::string to_text(const Problem& problem);

/// The same as one line of JSON with the keys of the interface, null where empty.
std::string to_json(const Problem& problem);

/// Printable ASCII and valid UTF-8 stay; quotes, control and stray bytes become escapes.
std::string escaped(std::string_view bytes);

/// The entry of `candidates` nearest to `typed` (optimal string alignment distance, at most a third
/// of its length, at least one edit), or "" when none is near.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

/// Base of all expected failures. `main` catches it once, prints each problem, exits with `code()`.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, std::vector<Problem> problems);
  Error(ExitCode code, const std::string& message);

  ExitCode code() const noexcept { return code_; }
  const std::vector<Problem>& problems() const noexcept { return problems_; }

 private:
  ExitCode code_;
  std::vector<Problem> problems_;
};

/// Gives a class of the family its exit code.
template <ExitCode kCode>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(std::vector<Problem> problems) : Error(kCode, std::move(problems)) {}
  explicit ErrorOf(const std::string& message) : Error(kCode, message) {}
};

struct ConfigError : ErrorOf<ExitCode::kWrongInput> { using ErrorOf::ErrorOf; };
struct DataError : ErrorOf<ExitCode::kWrongInput> { using ErrorOf::ErrorOf; };
struct StoreError : ErrorOf<ExitCode::kDamaged> { using ErrorOf::ErrorOf; };
struct DivergedError : ErrorOf<ExitCode::kDiverged> { using ErrorOf::ErrorOf; };
struct EnvironmentError : ErrorOf<ExitCode::kEnvironment> { using ErrorOf::ErrorOf; };
struct DeviceError : ErrorOf<ExitCode::kDevice> { using ErrorOf::ErrorOf; };
struct InUseError : ErrorOf<ExitCode::kInUse> { using ErrorOf::ErrorOf; };

}  // namespace nnrun
