#pragma once

#include <cstdint>

#include "nnrun/random.h"

namespace nnrun {

/// mask[i] for begin <= i < end: 0 with probability `rate`, else 1 / (1 - rate). Entry i is kept
/// when random.uniform(i) >= rate, so any split of the range gives the same mask.
void fill_dropout_mask(const RandomStream& random, double rate, int64_t begin, int64_t end,
                       float* mask);

}  // namespace nnrun
