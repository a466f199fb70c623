// libFuzzer target: any bytes as a checkpoint or weights file end well or with a StoreError.
#include <cstddef>
#include <cstdint>
#include <string>

#include "nnrun/error.h"
#include "nnrun/store.h"
#include "store/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& entry : nnrun::parse_safetensors(bytes, "fuzz").entries) {
      nnrun::to_tensor(entry, entry.name, "fuzz");
    }
    nnrun::decode_checkpoint(bytes, "fuzz");
  } catch (const nnrun::StoreError&) {  // the expected end of most inputs
  }
  return 0;
}
