#include "model/cuda/token_index.h"

#include <algorithm>
#include <utility>

#include "model/cuda/kernel_call.h"
#include "model/kernels/cuda/token_sort.h"

namespace nnrun {

namespace {

/// [tokens] int32, in the memory of before where the size is the same.
int32_t* keep_ids(at::Tensor& tensor, int64_t tokens, const at::Tensor& like) {
  if (!tensor.defined() || tensor.numel() != tokens) tensor = at::empty({tokens}, like.options());
  return tensor.data_ptr<int32_t>();
}

}  // namespace

void sort_tokens(const StoredExamples& from, int64_t batch_size, Order& order) {
  const int64_t examples = from.input.size(0), length = from.input.size(1);
  const int64_t batch = std::min(batch_size, examples);
  TORCH_CHECK(batch * length <= INT32_MAX, "a batch of more than 2^31 tokens");
  NnrunTokenSort job{};
  job.ids = from.input.const_data_ptr<int32_t>();
  if (order.on_device.defined()) job.order = order.on_device.const_data_ptr<int64_t>();
  job.examples = examples;
  job.length = length;
  job.batch = batch;
  job.largest = from.largest_id;
  job.sorted = keep_ids(order.tokens.ids, examples * length, from.input);
  job.places = keep_ids(order.tokens.places, examples * length, from.input);
  at::Tensor spare;
  if (nnrun_cuda_sort_spares(job.largest) != 0) {
    job.spare_sorted = keep_ids(spare, 2 * examples * length, from.input);
    job.spare_places = job.spare_sorted + examples * length;
  }
  check_kernel(nnrun_cuda_token_sort(&job, current_stream()));
}

TokenLists::TokenLists(TokenOrder order, int64_t width) : order_(std::move(order)) {
  const int64_t chunks = (order_.ids.numel() + kNnrunTokenChunk - 1) / kNnrunTokenChunk;
  partials_ = at::empty({chunks, 2, width}, order_.ids.options().dtype(at::kFloat));
}

NnrunOccurrences TokenLists::job() const {
  return {order_.ids.const_data_ptr<int32_t>(), order_.places.const_data_ptr<int32_t>(),
          order_.ids.numel(), partials_.data_ptr<float>()};
}

void token_sums(const TokenOrder& order, const at::Tensor& rows, const at::Tensor& sums) {
  const int64_t width = sums.size(1);
  const TokenLists lists(order, width);
  const NnrunTokenSums job{lists.job(),    rows.const_data_ptr<float>(),
                           width,          sums.data_ptr<float>(),
                           sums.stride(0), sums.stride(1)};
  check_kernel(nnrun_cuda_token_sums(&job, current_stream()));
}

namespace {

class EmbedNode : public torch::autograd::Function<EmbedNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& table,
                            const at::Tensor& ids, const TokenOrder& order) {
    context->save_for_backward({order.ids, order.places});
    context->saved_data["table"] = table.sizes();
    return at::embedding(table, ids);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const TokenOrder order{saved[0], saved[1]};
    const at::Tensor rows = gradients[0].contiguous();
    at::Tensor sums = at::zeros(context->saved_data["table"].toIntVector(), rows.options());
    token_sums(order, rows, sums);
    return {sums, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor embed(const at::Tensor& table, const at::Tensor& ids, const TokenOrder& order) {
  return EmbedNode::apply(table, ids, order);
}

}  // namespace nnrun
