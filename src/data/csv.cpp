#include "data/csv.h"

#include <utility>

#include "base/utf8.h"

namespace nnrun {
namespace {

/// Bytes that need no look: ASCII, no control byte, no comma, no quote.
bool is_plain(char byte) { return ' ' <= byte && byte <= '~' && byte != ',' && byte != '"'; }

}  // namespace

CsvReader::CsvReader(std::string file, std::string_view bytes, DataProblems& problems)
    : file_(std::move(file)), bytes_(bytes), problems_(problems) {
  if (bytes_.starts_with(kByteOrderMark)) bytes_.remove_prefix(kByteOrderMark.size());
}

bool CsvReader::next(std::vector<CsvField>& record) {
  do {
    skip_blank_lines();
    if (at_end()) return false;
    fault_ = false;
    record.clear();
    read_field(record.emplace_back());
    while (at(',')) {
      ++at_;
      read_field(record.emplace_back());
    }
    if (!at_end()) take_line_end();
  } while (fault_);
  return true;
}

void CsvReader::skip_blank_lines() {
  const int64_t first = line_;
  while (!at_end() && at_line_end()) take_line_end();
  if (at_end()) return;
  for (int64_t line = first; line < line_; ++line) report(line, 1, "the line is blank");
}

void CsvReader::read_field(CsvField& field) {
  field.line = line_;
  field.column = column();
  if (at('"')) {
    read_quoted(field);
  } else {
    read_plain(field);
  }
}

void CsvReader::read_plain(CsvField& field) {
  bool quote_seen = false;
  while (!at_field_end()) {
    if (at('"') && !std::exchange(quote_seen, true)) {
      report(line_, column(), "a quote inside a field without quotes (expected \"…\"\"…\")");
    }
    take_characters(field.text);
  }
}

void CsvReader::read_quoted(CsvField& field) {
  ++at_;
  while (true) {
    if (at_end()) return report(field.line, field.column, "the quote is never closed");
    if (at('"')) {
      ++at_;
      if (!at('"')) break;
    }
    take_characters(field.text);
  }
  if (at_field_end()) return;
  report(line_, column(),
         "text after the closing quote (got " + in_quotes(bytes_.substr(at_, 1)) +
             ", expected a comma or the end of the line)");
  while (!at_field_end()) take_characters(field.text);
}

void CsvReader::take_characters(std::string& text) {
  const size_t begin = at_;
  while (!at_end() && is_plain(bytes_[at_])) ++at_;
  text += bytes_.substr(begin, at_ - begin);
  if (at_ > begin) return;

  if (at_line_end()) {
    text += take_line_end();
    return;
  }
  if (at('\0')) report(line_, column(), "a NUL byte (expected text)");
  size_t length = utf8_length(bytes_.substr(at_));
  if (length == 0) {
    report(line_, column(), "no valid UTF-8 (got " + in_quotes(bytes_.substr(at_, 1)) + ")");
    length = 1;
  }
  text += bytes_.substr(at_, length);
  at_ += length;
}

std::string_view CsvReader::take_line_end() {
  const std::string_view end = bytes_.substr(at_, bytes_.substr(at_).starts_with("\r\n") ? 2 : 1);
  at_ += end.size();
  line_start_ = at_;
  ++line_;
  return end;
}

void CsvReader::report(int64_t line, int64_t column, const std::string& message) {
  problems_.add(at_line(file_, line, column, message));
  fault_ = true;
}

}  // namespace nnrun
