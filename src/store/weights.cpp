#include <algorithm>
#include <set>
#include <utility>

#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/checkpoint.h"
#include "store/damaged.h"
#include "store/safetensors.h"

namespace nnrun {
namespace {

constexpr std::string_view kModel = "model/", kOptimizer = "optimizer/";

bool name_less(const Tensor& a, const Tensor& b) { return a.name < b.name; }

std::string without_prefix(const std::string& name) {
  return name.starts_with(kModel) ? name.substr(kModel.size()) : name;
}

}  // namespace

WeightsFile read_weights(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string file = path.string();
  const Safetensors parsed = parse_safetensors(bytes, file);
  const bool is_own = is_checkpoint(parsed);
  if (is_own) check_hashes(parsed, file);
  WeightsFile weights;
  std::set<std::string> names;
  for (const SafetensorsEntry& entry : parsed.entries) {
    if (entry.name.starts_with(kOptimizer)) continue;
    const std::string name = without_prefix(entry.name);
    if (!names.insert(name).second)
      damaged(file, "tensor \"" + escaped(name) + "\" stands there with and without model/");
    if (is_own) {
      weights.tensors.push_back(to_tensor(entry, name, file));
    } else if (auto tensor = float_tensor(entry, name)) {
      weights.tensors.push_back(std::move(*tensor));
    } else {
      weights.other_types.emplace(name, entry.dtype);
    }
  }
  std::sort(weights.tensors.begin(), weights.tensors.end(), name_less);
  return weights;
}

std::string weights_sha256(const Tensors& tensors) {
  std::vector<const Tensor*> model;
  for (const Tensor& tensor : tensors) {
    if (tensor.name.starts_with(kModel)) model.push_back(&tensor);
  }
  std::sort(model.begin(), model.end(),
            [](const Tensor* a, const Tensor* b) { return name_less(*a, *b); });
  Sha256 hash;
  for (const Tensor* tensor : model) hash.add(bytes_of(*tensor));
  return hash.hex();
}

}  // namespace nnrun
