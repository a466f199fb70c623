#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "nnrun/train.h"
#include "train/fake_session.h"

namespace nnrun::testing {

/// A run on the fake session that keeps what the loop emits.
struct FakeRun {
  FakeClock clock;
  FakeSession session{clock};
  Dataset dataset;
  SessionRequest request;
  LoopState state;
  std::string memory;  ///< loop state to resume from
  std::vector<Checkpoint> saves;
  std::vector<int64_t> best_written;  ///< epochs whose weights went into best.nnr
  Tensors best_tensors;               ///< the last of them
  int64_t epochs_seen = 0;
  double save_seconds = 0.25;
  std::optional<int64_t> pause_after;

  explicit FakeRun(int64_t epochs, const std::function<void(SessionRequest&)>& change = {}) {
    dataset.train.labels.resize(10);
    dataset.test.labels.resize(4);
    request.dataset = &dataset;
    request.training.epochs = epochs;
    request.training.batch_size = 4;
    request.optimizer.learning_rate = 0.1;
    if (change) change(request);
  }

  Outcome go() {
    request_stop(0);
    LoopEvents events;
    events.clock = clock.reader();
    events.pause_after = pause_after;
    events.on_epoch = [this](const LoopState&) { ++epochs_seen; };
    events.on_checkpoint = [this](const LoopState& now, const Saving& saving) {
      if (saving.best) {
        best_written.push_back(now.best->epoch);
        best_tensors = *saving.best;
      }
      Checkpoint checkpoint;
      checkpoint.tensors = saving.state;
      checkpoint.rows = now.rows;
      checkpoint.timings = now.timings;
      checkpoint.loop_state = saving.loop_json;
      checkpoint.updates = now.updates;
      saves.push_back(checkpoint);
      clock.now += save_seconds;
      return save_seconds;
    };
    const Outcome outcome = fit(session, request, state, memory, events);
    request_stop(0);
    return outcome;
  }

  void resume_from(const Checkpoint& checkpoint) {
    state = resume(session, checkpoint);
    memory = checkpoint.loop_state;
  }
};

inline float value(const Tensors& tensors, const std::string& name) {
  for (const Tensor& tensor : tensors) {
    if (tensor.name == name) return tensor.values.at(0);
  }
  ADD_FAILURE() << "no tensor " << name;
  return 0;
}

inline bool same(const EpochRecord& a, const EpochRecord& b) {
  return a.epoch == b.epoch && a.accuracy == b.accuracy && a.loss == b.loss &&
         a.val_accuracy == b.val_accuracy && a.val_loss == b.val_loss;
}

inline void expect_same_rows(const std::vector<EpochRecord>& a, const std::vector<EpochRecord>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same(a[i], b[i])) << "epoch " << i;
}

inline void expect_same_tensors(const Tensors& a, const Tensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
  }
}

}  // namespace nnrun::testing
