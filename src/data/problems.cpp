#include "data/problems.h"

#include <utility>

#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr int64_t kShown = 20;
constexpr size_t kQuotedBytes = 40;

}  // namespace

void DataProblems::add(Problem problem) {
  if (++count_ <= kShown) shown_.push_back(std::move(problem));
}

void DataProblems::add_missing(const std::vector<Problem>& files) {
  for (const Problem& problem : files)
    if (++missing_count_ <= kShown) missing_.push_back(problem);
}

void DataProblems::throw_if_any() const {
  const int64_t all = missing_count_ + count_;
  if (all == 0) return;
  std::vector<Problem> problems = missing_;
  problems.insert(problems.end(), shown_.begin(), shown_.end());
  if (all > kShown) {
    problems.resize(kShown);
    problems.push_back(at_file("", "… and " + grouped(all - kShown) + " more"));
  }
  if (count_ == 0) throw EnvironmentError(std::move(problems));
  throw DataError(std::move(problems));
}

Problem at_file(const std::string& file, const std::string& message) {
  Problem problem;
  problem.file = file;
  problem.message = message;
  return problem;
}

Problem at_line(const std::string& file, int64_t line, int64_t column, const std::string& message) {
  Problem problem = at_file(file, message);
  problem.line = line;
  problem.column = column;
  return problem;
}

Problem at_key(const std::string& key, const std::string& message) {
  Problem problem = at_file("", message);
  problem.pointer = "/data/" + key;
  return problem;
}

std::string in_quotes(std::string_view bytes) {
  if (bytes.size() <= kQuotedBytes) return '"' + escaped(bytes) + '"';
  size_t end = kQuotedBytes;
  while (end > 0 && (static_cast<unsigned char>(bytes[end]) & 0xC0) == 0x80) --end;
  return '"' + escaped(bytes.substr(0, end)) + "…\"";
}

}  // namespace nnrun
