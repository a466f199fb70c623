#pragma once

#include <torch/torch.h>

#include <vector>

/// Gradients of tables of which a batch reads few rows, as sparse tensors: nobody fills a table
/// with zeros, and the optimizer leaves the other rows alone where its rule would not move them.
namespace nnrun {

/// The gradient of a table [rows, F]: `values` [U, F] at the rows `ids`, all different.
at::Tensor row_gradient(const std::vector<int64_t>& ids, const at::Tensor& values, int64_t rows);

/// The entries of a gradient that are there: all of a dense one, the rows [U, F] of a row_gradient.
at::Tensor entries_of(const at::Tensor& gradient);

}  // namespace nnrun
