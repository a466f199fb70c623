#include "model/cuda/flat_optimizer.h"

#include <algorithm>
#include <array>

#include "model/cuda/kernel_call.h"
#include "model/kernels/cuda/optimizers.h"
#include "model/optimizer_forms.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

struct RuleForm {
  OptimizerType type;
  bool momentum;
  NnrunUpdateRule rule;
};

constexpr std::array kRules{
    RuleForm{OptimizerType::kSgd, false, kNnrunSgd},
    RuleForm{OptimizerType::kSgd, true, kNnrunSgdMomentum},
    RuleForm{OptimizerType::kRmsprop, false, kNnrunRmsprop},
    RuleForm{OptimizerType::kRmsprop, true, kNnrunRmspropMomentum},
    RuleForm{OptimizerType::kAdam, false, kNnrunAdam},
    RuleForm{OptimizerType::kAdamw, false, kNnrunAdam},
    RuleForm{OptimizerType::kAdagrad, false, kNnrunAdagrad},
};

NnrunUpdateRule rule_of(const OptimizerConfig& config) {
  const OptimizerForm& wanted = optimizer_form(config);
  for (const RuleForm& form : kRules) {
    if (form.type == wanted.type && form.momentum == wanted.momentum) return form.rule;
  }
  throw Error(ExitCode::kBug, "no kernel for this optimizer");
}

NnrunUpdateConstants constants_of(const OptimizerConfig& config) {
  const auto rounded = [](double value) { return static_cast<float>(value); };
  const auto other = [](double value) {
    return static_cast<float>(1.0 - static_cast<float>(value));
  };
  return {rounded(config.momentum), config.nesterov ? 1 : 0,
          rounded(config.rho),      other(config.rho),
          rounded(config.beta_1),   other(config.beta_1),
          rounded(config.beta_2),   other(config.beta_2),
          rounded(config.epsilon),  rounded(config.clip_value.value_or(0))};
}

int64_t offset_in(const at::Tensor& view, const at::Tensor& buffer) {
  return view.const_data_ptr<float>() - buffer.const_data_ptr<float>();
}

static_assert(sizeof(StepScalars) == sizeof(NnrunStepScalars));

/// The kernels of optimizers.h over all variables, in launches of up to kNnrunUpdateVariables.
class KernelOptimizer final : public FlatOptimizer {
 public:
  explicit KernelOptimizer(const FlatOptimizerSpec& spec) : spec_(spec) {
    fill_launches();
    if (!norm_limit()) return;
    const auto options = spec.weights.options();
    for (const NnrunUpdate& launch : launches_) square_blocks_ += nnrun_cuda_square_blocks(&launch);
    partials_ = at::empty({square_blocks_}, options.dtype(at::kDouble));
    block_groups_ = at::empty({square_blocks_}, options.dtype(at::kInt));
    factors_ = at::empty({group_count()}, options);
    for (NnrunUpdate& launch : launches_) launch.factors = factors_.const_data_ptr<float>();
  }

  void begin_epoch(const std::vector<StepScalars>& steps) override {
    const auto count = static_cast<int64_t>(steps.size());
    if (!scalars_.defined() || scalars_.size(0) < count) {
      scalars_ = at::empty({count, 2}, spec_.weights.options());
    }
    if (count == 0) return;
    auto* const values = reinterpret_cast<float*>(const_cast<StepScalars*>(steps.data()));
    scalars_.narrow(0, 0, count).copy_(at::from_blob(values, {count, 2}, at::kFloat));
  }

  void step(const std::vector<at::Tensor>& gradients, int64_t step) override {
    for (size_t i = 0; i < gradients.size(); ++i) {
      NnrunUpdate& launch = launches_[i / kNnrunUpdateVariables];
      launch.variable[i % kNnrunUpdateVariables].gradient = gradients[i].const_data_ptr<float>();
    }
    void* const stream = current_stream();
    if (norm_limit()) measure_norms(stream);
    const auto* const table = static_cast<const NnrunStepScalars*>(scalars_.const_data_ptr());
    for (NnrunUpdate& launch : launches_) {
      launch.scalars = table + step;
      check_kernel(nnrun_cuda_update(&launch, stream));
    }
  }

 private:
  void fill_launches() {
    for (size_t i = 0; i < spec_.variables.size(); ++i) {
      if (i % kNnrunUpdateVariables == 0) launches_.push_back(empty_launch());
      NnrunUpdate& launch = launches_.back();
      const at::Tensor& weight = spec_.variables[i];
      const int64_t slot_offset =
          spec_.slots.empty() ? 0 : offset_in(spec_.slot_entries[i], spec_.slots[0]);
      launch.variable[launch.variables++] = {nullptr,     offset_in(weight, spec_.weights),
                                             slot_offset, weight.numel(),
                                             group_of(i), /*first_block=*/0};
    }
  }

  NnrunUpdate empty_launch() const {
    NnrunUpdate launch{};
    launch.rule = rule_of(spec_.config);
    launch.constants = constants_of(spec_.config);
    launch.weights = spec_.weights.data_ptr<float>();
    for (size_t i = 0; i < spec_.slots.size(); ++i) {
      launch.slots[i] = spec_.slots[i].data_ptr<float>();
    }
    return launch;
  }

  std::optional<double> norm_limit() const {
    return spec_.config.global_clip_norm ? spec_.config.global_clip_norm : spec_.config.clip_norm;
  }
  int32_t group_of(size_t variable) const {
    return spec_.config.global_clip_norm ? 0 : spec_.norm_groups[variable];
  }
  int32_t group_count() const {
    if (spec_.config.global_clip_norm) return 1;
    return 1 + *std::max_element(spec_.norm_groups.begin(), spec_.norm_groups.end());
  }

  void measure_norms(void* stream) {
    auto* const partials = partials_.data_ptr<double>();
    auto* const groups = block_groups_.data_ptr<int32_t>();
    int64_t first = 0;
    for (const NnrunUpdate& launch : launches_) {
      check_kernel(nnrun_cuda_squares(&launch, partials, groups, first, stream));
      first += nnrun_cuda_square_blocks(&launch);
    }
    const NnrunNorms norms{
        partials, groups, square_blocks_, *norm_limit(), factors_.data_ptr<float>(), group_count()};
    check_kernel(nnrun_cuda_norm_factors(&norms, stream));
  }

  FlatOptimizerSpec spec_;
  std::vector<NnrunUpdate> launches_;
  int64_t square_blocks_ = 0;
  at::Tensor scalars_;                  // [steps, 2]
  at::Tensor partials_, block_groups_;  // [square_blocks_]: double, int32
  at::Tensor factors_;                  // [groups]
};

}  // namespace

std::unique_ptr<FlatOptimizer> make_flat_optimizer(const FlatOptimizerSpec& spec) {
  return std::make_unique<KernelOptimizer>(spec);
}

}  // namespace nnrun
