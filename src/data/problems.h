#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nnrun/error.h"

namespace nnrun {

/// Collects what is wrong with the content of data files, so that one run shows all of it. Keeps
/// the first 20 problems and counts the rest.
///   DataProblems problems;
///   problems.add(at_line(file, 3, 1, "blank line"));
///   problems.throw_if_any();
class DataProblems {
 public:
  void add(Problem problem);
  void add_missing(const std::vector<Problem>& files);  ///< shown before the others
  int64_t count() const { return count_; }

  /// Throws DataError with the problems in the order they came, then `… and N more`;
  /// EnvironmentError when nothing but files are missing or cannot be read.
  void throw_if_any() const;

 private:
  std::vector<Problem> missing_, shown_;
  int64_t missing_count_ = 0, count_ = 0;
};

/// A fault of a file as a whole: `FILE: message`.
Problem at_file(const std::string& file, const std::string& message);

/// A fault at a line and column (in bytes), both from 1: `FILE:LINE:COL: message`.
Problem at_line(const std::string& file, int64_t line, int64_t column, const std::string& message);

/// A fault of the config that only the data reveal: `/data/KEY: message`.
Problem at_key(const std::string& key, const std::string& message);

/// Input bytes as they stand in messages: escaped, in double quotes, cut after 40 bytes.
std::string in_quotes(std::string_view bytes);

}  // namespace nnrun
