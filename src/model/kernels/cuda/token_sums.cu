#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/token_sums_entry.h"

namespace nnrun {
namespace {

constexpr int kColumns = 64;  // threads of a block: neighbouring columns of one chunk

template <class Rows, class Job>
struct SumChunks : Kernel<Job, kColumns> {
  static __device__ void run(const Job& job) {
    const Rows rows{job};
    const int64_t column = int64_t{blockIdx.y} * kColumns + threadIdx.x;
    if (column < rows.width()) sum_chunk(job.occurrences, rows, blockIdx.x, column, job.sums);
  }
};

template <class Rows, class Job>
struct Join : Kernel<Job, kColumns> {
  static __device__ void run(const Job& job) {
    const Rows rows{job};
    const int64_t column = int64_t{blockIdx.y} * kColumns + threadIdx.x;
    if (column < rows.width()) join_chunks(job.occurrences, rows, blockIdx.x, column, job.sums);
  }
};

template <class Rows, class Job>
const char* launch_sums(const Job& job, void* stream) {
  const NnrunOccurrences& o = job.occurrences;
  if (o.count == 0) return nullptr;
  const dim3 blocks(static_cast<unsigned>(token_chunks(o.count)),
                    blocks_for(Rows{job}.width(), kColumns));
  const char* const problem = launch<SumChunks<Rows, Job>>(job, blocks, stream);
  return problem != nullptr ? problem : launch<Join<Rows, Job>>(job, blocks, stream);
}

/// One output each; neighbours in a warp are neighbouring positions.
struct TokenConv : Kernel<NnrunTokenConv, kBlock> {
  static __device__ void run(const Job& job) {
    const int64_t i = int64_t{blockIdx.x} * kBlock + threadIdx.x;
    if (i >= job.batch * job.filters * job.outputs) return;
    const int64_t row = i / job.outputs;
    job.output[i] = token_conv_entry(job, row / job.filters, row % job.filters, i % job.outputs);
  }
};

/// One output each; neighbours in a warp are neighbouring units.
struct BagMeans : Kernel<NnrunBags, kBlock> {
  static __device__ void run(const Job& job) {
    const int64_t i = int64_t{blockIdx.x} * kBlock + threadIdx.x;
    if (i < job.bags * job.units) job.output[i] = bag_mean(job, i / job.units, i % job.units);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" {

const char* nnrun_cuda_token_sums(const NnrunTokenSums* job, void* stream) {
  return nnrun::launch_sums<nnrun::StoredRows>(*job, stream);
}

const char* nnrun_cuda_token_conv(const NnrunTokenConv* job, void* stream) {
  const int64_t outputs = job->batch * job->filters * job->outputs;
  if (outputs == 0) return nullptr;
  return nnrun::launch<nnrun::TokenConv>(*job, nnrun::blocks_for(outputs), stream);
}

const char* nnrun_cuda_bag_means(const NnrunBags* job, void* stream) {
  const int64_t outputs = job->bags * job->units;
  if (outputs == 0) return nullptr;
  return nnrun::launch<nnrun::BagMeans>(*job, nnrun::blocks_for(outputs), stream);
}

const char* nnrun_cuda_bag_sums(const NnrunBagSums* job, void* stream) {
  return nnrun::launch_sums<nnrun::BagRows>(*job, stream);
}

const char* nnrun_cuda_token_conv_sums(const NnrunTokenConvSums* job, void* stream) {
  return nnrun::launch_sums<nnrun::ConvRows>(*job, stream);
}

}  // extern "C"
