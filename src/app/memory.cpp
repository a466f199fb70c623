#include "app/memory.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace nnrun {
namespace {

constexpr int64_t kMebi = 1 << 20;
constexpr int64_t kFloat = 4;  ///< bytes

int64_t bytes_of(const Examples& examples) {
  const auto size = [](const auto& values) {
    return static_cast<int64_t>(values.size() * sizeof(values[0]));
  };
  return size(examples.pixels) + size(examples.ids) + size(examples.extra_ids) +
         size(examples.extra_offsets) + size(examples.labels);
}

/// Values that a forward pass leaves behind, of one example.
int64_t activations(const std::vector<LayerPlan>& layers) {
  int64_t sum = 0;
  for (const LayerPlan& layer : layers) sum += layer.out.elements() + activations(layer.inner);
  return sum;
}

}  // namespace

int64_t predicted_memory_mib(const Material& material) {
  constexpr int64_t kProgram = 256 * kMebi;  // LibTorch on a CPU: 150
  constexpr int64_t kDataCopies = 3;         // as read, resident, one on its way
  constexpr int64_t kWeightCopies = 8;       // gradient, two slots, best, checkpoint with its bytes
  constexpr int64_t kActivationCopies = 4;   // gradients, what a layer keeps, scratch
  constexpr int64_t kStep = 256 * kMebi;
  const Dataset& data = *material.dataset;
  const int64_t examples = bytes_of(data.train) + bytes_of(data.validation) + bytes_of(data.test);
  const int64_t largest_split =
      std::max({data.train.size(), data.validation.size(), data.test.size()});
  const int64_t batch = std::min(material.experiment.config.training.batch_size, largest_split);
  const int64_t sum = kProgram + kDataCopies * examples +
                      kWeightCopies * kFloat * material.plan.parameters +
                      kActivationCopies * kFloat * batch * activations(material.plan.layers);
  return (sum + kStep - 1) / kStep * kStep / kMebi;
}

int64_t available_memory_mib() {
  std::ifstream file("/proc/meminfo");
  for (std::string name, unit; file >> name;) {
    int64_t kibi = 0;
    if (!(file >> kibi)) break;
    std::getline(file, unit);
    if (name == "MemAvailable:") return kibi / 1024;
  }
  return 0;
}

}  // namespace nnrun
