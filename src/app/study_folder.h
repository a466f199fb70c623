#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/run_folder.h"
#include "nnrun/config.h"
#include "nnrun/files.h"
#include "store/place.h"
#include "study/study_summary.h"
#include "study/sweep_table.h"

namespace nnrun {

/// The parent folder of trials: config.json, summary.json, sweep.csv, DONE. Several processes may
/// use it at once; each trial's own lock says who works on it. What the parent's files say follows
/// from the trials' folders; a process whose study another one has extended leaves them alone. What
/// would write throws LostFolderError once the folder that was made is not at its path any more.
///   StudyFolder study(request, experiment, trials);   // throws StoreError when it is refused
///   study.make();
///   study.keep_up();                                  // before the first trial
///   study.record(trial, exit_code, epochs);           // after each trial
///   study.update(StudyFolder::Moment::kEnd);
class StudyFolder {
 public:
  StudyFolder(FolderRequest request, const Experiment& experiment,
              const std::vector<Trial>& trials);

  const std::filesystem::path& folder() const { return request_.folder; }
  std::filesystem::path trial_folder(size_t trial) const {
    return request_.folder / trials_[trial].folder;
  }
  const StudyGoal& goal() const { return goal_; }

  /// Throws StoreError when the trial was made from other files than these, or other data.
  void check_inputs(size_t trial, const Inputs& inputs) const;

  /// The folder's study has fewer epochs or repeats than this one.
  bool grows() const { return grows_; }

  /// Throws StoreError when trials that ended do not compare: data or initial weights changed on
  /// the way. `update` counts those of them as failed that came later in the list.
  void check_common_inputs() const;

  /// Creates the folder, or takes over a raised number of epochs or repeats. Many processes may do
  /// this at once.
  void make();

  bool was_made() const { return place_ != nullptr; }

  /// After a refusal: takes away what `make` made, unless something of a trial is there by now.
  void abandon() const;

  /// All trials are at their end.
  bool done() const { return directory_.done(); }

  /// True when a trial, on data with this hash, is at its end, or past `epochs` of it; by its small
  /// files alone.
  bool settled(size_t trial, const std::string& data_hash, std::optional<int64_t> epochs) const;

  /// True unless the trial's last.nnr is damaged; reads all of it.
  bool is_sound(size_t trial) const;

  /// Brings the parent's files up to date while trials are at work. What cannot be written now is
  /// worth a warning: it is tried again the next time.
  void keep_up() const;

  /// Notes how a trial's process ended, which was to go on to this number of epochs, and keeps up.
  /// A trial that stops although nobody stopped the study is not at its end.
  void record(size_t trial, int exit_code, int64_t epochs);

  /// Notes as failed whose summary says `running` although no process holds the trial.
  void record_dead();

  /// All trials as they stand. One is done only under the config that it has in this study: until
  /// it is extended, too, it is cut short.
  std::vector<TrialRow> rows() const;
  TrialRow row(size_t trial) const;

  enum class Moment {
    kAtWork,    ///< this process is about to train trials
    kAfterOne,  ///< of the trials that another program starts one by one (a launcher's)
    kEnd,       ///< nothing is left to do for this process
    kStopped,   ///< by a signal
  };
  /// Brings sweep.csv, summary.json and DONE up to date, DONE last and only when every trial ended
  /// well; the summary's text. Nothing is written where config.json is another study's: an extended
  /// one, or one that this study extends and has not taken over.
  std::string update(Moment moment) const;

 private:
  RunState examine();
  std::vector<std::string> growing_pointers() const;
  void check_growing_trials() const;
  bool extends_stored_config() const;
  std::string stored_config() const;
  bool is_made() const;
  void make_files();
  std::unique_ptr<RunLock> lock_for_writing() const;
  bool owns_files() const;
  bool has_own_config(size_t trial) const;
  std::vector<Problem> mark_unlike(std::vector<TrialRow>& rows) const;
  bool is_complete(const std::vector<TrialRow>& rows) const;
  bool is_worked_on() const;
  const char* status_at(Moment moment, const std::vector<TrialRow>& rows) const;
  std::string write(Moment moment, Sync sync) const;

  /// How a process that this one started for a trial ended before its time.
  struct Setback {
    int exit_code;
    bool saved;      ///< by a signal of its own
    int64_t epochs;  ///< of the trial then
    bool was_over;   ///< it was at its end then (and is damaged, say)
  };
  const Setback* setback_of(const TrialRow& row, size_t trial) const;

  FolderRequest request_;
  RunDirectory directory_;
  std::string resolved_;
  std::string init_from_;  ///< initial weights of all trials, if their config names a file
  StudyGoal goal_;
  std::shared_ptr<const Place> place_;       ///< of the folder, since `make`
  std::vector<std::filesystem::path> made_;  ///< by `make`, innermost first
  bool is_fresh_ = false;                    ///< `make` found nothing in the folder
  bool grows_ = false;
  bool ends_early_ = false;  ///< trials that were stopped are at their end
  const std::vector<Trial>& trials_;
  std::map<size_t, Setback> setbacks_;   ///< by trial
  mutable std::set<size_t> own_config_;  ///< trials of which has_own_config has been true
};

}  // namespace nnrun
