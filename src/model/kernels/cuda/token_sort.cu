#include "model/kernels/cuda/host_device.h"
#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/token_sort.h"
#include "model/kernels/cuda/token_sums.h"

namespace nnrun {
namespace {

/// A stable radix sort, from the lowest digit up: each warp counts the digits of its share of the
/// batch, then puts its tokens behind those of smaller digits and of warps before it.
constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;
constexpr int kWarps = 32, kLanes = 32, kThreads = kWarps * kLanes;
constexpr unsigned kAllLanes = 0xFFFFFFFF;

struct Token {
  int32_t id, place;
};

NNRUN_HD int passes(int32_t largest) {
  int count = 1;
  for (int64_t keys = int64_t{largest} + 2; keys > kDigits; keys = (keys + kDigits - 1) / kDigits)
    ++count;
  return count;
}

/// Where the tokens of a batch lie in front of a pass and behind it. Passes alternate between two
/// buffers so that the last one ends in the first.
class Pass {
 public:
  __device__ Pass(const NnrunTokenSort& job, int64_t first, int index)
      : job_(job),
        first_(first),
        index_(index),
        to_spare_((passes(job.largest) - index) % 2 == 0) {}

  __device__ Token token(int64_t i) const {
    const int64_t at = first_ * job_.length + i;
    if (index_ > 0) {
      return to_spare_ ? Token{job_.sorted[at], job_.places[at]}
                       : Token{job_.spare_sorted[at], job_.spare_places[at]};
    }
    const int64_t example = first_ + i / job_.length;
    const int64_t row = job_.order == nullptr ? example : job_.order[example];
    return {job_.ids[row * job_.length + i % job_.length], static_cast<int32_t>(i)};
  }

  __device__ void put(int64_t i, Token token) const {
    const int64_t at = first_ * job_.length + i;
    (to_spare_ ? job_.spare_sorted : job_.sorted)[at] = token.id;
    (to_spare_ ? job_.spare_places : job_.places)[at] = token.place;
  }

  __device__ int digit(int32_t id) const {
    const int32_t key = id == kNnrunNoToken ? job_.largest + 1 : id;
    return (key >> (index_ * kDigitBits)) % kDigits;
  }

 private:
  const NnrunTokenSort& job_;
  int64_t first_;
  int index_;
  bool to_spare_;
};

/// A warp's share of the batch, in whole rows of lanes.
struct Share {
  int64_t begin, end;
};

__device__ Share share_of(int warp, int64_t tokens) {
  const int64_t rows = (tokens + kThreads - 1) / kThreads, size = rows * kLanes;
  const int64_t begin = min(warp * size, tokens);
  return {begin, min(begin + size, tokens)};
}

/// Replaces counts [kDigits, kWarps] by what stands before each. `sums`: [kThreads].
__device__ void sum_up(int32_t* counts, int32_t* sums) {
  constexpr int kEach = kDigits * kWarps / kThreads;
  int32_t* const own = counts + threadIdx.x * kEach;
  int32_t sum = 0;
  for (int i = 0; i < kEach; ++i) sum += own[i];
  sums[threadIdx.x] = sum;
  for (unsigned distance = 1; distance < kThreads; distance *= 2) {
    __syncthreads();
    const int32_t before = threadIdx.x >= distance ? sums[threadIdx.x - distance] : 0;
    __syncthreads();
    sums[threadIdx.x] += before;
  }
  int32_t behind = sums[threadIdx.x] - sum;
  for (int i = 0; i < kEach; ++i) {
    const int32_t count = own[i];
    own[i] = behind;
    behind += count;
  }
}

/// Puts a row of up to 32 tokens where they belong; `next` [digit, warp]: the places to come.
__device__ void put_row(const Pass& pass, int64_t i, const Share& share, int32_t* next) {
  const unsigned lane = threadIdx.x % kLanes, warp = threadIdx.x / kLanes;
  const bool there = i < share.end;
  const Token token = there ? pass.token(i) : Token{0, 0};
  const int digit = there ? pass.digit(token.id) : kDigits;
  const unsigned same = __match_any_sync(kAllLanes, digit);
  const int before = __popc(same & ((1U << lane) - 1));
  int32_t* const place = there ? next + digit * kWarps + warp : nullptr;
  if (there) pass.put(*place + before, token);
  __syncwarp();
  if (there && before == 0) *place += __popc(same);
  __syncwarp();
}

__device__ void sort_batch(const NnrunTokenSort& job) {
  __shared__ int32_t counts[kDigits * kWarps], sums[kThreads];
  const int64_t first = blockIdx.x * job.batch;
  const int64_t tokens = min(job.batch, job.examples - first) * job.length;
  const unsigned lane = threadIdx.x % kLanes, warp = threadIdx.x / kLanes;
  const Share share = share_of(static_cast<int>(warp), tokens);
  for (int index = 0; index < passes(job.largest); ++index) {
    const Pass pass(job, first, index);
    for (int i = threadIdx.x; i < kDigits * kWarps; i += kThreads) counts[i] = 0;
    __syncthreads();
    for (int64_t i = share.begin + lane; i < share.end; i += kLanes) {
      atomicAdd(counts + pass.digit(pass.token(i).id) * kWarps + warp, 1);
    }
    __syncthreads();
    sum_up(counts, sums);
    __syncthreads();
    for (int64_t i = share.begin; i < share.end; i += kLanes) {
      put_row(pass, i + lane, share, counts);
    }
    __syncthreads();
  }
}

struct Sort : Kernel<NnrunTokenSort, kThreads, 1> {
  static __device__ void run(const Job& job) { sort_batch(job); }
};

}  // namespace
}  // namespace nnrun

extern "C" int32_t nnrun_cuda_sort_spares(int32_t largest) { return nnrun::passes(largest) > 1; }

extern "C" const char* nnrun_cuda_token_sort(const NnrunTokenSort* job, void* stream) {
  if (job->examples * job->length == 0) return nullptr;
  const unsigned batches = nnrun::blocks_for(job->examples, job->batch);
  return nnrun::launch<nnrun::Sort>(*job, batches, stream);
}
