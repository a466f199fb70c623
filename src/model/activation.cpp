#include "model/activation.h"

#include <array>

#include "nnrun/error.h"

namespace nnrun {
namespace {

constexpr double kLeakySlope = 0.2;

using Function = at::Tensor (*)(const at::Tensor&);

struct Form {
  Activation activation;
  Function pure;
  Function fresh;  // in place: only functions whose gradient is known from their output
};

at::Tensor same(const at::Tensor& x) { return x; }
at::Tensor relu(const at::Tensor& x) { return at::relu(x); }
at::Tensor relu_in_place(const at::Tensor& x) { return x.relu_(); }
at::Tensor tanh(const at::Tensor& x) { return at::tanh(x); }
at::Tensor tanh_in_place(const at::Tensor& x) { return x.tanh_(); }
at::Tensor sigmoid(const at::Tensor& x) { return at::sigmoid(x); }
at::Tensor sigmoid_in_place(const at::Tensor& x) { return x.sigmoid_(); }
at::Tensor gelu(const at::Tensor& x) { return at::gelu(x, "none"); }
at::Tensor silu(const at::Tensor& x) { return at::silu(x); }
at::Tensor leaky_relu(const at::Tensor& x) { return at::leaky_relu(x, kLeakySlope); }

constexpr std::array kActivationForms{
    Form{Activation::kNone, same, same},
    Form{Activation::kLinear, same, same},
    Form{Activation::kRelu, relu, relu_in_place},
    Form{Activation::kTanh, tanh, tanh_in_place},
    Form{Activation::kSigmoid, sigmoid, sigmoid_in_place},
    Form{Activation::kGelu, gelu, gelu},
    Form{Activation::kSilu, silu, silu},
    Form{Activation::kLeakyRelu, leaky_relu, leaky_relu},
};

const Form& form_of(Activation activation) {
  for (const Form& form : kActivationForms) {
    if (form.activation == activation) return form;
  }
  throw Error(ExitCode::kBug, "no form of this activation");
}

}  // namespace

at::Tensor activate(Activation activation, const at::Tensor& x) {
  return form_of(activation).pure(x);
}

at::Tensor activate_fresh(Activation activation, at::Tensor x) {
  return form_of(activation).fresh(x);
}

}  // namespace nnrun
