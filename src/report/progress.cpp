#include "report/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <iostream>
#include <utility>

#include "base/live_line.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr std::chrono::milliseconds kBetweenLines{1000};
constexpr std::chrono::milliseconds kBetweenRedraws{100};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::string fitted(const std::string& text, size_t columns) {
  return columns == 0 || text.size() < columns ? text : text.substr(0, columns - 1);
}

ProgressStyle progress_style(bool quiet) {
  if (quiet) return ProgressStyle::kNone;
  return ::isatty(STDERR_FILENO) == 1 ? ProgressStyle::kLive : ProgressStyle::kLines;
}

std::string four_decimals(double value) {
  if (std::isnan(value)) return "nan";  // printf would show its sign
  char text[400];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

std::string progress_text(const EpochRecord& record, int64_t epochs, double seconds_left) {
  std::string text =
      "epoch " + std::to_string(record.epoch + 1) + "/" + std::to_string(epochs) + "  loss " +
      four_decimals(record.loss) + "  accuracy " + four_decimals(record.accuracy) + "  val_loss " +
      four_decimals(record.val_loss) + "  val_accuracy " + four_decimals(record.val_accuracy);
  if (record.epoch + 1 < epochs) text += "  " + duration(seconds_left) + " left";
  return text;
}

std::string live_text(const std::string& label, const EpochRecord& record, int64_t epochs,
                      double seconds_left, size_t columns) {
  enum { kLabel, kEpoch, kLeft, kLoss, kAccuracy, kValLoss, kValAccuracy, kParts };
  std::string parts[kParts]{
      label,
      "epoch " + std::to_string(record.epoch + 1) + "/" + std::to_string(epochs),
      record.epoch + 1 < epochs ? duration(seconds_left) + " left" : "",
      "loss " + four_decimals(record.loss),
      "accuracy " + four_decimals(record.accuracy),
      "val_loss " + four_decimals(record.val_loss),
      "val_accuracy " + four_decimals(record.val_accuracy)};
  const auto joined = [&] {
    std::string text;
    for (const std::string& part : parts)
      if (!part.empty()) text += (text.empty() ? "" : "  ") + part;
    return text;
  };
  const auto excess = [&] {
    const size_t size = joined().size();
    return columns == 0 || size < columns ? 0 : size - (columns - 1);
  };
  for (const int part : {kLoss, kAccuracy, kValLoss})
    if (excess() > 0) parts[part].clear();
  const std::string dots = "...";
  const size_t cut = excess() + dots.size();
  if (excess() > 0)
    parts[kLabel] = label.size() > cut ? label.substr(0, label.size() - cut) + dots : "";
  return fitted(joined(), columns);
}

std::string study_live_text(size_t ended, size_t trials, const std::string& left,
                            const std::vector<TrialProgress>& running, size_t columns) {
  const std::string dots = "  ...";
  std::string text = std::to_string(ended) + "/" + std::to_string(trials) + " trials";
  if (!left.empty()) text += "  " + left;
  for (const auto& trial : running) {
    const std::string part =
        "  " + trial.name + " " + std::to_string(trial.epochs) + "/" + std::to_string(trial.of);
    const bool is_last = &trial == &running.back();
    const size_t needed = text.size() + part.size() + (is_last ? 0 : dots.size());
    if (columns > 0 && needed >= columns) return fitted(text + dots, columns);
    text += part;
  }
  return fitted(text, columns);
}

Progress::Progress(std::string label, int64_t epochs, int64_t done, ProgressStyle style)
    : label_(std::move(label)), epochs_(epochs), done_(done), style_(style) {}

void Progress::epoch(const EpochRecord& record) {
  if (style_ == ProgressStyle::kNone) return;
  const bool last = record.epoch + 1 == epochs_;
  const auto pause = style_ == ProgressStyle::kLive ? kBetweenRedraws : kBetweenLines;
  const bool due = last_line_ == Clock::time_point{} || Clock::now() - last_line_ >= pause;
  if (!due && !(last && style_ == ProgressStyle::kLive)) return;
  last_line_ = Clock::now();
  const auto run = static_cast<double>(record.epoch + 1 - done_);
  const double left = seconds_since(start_) / run * static_cast<double>(epochs_ - record.epoch - 1);
  line_open_ = style_ == ProgressStyle::kLive;
  if (line_open_)
    show_live_line(live_text(label_, record, epochs_, left, terminal_columns()));
  else
    std::cerr << label_ + "  " + progress_text(record, epochs_, left) + "\n" << std::flush;
}

void Progress::finish() {
  if (std::exchange(line_open_, false)) keep_live_line();
}

}  // namespace nnrun
