#pragma once

#include <cstring>
#include <string>
#include <vector>

namespace nnrun {

/// A safetensors file put together by hand.
inline std::string safetensors_bytes(const std::string& header, const std::vector<float>& values) {
  const uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes += header;
  const size_t at = bytes.size();
  bytes.resize(at + values.size() * sizeof(float));
  std::copy_n(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float),
              bytes.data() + at);
  return bytes;
}

}  // namespace nnrun
