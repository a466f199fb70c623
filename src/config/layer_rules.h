#pragma once

#include <string>
#include <vector>

#include "config/layer_parameters.h"
#include "config/layer_shapes.h"
#include "nnrun/plan.h"

/// What each layer type accepts, gives, holds and costs.
namespace nnrun {

/// What all layers of a model share.
struct PlanContext {
  const InputSpec& input;
  InitScheme scheme;
  const PlanProblem& problem;  ///< for faults that leave the output shape known
};

/// What the rule of one layer sees and fills in.
struct Draft {
  LayerPlan& plan;                       ///< config and in are set; the rule writes the rest
  const std::vector<LayerPlan>& before;  ///< the layers in front, for messages
  const PlanContext& context;
  LayerParameters parameters{plan, context.scheme};
};

struct LayerRule {
  LayerType type;
  KindSet accepts;
  void (*infer)(Draft&);
};

const LayerRule& rule_of(LayerType type);

/// A fault that leaves the shapes behind the layer unknown. Thrown by rules, caught by plan_model.
struct LayerFault {
  std::string pointer, message;
};

/// Throws the fault of this layer, or of its `key` ("/kernel").
[[noreturn]] void fail(const Draft& draft, const std::string& key, const std::string& message);

/// " (got 40, expected at most 32)".
std::string got(int64_t found, const std::string& expected);

/// Plans `layers` one after the other from `in` and appends them to `plans`. Throws LayerFault.
void plan_layers(const std::vector<LayerConfig>& layers, Shape in, const PlanContext& context,
                 std::vector<LayerPlan>& plans);

}  // namespace nnrun
