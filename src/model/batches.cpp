#include "model/batches.h"

#include <algorithm>
#include <numeric>

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
at::Tensor taken(const at::Tensor& source, const Order& order, int64_t begin, int64_t count) {
  if (!order.on_device.defined()) return source.narrow(0, begin, count);
  return source.index_select(0, order.on_device.narrow(0, begin, count));
}

}  // namespace

Order file_order(int64_t n) {
  Order order{std::vector<int64_t>(static_cast<size_t>(n)), {}};
  std::iota(order.rows.begin(), order.rows.end(), int64_t{0});
  return order;
}

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

std::pair<at::Tensor, at::Tensor> Bags::gather(const int64_t* rows, int64_t count) const {
  const at::Tensor offsets = at::zeros({count + 1}, at::kInt);
  auto* const ends = offsets.data_ptr<int32_t>() + 1;
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<size_t>(rows[i]);
    ids.insert(ids.end(), ids_.begin() + begins_[row], ids_.begin() + begins_[row + 1]);
    ends[i] = static_cast<int32_t>(ids.size());
  }
  return {at::tensor(ids, at::kInt), offsets};
}

ResidentExamples::ResidentExamples(const Examples& examples, const BatchSpec& spec)
    : has_bags_(spec.bags), device_(spec.device) {
  std::vector<int64_t> shape{examples.size()};
  shape.insert(shape.end(), spec.shape.begin(), spec.shape.end());
  const bool text = examples.pixels.empty();
  input_ = text ? borrowed(examples.ids, shape, at::kInt, device_)
                : borrowed(examples.pixels, shape, at::kByte, device_);
  labels_ = borrowed(examples.labels, {examples.size()}, at::kInt, device_).to(at::kLong);
  if (text)
    lengths_ = borrowed(examples.lengths, {examples.size()}, at::kInt, device_).to(at::kLong);
  if (has_bags_) bags_ = Bags(examples);
  if (spec.mean.empty()) return;
  mean_ = per_channel(spec.mean, device_);
  std_ = per_channel(spec.std, device_);
}

at::Tensor ResidentExamples::pixels_to_float(const at::Tensor& bytes) const {
  at::Tensor pixels = bytes.to(at::kFloat).div_(255);
  return mean_.defined() ? pixels.sub_(mean_).div_(std_) : pixels;
}

Batch ResidentExamples::batch(const Order& order, int64_t begin, int64_t count) const {
  Batch batch{taken(input_, order, begin, count), taken(labels_, order, begin, count), {}, {}, {}};
  if (!lengths_.defined()) {
    batch.input = pixels_to_float(batch.input);
    return batch;
  }
  batch.lengths = taken(lengths_, order, begin, count);
  if (!has_bags_) return batch;
  const auto [ids, offsets] = bags_.gather(order.rows.data() + begin, count);
  batch.bag_ids = ids.to(device_);
  batch.bag_offsets = offsets.to(device_);
  return batch;
}

}  // namespace nnrun
