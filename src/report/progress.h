#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "nnrun/store.h"

namespace nnrun {

/// How a run tells of its progress on stderr.
enum class ProgressStyle {
  kNone,   ///< --quiet
  kLines,  ///< a plain line after an epoch, at most one per second
  kLive,   ///< one line, rewritten (a terminal)
};

/// The style that fits stderr.
ProgressStyle progress_style(bool quiet);

/// 2.5 -> "2.5000"; not finite: "nan", "inf".
std::string four_decimals(double value);

/// "epoch 3/10  loss 2.301  accuracy 0.112  val_loss 2.300  val_accuracy 0.105  12 s left"
std::string progress_text(const EpochRecord& record, int64_t epochs, double seconds_left);

/// "smoke  epoch 3/10  12 s left  loss 2.301  …" for a line of so many columns (0: unknown): what
/// the validation says and the time left come before the rest, and the label is shortened.
std::string live_text(const std::string& label, const EpochRecord& record, int64_t epochs,
                      double seconds_left, size_t columns);

/// A trial that runs: its folder, the epochs behind it and those it is to have.
struct TrialProgress {
  std::string name;
  int64_t epochs, of;
};

/// "3/25 trials  about 12 min left  trial-0003 12/50  trial-0004 10/50" for a line of so many
/// columns (0: unknown): dots for trials that have no room. `left` may be empty.
std::string study_live_text(size_t ended, size_t trials, const std::string& left,
                            const std::vector<TrialProgress>& running, size_t columns);

/// As much of `text` as leaves the last of `columns` free, so that no terminal wraps it. ASCII; 0
/// columns: unknown, all of it.
std::string fitted(const std::string& text, size_t columns);

/// The progress of one run.
///   Progress progress("smoke", epochs, first_epoch, progress_style(quiet));
///   progress.epoch(record);   // after each epoch
///   progress.finish();        // ends the live line
class Progress {
 public:
  /// `done`: epochs that an earlier process has run.
  Progress(std::string label, int64_t epochs, int64_t done, ProgressStyle style);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void epoch(const EpochRecord& record);
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  int64_t epochs_, done_;
  ProgressStyle style_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_line_{};
  bool line_open_ = false;
};

}  // namespace nnrun
