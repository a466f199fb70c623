#include <cmath>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

#include "nnrun/tables.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// For people: four significant decimals, integers as they are, empty instead of null.
std::string readable(const std::string& cell) {
  const Json value = Json::parse(cell);
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number_float()) return cell;
  char text[32];
  const double number = value.get<double>();
  const double size = std::abs(number);
  const char* format = size >= 100 ? "%.1f" : size != 0 && size < 0.001 ? "%.3g" : "%.4f";
  std::snprintf(text, sizeof text, format, number);
  return text;
}

/// RFC 4180: quoted when it must be.
std::string csv_cell(const std::string& cell) {
  const Json value = Json::parse(cell);
  if (value.is_null()) return "";
  const std::string text = value.is_string() ? value.get<std::string>() : cell;
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string markdown_cell(const std::string& cell) {
  std::string text;
  for (const char c : readable(cell)) text += c == '|' ? "\\|" : std::string(1, c);
  return text;
}

std::string joined(const std::vector<std::string>& cells, const std::string& separator) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : separator) + cell;
  return line;
}

std::vector<std::string> mapped(const std::vector<std::string>& row,
                                std::string (*show)(const std::string&)) {
  std::vector<std::string> cells;
  for (const std::string& cell : row) cells.push_back(show(cell));
  return cells;
}

std::string notes(const Table& table) {
  std::string text;
  for (const std::string& note : table.notes) text += "\n" + note;
  return text.empty() ? "" : text + "\n";
}

std::string aligned_table(const Table& table) {
  std::vector<std::vector<std::string>> rows{table.header};
  for (const auto& row : table.rows) rows.push_back(mapped(row, readable));
  return aligned(rows) + notes(table);
}

std::string csv_table(const Table& table) {
  std::string text;
  for (size_t i = 0; i < table.header.size(); ++i) {
    text += (i == 0 ? "" : ",") + csv_cell(Json(table.header[i]).dump());
  }
  text += '\n';
  for (const auto& row : table.rows) {
    const std::vector<std::string> cells = mapped(row, csv_cell);
    for (size_t i = 0; i < cells.size(); ++i) text += (i == 0 ? "" : ",") + cells[i];
    text += '\n';
  }
  return text;
}

std::string json_table(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json object = Json::object();
    for (size_t i = 0; i < row.size(); ++i) object[table.header[i]] = Json::parse(row[i]);
    rows.push_back(std::move(object));
  }
  return Json{{"rows", rows}, {"notes", table.notes}}.dump(2) + "\n";
}

std::string markdown_table(const Table& table) {
  std::string text = "| " + joined(table.header, " | ") + " |\n|";
  for (size_t i = 0; i < table.header.size(); ++i) text += " --- |";
  text += '\n';
  for (const auto& row : table.rows) {
    text += '|';
    for (const std::string& cell : mapped(row, markdown_cell)) text += ' ' + cell + " |";
    text += '\n';
  }
  return text + notes(table);
}

}  // namespace

std::string render(const Table& table, TableStyle style) {
  switch (style) {
    case TableStyle::kAligned:
      return aligned_table(table);
    case TableStyle::kCsv:
      return csv_table(table);
    case TableStyle::kJson:
      return json_table(table);
    case TableStyle::kMarkdown:
      return markdown_table(table);
  }
  return "";
}

}  // namespace nnrun
