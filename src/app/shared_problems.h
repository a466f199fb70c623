#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

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
      if (seen_.insert(to_text(problem)).second) problems_.push_back(problem);
  }

  ExitCode code_ = ExitCode::kDone;
  std::vector<Problem> problems_;
  std::set<std::string> seen_;
};

}  // namespace nnrun
