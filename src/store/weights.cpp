#include <algorithm>

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

Tensors read_weights(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string file = path.string();
  const Safetensors parsed = parse_safetensors(bytes, file);
  if (is_checkpoint(parsed)) check_hashes(parsed, file);
  Tensors weights;
  for (const SafetensorsEntry& entry : parsed.entries) {
    if (entry.name.starts_with(kOptimizer)) continue;
    weights.push_back(to_tensor(entry, without_prefix(entry.name), file));
  }
  std::sort(weights.begin(), weights.end(), name_less);
  const auto same_name = [](const Tensor& a, const Tensor& b) { return a.name == b.name; };
  const auto twice = std::adjacent_find(weights.begin(), weights.end(), same_name);
  if (twice != weights.end()) {
    damaged(file, "tensor \"" + escaped(twice->name) + "\" stands there with and without model/");
  }
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
