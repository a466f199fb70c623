#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/optimizer_rules.h"

namespace nnrun {
namespace {

constexpr int kEntriesPerThread = 4;
constexpr int kChunk = kBlock * kEntriesPerThread;  // entries of a block, all of one variable

/// The variable that the block works on.
__device__ const NnrunUpdateVariable& variable_of_block(const NnrunUpdate& u) {
  int at = u.variables - 1;
  while (u.variable[at].first_block > static_cast<int>(blockIdx.x)) --at;
  return u.variable[at];
}

__device__ int64_t first_entry(const NnrunUpdateVariable& v) {
  return int64_t{static_cast<int>(blockIdx.x) - v.first_block} * kChunk + threadIdx.x;
}

struct Update : Kernel<NnrunUpdate, kBlock> {
  static __device__ void run(const Job& u) {
    const NnrunUpdateVariable& v = variable_of_block(u);
    const int64_t first = first_entry(v);
    for (int k = 0; k < kEntriesPerThread; ++k) {
      const int64_t i = first + int64_t{k} * kBlock;
      if (i < v.size) update_entry(u, v, i);
    }
  }
};

/// Sum over the block in an order that never changes; valid in thread 0.
__device__ double block_sum(double value) {
  __shared__ double sums[kBlock];
  sums[threadIdx.x] = value;
  for (int half = kBlock / 2; half > 0; half /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  return sums[0];
}

struct SquaresJob {
  NnrunUpdate update;
  double* partials;  // by block
  int32_t* groups;
};

struct Squares : Kernel<SquaresJob, kBlock> {
  static __device__ void run(const Job& job) {
    const NnrunUpdateVariable& v = variable_of_block(job.update);
    const int64_t first = first_entry(v);
    double sum = 0;
    for (int k = 0; k < kEntriesPerThread; ++k) {
      const int64_t i = first + int64_t{k} * kBlock;
      if (i >= v.size) break;
      const double g = clipped(v.gradient[i], job.update.constants.clip_value);
      sum += g * g;
    }
    sum = block_sum(sum);
    if (threadIdx.x != 0) return;
    job.partials[blockIdx.x] = sum;
    job.groups[blockIdx.x] = v.group;
  }
};

/// One block per group.
struct NormFactors : Kernel<NnrunNorms, kBlock> {
  static __device__ void run(const Job& job) {
    const auto group = static_cast<int32_t>(blockIdx.x);
    double sum = 0;
    for (int64_t i = threadIdx.x; i < job.count; i += kBlock) {
      sum += job.groups[i] == group ? job.partials[i] : 0;
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) job.factors[group] = norm_factor(sum, job.limit);
  }
};

/// The update with its blocks dealt out; their number in `blocks`.
NnrunUpdate dealt(const NnrunUpdate& update, int64_t& blocks) {
  NnrunUpdate result = update;
  blocks = 0;
  for (int i = 0; i < update.variables; ++i) {
    result.variable[i].first_block = static_cast<int32_t>(blocks);
    blocks += blocks_for(update.variable[i].size, kChunk);
  }
  return result;
}

}  // namespace
}  // namespace nnrun

extern "C" {

const char* nnrun_cuda_update(const NnrunUpdate* update, void* stream) {
  int64_t blocks = 0;
  const NnrunUpdate job = nnrun::dealt(*update, blocks);
  if (blocks == 0) return nullptr;
  return nnrun::launch<nnrun::Update>(job, static_cast<unsigned>(blocks), stream);
}

int64_t nnrun_cuda_square_blocks(const NnrunUpdate* update) {
  int64_t blocks = 0;
  nnrun::dealt(*update, blocks);
  return blocks;
}

const char* nnrun_cuda_squares(const NnrunUpdate* update, double* partials, int32_t* groups,
                               int64_t first, void* stream) {
  int64_t blocks = 0;
  const nnrun::SquaresJob job{nnrun::dealt(*update, blocks), partials + first, groups + first};
  if (blocks == 0) return nullptr;
  return nnrun::launch<nnrun::Squares>(job, static_cast<unsigned>(blocks), stream);
}

const char* nnrun_cuda_norm_factors(const NnrunNorms* job, void* stream) {
  return nnrun::launch<nnrun::NormFactors>(*job, static_cast<unsigned>(job->group_count), stream);
}

}  // extern "C"
