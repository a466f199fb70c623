#include "config/layer_parameters.h"

#include <cmath>
#include <utility>

namespace nnrun {

int64_t gates_of(LayerType type) {
  switch (type) {
    case LayerType::kRnn:
      return 1;
    case LayerType::kGru:
      return 3;
    case LayerType::kLstm:
      return 4;
    default:
      return 0;
  }
}

void LayerParameters::kernel(const std::string& name, std::vector<int64_t> shape,
                             const Fans& fans) {
  const bool keras = scheme_ == InitScheme::kKeras;
  const double bound = keras ? std::sqrt(6 / (fans.in + fans.out)) : 1 / std::sqrt(fans.torch);
  add(name, std::move(shape), InitKind::kUniform, bound);
}

void LayerParameters::bias(const std::string& name, int64_t size, double torch_fan) {
  uniform_or(InitKind::kZeros, name, {size}, torch_fan);
}

void LayerParameters::table(const std::string& name, int64_t rows, int64_t units) {
  const bool keras = scheme_ == InitScheme::kKeras;
  add(name, {rows, units}, keras ? InitKind::kUniform : InitKind::kNormal, keras ? 0.05 : 0);
}

void LayerParameters::recurrent(const std::string& suffix) {
  const LayerConfig& config = plan_.config;
  const int64_t hidden = config.units, features = plan_.in.dims[0];
  const int64_t rows = gates_of(config.type) * hidden;
  const double fan = static_cast<double>(hidden);

  kernel("weight_ih" + suffix, {rows, features},
         {static_cast<double>(features), static_cast<double>(rows), fan});
  uniform_or(InitKind::kOrthogonal, "weight_hh" + suffix, {rows, hidden}, fan);
  if (config.type == LayerType::kGru) {
    bias("bias_ih" + suffix, rows, fan);
    if (config.reset_after) bias("bias_hh" + suffix, rows, fan);
    return;
  }
  const bool lstm = config.type == LayerType::kLstm;
  uniform_or(lstm ? InitKind::kLstmBias : InitKind::kZeros, "bias" + suffix, {rows}, fan);
}

void LayerParameters::constant(const std::string& name, int64_t size, InitKind init) {
  add(name, {size}, init);
}

void LayerParameters::running(const std::string& name, int64_t size, InitKind init) {
  add(name, {size}, init);
  plan_.parameters.back().trainable = false;
}

void LayerParameters::uniform_or(InitKind keras, const std::string& name,
                                 std::vector<int64_t> shape, double torch_fan) {
  if (scheme_ == InitScheme::kKeras) return add(name, std::move(shape), keras);
  add(name, std::move(shape), InitKind::kUniform, 1 / std::sqrt(torch_fan));
}

void LayerParameters::add(const std::string& name, std::vector<int64_t> shape, InitKind init,
                          double bound) {
  plan_.parameters.push_back({plan_.config.name + "." + name, std::move(shape), init, bound, true});
}

}  // namespace nnrun
