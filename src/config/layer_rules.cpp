#include "config/layer_rules.h"

#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "config/saturating.h"

namespace nnrun {
namespace {

// ---- images and sequences
// ------------------------------------------------------------------------

/// Output cells per axis of a convolution or pool; writes the padding.
std::vector<int64_t> slide(Draft& draft, const std::array<int64_t, 2>& window,
                           const std::string& key) {
  LayerPlan& plan = draft.plan;
  std::vector<int64_t> cells;
  for (size_t axis = 0; axis + 1 < plan.in.dims.size(); ++axis) {
    const int64_t size = plan.in.dims[axis + 1];
    const int64_t out = window_cells(size, window[axis], plan.config.stride[axis],
                                     plan.config.padding, &plan.pad[axis]);
    if (out < 1) {
      fail(draft, "/" + key,
           "the window is larger than the input " + to_text(plan.in) +
               got(window[axis], "at most " + std::to_string(size)));
    }
    cells.push_back(out);
  }
  return cells;
}

/// Same kind as the input, with `channels` and the given cells.
Shape with_cells(const Shape& in, int64_t channels, const std::vector<int64_t>& cells) {
  Shape out{in.kind, {channels}};
  out.dims.insert(out.dims.end(), cells.begin(), cells.end());
  return out;
}

void infer_convolution(Draft& draft) {
  LayerPlan& plan = draft.plan;
  const LayerConfig& config = plan.config;
  const int64_t channels = plan.in.dims[0];
  const std::vector<int64_t> cells = slide(draft, config.kernel, "kernel");
  std::vector<int64_t> weight{config.filters, channels};
  double receptive = 1;
  for (size_t axis = 0; axis < cells.size(); ++axis) {
    weight.push_back(config.kernel[axis]);
    receptive *= static_cast<double>(config.kernel[axis]);
  }
  const double fan_in = receptive * static_cast<double>(channels);
  const double fan_out = receptive * static_cast<double>(config.filters);
  plan.out = with_cells(plan.in, config.filters, cells);
  plan.multiply_adds = saturating_times(saturating_product(weight), saturating_product(cells));
  draft.parameters.kernel("weight", std::move(weight), {fan_in, fan_out, fan_in});
  draft.parameters.bias("bias", config.filters, fan_in);
}

void infer_pool(Draft& draft) {
  LayerPlan& plan = draft.plan;
  plan.out = with_cells(plan.in, plan.in.dims[0], slide(draft, plan.config.size, "size"));
}

void infer_global_pool(Draft& draft) {
  draft.plan.out = {ShapeKind::kVector, {draft.plan.in.dims[0]}};
}

// ---- shapes
// --------------------------------------------------------------------------------------

void keep_shape(Draft& draft) { draft.plan.out = draft.plan.in; }

void infer_flatten(Draft& draft) {
  draft.plan.out = {ShapeKind::kVector, {draft.plan.in.elements()}};
}

void infer_reshape(Draft& draft) {
  const std::vector<int64_t>& shape = draft.plan.config.shape;
  constexpr std::array kKinds{ShapeKind::kVector, ShapeKind::kSequence, ShapeKind::kImage};
  if (shape.empty() || shape.size() > kKinds.size()) {
    fail(draft, "/shape",
         "wrong number of sizes" + got(static_cast<int64_t>(shape.size()), "1 to 3"));
  }
  Shape& out = draft.plan.out = {kKinds[shape.size() - 1], shape};
  const int64_t elements = draft.plan.in.elements();
  if (out.elements() == elements) return;
  fail(draft, "/shape",
       to_text(draft.plan.in) + " cannot become " + to_text(out) +
           ": the number of elements differs" + got(out.elements(), std::to_string(elements)));
}

// ---- vectors and norms
// ---------------------------------------------------------------------------

void infer_dense(Draft& draft) {
  const int64_t features = draft.plan.in.dims[0], units = draft.plan.config.units;
  const double fan_in = static_cast<double>(features);
  draft.plan.out = {ShapeKind::kVector, {units}};
  draft.plan.multiply_adds = saturating_times(features, units);
  draft.parameters.kernel("weight", {units, features},
                          {fan_in, static_cast<double>(units), fan_in});
  draft.parameters.bias("bias", units, fan_in);
}

void infer_norm(Draft& draft) {
  const int64_t features = draft.plan.in.dims[0];
  keep_shape(draft);
  draft.plan.multiply_adds = draft.plan.in.elements();
  draft.parameters.constant("weight", features, InitKind::kOnes);
  draft.parameters.constant("bias", features, InitKind::kZeros);
  if (draft.plan.config.type == LayerType::kLayerNorm) return;
  draft.parameters.running("running_mean", features, InitKind::kZeros);
  draft.parameters.running("running_var", features, InitKind::kOnes);
}

// ---- text
// ----------------------------------------------------------------------------------------

/// Hashed n-grams have no position, so only a bag can take them.
void refuse_ngrams(const Draft& draft) {
  if (draft.context.input.buckets == 0) return;
  draft.context.problem(draft.plan.config.pointer,
                        std::string(name_of(draft.plan.config.type)) +
                            " cannot take the n-grams of the data: only embedding_bag can");
}

void infer_embedding(Draft& draft) {
  const int64_t units = draft.plan.config.units;
  refuse_ngrams(draft);
  draft.plan.out = {ShapeKind::kSequence, {units, draft.plan.in.dims[0]}};
  draft.parameters.table("weight", draft.context.input.vocabulary.value_or(0), units);
}

void infer_embedding_bag(Draft& draft) {
  const InputSpec& input = draft.context.input;
  const int64_t units = draft.plan.config.units;
  const int64_t rows = saturating_plus(input.vocabulary.value_or(0), input.buckets);
  constexpr int64_t kMostIds = std::numeric_limits<int32_t>::max();
  if (rows > kMostIds)
    fail(draft, "",
         "too many ids: the vocabulary and \"ngram_buckets\" of the data together" +
             got(rows, "at most " + std::to_string(kMostIds)));
  draft.plan.out = {ShapeKind::kVector, {units}};
  draft.parameters.table("weight", rows, units);
}

void infer_one_hot(Draft& draft) {
  const int64_t depth = draft.plan.config.depth;
  const int64_t vocabulary = draft.context.input.vocabulary.value_or(0);
  refuse_ngrams(draft);
  if (depth < vocabulary) {
    draft.context.problem(draft.plan.config.pointer + "/depth",
                          "one_hot is narrower than the vocabulary" +
                              got(depth, "at least " + std::to_string(vocabulary)));
  }
  draft.plan.out = {ShapeKind::kSequence, {depth, draft.plan.in.dims[0]}};
}

void check_mask(const Draft& draft) {
  const Shape& input = draft.context.input.shape;
  const int64_t steps = draft.plan.in.dims[1];
  if (!draft.plan.config.mask_padding) return;
  if (input.kind != ShapeKind::kIds)
    fail(draft, "/mask_padding", "only text data has padding to mask");
  if (steps != input.dims[0]) {
    fail(draft, "/mask_padding",
         "masking needs one step per token" + got(steps, std::to_string(input.dims[0]) + " steps"));
  }
}

void infer_recurrent(Draft& draft) {
  LayerPlan& plan = draft.plan;
  const LayerConfig& config = plan.config;
  const int64_t features = plan.in.dims[0], steps = plan.in.dims[1];
  const int64_t directions = config.bidirectional ? 2 : 1;
  const int64_t width = directions * config.units;
  check_mask(draft);
  plan.out = config.returns == Return::kLast ? Shape{ShapeKind::kVector, {width}}
                                             : Shape{ShapeKind::kSequence, {width, steps}};
  const int64_t rows = gates_of(config.type) * width;
  plan.multiply_adds = saturating_product(std::array{steps, rows, features + config.units});
  draft.parameters.recurrent("");
  if (config.bidirectional) draft.parameters.recurrent("_reverse");
}

// ---- composition
// ---------------------------------------------------------------------------------

void infer_residual(Draft& draft) {
  LayerPlan& plan = draft.plan;
  plan_layers(plan.config.layers, plan.in, draft.context, plan.inner);
  plan.out = plan.inner.empty() ? plan.in : plan.inner.back().out;
  if (plan.out.kind != plan.in.kind || plan.out.dims != plan.in.dims) {
    fail(draft, "",
         "the layers of a residual must keep the shape (got " + to_text(plan.out) + ", expected " +
             to_text(plan.in) + ")");
  }
  for (const LayerPlan& inner : plan.inner) {
    plan.multiply_adds = saturating_plus(plan.multiply_adds, inner.multiply_adds);
  }
}

// ---- the table
// -----------------------------------------------------------------------------------

constexpr LayerRule kRules[] = {
    {LayerType::kConv2d, kImages, infer_convolution},
    {LayerType::kConv1d, kSequences, infer_convolution},
    {LayerType::kMaxPool2d, kImages, infer_pool},
    {LayerType::kAvgPool2d, kImages, infer_pool},
    {LayerType::kMaxPool1d, kSequences, infer_pool},
    {LayerType::kGlobalAvgPool, kImages | kSequences, infer_global_pool},
    {LayerType::kGlobalMaxPool, kImages | kSequences, infer_global_pool},
    {LayerType::kDense, kVectors, infer_dense},
    {LayerType::kFlatten, kNumbers, infer_flatten},
    {LayerType::kReshape, kNumbers, infer_reshape},
    {LayerType::kDropout, kNumbers, keep_shape},
    {LayerType::kEmbedding, kTokens, infer_embedding},
    {LayerType::kEmbeddingBag, kTokens, infer_embedding_bag},
    {LayerType::kOneHot, kTokens, infer_one_hot},
    {LayerType::kRnn, kSequences, infer_recurrent},
    {LayerType::kGru, kSequences, infer_recurrent},
    {LayerType::kLstm, kSequences, infer_recurrent},
    {LayerType::kBatchNorm, kNumbers, infer_norm},
    {LayerType::kLayerNorm, kNumbers, infer_norm},
    {LayerType::kActivation, kNumbers, keep_shape},
    {LayerType::kResidual, kNumbers, infer_residual},
};

}  // namespace

void fail(const Draft& draft, const std::string& key, const std::string& message) {
  throw LayerFault{draft.plan.config.pointer + key, message};
}

std::string got(int64_t found, const std::string& expected) {
  return " (got " + std::to_string(found) + ", expected " + expected + ")";
}

const LayerRule& rule_of(LayerType type) {
  for (const LayerRule& rule : kRules) {
    if (rule.type == type) return rule;
  }
  throw std::logic_error("no rule for layer type " + std::string(name_of(type)));
}

}  // namespace nnrun
