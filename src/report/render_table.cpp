#include <cstdio>
#include <nlohmann/json.hpp>

#include "nnrun/tables.h"
#include "report/text_table.h"
#include "study/table_cells.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

std::string csv_cell(const std::string& cell) { return csv_field(as_written(cell)); }

std::string markdown_cell(const std::string& cell) {
  std::string text;
  for (const char c : one_line(cell)) text += c == '|' ? "\\|" : std::string(1, c);
  return text;
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

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

/// Where a metric's variance comes from, one source per row; the first row is the header.
std::vector<std::vector<std::string>> variance_rows(const Table& table) {
  std::vector<std::vector<std::string>> rows;
  if (table.variance.empty()) return rows;
  rows.push_back({"variance of " + std::string(name_of(table.metric)), "share", "degrees", "p"});
  for (const VarianceShare& share : table.variance) {
    rows.push_back({short_name(share.source), percent(share.share), std::to_string(share.degrees),
                    share.p ? readable_p(*share.p) : ""});
  }
  if (!table.variance.front().p)
    for (auto& row : rows) row.pop_back();
  return rows;
}

constexpr const char* kNothing = "no configuration is left by the filters\n";

std::string aligned_table(const Table& table) {
  if (table.rows.empty()) return kNothing;
  std::vector<std::vector<std::string>> rows{table.shown_header};
  rows.insert(rows.end(), table.shown_rows.begin(), table.shown_rows.end());
  const auto variance = variance_rows(table);
  return aligned(rows) + (variance.empty() ? "" : "\n" + aligned(variance)) + notes(table);
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

Json variance_json(const Table& table) {
  Json lines = Json::array();
  for (const VarianceShare& share : table.variance)
    lines.push_back({{"source", share.source},
                     {"share", share.share},
                     {"sum_of_squares", share.sum_of_squares},
                     {"degrees", share.degrees},
                     {"p", share.p ? Json(*share.p) : Json()}});
  return lines;
}

std::string json_table(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json object = Json::object();
    for (size_t i = 0; i < row.size(); ++i) object[table.header[i]] = Json::parse(row[i]);
    rows.push_back(std::move(object));
  }
  return Json{{"metric", name_of(table.metric)},
              {"rows", rows},
              {"variance", variance_json(table)},
              {"notes", table.notes}}
             .dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) +
         "\n";
}

std::string markdown_rows(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    text += '|';
    for (const std::string& cell : mapped(rows[r], markdown_cell)) text += ' ' + cell + " |";
    text += '\n';
    if (r > 0) continue;
    text += '|';
    for (size_t i = 0; i < rows[r].size(); ++i) text += " --- |";
    text += '\n';
  }
  return text;
}

/// Notes as a list, so that each keeps its line.
std::string markdown_table(const Table& table) {
  if (table.rows.empty()) return kNothing;
  std::vector<std::vector<std::string>> rows{table.shown_header};
  rows.insert(rows.end(), table.shown_rows.begin(), table.shown_rows.end());
  std::string text = markdown_rows(rows);
  if (const auto variance = variance_rows(table); !variance.empty())
    text += '\n' + markdown_rows(variance);
  for (size_t i = 0; i < table.notes.size(); ++i)
    text += (i == 0 ? "\n- " : "- ") + table.notes[i] + '\n';
  return text;
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
