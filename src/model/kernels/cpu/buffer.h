#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace nnrun::kernels {

/// Floats on cache-line boundaries that grow and never shrink; growing forgets the content.
///   Buffer buffer;
///   float* rows = buffer.reserve(n * 64);
class Buffer {
 public:
  float* reserve(int64_t count) {
    if (count > capacity_) {
      data_.reset(
          static_cast<float*>(::operator new(static_cast<size_t>(count) * sizeof(float), kLine)));
      capacity_ = count;
    }
    return data_.get();
  }
  float* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(float* data) const { ::operator delete(data, kLine); }
  };
  std::unique_ptr<float, Free> data_;
  int64_t capacity_ = 0;
};

}  // namespace nnrun::kernels
