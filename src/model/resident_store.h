#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "model/batches.h"

namespace nnrun {

/// Splits on a GPU, shared by the sessions that train on the same data at the same time. On the CPU
/// nothing is shared, since there a split borrows its data set's arrays.
///   const auto examples = store.get(dataset, Split::kTrain, spec);
class ResidentStore {
 public:
  /// Copies the split to the device if no living session has it there. It is ready for every stream
  /// when this returns.
  std::shared_ptr<const ResidentExamples> get(const Dataset& dataset, Split split,
                                              const BatchSpec& spec);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const ResidentExamples>> known_;
};

/// What decides a split's content on the device.
std::string resident_key(const Dataset& dataset, Split split, const BatchSpec& spec);

}  // namespace nnrun
