#include "model/batches.h"

#include <algorithm>

#include "model/cuda_half.h"
#include "model/kernels/cuda/token_sums.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

/// A host array as a tensor on the device; on the CPU without a copy.
template <typename T>
at::Tensor borrowed(const std::vector<T>& values, std::vector<int64_t> shape, at::ScalarType type,
                    at::Device device) {
  return at::from_blob(const_cast<T*>(values.data()), shape, type).to(device);
}

at::Tensor per_channel(const std::vector<double>& values, at::Device device) {
  return at::tensor(values, at::kFloat).view({-1, 1, 1}).to(device);
}

/// Rows `begin` … of `source` in this order.
at::Tensor rows_of(const at::Tensor& source, const Order& order, int64_t begin, int64_t count) {
  if (!order.on_device.defined()) return source.narrow(0, begin, count);
  return source.index_select(0, order.on_device.narrow(0, begin, count));
}

}  // namespace

void shuffle(Order& order, int64_t n, ShuffleKey key, at::Device device) {
  const RandomStream random(key.seed, Purpose::kShuffle, 0, static_cast<uint32_t>(key.epoch));
  order.rows = permutation(n, random);
  const at::Tensor rows = at::from_blob(order.rows.data(), {n}, at::kLong);
  if (!order.on_device.defined() || order.on_device.size(0) != n) {
    order.on_device = at::empty({n}, rows.options().device(device));
  }
  order.on_device.copy_(rows);
}

Bags::Bags(const Examples& examples) : begins_{0} {
  const int64_t length =
      static_cast<int64_t>(examples.ids.size()) / std::max<int64_t>(1, examples.size());
  for (int64_t i = 0; i < examples.size(); ++i) {
    const auto row = static_cast<size_t>(i);
    const auto tokens = examples.ids.begin() + i * length;
    ids_.insert(ids_.end(), tokens, tokens + examples.lengths[row]);
    if (!examples.extra_offsets.empty()) {
      const auto extra = examples.extra_ids.begin();
      ids_.insert(ids_.end(), extra + examples.extra_offsets[row],
                  extra + examples.extra_offsets[row + 1]);
    }
    begins_.push_back(static_cast<int64_t>(ids_.size()));
  }
}

std::pair<at::Tensor, at::Tensor> Bags::gather(const Order& order, int64_t begin,
                                               int64_t count) const {
  const at::Tensor offsets = at::zeros({count + 1}, at::kInt);
  auto* const ends = offsets.data_ptr<int32_t>() + 1;
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<size_t>(order.row(begin + i));
    ids.insert(ids.end(), ids_.begin() + begins_[row], ids_.begin() + begins_[row + 1]);
    ends[i] = static_cast<int32_t>(ids.size());
  }
  return {at::tensor(ids, at::kInt), offsets};
}

at::Tensor Bags::padded() const {
  const auto texts = static_cast<int64_t>(begins_.size()) - 1;
  int64_t longest = 1;
  for (size_t i = 1; i < begins_.size(); ++i) {
    longest = std::max(longest, begins_[i] - begins_[i - 1]);
  }
  at::Tensor all = at::full({texts, longest}, static_cast<int32_t>(kNnrunNoToken), at::kInt);
  for (int64_t i = 0; i < texts; ++i) {
    const auto text = static_cast<size_t>(i);
    std::copy(ids_.begin() + begins_[text], ids_.begin() + begins_[text + 1],
              all.data_ptr<int32_t>() + i * longest);
  }
  return all;
}

namespace {

int32_t largest_id(const at::Tensor& ids) {
  const at::Tensor real = ids.masked_select(ids != static_cast<int32_t>(kNnrunNoToken));
  return real.numel() == 0 ? 0 : real.max().item<int32_t>();
}

}  // namespace

ResidentExamples::ResidentExamples(const Examples& examples, const BatchSpec& spec)
    : gathers_bags_(spec.bags && spec.half == nullptr), device_(spec.device), half_(spec.half) {
  std::vector<int64_t> shape{examples.size()};
  shape.insert(shape.end(), spec.shape.begin(), spec.shape.end());
  const auto longs = [&](const std::vector<int32_t>& values) {
    return borrowed(values, {examples.size()}, at::kInt, device_).to(at::kLong);
  };
  const bool text = examples.pixels.empty();
  stored_.input = text ? borrowed(examples.ids, shape, at::kInt, device_)
                       : borrowed(examples.pixels, shape, at::kByte, device_);
  stored_.labels = longs(examples.labels);
  if (text) stored_.lengths = longs(examples.lengths);
  if (gathers_bags_) bags_ = Bags(examples);
  if (spec.bags && !gathers_bags_) stored_.input = Bags(examples).padded().to(device_);
  if (text && half_ != nullptr) stored_.largest_id = largest_id(stored_.input);
  if (spec.mean.empty()) return;
  stored_.mean = per_channel(spec.mean, device_);
  stored_.std = per_channel(spec.std, device_);
}

at::Tensor ResidentExamples::pixels_to_float(const at::Tensor& bytes) const {
  at::Tensor pixels = bytes.to(at::kFloat).div_(255);
  return stored_.mean.defined() ? pixels.sub_(stored_.mean).div_(stored_.std) : pixels;
}

/// The batch by LibTorch's operations.
Batch ResidentExamples::taken(const Order& order, int64_t begin, int64_t count) const {
  Batch batch;
  batch.input = rows_of(stored_.input, order, begin, count);
  batch.labels = rows_of(stored_.labels, order, begin, count);
  if (stored_.lengths.defined()) {
    batch.lengths = rows_of(stored_.lengths, order, begin, count);
  } else {
    batch.input = pixels_to_float(batch.input);
  }
  return batch;
}

Batch ResidentExamples::batch(const Order& order, int64_t begin, int64_t count) const {
  Batch batch = half_ != nullptr ? half_->gather(stored_, order.on_device, {begin, count})
                                 : taken(order, begin, count);
  if (order.tokens.ids.defined()) {
    const int64_t length = stored_.input.size(1);
    batch.tokens = order.tokens.narrow(begin * length, count * length);
  }
  if (!gathers_bags_) return batch;
  const auto [ids, offsets] = bags_.gather(order, begin, count);
  batch.bag_ids = ids.to(device_);
  batch.bag_offsets = offsets.to(device_);
  return batch;
}

void ResidentExamples::list_tokens(Order& order, int64_t batch_size) const {
  if (half_ != nullptr && stored_.lengths.defined()) half_->list_tokens(stored_, batch_size, order);
}

}  // namespace nnrun
