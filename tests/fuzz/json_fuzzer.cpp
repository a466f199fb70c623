// libFuzzer target: any bytes as strict JSON give a value or a fault.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<nnrun::JsonFault> faults;
  const auto root = nnrun::parse_json(text, {}, faults);
  if (!root && faults.empty()) std::abort();
  return 0;
}
