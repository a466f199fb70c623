#include <utility>

#include "config/layer_rules.h"
#include "config/saturating.h"

namespace nnrun {
namespace {

/// The layer that turned a sequence into the vector `draft` got, when it is a recurrent one.
const LayerPlan* last_state_before(const Draft& draft) {
  for (auto layer = draft.before.rbegin(); layer != draft.before.rend(); ++layer) {
    if (layer->in.kind == ShapeKind::kVector) continue;
    return gates_of(layer->config.type) > 0 ? &*layer : nullptr;
  }
  return nullptr;
}

void check_kind(const Draft& draft, KindSet accepted) {
  const Shape& in = draft.plan.in;
  if (contains(accepted, in.kind)) return;
  const LayerPlan* state =
      accepted == kSequences && in.kind == ShapeKind::kVector ? last_state_before(draft) : nullptr;
  const std::string remedy = state ? "set \"return\" of " + state->config.name + " to \"sequence\""
                                   : std::string(missing_layer(accepted, in.kind));
  fail(draft, "",
       std::string(name_of(draft.plan.config.type)) + " takes " + kind_names(accepted) +
           " only: " + remedy + " (got " + to_text(in) + ")");
}

void check_size(const Draft& draft, const std::string& what, int64_t elements) {
  constexpr int64_t kLimit = int64_t{1} << 40;
  const int64_t bytes = saturating_times(elements, sizeof(float));
  if (bytes > kLimit)
    fail(draft, "", what + " 2^40 bytes" + got(bytes, "at most " + std::to_string(kLimit)));
}

void check_sizes(const Draft& draft) {
  int64_t weights = 0;
  for (const ParameterSpec& parameter : draft.plan.parameters) {
    weights = saturating_plus(weights, parameter.elements());
  }
  check_size(draft, "the weights of this layer exceed", weights);
  check_size(draft, "the output of this layer exceeds", draft.plan.out.elements());
}

}  // namespace

void plan_layers(const std::vector<LayerConfig>& layers, Shape in, const PlanContext& context,
                 std::vector<LayerPlan>& plans) {
  for (const LayerConfig& config : layers) {
    LayerPlan plan;
    plan.config = config;
    plan.in = std::move(in);
    Draft draft{plan, plans, context};
    const LayerRule& rule = rule_of(config.type);
    check_kind(draft, rule.accepts);
    check_size(draft, "the input of this layer exceeds", plan.in.elements());
    rule.infer(draft);
    check_sizes(draft);
    in = plan.out;
    plans.push_back(std::move(plan));
  }
}

}  // namespace nnrun
