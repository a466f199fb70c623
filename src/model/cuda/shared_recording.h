#pragma once

#include <functional>
#include <memory>

#include "model/cuda/gpu_run.h"

namespace nnrun {

/// A recording of the work of all runs of a company, which are recorded and replayed together. When
/// the company ends, each run goes on with a recording of its own.
class SharedRecording final : public Recording {
 public:
  /// Waits until the company's other runs record, too.
  SharedRecording(StreamRun& run, Company& company, std::function<void()> work);

  /// Waits until the company's other runs replay, too.
  void replay() override;

 private:
  void record_alone();

  StreamRun& run_;
  Company& company_;
  std::function<void()> work_;
  std::shared_ptr<Recording> of_all_;  // null when the company has ended
  std::unique_ptr<Recording> own_;
};

}  // namespace nnrun
