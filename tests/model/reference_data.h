#pragma once

#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "repository.h"

/// The numbers of tests/reference/*.json as tensors.
namespace nnrun::testing {

inline nlohmann::json read_reference(const std::string& name) {
  std::ifstream file(repository() / "tests/reference" / name);
  return nlohmann::json::parse(file);
}

/// {"shape": […], "values": […]} as float32.
inline at::Tensor tensor_of(const nlohmann::json& entry) {
  const auto shape = entry.at("shape").get<std::vector<int64_t>>();
  return at::tensor(entry.at("values").get<std::vector<double>>(), at::kDouble)
      .view(shape)
      .to(at::kFloat);
}

/// Largest difference, relative to the largest expected entry.
inline double error_of(const at::Tensor& got, const at::Tensor& expected) {
  if (got.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
  const double scale = std::max(1e-3, expected.abs().max().item<double>());
  return (got.detach() - expected).abs().max().item<double>() / scale;
}

}  // namespace nnrun::testing
