#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "model/fused/fused.h"
#include "model/kernels/cpu/optimizers.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

constexpr int64_t kGrain = 1 << 15;  // entries per task

struct FusedForm {
  OptimizerType type;
  bool momentum;
  kernels::UpdateRule rule;
  bool zero_stays = false;  ///< a zero gradient leaves weight and slots as they are
};

constexpr std::array kFusedForms{
    FusedForm{OptimizerType::kSgd, false, kernels::update_sgd, /*zero_stays=*/true},
    FusedForm{OptimizerType::kSgd, true, kernels::update_sgd_momentum},
    FusedForm{OptimizerType::kRmsprop, false, kernels::update_rmsprop},
    FusedForm{OptimizerType::kRmsprop, true, kernels::update_rmsprop_momentum},
    FusedForm{OptimizerType::kAdam, false, kernels::update_adam},
    FusedForm{OptimizerType::kAdamw, false, kernels::update_adam},
    FusedForm{OptimizerType::kAdagrad, false, kernels::update_adagrad, /*zero_stays=*/true},
};

const FusedForm& fused_form(const OptimizerForm& wanted) {
  for (const FusedForm& form : kFusedForms) {
    if (form.type == wanted.type && form.momentum == wanted.momentum) return form;
  }
  throw Error(ExitCode::kBug, "no loop for this optimizer");
}

kernels::UpdateScalars scalars_of(const UpdateStep& step) {
  const OptimizerConfig& config = step.config;
  kernels::UpdateScalars scalars;
  scalars.rate = static_cast<float>(effective_rate(step));
  scalars.decay = static_cast<float>(decayed_share(step));
  scalars.momentum = static_cast<float>(config.momentum);
  scalars.nesterov = config.nesterov;
  scalars.rho = static_cast<float>(config.rho);
  scalars.beta_1 = static_cast<float>(config.beta_1);
  scalars.beta_2 = static_cast<float>(config.beta_2);
  scalars.epsilon = static_cast<float>(config.epsilon);
  return scalars;
}

/// Entries [begin, end) of a variable; their gradient begins at `gradient`.
kernels::UpdateArrays arrays_of(const UpdateTensors& variable, const float* gradient, int64_t begin,
                                int64_t end) {
  kernels::UpdateArrays arrays;
  arrays.weight = variable.weight.data_ptr<float>() + begin;
  arrays.gradient = gradient;
  for (size_t i = 0; i < variable.slots.size(); ++i) {
    arrays.slots[i] = variable.slots[i].data_ptr<float>() + begin;
  }
  arrays.size = end - begin;
  return arrays;
}

/// A rule with its constants, ready for any part of a variable.
struct Update {
  kernels::UpdateRule rule;
  kernels::UpdateScalars scalars;
  const UpdateTensors& variable;

  void run(const float* gradient, int64_t begin, int64_t end) const {
    rule(scalars, arrays_of(variable, gradient, begin, end));
  }
};

void update_entries(const Update& update) {
  const float* const gradient = update.variable.gradient.const_data_ptr<float>();
  at::parallel_for(0, update.variable.weight.numel(), kGrain,
                   [&](int64_t begin, int64_t end) { update.run(gradient + begin, begin, end); });
}

/// The rows of a sparse gradient.
struct GradientRows {
  int64_t count, width;
  const int64_t* ids;   ///< [count]
  const float* values;  ///< [count, width]

  explicit GradientRows(const at::Tensor& gradient)
      : count(gradient._nnz()),
        width(gradient.size(1)),
        ids(gradient._indices().const_data_ptr<int64_t>()),
        values(gradient._values().const_data_ptr<float>()) {}
  int64_t grain() const { return std::max<int64_t>(1, kGrain / width); }  ///< rows per task
};

/// The rows of a sparse gradient and no others.
void update_used_rows(const Update& update, const GradientRows& rows) {
  at::parallel_for(0, rows.count, rows.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t u = begin; u < end; ++u) {
      const int64_t first = rows.ids[u] * rows.width;
      update.run(rows.values + u * rows.width, first, first + rows.width);
    }
  });
}

/// Rows [begin, end) with their gradient written out, zeros included.
void update_block(const Update& update, const GradientRows& rows,
                  const std::vector<int64_t>& place_of_row, int64_t begin, int64_t end) {
  std::vector<float> gradient(static_cast<size_t>((end - begin) * rows.width));
  for (int64_t row = begin; row < end; ++row) {
    const int64_t place = place_of_row[static_cast<size_t>(row)];
    if (place < 0) continue;
    std::copy_n(rows.values + place * rows.width, rows.width,
                gradient.begin() + (row - begin) * rows.width);
  }
  update.run(gradient.data(), begin * rows.width, end * rows.width);
}

/// All rows of a table whose gradient is sparse, a block that fits the cache at a time.
void update_all_rows(const Update& update, const GradientRows& rows) {
  constexpr int64_t kBlock = 1 << 12;  // entries
  std::vector<int64_t> place_of_row(static_cast<size_t>(update.variable.weight.size(0)), -1);
  for (int64_t u = 0; u < rows.count; ++u) place_of_row[static_cast<size_t>(rows.ids[u])] = u;
  const int64_t block = std::max<int64_t>(1, kBlock / rows.width);
  at::parallel_for(0, update.variable.weight.size(0), rows.grain(),
                   [&](int64_t begin, int64_t end) {
                     for (int64_t row = begin; row < end; row += block) {
                       update_block(update, rows, place_of_row, row, std::min(row + block, end));
                     }
                   });
}

/// Sum of squares in double precision; the order of summation depends on the size alone.
double squared_norm(const at::Tensor& tensor) {
  constexpr int64_t kLanes = 8;
  const float* const values = tensor.const_data_ptr<float>();
  const int64_t size = tensor.numel(), whole = size / kLanes * kLanes;
  std::array<double, kLanes> sums{};
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      sums[static_cast<size_t>(lane)] += value * value;
    }
  }
  for (int64_t i = whole; i < size; ++i) sums[0] += double{values[i]} * double{values[i]};
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

/// One pass over memory per variable, or per row that a sparse gradient names, cut over the
/// threads.
class FusedBackend final : public OptimizerBackend {
 public:
  void update(const UpdateStep& step, const UpdateTensors& variable) const override {
    const FusedForm& form = fused_form(optimizer_form(step.config));
    const Update update{form.rule, scalars_of(step), variable};
    if (!variable.gradient.is_sparse()) return update_entries(update);
    const GradientRows rows(variable.gradient);
    form.zero_stays ? update_used_rows(update, rows) : update_all_rows(update, rows);
  }

  void clip_norm(const std::vector<at::Tensor>& gradients, double limit) const override {
    double squares = 0;
    for (const at::Tensor& gradient : gradients) squares += squared_norm(gradient);
    const double norm = std::sqrt(squares);
    if (norm <= limit) return;  // false for NaN, which has to spread
    for (const at::Tensor& gradient : gradients) gradient.mul_(limit / norm);
  }
};

}  // namespace

const OptimizerBackend& fused_backend() {
  static const FusedBackend backend;
  return backend;
}

}  // namespace nnrun
