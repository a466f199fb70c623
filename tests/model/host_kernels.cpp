#include <memory>
#include <vector>

#include "model/kernels/cuda/dropout_entry.h"
#include "model/kernels/cuda/gather_entry.h"
#include "model/kernels/cuda/loss_entry.h"
#include "model/kernels/cuda/optimizer_rules.h"
#include "model/kernels/cuda/recurrent_document_backward.h"
#include "model/kernels/cuda/recurrent_launch.h"
#include "model/kernels/cuda/token_sums_entry.h"
#include "model/kernels/host_warp.h"

/// The C functions of model/kernels/cuda on the host: the same arithmetic, one entry or lane after
/// another.
namespace nnrun {
namespace {

struct HostForward {
  const NnrunRecurrent& job;
  template <class Cell, int kUnits>
  const char* run() const {
    const auto shared = std::make_unique<ForwardShared<kUnits>>();
    for (int64_t n = 0; n < job.batch; ++n) {
      forward_document<Cell>(job, n, HostWarp(), *shared);
    }
    return nullptr;
  }
};

struct HostBackward {
  const NnrunRecurrent& job;
  template <class Cell, int kUnits>
  const char* run() const {
    const auto shared = std::make_unique<BackwardShared<Cell, kUnits>>();
    for (int64_t n = 0; n < job.batch; ++n) {
      backward_document<Cell, kUnits>(job, n, HostWarp(), *shared);
    }
    return nullptr;
  }
};

struct Sizes {
  const NnrunRecurrent& job;
  int64_t& gates;
  int64_t& tape;
  int64_t& partial;
  template <class Cell, int kUnits>
  const char* run() const {
    gates = Cell::kGates;
    tape = Cell::kTape;
    partial = partial_size<Cell>(job.units);
    return nullptr;
  }
};

struct SizesOf {
  SizesOf(NnrunCell cell, int32_t units) {
    NnrunRecurrent job{};
    job.cell = cell;
    job.units = units;
    for_cell(job, Sizes{job, gates, tape, partial});
  }
  int64_t gates = 0, tape = 0, partial = 0;
};

template <class Rows>
const char* sum_all(const NnrunOccurrences& o, const Rows& rows, float* sums) {
  for (const auto launch : {sum_chunk<Rows>, join_chunks<Rows>})
    for (int64_t chunk = 0; chunk < token_chunks(o.count); ++chunk)
      for (int64_t column = 0; column < rows.width(); ++column)
        launch(o, rows, chunk, column, sums);
  return nullptr;
}

}  // namespace
}  // namespace nnrun

using namespace nnrun;

extern "C" {

const char* nnrun_cuda_dropout(const NnrunDropout* job, void*) {
  for (int64_t block = 0; 4 * block < job->count; ++block) drop_block(*job, block);
  return nullptr;
}

const char* nnrun_cuda_gather(const NnrunGather* job, void*) {
  for (int64_t n = 0; n < job->count; ++n) {
    for (int64_t entry = 0; entry < job->entries; ++entry) gather_entry(*job, n, entry);
    gather_numbers(*job, n);
  }
  return nullptr;
}

const char* nnrun_cuda_loss(const NnrunLoss* job, void*) {
  std::vector<LossShare> shares;
  for (int64_t thread = 0; thread < kNnrunLossThreads; ++thread) {
    shares.push_back(loss_rows(*job, thread));
  }
  join_shares(shares.data(), [](int threads, const auto& work) {
    for (int thread = 0; thread < threads; ++thread) work(thread);
  });
  *job->loss += shares[0].loss;
  *job->correct += shares[0].correct;
  return nullptr;
}

const char* nnrun_cuda_update(const NnrunUpdate* u, void*) {
  for (int v = 0; v < u->variables; ++v)
    for (int64_t i = 0; i < u->variable[v].size; ++i) update_entry(*u, u->variable[v], i);
  return nullptr;
}

/// One partial sum per variable.
int64_t nnrun_cuda_square_blocks(const NnrunUpdate* u) { return u->variables; }

const char* nnrun_cuda_squares(const NnrunUpdate* u, double* partials, int32_t* groups,
                               int64_t first, void*) {
  for (int v = 0; v < u->variables; ++v) {
    double sum = 0;
    for (int64_t i = 0; i < u->variable[v].size; ++i) {
      const double g = clipped(u->variable[v].gradient[i], u->constants.clip_value);
      sum += g * g;
    }
    partials[first + v] = sum;
    groups[first + v] = u->variable[v].group;
  }
  return nullptr;
}

const char* nnrun_cuda_norm_factors(const double* partials, const int32_t* groups, int64_t count,
                                    double limit, float* factors, int32_t group_count, void*) {
  for (int32_t group = 0; group < group_count; ++group) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += groups[i] == group ? partials[i] : 0;
    factors[group] = norm_factor(sum, limit);
  }
  return nullptr;
}

int32_t nnrun_cuda_gates(NnrunCell cell) { return static_cast<int32_t>(SizesOf(cell, 1).gates); }
int32_t nnrun_cuda_tape_rows(NnrunCell cell) { return static_cast<int32_t>(SizesOf(cell, 1).tape); }
int64_t nnrun_cuda_partial_size(NnrunCell cell, int32_t units) {
  return SizesOf(cell, units).partial;
}

const char* nnrun_cuda_recurrent_forward(const NnrunRecurrent* job, void*) {
  return for_cell(*job, HostForward{*job});
}
const char* nnrun_cuda_recurrent_backward(const NnrunRecurrent* job, void*) {
  return for_cell(*job, HostBackward{*job});
}

const char* nnrun_cuda_token_sums(const NnrunTokenSums* job, void*) {
  return sum_all(job->occurrences, StoredRows{*job}, job->sums);
}

const char* nnrun_cuda_token_conv(const NnrunTokenConv* job, void*) {
  for (int64_t i = 0; i < job->batch * job->filters * job->outputs; ++i) {
    const int64_t row = i / job->outputs;
    job->output[i] =
        token_conv_entry(*job, row / job->filters, row % job->filters, i % job->outputs);
  }
  return nullptr;
}

const char* nnrun_cuda_bag_means(const NnrunBags* job, void*) {
  for (int64_t i = 0; i < job->bags * job->units; ++i) {
    job->output[i] = bag_mean(*job, i / job->units, i % job->units);
  }
  return nullptr;
}

const char* nnrun_cuda_bag_sums(const NnrunBagSums* job, void*) {
  return sum_all(job->occurrences, BagRows{*job}, job->sums);
}

const char* nnrun_cuda_token_conv_sums(const NnrunTokenConvSums* job, void*) {
  return sum_all(job->occurrences, ConvRows{*job}, job->sums);
}

}  // extern "C"
