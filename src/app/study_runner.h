#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/study_folder.h"
#include "app/study_progress.h"
#include "study/task.h"

namespace nnrun {

/// Brings the trials of a study to their end, several side by side.
///   StudyRunner runner(options, study, trials, data_hashes);
///   runner.run(experiment.config.sweep);
class StudyRunner {
 public:
  /// `data_hashes`: of each trial's data. All but the options must outlive the runner.
  StudyRunner(const Options& options, StudyFolder& study, const std::vector<Trial>& trials,
              const std::vector<std::string>& data_hashes);

  /// Tells how much there is to do, before the study's folder is made.
  void announce(bool may_end_early) const;

  /// Trains every trial; with `early_terminate` only the survivors of each rung go on, and nobody
  /// where a trial of it could not be brought there.
  void run(const std::optional<SweepConfig>& sweep);

  /// No trial had anything left to do.
  bool nothing_to_do() const { return started_ == 0; }

 private:
  using Numbers = std::set<int64_t>;  ///< of trials; each may have several seeds

  bool reach(const Numbers& numbers, int64_t rung);
  Numbers without_value(const Numbers& numbers, int64_t rung, bool (*holds)(const TrialRow&)) const;

  /// Trains the trials of these numbers to their end, or until they have `epochs` behind them.
  void train(const Numbers& numbers, std::optional<int64_t> epochs);
  bool is_open(size_t trial, std::optional<int64_t> epochs);
  std::map<int64_t, double> values_at(const Numbers& numbers, int64_t epochs) const;
  std::optional<double> value_at(size_t trial, int64_t epochs) const;
  Task task(size_t trial, std::optional<int64_t> epochs) const;
  std::vector<Membership> memberships(const std::vector<size_t>& open) const;

  const Options options_;
  StudyFolder& study_;
  const std::vector<Trial>& trials_;
  const std::vector<std::string>& data_hashes_;
  std::set<size_t> sound_;  ///< trials whose checkpoint was read and is as it should be
  size_t started_ = 0;
  StudyProgress progress_;
  std::unique_ptr<TaskPool> pool_;
};

}  // namespace nnrun
