#include "model/kernels/cuda/dense.h"

#include "model/kernels/cuda/host_device.h"
#include "model/kernels/cuda/launch.h"

namespace nnrun {
namespace {

constexpr int kSlices = 8;               // of the rows; each thread of a sum takes one
constexpr int kSums = kBlock / kSlices;  // of a block: neighbouring weights

/// Entries of the weight's and the bias's gradient: row o has the inputs, then the bias.
NNRUN_HD int64_t sums_of(const NnrunDense& job) { return job.outputs * (job.inputs + 1); }

/// Rows slice, slice + kSlices, … of one entry.
__device__ float slice_sum(const NnrunDense& job, int64_t output, int64_t input, int slice) {
  float sum = 0;
  NNRUN_UNROLL_8
  for (int64_t row = slice; row < job.rows; row += kSlices) {
    const float x = input < job.inputs ? job.input[row * job.inputs + input] : 1;
    sum += job.output_gradient[row * job.outputs + output] * x;
  }
  return sum;
}

__device__ void weight_block(const NnrunDense& job, int64_t block) {
  __shared__ float slices[kSlices][kSums];
  const int slice = static_cast<int>(threadIdx.x) / kSums, sum = threadIdx.x % kSums;
  const int64_t at = block * kSums + sum;
  const int64_t output = at / (job.inputs + 1), input = at % (job.inputs + 1);
  const bool inside = at < sums_of(job);
  slices[slice][sum] = inside ? slice_sum(job, output, input, slice) : 0;
  __syncthreads();
  if (slice != 0 || !inside) return;
  float total = 0;
  NNRUN_UNROLL
  for (int i = 0; i < kSlices; ++i) total += slices[i][sum];
  (input < job.inputs ? job.weight_gradient[output * job.inputs + input]
                      : job.bias_gradient[output]) = total;
}

/// One entry of the input's gradient.
__device__ void input_entry(const NnrunDense& job, int64_t at) {
  if (at >= job.rows * job.inputs) return;
  const float* const gradient = job.output_gradient + at / job.inputs * job.outputs;
  const float* const weight = job.weight + at % job.inputs;
  float sum = 0;
  NNRUN_UNROLL_8
  for (int64_t o = 0; o < job.outputs; ++o) sum += gradient[o] * weight[o * job.inputs];
  job.input_gradient[at] = sum;
}

NNRUN_HD unsigned weight_blocks(const NnrunDense& job) {
  return static_cast<unsigned>((sums_of(job) + kSums - 1) / kSums);
}

/// The first blocks are the weights', the others the inputs'.
struct DenseBackward : Kernel<NnrunDense, kBlock> {
  static __device__ void run(const Job& job) {
    const unsigned weights = weight_blocks(job);
    if (blockIdx.x < weights) {
      weight_block(job, blockIdx.x);
    } else {
      input_entry(job, int64_t{blockIdx.x - weights} * kBlock + threadIdx.x);
    }
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_dense_backward(const NnrunDense* job, void* stream) {
  using namespace nnrun;
  const unsigned inputs = job->input_gradient ? blocks_for(job->rows * job->inputs) : 0;
  return launch<DenseBackward>(*job, weight_blocks(*job) + inputs, stream);
}
