#pragma once

#include "model/kernels/cuda/recurrent_cells.h"

namespace nnrun {

/// Calls launch.run<Cell, kUnits>() for a job's cell and its units rounded up: 20, the usual size,
/// or all 32.
template <class Launch>
const char* for_cell(const NnrunRecurrent& job, const Launch& launch) {
  const bool small = job.units <= 20;
  switch (job.cell) {
    case kNnrunGru:
      return small ? launch.template run<GruCell, 20>() : launch.template run<GruCell, 32>();
    case kNnrunLstm:
      return small ? launch.template run<LstmCell, 20>() : launch.template run<LstmCell, 32>();
    default:
      return small ? launch.template run<RnnCell, 20>() : launch.template run<RnnCell, 32>();
  }
}

}  // namespace nnrun
