#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrun/engine.h"

/// The safetensors format (https://huggingface.co/docs/safetensors): 8 bytes header length (little
/// endian), a JSON header, then the tensors' bytes without gaps.
namespace nnrun {

inline constexpr size_t kLengthBytes = 8;

struct SafetensorsEntry {
  std::string name, dtype;
  std::vector<int64_t> shape;
  std::string_view bytes;
};

/// A parsed file; views point into the bytes it was parsed from.
struct Safetensors {
  std::string_view head;  ///< length and header, as hashed
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  ///< sorted by name
};

/// Checks everything the format promises: header length, strict JSON without duplicate keys, known
/// types, shapes that agree with their byte ranges, ranges that tile the rest of the file. Throws
/// StoreError.
Safetensors parse_safetensors(std::string_view bytes, const std::string& file);

/// The file's head for float32 tensors in the given order; `metadata` maps strings to strings and
/// comes first in the header, whose end is padded with spaces to a multiple of 8.
std::string safetensors_head(const std::vector<const Tensor*>& tensors,
                             const nlohmann::ordered_json& metadata);

/// The bytes of a tensor as they stand in the file.
std::string_view bytes_of(const Tensor& tensor);

/// The tensor of an entry of floating-point numbers (F32, F64, F16, BF16) under another name, its
/// numbers converted to float32; nullopt for other types.
std::optional<Tensor> float_tensor(const SafetensorsEntry& entry, const std::string& name);

/// The float32 tensor of an entry under another name. Throws StoreError for other types.
Tensor to_tensor(const SafetensorsEntry& entry, const std::string& name, const std::string& file);

}  // namespace nnrun
