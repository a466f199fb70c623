#pragma once

#include <array>
#include <cmath>
#include <csignal>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "nnrun/engine.h"
#include "nnrun/stop.h"

namespace nnrun::testing {

/// Seconds that pass only when somebody says so.
struct FakeClock {
  double now = 100;
  std::function<double()> reader() {
    return [this] { return now; };
  }
};

/// A session with one weight and one momentum slot, both exact functions of the epochs and rates it
/// has seen: enough to tell a right resume from a wrong one. Losses and mishaps are scripted by
/// epoch.
class FakeSession : public Session {
 public:
  explicit FakeSession(FakeClock& clock) : clock_(clock) {}

  // The script.
  std::vector<double> val_losses;           ///< per epoch; beyond its end: a function of the weight
  std::optional<int64_t> stop_in_training;  ///< epoch in which a signal comes
  std::optional<int64_t> stop_in_validation;
  std::optional<int64_t> nan_in_training, nan_in_validation;
  double train_seconds = 1, val_seconds = 0.5;

  // What was seen.
  std::vector<double> rates;
  std::vector<Split> evaluated;
  std::vector<Mark> asked_for;  ///< marked states

  std::optional<Sums> train_epoch(int64_t epoch, double learning_rate) override {
    rates.push_back(learning_rate);
    clock_.now += train_seconds;
    slot_ = 0.75F * slot_ + static_cast<float>(epoch % 3) - 0.5F * weight_;
    weight_ += static_cast<float>(learning_rate) * slot_;
    if (interrupted(stop_in_training, epoch)) return std::nullopt;
    return sums(std::abs(weight_) + 0.1, 10, epoch == nan_in_training);
  }

  std::optional<Sums> evaluate(Split split, int64_t epoch) override {
    evaluated.push_back(split);
    clock_.now += val_seconds;
    if (interrupted(stop_in_validation, epoch)) return std::nullopt;
    const auto index = static_cast<size_t>(epoch);
    const double loss =
        index < val_losses.size() ? val_losses[index] : std::abs(weight_ - 0.3F) + 0.01;
    return sums(loss, 4, epoch == nan_in_validation);
  }

  void mark(Mark mark) override { marked_[mark] = {weight_, slot_}; }
  Tensors state(Mark mark) override {
    asked_for.push_back(mark);
    Tensors tensors{{"model/w", {1}, {marked_.at(mark)[0]}}};
    if (mark == Mark::kLast)
      tensors.push_back({"optimizer/momentum/w", {1}, {marked_.at(mark)[1]}});
    return tensors;
  }
  void restore(const Tensors& tensors, int64_t) override {
    for (const Tensor& tensor : tensors) targets_.at(tensor.name)[0] = tensor.values.at(0);
  }

  std::vector<float> predict(const Examples&, int64_t) override { return {}; }
  std::vector<LayerOutput> activations(const Examples&, const std::vector<std::string>&) override {
    return {};
  }
  PhaseTimes profile(int64_t) override { return {}; }

 private:
  static bool interrupted(const std::optional<int64_t>& where, int64_t epoch) {
    if (where != epoch) return false;
    request_stop(SIGTERM);
    return true;
  }

  /// `examples` examples with this mean loss, a quarter of them right.
  static Sums sums(double loss, int64_t examples, bool nan) {
    const double n = static_cast<double>(examples);
    return {.loss = nan ? std::numeric_limits<double>::quiet_NaN() : loss * n,
            .correct = examples / 4,
            .examples = examples,
            .finite = !nan};
  }

  FakeClock& clock_;
  float weight_ = 0, slot_ = 0;
  std::map<Mark, std::array<float, 2>> marked_;
  std::map<std::string, float*> targets_{{"model/w", &weight_}, {"optimizer/momentum/w", &slot_}};
};

}  // namespace nnrun::testing
