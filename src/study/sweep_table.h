#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/store.h"

namespace nnrun {

/// One row of sweep.csv.
struct TrialRow {
  const Trial* trial = nullptr;
  std::string status;              ///< of the summary, or `failed` when the trial's process died
  std::optional<Summary> summary;  ///< nullopt: the trial left none
  bool cut_short = false;          ///< stopped, but not with the study and not where it was told to
  bool has_no_room = false;        ///< failed on a device that has too little memory, or is lost
};

/// Content of sweep.csv (interface, section 5): header, one line per row, RFC 4180. `trial`: any
/// one, for the swept paths.
std::string sweep_csv(const Trial& trial, const std::vector<TrialRow>& rows);

/// A swept value as people read it: JSON, strings without their quotes.
std::string plain_value(const std::string& json);

}  // namespace nnrun
