#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nnrun/tables.h"

namespace nnrun {

/// One configuration with everything its row may show.
struct Line {
  const Configuration* configuration;
  MeanEstimate estimate;  ///< of the metric over runs
  int64_t group = 0;      ///< of ties, from 0
};

struct Column {
  std::string name;
  std::function<std::string(const Line&)> cell;
  bool measured = true;  ///< false: from the config, shown as it stands there
};

/// Columns for programs: one number or text per cell, as JSON text.
std::vector<Column> exact_columns(const Study& study, const TableOptions& options);

/// Whether more settings differ than fit a line: people then see only those they name.
bool has_crowded_settings(const Study& study);

/// Whether `--columns` names it, in full or as the table's head has it.
bool is_asked_for(const TableOptions& options, const std::string& name);

/// Columns for people: short texts, several numbers in a cell.
std::vector<Column> shown_columns(const Study& study, const TableOptions& options);

/// A column of either the exact ones, the config or the summary, as JSON text. Throws ConfigError
/// for an unknown one, naming `option`. A layer's setting may go by its head in the table,
/// C1.filters.
Column find_column(const Study& study, const TableOptions& options, const std::string& option,
                   const std::string& name);

}  // namespace nnrun
