#include <algorithm>
#include <cmath>

#include "model/precision_scope.h"
#include "model/training_session.h"

// What a session does without gradients.
namespace nnrun {
namespace {

constexpr uint32_t kEvaluation = 1U << 31;  // dropout steps of evaluation passes begin here
constexpr int64_t kLargestBatch = 1024;
constexpr int64_t kBatchEntries = 1 << 23;  // of one layer's output in a batch of inference

/// Examples per batch without gradients: as many as keep the largest output moderate.
int64_t inference_rows(const ModelPlan& plan, int64_t batch_size) {
  int64_t largest = 1;
  for (const LayerPlan& layer : plan.layers) largest = std::max(largest, layer.out.elements());
  return std::max(batch_size, std::min(kLargestBatch, kBatchEntries / largest));
}

/// Appends the entries in row-major order.
void append(const at::Tensor& tensor, std::vector<float>& values) {
  const at::Tensor host = tensor.to(at::kCPU, at::kFloat).contiguous();
  const float* const begin = host.const_data_ptr<float>();
  values.insert(values.end(), begin, begin + host.numel());
}

/// Softmax. A row of logits too large for it, or NaN, is NaN at the largest of them and 0
/// elsewhere: the prediction stays in its place, the first NaN counting as the largest.
at::Tensor probabilities_of(const at::Tensor& logits) {
  const at::Tensor probabilities = at::softmax(logits, 1);
  const at::Tensor largest = logits.argmax(1, /*keepdim=*/true);
  const at::Tensor marks = at::zeros_like(probabilities).scatter_(1, largest, at::Scalar(NAN));
  return at::where(probabilities.isnan(), marks, probabilities);
}

/// Output shape of a layer, inside residuals too.
Shape output_shape(const std::vector<LayerPlan>& layers, const std::string& name) {
  for (const LayerPlan& layer : layers) {
    if (layer.config.name == name) return layer.out;
    if (Shape inner = output_shape(layer.inner, name); !inner.dims.empty()) return inner;
  }
  return {};
}

}  // namespace

int64_t TrainingSession::inference_batches(const ResidentExamples& examples) const {
  const int64_t rows = inference_rows(plan_, training_.batch_size);
  return (examples.size() + rows - 1) / rows;
}

void TrainingSession::infer_batch(const Inference& inference, Context context, int64_t index,
                                  const UseLogits& use) const {
  const at::NoGradGuard no_grad;
  const PrecisionScope precision(training_.precision, device_);
  const int64_t rows = inference_rows(plan_, training_.batch_size), begin = index * rows;
  const int64_t count = std::min(rows, inference.examples.size() - begin);
  const Batch batch = inference.examples.batch(Order(), begin, count);
  context.step = kEvaluation + static_cast<uint32_t>(index);
  use(inference.network.forward(batch.input, for_batch(std::move(context), batch)), batch);
}

void TrainingSession::infer(const Inference& inference, const Context& context,
                            const UseLogits& use) const {
  const int64_t batches = inference_batches(inference.examples);
  for (int64_t i = 0; i < batches; ++i) infer_batch(inference, context, i, use);
}

TrainingSession::Evaluation& TrainingSession::evaluation(Split split) {
  auto& found = evaluations_[static_cast<size_t>(split)];
  if (!found) {
    found.emplace(Evaluation{Meter(device_), nullptr});
    found->executor = make_executor(found->meter.state());
  }
  return *found;
}

std::optional<Sums> TrainingSession::evaluate(Split split, int64_t epoch) {
  const ResidentExamples& examples = resident(split);
  Evaluation& pass = evaluation(split);
  context_ = context_for(epoch);
  pass.meter.clear();
  clock_.start();
  // `pass` and `examples` stay where they are, as a recording needs them.
  const auto step = [this, &examples, &pass](int64_t index) {
    infer_batch({network_, examples}, context_, index,
                [&](const at::Tensor& logits, const Batch& batch) {
                  loss_(logits, batch.labels, pass.meter);
                });
    return true;
  };
  const Executed done = pass.executor->run(inference_batches(examples), step);
  const Sums sums = pass.meter.sums(examples.size());
  clock_.lap(&PhaseTimes::evaluation);
  return done.stopped ? std::nullopt : std::optional(sums);
}

std::vector<float> TrainingSession::predict(const Examples& examples, int64_t epoch) {
  std::vector<float> probabilities;
  const auto add = [&](const at::Tensor& logits, const Batch&) {
    append(probabilities_of(logits), probabilities);
  };
  infer({network_, ResidentExamples(examples, batch_spec_)}, context_for(epoch), add);
  return probabilities;
}

std::vector<LayerOutput> TrainingSession::activations(const Examples& examples,
                                                      const std::vector<std::string>& layers) {
  std::vector<LayerOutput> outputs;
  for (const std::string& name : layers)
    outputs.push_back({name, output_shape(plan_.layers, name), {}});
  Context context = context_for(0);
  context.observe = [&](const std::string& layer, const at::Tensor& output) {
    for (LayerOutput& wanted : outputs) {
      if (wanted.layer == layer) append(output, wanted.values);
    }
  };
  // Fused layers hide what happens between them.
  const Network plain(plan_.layers, {weights_, Kernels::kReference});
  BatchSpec spec = batch_spec_;
  spec.half = nullptr;
  infer({plain, ResidentExamples(examples, spec)}, context, [](const at::Tensor&, const Batch&) {});
  return outputs;
}

}  // namespace nnrun
