// A block's rows: documents in and out, one unit at a step. Included once per instruction set.
#if defined(NNRUN_KERNELS_RECURRENT_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_RECURRENT_BLOCK_INL_H_
#undef NNRUN_KERNELS_RECURRENT_BLOCK_INL_H_
#else
#define NNRUN_KERNELS_RECURRENT_BLOCK_INL_H_
#endif

#include <array>

#include "hwy/highway.h"
#include "model/kernels/cpu/recurrent_cells-inl.h"
#include "model/kernels/cpu/recurrent_job.h"
#include "model/kernels/cpu/recurrent_multiply-inl.h"
#include "model/kernels/cpu/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Rows = std::array<float*, kDocuments>;

/// The addresses base + document * stride of a block's documents.
inline Rows document_rows(const Block& block, float* base, int64_t stride) {
  Rows rows;
  for (int64_t i = 0; i < kDocuments; ++i)
    rows[static_cast<size_t>(i)] = base + block.document(i) * stride;
  return rows;
}

/// [N, count, L] at `from` to [L][step] of the block, row c at c * 16.
inline void gather_positions(const Block& block, const float* from, int64_t stride, int64_t count,
                             int64_t length, float* to, int64_t step) {
  for (int64_t c = 0; c < count; ++c) {
    const Rows rows = document_rows(block, const_cast<float*>(from) + c * length, stride);
    gather_rows(rows.data(), length, to + c * kDocuments, step);
  }
}

/// The reverse: [L][step] of the block at `from` (step may be negative) to [N, count, L].
inline void scatter_positions(const Block& block, const float* from, int64_t step, int64_t count,
                              int64_t length, float* to, int64_t stride) {
  for (int64_t c = 0; c < count; ++c) {
    const Rows rows = document_rows(block, to + c * length, stride);
    scatter_rows(from + c * kDocuments, step, length, rows.data(), block.used);
  }
}

/// The rows of unit 0 at a step, for the lanes from `lane` on.
inline Unit<Lanes> first_unit(const RecurrentJob& job, const Block& block, int64_t step,
                              size_t lane) {
  const RecurrentLayout& l = job.layout;
  const Lanes d;
  const auto position = static_cast<float>(job.position(step));
  float* state = block.states + step * l.state_step() + lane;
  float* cell = block.cells + step * l.state_step() + lane;
  return {d,
          hn::Lt(hn::Set(d, position), hn::Load(d, block.lengths.data() + lane)),
          block.gates + (l.training ? step * l.gates_step() : 0) + lane,
          l.state_step(),
          state,
          state + l.state_step(),
          cell,
          cell + l.state_step(),
          nullptr};
}

inline Unit<Lanes> unit_at(Unit<Lanes> unit, int64_t index) {
  const int64_t offset = index * kDocuments;
  for (float** row : {&unit.slots, &unit.state, &unit.next_state, &unit.cell, &unit.next_cell,
                      &unit.cell_gradient})
    *row += offset;
  return unit;
}

using RnnTanh = RnnCell<TanhActivation>;
using RnnRelu = RnnCell<ReluActivation>;
using RnnLinear = RnnCell<LinearActivation>;

inline size_t cell_index(const RecurrentJob& job) {
  return static_cast<size_t>(job.layout.shape.cell);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
