#include "report/text_table.h"

#include <algorithm>
#include <cctype>

#include "base/utf8.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

using Rows = std::vector<std::vector<std::string>>;

bool is_numeric(const std::string& cell) {
  return cell.empty() || std::isdigit(static_cast<unsigned char>(cell[0])) || cell[0] == '-' ||
         cell[0] == '+';
}

struct Column {
  size_t width = 0;
  bool right = true;
};

std::vector<Column> measure(const Rows& rows) {
  std::vector<Column> columns;
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c) {
      if (c == columns.size()) columns.emplace_back();
      columns[c].width = std::max(columns[c].width, width_of(rows[r][c]));
      if (r > 0 && !is_numeric(rows[r][c])) columns[c].right = false;
    }
  return columns;
}

}  // namespace

/// Bytes of UTF-8 that do not continue a code point.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string one_line(const std::string& text) {
  std::string line;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t length = std::max<size_t>(utf8_length(rest), 1);
    const std::string_view character = rest.substr(0, length);
    const auto code = static_cast<unsigned char>(character[0]);
    const bool prints = utf8_length(rest) > 0 && code >= 0x20 && code != 0x7F;
    line += prints ? std::string(character) : escaped(character);
    rest.remove_prefix(length);
  }
  return line;
}

std::string aligned(Rows rows) {
  for (auto& row : rows)
    for (auto& cell : row) cell = one_line(cell);
  const auto columns = measure(rows);
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string fill(columns[c].width - width_of(row[c]), ' ');
      line += (c > 0 ? "  " : "") + (columns[c].right ? fill + row[c] : row[c] + fill);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace nnrun
