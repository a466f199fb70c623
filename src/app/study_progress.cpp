#include "app/study_progress.h"

#include "base/live_line.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "nnrun/train.h"

namespace nnrun {

StudyProgress::StudyProgress(const StudyFolder& study, const std::vector<Trial>& trials,
                             ProgressStyle style)
    : study_(study), trials_(trials), style_(style) {}

StudyProgress::~StudyProgress() { clear_live_line(); }

int64_t StudyProgress::epochs_of(size_t trial) const {
  const TrialRow row = study_.row(trial);
  return row.summary ? row.summary->epochs : 0;
}

void StudyProgress::begin(const std::vector<Goal>& goals) {
  ways_.clear();
  running_.clear();
  for (const auto& [trial, epochs] : goals) {
    const int64_t now = epochs_of(trial);
    ways_.push_back({trial, now, epochs, now});
  }
  ended_ = trials_.size() - goals.size();
  began_ = Clock::now();
}

/// One that stops with the study is not at its end.
void StudyProgress::end(size_t goal) {
  Way& way = ways_[goal];
  const TrialRow row = study_.row(way.trial);
  way.ended = stop_signal() == 0 || row.status != "stopped";
  running_.erase(goal);
  if (way.ended) ++ended_;
  std::string text;
  if (way.ended) text += std::to_string(ended_) + "/" + std::to_string(trials_.size()) + "  ";
  text += trials_[way.trial].folder + ": " + (row.status.empty() ? "failed" : row.status);
  if (row.cut_short) text += " by a signal of its own";
  if (row.summary && row.summary->last) {
    const Metric metric = study_.goal().metric;
    text += ", " + std::string(name_of(metric)) + " " +
            shortest(value_of(*row.summary->last, metric)) + ", " + duration(row.summary->seconds);
  }
  look();
  const std::string left = time_left();
  log_info(left.empty() ? text : text + "; " + left);
}

void StudyProgress::show(const std::set<size_t>& running) {
  constexpr std::chrono::milliseconds kBetweenRedraws{500};
  running_ = running;
  if (style_ != ProgressStyle::kLive || Clock::now() - shown_ < kBetweenRedraws) return;
  shown_ = Clock::now();
  look();
  std::vector<TrialProgress> trials;
  for (const size_t goal : running_) {
    const Way& way = ways_[goal];
    trials.push_back({trials_[way.trial].folder, way.now, way.to});
  }
  const std::string left = stop_signal() != 0 ? "stopping" : time_left();
  show_live_line(study_live_text(ended_, trials_.size(), left, trials, terminal_columns()));
}

/// How far those are that run: the others stand still.
void StudyProgress::look() {
  for (const size_t goal : running_) ways_[goal].now = epochs_of(ways_[goal].trial);
}

/// "about 12 min left" at the pace so far, in epochs; nothing before that is known, when the study
/// stops, and at the end.
std::string StudyProgress::time_left() const {
  constexpr double kShortest = 5;  // seconds
  if (stop_signal() != 0) return "";
  double done = 0, all = 0;
  for (const Way& way : ways_) {
    done += static_cast<double>((way.ended ? way.to : way.now) - way.from);
    all += static_cast<double>(way.to - way.from);
  }
  const std::chrono::duration<double> passed = Clock::now() - began_;
  if (done <= 0 || passed.count() < kShortest) return "";
  const double left = passed.count() / done * (all - done);
  return left < kShortest ? "" : "about " + duration(left) + " left";
}

}  // namespace nnrun
