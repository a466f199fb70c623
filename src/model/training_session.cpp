#include "model/training_session.h"

#include <algorithm>
#include <utility>

#include "model/optimizer_backend.h"
#include "model/precision_scope.h"
#include "nnrun/error.h"
#include "nnrun/stop.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

constexpr const char* kModelPrefix = "model/";
constexpr const char* kOptimizerPrefix = "optimizer/";
constexpr int64_t kStepsPerRecording = 512;  // one recording for all but huge epochs

BatchSpec batch_spec(const ModelPlan& plan, const Dataset& dataset, at::Device device,
                     const CudaHalf* half) {
  const bool bags = !plan.layers.empty() && plan.layers[0].config.type == LayerType::kEmbeddingBag;
  return {plan.input.shape.dims, dataset.mean, dataset.std, bags, device, half};
}

void require_gradients(const TensorBank& weights) {
  for (const ParameterSpec& spec : weights.specs()) {
    if (spec.trainable) weights[spec.name].set_requires_grad(true);
  }
}

/// Takes `prefix` off `name` if it is there.
bool cut_prefix(std::string_view& name, std::string_view prefix) {
  const bool found = name.starts_with(prefix);
  if (found) name.remove_prefix(prefix.size());
  return found;
}

/// Into the memory of the copy before, if there was one.
void copy_into(at::Tensor& copy, const at::Tensor& source) {
  if (!copy.defined()) copy = at::empty_like(source);
  copy.copy_(source);
}

bool by_name(const Tensor& a, const Tensor& b) { return a.name < b.name; }

}  // namespace

TrainingSession::TrainingSession(const SessionRequest& request, at::Device device, GpuParts gpu,
                                 ResidentStore* store)
    : store_(store),
      plan_(*request.plan),
      dataset_(*request.dataset),
      training_(request.training),
      learning_rate_(request.optimizer.learning_rate),
      seed_(request.seed),
      device_(device),
      gpu_(gpu),
      batch_spec_(batch_spec(plan_, dataset_, device, gpu.half)),
      weights_(plan_.all_parameters(), device),
      network_(plan_.layers, {weights_, training_.kernels, gpu.half}),
      optimizer_(request.optimizer, weights_, optimizer_backend(training_.kernels, device),
                 gpu.half),
      loss_(gpu.half != nullptr ? gpu.half->loss() : loss_form(training_.kernels, device)),
      clock_(device),
      meter_(device),
      executor_(make_executor(training_state())) {
  require_gradients(weights_);
  if (gpu.half != nullptr) epoch_cell_ = at::zeros({1}, weights_.flat().options().dtype(at::kInt));
}

/// Without the half every step reads from the host, which is not recorded: learning rates, dropout
/// masks and bags of ids.
std::unique_ptr<Executor> TrainingSession::make_executor(std::vector<at::Tensor> state) const {
  if (gpu_.run == nullptr || gpu_.half == nullptr)
    return std::make_unique<EagerExecutor>(gpu_.run);
  return std::make_unique<GraphExecutor>(
      GraphPlan{*gpu_.run, std::move(state), kStepsPerRecording});
}

std::vector<at::Tensor> TrainingSession::training_state() const {
  std::vector<at::Tensor> state = meter_.state();
  state.push_back(weights_.flat());
  for (const at::Tensor& slots : optimizer_.state()) state.push_back(slots);
  return state;
}

const ResidentExamples& TrainingSession::resident(Split split) {
  auto& examples = splits_[static_cast<size_t>(split)];
  if (!examples) {
    examples = store_ != nullptr
                   ? store_->get(dataset_, split, batch_spec_)
                   : std::make_shared<const ResidentExamples>(dataset_.split(split), batch_spec_);
  }
  return *examples;
}

Context TrainingSession::context_for(int64_t epoch) {
  Context context;
  context.seed = seed_;
  context.epoch = static_cast<uint32_t>(epoch);
  if (epoch_cell_.defined()) epoch_cell_.fill_(epoch);
  context.epoch_cell = epoch_cell_;
  return context;
}

Context TrainingSession::for_batch(Context context, const Batch& batch) {
  context.lengths = batch.lengths;
  context.bag_ids = batch.bag_ids;
  context.bag_offsets = batch.bag_offsets;
  context.tokens = batch.tokens;
  return context;
}

// ---- training
// ------------------------------------------------------------------------------------

int64_t TrainingSession::steps_per_epoch() {
  return nnrun::steps_per_epoch(training_, resident(Split::kTrain).size());
}

