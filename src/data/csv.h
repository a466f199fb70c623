#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/problems.h"

namespace nnrun {

/// A field without its quotes, and where it begins (from 1, column in bytes; a byte order mark does
/// not count).
struct CsvField {
  std::string text;
  int64_t line = 0, column = 0;
};

/// Reads RFC 4180: commas, fields in double quotes (a quote inside is doubled), lines that end in
/// LF, CRLF or CR. Beyond it: a byte order mark is skipped, the bytes must be UTF-8 without NUL,
/// blank lines may stand at the end only. Faults go to `problems`; reading goes on after them.
///   CsvReader reader("train.csv", bytes, problems);
///   std::vector<CsvField> record;
///   while (reader.next(record)) use(record);
class CsvReader {
 public:
  /// `file` is named in problems; `bytes` and `problems` must outlive the reader.
  CsvReader(std::string file, std::string_view bytes, DataProblems& problems);

  /// The next record without fault, at least one field; false when there is none.
  bool next(std::vector<CsvField>& record);

 private:
  bool at_end() const { return at_ == bytes_.size(); }
  bool at(char wanted) const { return !at_end() && bytes_[at_] == wanted; }
  bool at_line_end() const { return at_end() || bytes_[at_] == '\n' || bytes_[at_] == '\r'; }
  bool at_field_end() const { return at_line_end() || bytes_[at_] == ','; }
  void skip_blank_lines();
  void read_field(CsvField& field);
  void read_plain(CsvField& field);
  void read_quoted(CsvField& field);
  void take_characters(std::string& text);
  std::string_view take_line_end();
  void report(int64_t line, int64_t column, const std::string& message);
  int64_t column() const { return static_cast<int64_t>(at_ - line_start_) + 1; }

  std::string file_;
  std::string_view bytes_;
  DataProblems& problems_;
  size_t at_ = 0, line_start_ = 0;
  int64_t line_ = 1;
  bool fault_ = false;  // in the record at hand
};

}  // namespace nnrun
