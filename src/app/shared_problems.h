#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "config/swept_pointer.h"
#include "nnrun/error.h"

namespace nnrun {

/// Collects the problems of many pieces of work, so that one hides no other; what several share is
/// kept once. Wrong input counts more than what is missing: the lowest exit code is thrown.
///   SharedProblems problems;
///   for (const auto& file : files) problems.collect([&] { read(file); });
///   problems.throw_if_any();
class SharedProblems {
 public:
  template <class Work>
  void collect(const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      add(error);
    }
  }

  void throw_if_any() const {
    if (!problems_.empty()) throw Error(code_, problems_);
  }

 private:
  void add(const Error& error) {
    code_ = problems_.empty() ? error.code() : std::min(code_, error.code());
    for (const auto& problem : error.problems())
      if (seen_.insert(key_of(problem)).second) problems_.push_back(problem);
  }

  /// Values made from a swept range have its place: the first problem there stands for all.
  static std::string key_of(Problem problem) {
    if (is_swept_path(problem.pointer)) problem.message.clear();
    return to_text(problem);
  }

  ExitCode code_ = ExitCode::kDone;
  std::vector<Problem> problems_;
  std::set<std::string> seen_;
};

}  // namespace nnrun
