#include <functional>

#include "nnrun/config.h"
#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/best.h"
#include "store/damaged.h"
#include "store/features.h"
#include "store/json_text.h"
#include "store/own_files.h"
#include "store/owner.h"
#include "store/seal.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// Checks one run directory; what does not fit is collected, so that one damaged file hides no
/// other.
class RunCheck {
 public:
  explicit RunCheck(const fs::path& folder) : run_(folder) {}

  std::vector<Problem> problems() {
    guarded([&] { check_config(); });
    guarded([&] { check_vocabulary(); });
    guarded([&] { summary_ = run_.summary(); });
    check_checkpoints();
    guarded([&] { check_best(); });
    guarded([&] { check_metrics(); });
    guarded([&] { check_summary(); });
    guarded([&] { check_features(); });
    if (run_.done()) guarded([&] { check_end(); });
    return std::move(problems_);
  }

 private:
  void guarded(const std::function<void()>& check) {
    try {
      check();
    } catch (const StoreError& error) {
      problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    }
  }

  void add(const fs::path& file, const std::string& message) {
    problems_.push_back(at_whole_file(file, message));
  }

  /// The run came to an end of its own, so its files agree with each other; after a kill some may
  /// be an epoch ahead.
  bool has_ended() const {
    return summary_ && (summary_->status == "done" || summary_->status == "stopped" ||
                        summary_->status == "diverged");
  }

  void check_config() {
    config_ =
        read_json(run_.checked_config(), kConfigFile, [](nlohmann::json json) { return json; });
  }

  /// A value of the config; null where it has none.
  nlohmann::json setting(const char* pointer) const {
    return config_.value(nlohmann::json::json_pointer(pointer), nlohmann::json());
  }

  /// Of a text model; it is written before the first checkpoint.
  void check_vocabulary() {
    const nlohmann::json type = setting("/data/type");
    const bool needed =
        type == name_of(DataType::kTextCsv) || type == name_of(DataType::kSyntheticText);
    if (!run_.vocabulary() && needed && is_there(run_.file(kLastCheckpoint)))
      add(run_.file(kVocabularyFile), "is missing");
  }

  /// What stands beside DONE.
  void check_end() {
    if (summary_ && summary_->status != "done")
      add(run_.file(kDoneFile),
          "stands beside a summary.json that says \"" + summary_->status + '"');
    std::vector<fs::path> needed{kSummaryFile};
    const nlohmann::json keep_best = setting("/training/keep_best");
    const bool has_best = !last_ && summary_ && summary_->best;  // else last.nnr tells
    if (has_best && keep_best.is_string() && keep_best != "none")
      needed.emplace_back(kBestCheckpoint);
    if (!setting("/feature_maps").is_null())
      needed.push_back(fs::path(kFeaturesFolder) / kFeatureHashesFile);
    for (const fs::path& name : needed)
      if (!is_there(run_.folder() / name)) add(run_.folder() / name, "is missing");
    const bool has_config = !config_.empty();
    if (last_ && has_config) check_owner(run_, *last_, {sha256(run_.config_json())});
  }

  void check_checkpoints() {
    for (const fs::path& file : entries_of(run_.folder())) {
      if (file.extension() != ".nnr" || file.filename() == kBestCheckpoint) continue;
      guarded([&] {
        Checkpoint checkpoint = decode_checkpoint(read_file(file), file.string());
        if (file.filename() == kLastCheckpoint) last_ = std::move(checkpoint);
      });
    }
    const bool needed = has_ended() && summary_->epochs > 0;
    if (needed && !is_there(run_.file(kLastCheckpoint))) {
      add(run_.file(kLastCheckpoint), "is missing");
    }
  }

  /// Read after last.nnr: while the run is at work best.nnr may only be ahead of it.
  void check_best() const {
    if (last_)
      best_beside(*last_, run_);
    else
      run_.checkpoint(kBestCheckpoint);
  }

  void check_metrics() {
    const fs::path file = run_.file(kMetricsFile);
    if (!is_there(file)) {
      if (has_ended() && summary_->epochs > 0) add(file, "is missing");
      return;
    }
    const std::string text = read_file(file);
    const bool is_canonical = metrics_csv(parse_metrics_csv(text, file.string())) == text;
    if (!is_canonical) add(file, "is not as nnrun writes it");
    if (!last_) return;
    const std::string rows = metrics_csv(last_->rows);
    const bool fits = has_ended() ? text == rows : text.starts_with(rows) || rows.starts_with(text);
    if (!fits) add(file, "does not match the rows in last.nnr");
  }

  void check_summary() {
    if (!has_ended() || !last_) return;
    const fs::path file = run_.file(kSummaryFile);
    if (summary_->epochs != static_cast<int64_t>(last_->rows.size())) {
      add(file, "does not match the number of epochs in last.nnr (got " +
                    std::to_string(summary_->epochs) + ", expected " +
                    std::to_string(last_->rows.size()) + ")");
    }
    if (summary_->weights_sha256 != weights_sha256(last_->tensors)) {
      add(file, "weights_sha256 does not match the weights in last.nnr");
    }
  }

  void check_features() {
    const fs::path features = run_.file(kFeaturesFolder);
    for (const auto& [name, hash] : feature_hashes(features)) {
      const fs::path picture = features / fs::path(name).filename();
      if (!is_there(picture)) {
        add(picture, "is missing");
      } else if (sha256(read_file(picture)) != hash) {
        add(picture, "does not match its hash in features/hashes.json");
      }
    }
  }

  RunDirectory run_;
  nlohmann::json config_ = nlohmann::json::object();  ///< empty: it is not the manifest's
  std::optional<Summary> summary_;
  std::optional<Checkpoint> last_;
  std::vector<Problem> problems_;
};

[[noreturn]] void fail_no_run(const fs::path& folder, RunState state) {
  Problem problem;
  problem.file = folder.string();
  if (state == RunState::kAbsent) {
    problem.message = "no such folder";
    throw EnvironmentError({problem});
  }
  problem.message = "is no run directory";
  throw StoreError({problem});
}

void append(std::vector<Problem>* problems, const std::vector<Problem>& more) {
  problems->insert(problems->end(), more.begin(), more.end());
}

std::vector<Problem> trial_problems(const fs::path& folder);

/// A run, or a `trial-NNNN` folder that holds the `seed-S` ones.
std::vector<Problem> problems_in_trial(const fs::path& trial) {
  const RunState state = inspect(trial);
  if (state == RunState::kRun) return RunCheck(trial).problems();
  if (state == RunState::kForeign && trial_folders(trial).empty())
    return {at_whole_file(trial / kManifestFile, "is missing or damaged: the trial is no run")};
  return trial_problems(trial);
}

/// Of the runs below a parent.
std::vector<Problem> trial_problems(const fs::path& folder) {
  std::vector<Problem> problems;
  for (const fs::path& trial : trial_folders(folder)) append(&problems, problems_in_trial(trial));
  return problems;
}

}  // namespace

std::vector<Problem> verify_run(const fs::path& folder) {
  const RunState state = inspect(folder);
  if (state == RunState::kRun) return RunCheck(folder).problems();
  if (state != RunState::kParent) fail_no_run(folder, state);
  std::vector<Problem> problems = verify_parent(folder);
  append(&problems, trial_problems(folder));
  return problems;
}

}  // namespace nnrun
