#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/run_folder.h"
#include "nnrun/config.h"
#include "study/study_summary.h"
#include "study/sweep_table.h"

namespace nnrun {

/// The parent folder of trials: config.json, summary.json, sweep.csv, DONE. Several processes may
/// use it at once; each trial's own lock says who works on it.
///   StudyFolder study(request, experiment, trials);   // throws StoreError when it is refused
///   study.make();
///   study.record(trial, exit_code, epochs);           // after each trial
///   study.close(Ending::kFinished);
class StudyFolder {
 public:
  StudyFolder(FolderRequest request, const Experiment& experiment,
              const std::vector<Trial>& trials);

  const std::filesystem::path& folder() const { return request_.folder; }
  std::filesystem::path trial_folder(size_t trial) const {
    return request_.folder / trials_[trial].folder;
  }
  const StudyGoal& goal() const { return goal_; }

  /// Throws StoreError when trials were made with other data than these hashes, one per trial, say.
  void check_data(const std::vector<std::string>& data_hashes) const;

  /// The folder's study has fewer epochs or repeats than this one.
  bool grows() const { return grows_; }

  /// Creates the folder, or takes over a raised number of epochs or repeats. Many processes may do
  /// this at once.
  void make();

  /// After a refusal: takes away what `make` made, unless a trial has a folder there by now.
  void abandon() const;

  /// Trials are about to train: the summary says "running", DONE goes.
  void open() const;

  /// All trials are at their end.
  bool done() const { return directory_.done(); }

  /// True when a trial, on data with this hash, is at its end, or past `epochs` of it; by its small
  /// files alone.
  bool settled(size_t trial, const std::string& data_hash, std::optional<int64_t> epochs) const;

  /// True unless the trial's last.nnr is damaged; reads all of it.
  bool is_sound(size_t trial) const;

  /// Notes how a trial's process ended, which was to go on to this number of epochs, and brings
  /// sweep.csv up to date. A trial that stops although nobody stopped the study is not at its end.
  void record(size_t trial, int exit_code, int64_t epochs);

  /// Notes as failed whose summary says `running` although no process holds the trial.
  void record_dead();

  /// All trials as they stand.
  std::vector<TrialRow> rows() const;
  TrialRow row(size_t trial) const;

  enum class Ending { kFinished, kStopped };
  /// Writes sweep.csv, summary.json and, when every trial ended well, DONE. Returns the summary's
  /// text.
  std::string close(Ending ending) const;

  /// After one trial that another program started (a launcher's): brings sweep.csv and summary.json
  /// up to date, and writes DONE when it was the last one.
  void update() const;

 private:
  std::vector<std::string> growing_pointers() const;
  void check_growing_trials() const;
  bool is_made() const;
  bool is_complete(const std::vector<TrialRow>& rows) const;
  std::string write_table(const std::vector<TrialRow>& rows) const;
  std::string write(const std::vector<TrialRow>& rows, const char* status) const;

  FolderRequest request_;
  RunDirectory directory_;
  std::string resolved_;
  StudyGoal goal_;
  std::vector<std::filesystem::path> made_;  ///< by `make`, innermost first
  bool is_fresh_ = false;                    ///< `make` found nothing in the folder
  bool grows_ = false;
  bool ends_early_ = false;  ///< trials that were stopped are at their end
  const std::vector<Trial>& trials_;
  std::set<size_t> failed_;     ///< trials, whatever the summaries they left say
  std::set<size_t> cut_short_;  ///< trials that a signal of their own stopped
};

}  // namespace nnrun
