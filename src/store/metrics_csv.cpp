#include "store/metrics_csv.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "data/problems.h"
#include "nnrun/error.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

/// A column after `epoch`.
template <typename Row>
struct Column {
  std::string_view name;
  double Row::*value;
};

constexpr std::array<Column<EpochRecord>, 4> kMetrics{{{"accuracy", &EpochRecord::accuracy},
                                                       {"loss", &EpochRecord::loss},
                                                       {"val_accuracy", &EpochRecord::val_accuracy},
                                                       {"val_loss", &EpochRecord::val_loss}}};

constexpr std::array<Column<EpochTiming>, 3> kTimings{
    {{"train_seconds", &EpochTiming::train_seconds},
     {"val_seconds", &EpochTiming::val_seconds},
     {"checkpoint_seconds", &EpochTiming::checkpoint_seconds}}};

template <typename Columns>
std::string header_of(const Columns& columns) {
  std::string line = "epoch";
  for (const auto& column : columns) line += "," + std::string(column.name);
  return line;
}

template <typename Row, typename Columns>
std::string csv(const std::vector<Row>& rows, const Columns& columns) {
  std::string text = header_of(columns) + "\n";
  for (const Row& row : rows) {
    text += std::to_string(row.epoch);
    for (const auto& column : columns) text += "," + shortest(row.*column.value);
    text += '\n';
  }
  return text;
}

/// The text before `end`, which is removed together with it; all of it when there is no `end`.
std::string_view take_until(std::string_view& text, char end) {
  const std::string_view head = text.substr(0, text.find(end));
  text.remove_prefix(std::min(head.size() + 1, text.size()));
  return head;
}

/// A line of the epoch that is due; false when it is anything else.
template <typename Row, typename Columns>
bool parse_row(std::string_view line, const Columns& columns, Row* row) {
  const auto commas = static_cast<size_t>(std::count(line.begin(), line.end(), ','));
  if (commas != columns.size() || parse_int(take_until(line, ',')) != row->epoch) return false;
  for (const auto& column : columns) {
    const std::optional<double> value = parse_double(take_until(line, ','));
    if (!value) return false;
    row->*column.value = *value;
  }
  return true;
}

[[noreturn]] void fail_at_line(const std::string& file, size_t line, const std::string& message) {
  Problem problem;
  problem.file = file;
  problem.line = static_cast<int64_t>(line);
  problem.column = 1;
  problem.message = message;
  throw StoreError({problem});
}

template <typename Row, typename Columns>
std::vector<Row> parse_csv(std::string_view text, const Columns& columns, const std::string& file) {
  const std::string header = header_of(columns);
  const std::string_view first = take_until(text, '\n');
  if (first != header) {
    fail_at_line(file, 1,
                 "wrong header (got " + in_quotes(first) + ", expected \"" + header + "\")");
  }
  std::vector<Row> rows;
  while (!text.empty()) {
    const bool ended = text.find('\n') != std::string_view::npos;
    const std::string_view line = take_until(text, '\n');
    Row row;
    row.epoch = static_cast<int64_t>(rows.size());
    if (!ended || !parse_row(line, columns, &row)) {
      fail_at_line(file, rows.size() + 2,
                   "damaged row (got " + in_quotes(line) + ", expected epoch " +
                       std::to_string(row.epoch) + " and " + std::to_string(columns.size()) +
                       " numbers)");
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::string metrics_csv(const std::vector<EpochRecord>& rows) { return csv(rows, kMetrics); }

std::string timing_csv(const std::vector<EpochTiming>& rows) { return csv(rows, kTimings); }

std::vector<EpochRecord> parse_metrics_csv(const std::string& text, const std::string& file) {
  return parse_csv<EpochRecord>(text, kMetrics, file);
}

std::vector<EpochTiming> parse_timing_csv(const std::string& text, const std::string& file) {
  return parse_csv<EpochTiming>(text, kTimings, file);
}

}  // namespace nnrun
