#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "app/study_folder.h"
#include "report/progress.h"

namespace nnrun {

/// What a study tells on stderr while its trials run: a line for each that has ended, and on a
/// terminal a live one of those that run.
///   StudyProgress progress(study, trials, progress_style(quiet));
///   progress.begin({{3, 50}, {4, 50}});  // trials 3 and 4, to 50 epochs each
///   progress.show({0});                  // the first of them runs
///   progress.end(0);                     // now it has ended
class StudyProgress {
 public:
  struct Goal {
    size_t trial;
    int64_t epochs;
  };

  StudyProgress(const StudyFolder& study, const std::vector<Trial>& trials, ProgressStyle style);
  ~StudyProgress();
  StudyProgress(const StudyProgress&) = delete;
  StudyProgress& operator=(const StudyProgress&) = delete;

  /// All that is to run now, or waits for its turn. The other trials have ended.
  void begin(const std::vector<Goal>& goals);

  /// A trial has ended, by its number among the goals.
  void end(size_t goal);

  /// Draws the live line anew, unless that was a moment ago.
  void show(const std::set<size_t>& running);

 private:
  using Clock = std::chrono::steady_clock;
  struct Way {
    size_t trial;
    int64_t from, to, now;  ///< epochs
    bool ended = false;
  };

  int64_t epochs_of(size_t trial) const;
  void look();
  std::string time_left() const;

  const StudyFolder& study_;
  const std::vector<Trial>& trials_;
  ProgressStyle style_;
  std::vector<Way> ways_;
  std::set<size_t> running_;
  size_t ended_ = 0;
  Clock::time_point began_{}, shown_{};
};

}  // namespace nnrun
