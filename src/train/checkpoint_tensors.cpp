#include "train/checkpoint_tensors.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "nnrun/train.h"

namespace nnrun {
namespace {

constexpr std::string_view kModel = "model/";
constexpr std::string_view kStopping = "optimizer/early_stopping/";  // replaces kModel

}  // namespace

Tensors with_stopping_tensors(Tensors tensors, const Tensors& stopping) {
  for (Tensor tensor : stopping) {
    tensor.name.replace(0, kModel.size(), kStopping);
    tensors.push_back(std::move(tensor));
  }
  std::sort(tensors.begin(), tensors.end(),
            [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
  return tensors;
}

LoopState resume(Session& session, const Checkpoint& checkpoint) {
  LoopState state;
  Tensors own;
  for (Tensor tensor : checkpoint.tensors) {
    const bool stopping = tensor.name.starts_with(kStopping);
    if (stopping) tensor.name.replace(0, kStopping.size(), kModel);
    (stopping ? state.stopping_tensors : own).push_back(std::move(tensor));
  }
  session.restore(own, checkpoint.updates);
  state.rows = checkpoint.rows;
  state.timings = checkpoint.timings;
  state.updates = checkpoint.updates;
  return state;
}

}  // namespace nnrun
