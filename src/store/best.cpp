#include "store/best.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/damaged.h"
#include "store/own_files.h"

namespace nnrun {
namespace {

/// The epoch whose weights were the best so far; nullopt: none yet, or none are kept.
std::optional<size_t> best_epoch(const Checkpoint& last) {
  const auto memory = nlohmann::json::parse(last.loop_state, nullptr, /*allow_exceptions=*/false);
  if (!memory.is_object()) return std::nullopt;
  const auto epoch = memory.find("best_epoch");
  if (epoch == memory.end() || !epoch->is_number_unsigned()) return std::nullopt;
  return epoch->get<size_t>();
}

/// Killed between the two writes of a save, a run leaves a best.nnr of a later epoch than all that
/// last.nnr knows. (As text: NaN equals NaN.)
bool is_ahead(const Checkpoint& best, const Checkpoint& last) {
  return best.rows.size() > last.rows.size() &&
         metrics_csv(best.rows).starts_with(metrics_csv(last.rows));
}

/// What is wrong with best.nnr (nullptr: there is none); "" when nothing is.
std::string fault_of(const Checkpoint* best, const Checkpoint& last) {
  if (best && is_ahead(*best, last)) return "";
  const auto epoch = best_epoch(last);
  if (!epoch) return best ? "last.nnr knows no best epoch" : "";
  if (!best) return "is missing: last.nnr has the best weights in epoch " + std::to_string(*epoch);
  const auto rows = static_cast<std::ptrdiff_t>(std::min(*epoch + 1, last.rows.size()));
  if (metrics_csv(best->rows) == metrics_csv({last.rows.begin(), last.rows.begin() + rows}))
    return "";
  return "is not of the run's best epoch (expected epoch " + std::to_string(*epoch) +
         " as in last.nnr)";
}

}  // namespace

std::optional<Checkpoint> best_beside(const Checkpoint& last, const RunDirectory& run) {
  auto best = run.checkpoint(kBestCheckpoint);
  if (const std::string fault = fault_of(best ? &*best : nullptr, last); !fault.empty())
    throw StoreError({at_whole_file(run.file(kBestCheckpoint), fault)});
  return best;
}

}  // namespace nnrun
