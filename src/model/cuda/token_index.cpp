#include "model/cuda/token_index.h"

#include "model/cuda/kernel_call.h"

namespace nnrun {

TokenLists::TokenLists(const at::Tensor& ids, int64_t width) {
  std::tie(ids_, positions_) =
      at::sort(ids.reshape(-1), /*stable=*/true, /*dim=*/0, /*descending=*/false);
  const int64_t chunks = (ids_.numel() + kNnrunTokenChunk - 1) / kNnrunTokenChunk;
  partials_ = at::empty({chunks, 2, width}, ids.options().dtype(at::kFloat));
}

NnrunOccurrences TokenLists::job() const {
  return {ids_.const_data_ptr<int32_t>(), positions_.const_data_ptr<int64_t>(), ids_.numel(),
          partials_.data_ptr<float>()};
}

at::Tensor token_sums(const at::Tensor& ids, const at::Tensor& rows, int64_t vocabulary) {
  const int64_t width = rows.numel() / std::max<int64_t>(1, ids.numel());
  at::Tensor sums = at::zeros({vocabulary, width}, rows.options());
  const TokenLists lists(ids, width);
  const NnrunTokenSums job{lists.job(), rows.const_data_ptr<float>(), width,
                           sums.data_ptr<float>()};
  check_kernel(nnrun_cuda_token_sums(&job, current_stream()));
  return sums;
}

namespace {

class EmbedNode : public torch::autograd::Function<EmbedNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& table,
                            const at::Tensor& ids) {
    context->save_for_backward({ids});
    context->saved_data["vocabulary"] = table.size(0);
    return at::embedding(table, ids);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const at::Tensor ids = context->get_saved_variables()[0];
    const int64_t vocabulary = context->saved_data["vocabulary"].toInt();
    return {token_sums(ids, gradients[0].contiguous(), vocabulary), at::Tensor()};
  }
};

}  // namespace

at::Tensor embed(const at::Tensor& table, const at::Tensor& ids) {
  return EmbedNode::apply(table, ids);
}

}  // namespace nnrun
