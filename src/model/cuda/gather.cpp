#include "model/cuda/gather.h"

#include "model/cuda/kernel_call.h"
#include "model/kernels/cuda/gather.h"

namespace nnrun {
namespace {

at::Tensor rows_like(const at::Tensor& stored, int64_t count, at::ScalarType type) {
  std::vector<int64_t> shape = stored.sizes().vec();
  shape[0] = count;
  return at::empty(shape, stored.options().dtype(type));
}

template <typename T>
const T* data_or_null(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.const_data_ptr<T>() : nullptr;
}

/// The numbers that texts and images have; in file order they are a piece of what is stored.
void gather_numbers(const at::Tensor& from, Places places, bool ordered, at::Tensor& to) {
  to = ordered ? rows_like(from, places.count, at::kLong)
               : from.narrow(0, places.begin, places.count);
}

/// Fills in what the two kinds of input differ in.
void gather_input(const StoredExamples& from, NnrunGather& job, at::Tensor& to) {
  if (from.input.scalar_type() == at::kByte) {
    to = rows_like(from.input, job.count, at::kFloat);
    job.pixels = from.input.const_data_ptr<uint8_t>();
    job.plane = from.input.size(2) * from.input.size(3);
    job.mean = data_or_null<float>(from.mean);
    job.std = data_or_null<float>(from.std);
    job.images = to.data_ptr<float>();
  } else {
    to = rows_like(from.input, job.count, at::kInt);
    job.ids = from.input.const_data_ptr<int32_t>();
    job.texts = to.data_ptr<int32_t>();
  }
}

}  // namespace

Batch gathered(const StoredExamples& from, const at::Tensor& order, Places places) {
  const bool ordered = order.defined();
  Batch batch;
  gather_numbers(from.labels, places, ordered, batch.labels);
  if (from.lengths.defined()) gather_numbers(from.lengths, places, ordered, batch.lengths);
  if (!ordered && from.lengths.defined()) {
    batch.input = from.input.narrow(0, places.begin, places.count);
    return batch;
  }
  NnrunGather job{};
  job.first = places.begin;
  job.count = places.count;
  job.entries = from.input.numel() / std::max<int64_t>(1, from.input.size(0));
  gather_input(from, job, batch.input);
  if (ordered) {
    job.order = order.const_data_ptr<int64_t>() + places.begin;
    job.labels = from.labels.const_data_ptr<int64_t>();
    job.batch_labels = batch.labels.data_ptr<int64_t>();
    job.lengths = data_or_null<int64_t>(from.lengths);
    if (job.lengths != nullptr) job.batch_lengths = batch.lengths.data_ptr<int64_t>();
  }
  check_kernel(nnrun_cuda_gather(&job, current_stream()));
  return batch;
}

}  // namespace nnrun
