#pragma once

#include <cstdint>
#include <vector>

#include "nnrun/random.h"

namespace nnrun {

/// A [rows, columns] matrix (rows >= columns, row-major) with orthonormal columns, uniform over all
/// of them: the Q of a standard normal matrix, with the signs that make R's diagonal positive (Saxe
/// et al., 2013; keras.initializers.Orthogonal). Keras's recurrent kernel is its transpose; the
/// order of the gates does not matter, since exchanging rows keeps both properties.
std::vector<float> orthogonal_columns(int64_t rows, int64_t columns, const RandomStream& random);

}  // namespace nnrun
