#include "store/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>

#include "store/damaged.h"
#include "store/json_text.h"

namespace nnrun {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "safetensors are little endian");

/// The rows of millions of epochs. (The reference implementation reads no more than 100 MB.)
constexpr uint64_t kMostHeaderBytes = uint64_t{1} << 30;
constexpr int kMostDepth = 3;  // header, tensor, shape
constexpr const char* kMetadata = "__metadata__";

template <typename T>
T number_at(const char* bytes) {
  T number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

/// IEEE 754's binary16: sign, 5 bits of exponent, 10 of fraction.
float half_at(const char* bytes) {
  const auto bits = number_at<uint16_t>(bytes);
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float sign = (bits >> 15) != 0 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VALF : NAN;
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                               : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25));
}

/// The upper half of a float32.
float bfloat16_at(const char* bytes) {
  return std::bit_cast<float>(uint32_t{number_at<uint16_t>(bytes)} << 16);
}

float double_at(const char* bytes) { return static_cast<float>(number_at<double>(bytes)); }

struct NumberType {
  std::string_view name;
  uint64_t bytes;
  float (*read)(const char* bytes) = nullptr;  ///< floating-point types alone
};
constexpr std::array<NumberType, 14> kNumberTypes{{{"F32", 4, number_at<float>},
                                                   {"F64", 8, double_at},
                                                   {"F16", 2, half_at},
                                                   {"BF16", 2, bfloat16_at},
                                                   {"I64", 8},
                                                   {"I32", 4},
                                                   {"I16", 2},
                                                   {"I8", 1},
                                                   {"U64", 8},
                                                   {"U32", 4},
                                                   {"U16", 2},
                                                   {"U8", 1},
                                                   {"BOOL", 1},
                                                   {"F8_E4M3", 1}}};

/// nullptr for a type that is not known.
const NumberType* number_type(std::string_view name) {
  const auto* type = std::find_if(kNumberTypes.begin(), kNumberTypes.end(),
                                  [&](const NumberType& known) { return known.name == name; });
  return type == kNumberTypes.end() ? nullptr : type;
}

/// Refuses duplicate keys and deep nesting while the header is parsed.
class HeaderGuard {
 public:
  explicit HeaderGuard(const std::string& file) : file_(file) {}

  bool operator()(int depth, Json::parse_event_t event, Json& value) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= kMostDepth) damaged(file_, "header nested too deeply");
    if (event == Json::parse_event_t::object_start) keys_[static_cast<size_t>(depth)].clear();
    if (event == Json::parse_event_t::key) {
      const auto name = value.get<std::string>();
      if (!keys_[static_cast<size_t>(depth) - 1].insert(name).second) {
        damaged(file_, "duplicate name \"" + escaped(name) + "\" in the header");
      }
    }
    return true;
  }

 private:
  const std::string& file_;
  std::array<std::set<std::string>, kMostDepth> keys_;  // of the open object at each depth
};

std::string_view head_of(std::string_view bytes, const std::string& file) {
  if (bytes.size() < kLengthBytes) damaged(file, "too short for a safetensors file");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  const uint64_t most = std::min<uint64_t>(bytes.size() - kLengthBytes, kMostHeaderBytes);
  if (length > most) {
    damaged(file, "header length out of range (got " + std::to_string(length) +
                      ", expected at most " + std::to_string(most) + ")");
  }
  return bytes.substr(0, kLengthBytes + length);
}

Json parse_header(std::string_view header, const std::string& file) {
  try {
    Json json = Json::parse(header, HeaderGuard(file));
    if (!json.is_object()) damaged(file, "the header is no JSON object");
    return json;
  } catch (const Json::exception& error) {
    damaged(file, "header: " + json_fault(error));
  }
}

std::map<std::string, std::string> read_metadata(const Json& json, const std::string& file) {
  try {
    return json.get<std::map<std::string, std::string>>();
  } catch (const Json::exception&) {
    damaged(file, "the metadata does not map strings to strings");
  }
}

/// Whole numbers from 0 to 2^62; nullopt when `json` is no list of such.
std::optional<std::vector<int64_t>> sizes_of(const Json& json) {
  if (!json.is_array()) return std::nullopt;
  std::vector<int64_t> sizes;
  for (const Json& value : json) {
    if (!value.is_number_unsigned() || value.get<uint64_t>() > uint64_t{1} << 62)
      return std::nullopt;
    sizes.push_back(value.get<int64_t>());
  }
  return sizes;
}

