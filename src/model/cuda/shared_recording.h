#pragma once

#include <functional>
#include <memory>

#include "model/cuda/gpu_run.h"

namespace nnrun {

struct SharedGraph;

/// A recording of the work of all runs of a company, which are recorded and replayed together.
class SharedRecording final : public Recording {
 public:
  /// Waits until the company's other runs record, too. Null: the company has ended, or their work
  /// cannot be shared.
  static std::unique_ptr<SharedRecording> make(StreamRun& run, Company& company,
                                               const std::function<void()>& work);

  SharedRecording(StreamRun& run, Company& company, std::shared_ptr<SharedGraph> graph)
      : run_(run), company_(company), graph_(std::move(graph)) {}

  /// Waits until the company's other runs replay, too; false: it has ended.
  bool replay() override;

 private:
  StreamRun& run_;
  Company& company_;
  std::shared_ptr<SharedGraph> graph_;
};

}  // namespace nnrun
