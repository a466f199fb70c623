#pragma once

#include "model/kernels/cuda/recurrent_cells.h"

namespace nnrun {

/// action.run<Cell, kUnits>() for a cell and its units rounded up: 20, the usual size, or all 32.
template <class Action>
auto for_cell(NnrunCell cell, int32_t units, const Action& action) {
  const bool small = units <= 20;
  switch (cell) {
    case kNnrunGru:
      return small ? action.template run<GruCell, 20>() : action.template run<GruCell, 32>();
    case kNnrunLstm:
      return small ? action.template run<LstmCell, 20>() : action.template run<LstmCell, 32>();
    default:
      return small ? action.template run<RnnCell, 20>() : action.template run<RnnCell, 32>();
  }
}

}  // namespace nnrun
