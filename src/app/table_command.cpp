#include "app/commands.h"
#include "app/metric_option.h"
#include "nnrun/tables.h"

namespace nnrun {
namespace {

TableStyle style_of(const Options& options) {
  if (options.csv) return TableStyle::kCsv;
  if (options.json) return TableStyle::kJson;
  return options.markdown ? TableStyle::kMarkdown : TableStyle::kAligned;
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
  out.write(render(make_table(study, asked), style));
  return 0;
}

}  // namespace nnrun