/// Bytes of a tensor; nullopt for an unknown type or a product beyond 64 bits.
std::optional<uint64_t> byte_count(std::string_view dtype, const std::vector<int64_t>& shape) {
  const NumberType* type = number_type(dtype);
  if (type == nullptr) return std::nullopt;
  uint64_t bytes = type->bytes;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes)) return std::nullopt;
  }
  return bytes;
}

SafetensorsEntry read_entry(const std::string& name, const Json& json, std::string_view buffer,
                            const std::string& file) {
  const auto fail = [&](const char* reason) {
    damaged(file, "tensor \"" + escaped(name) + "\": " + reason);
  };
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets") || !json["dtype"].is_string()) {
    fail("needs exactly dtype, shape and data_offsets");
  }
  const auto shape = sizes_of(json["shape"]);
  const auto offsets = sizes_of(json["data_offsets"]);
  if (!shape) fail("the shape is no list of sizes");
  if (!offsets || offsets->size() != 2) fail("data_offsets is no pair of offsets");
  const auto begin = static_cast<uint64_t>(offsets->front());
  const auto end = static_cast<uint64_t>(offsets->back());
  if (begin > end || end > buffer.size()) fail("data_offsets out of range");
  const auto dtype = json["dtype"].get<std::string>();
  if (byte_count(dtype, *shape) != end - begin) fail("type, shape and data_offsets do not fit");
  return {name, dtype, *shape, buffer.substr(begin, end - begin)};
}

/// Every byte of the buffer belongs to exactly one tensor.
void check_tiling(std::vector<SafetensorsEntry> entries, std::string_view buffer,
                  const std::string& file) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
  });
  const char* due = buffer.data();
  for (const SafetensorsEntry& entry : entries) {
    if (entry.bytes.data() != due) {
      damaged(file, "tensor \"" + escaped(entry.name) + "\" overlaps another or leaves a gap");
    }
    due += entry.bytes.size();
  }
  if (due != buffer.data() + buffer.size()) {
    damaged(file, "bytes after the last tensor");
  }
}

}  // namespace

Safetensors parse_safetensors(std::string_view bytes, const std::string& file) {
  Safetensors parsed;
  parsed.head = head_of(bytes, file);
  const std::string_view buffer = bytes.substr(parsed.head.size());
  const Json header = parse_header(parsed.head.substr(kLengthBytes), file);
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata) {
      parsed.metadata = read_metadata(value, file);
    } else {
      parsed.entries.push_back(read_entry(name, value, buffer, file));
    }
  }
  check_tiling(parsed.entries, buffer, file);
  return parsed;
}

std::string safetensors_head(const std::vector<const Tensor*>& tensors,
                             const nlohmann::ordered_json& metadata) {
  nlohmann::ordered_json header{{kMetadata, metadata}};
  size_t offset = 0;
  for (const Tensor* tensor : tensors) {
    const size_t end = offset + bytes_of(*tensor).size();
    header[tensor->name] = {
        {"dtype", "F32"}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string json = header.dump();
  json.resize((json.size() + 7) / 8 * 8, ' ');
  const uint64_t length = json.size();
  std::string head(kLengthBytes, '\0');
  std::memcpy(head.data(), &length, kLengthBytes);
  return head + json;
}

std::string_view bytes_of(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.values.data()),
          tensor.values.size() * sizeof(float)};
}

std::optional<Tensor> float_tensor(const SafetensorsEntry& entry, const std::string& name) {
  const NumberType& type = *number_type(entry.dtype);
  if (type.read == nullptr) return std::nullopt;
  Tensor tensor{name, entry.shape, {}};
  tensor.values.reserve(entry.bytes.size() / type.bytes);
  for (size_t i = 0; i < entry.bytes.size(); i += type.bytes)
    tensor.values.push_back(type.read(entry.bytes.data() + i));
  return tensor;
}

Tensor to_tensor(const SafetensorsEntry& entry, const std::string& name, const std::string& file) {
  if (entry.dtype != "F32") {
    damaged(file, "tensor \"" + escaped(entry.name) + "\": wrong type (got " +
                      escaped(entry.dtype) + ", expected F32)");
  }
  Tensor tensor{name, entry.shape, std::vector<float>(entry.bytes.size() / sizeof(float))};
  std::copy_n(entry.bytes.data(), entry.bytes.size(),
              reinterpret_cast<char*>(tensor.values.data()));
  return tensor;
}

}  // namespace nnrun