std::optional<Sums> TrainingSession::train_epoch(int64_t epoch, double learning_rate) {
  return train_steps(*executor_, epoch, steps_per_epoch(), learning_rate);
}

void TrainingSession::begin_epoch(int64_t epoch, int64_t steps, double learning_rate) {
  const ResidentExamples& examples = resident(Split::kTrain);
  if (training_.shuffle) shuffle(order_, examples.size(), {seed_, epoch}, device_);
  examples.list_tokens(order_, training_.batch_size);
  context_ = context_for(epoch);
  context_.training = true;
  meter_.clear();
  optimizer_.begin_epoch(learning_rate, steps);
  clock_.start();
}

std::optional<Sums> TrainingSession::train_steps(Executor& executor, int64_t epoch, int64_t steps,
                                                 double learning_rate) {
  begin_epoch(epoch, steps, learning_rate);
  const Executed done = executor.run(steps, [this](int64_t step) { return train_step(step); });
  optimizer_.end_epoch(done.steps);
  if (done.stopped) return std::nullopt;
  const int64_t n = resident(Split::kTrain).size();
  return meter_.sums(std::min(done.steps * training_.batch_size, n));
}

Batch TrainingSession::training_batch(int64_t step) const {
  const ResidentExamples& examples = *splits_[static_cast<size_t>(Split::kTrain)];
  const int64_t begin = step * training_.batch_size;
  return examples.batch(order_, begin, std::min(training_.batch_size, examples.size() - begin));
}

LossRoot TrainingSession::training_loss(const Batch& batch, int64_t step) {
  const PrecisionScope precision(training_.precision, device_);
  Context context = for_batch(context_, batch);
  context.step = static_cast<uint32_t>(step);
  const at::Tensor logits = network_.forward(batch.input, context);
  clock_.lap(&PhaseTimes::forward);
  return loss_(logits, batch.labels, meter_);
}

bool TrainingSession::train_step(int64_t step) {
  const Batch batch = training_batch(step);
  clock_.lap(&PhaseTimes::input);
  const LossRoot loss = training_loss(batch, step);
  // Asking a GPU would make it wait; there the pass runs on to its end.
  const bool ask = training_.on_nonfinite == OnNonfinite::kStop && device_.is_cpu();
  if (ask && !meter_.finite()) return false;
  clock_.lap(&PhaseTimes::loss);
  const std::vector<at::Tensor> gradients =
      torch::autograd::grad({loss.output}, optimizer_.variables(), {loss.gradient});
  clock_.lap(&PhaseTimes::backward);
  optimizer_.step(gradients, step);
  clock_.lap(&PhaseTimes::optimizer);
  clock_.count_step();
  return true;
}

PhaseTimes TrainingSession::profile(int64_t steps) {
  EagerExecutor one_by_one;
  clock_.set_exact(true);
  const auto sums = train_steps(one_by_one, 0, std::min(steps, steps_per_epoch()), learning_rate_);
  clock_.set_exact(false);
  PhaseTimes times = clock_.take();
  if (sums) times.mean_loss = sums->loss / static_cast<double>(sums->examples);
  return times;
}

// ---- state
// ---------------------------------------------------------------------------------------

void TrainingSession::mark(Mark mark) {
  Marked& marked = marked_[static_cast<size_t>(mark)];
  copy_into(marked.weights, weights_.flat());
  if (mark != Mark::kLast) return;
  const std::vector<at::Tensor> slots = optimizer_.state();
  marked.slots.resize(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) copy_into(marked.slots[i], slots[i]);
}

Tensors TrainingSession::state(Mark mark) {
  const Marked& marked = marked_[static_cast<size_t>(mark)];
  Tensors tensors;
  weights_.append_to(tensors, kModelPrefix, marked.weights);
  if (mark == Mark::kLast) optimizer_.append_to(tensors, marked.slots);
  std::sort(tensors.begin(), tensors.end(), by_name);
  return tensors;
}

void TrainingSession::restore(const Tensors& tensors, int64_t updates) {
  for (const Tensor& tensor : tensors) {
    std::string_view name = tensor.name;
    const bool slot = cut_prefix(name, kOptimizerPrefix);
    if (!slot) cut_prefix(name, kModelPrefix);
    if (!(slot ? optimizer_.load(name, tensor) : weights_.load(name, tensor))) {
      throw StoreError("the model has no tensor \"" + escaped(tensor.name) + "\"");
    }
  }
  optimizer_.set_updates(updates);
}

}  // namespace nnrun
