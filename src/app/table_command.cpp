#include "app/commands.h"
#include "app/metric_option.h"
#include "nnrun/log.h"
#include "nnrun/tables.h"

namespace nnrun {
namespace {

TableStyle style_of(const Options& options) {
  if (options.csv) return TableStyle::kCsv;
  if (options.json) return TableStyle::kJson;
  return options.markdown ? TableStyle::kMarkdown : TableStyle::kAligned;
}

/// CSV has no room for what the other styles say below the table: its warnings go to stderr.
void log_warnings(const Table& table) {
  constexpr std::string_view kWarning = "warning: ";
  for (const std::string& note : table.notes)
    if (note.starts_with(kWarning)) log_warning(note.substr(kWarning.size()));
}

}  // namespace

int table_command(const Options& options, Output& out) {
  const TableStyle style = style_of(options);
  TableOptions asked;
  asked.metric = metric_of(options);
  asked.columns = options.columns;
  asked.sort = options.sort;
  asked.descending = options.descending;
  asked.filters = options.filters;
  const Study study = group_runs(collect_runs({options.paths.begin(), options.paths.end()}));
  const Table table = make_table(study, asked);
  if (style == TableStyle::kCsv) log_warnings(table);
  out.write(render(table, style));
  return 0;
}

}  // namespace nnrun
