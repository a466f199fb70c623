#include "study/sweep_table.h"

#include <nlohmann/json.hpp>

#include "nnrun/format.h"
#include "study/table_cells.h"

namespace nnrun {
namespace {

using Fields = std::vector<std::string>;

std::string csv_line(const Fields& fields) {
  std::string line;
  for (const auto& field : fields) line += (line.empty() ? "" : ",") + csv_field(field);
  return line + "\n";
}

void append(Fields& fields, const Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
}

Fields metrics(const std::optional<EpochRecord>& record) {
  if (!record) return {"", "", "", ""};
  return {shortest(record->accuracy), shortest(record->loss), shortest(record->val_accuracy),
          shortest(record->val_loss)};
}

Fields best(const std::optional<EpochRecord>& record) {
  if (!record) return {"", "", ""};
  return {std::to_string(record->epoch), shortest(record->val_accuracy),
          shortest(record->val_loss)};
}

Fields header(const Trial& trial) {
  Fields fields{"trial", "seed"};
  for (const auto& [path, value] : trial.values) fields.push_back(path);
  append(fields, {"status", "epochs", "accuracy", "loss", "val_accuracy", "val_loss", "best_epoch",
                  "best_val_accuracy", "best_val_loss", "parameters", "seconds"});
  return fields;
}

Fields fields_of(const TrialRow& row) {
  Fields fields{std::to_string(row.trial->number), std::to_string(row.trial->seed)};
  for (const auto& [path, value] : row.trial->values) fields.push_back(plain_value(value));
  const Summary summary = row.summary.value_or(Summary{});
  append(fields, {row.status, std::to_string(summary.epochs)});
  append(fields, metrics(summary.last));
  append(fields, best(summary.best));
  append(fields, {row.summary ? std::to_string(summary.parameters) : "",
                  row.summary ? shortest(summary.seconds) : ""});
  return fields;
}

}  // namespace

std::string plain_value(const std::string& json) {
  const auto value = nlohmann::json::parse(json);
  return value.is_string() ? value.get<std::string>() : json;
}

std::string sweep_csv(const Trial& trial, const std::vector<TrialRow>& rows) {
  std::string text = csv_line(header(trial));
  for (const auto& row : rows) text += csv_line(fields_of(row));
  return text;
}

}  // namespace nnrun
