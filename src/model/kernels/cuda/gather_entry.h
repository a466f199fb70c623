#pragma once

#include "model/kernels/cuda/gather.h"
#include "model/kernels/cuda/host_device.h"

namespace nnrun {

/// Row of the example that stands at place `n` of the batch.
NNRUN_HD inline int64_t gathered_row(const NnrunGather& job, int64_t n) {
  return job.order == nullptr ? job.first + n : job.order[n];
}

NNRUN_HD inline void gather_entry(const NnrunGather& job, int64_t n, int64_t entry) {
  const int64_t from = gathered_row(job, n) * job.entries + entry, to = n * job.entries + entry;
  if (job.pixels == nullptr) {
    job.texts[to] = job.ids[from];
    return;
  }
  float pixel = static_cast<float>(job.pixels[from]) / 255.0F;
  if (job.mean != nullptr) {
    const int64_t channel = entry / job.plane;
    pixel = (pixel - job.mean[channel]) / job.std[channel];
  }
  job.images[to] = pixel;
}

/// What an example has one number of.
NNRUN_HD inline void gather_numbers(const NnrunGather& job, int64_t n) {
  const int64_t row = gathered_row(job, n);
  if (job.labels != nullptr) job.batch_labels[n] = job.labels[row];
  if (job.lengths != nullptr) job.batch_lengths[n] = job.lengths[row];
}

}  // namespace nnrun
