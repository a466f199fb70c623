// The cells' arithmetic on one unit of a block. Included once per instruction set.
#if defined(NNRUN_KERNELS_RECURRENT_CELLS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_RECURRENT_CELLS_INL_H_
#undef NNRUN_KERNELS_RECURRENT_CELLS_INL_H_
#else
#define NNRUN_KERNELS_RECURRENT_CELLS_INL_H_
#endif

#include "hwy/highway.h"
#include "model/kernels/cpu/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// One unit at one step: pointers to its rows, and which documents are still inside their text.
template <class D>
struct Unit {
  using V = hn::Vec<D>;
  using M = hn::Mask<D>;
  D d;
  M inside;
  float* slots;  ///< slot s at slots + s * slot_stride
  int64_t slot_stride;
  float* state;  ///< before the step
  float* next_state;
  float* cell;  ///< LSTM; backward: next_cell's gradient stands in cell_gradient
  float* next_cell;
  float* cell_gradient;

  V slot(int64_t s) const { return hn::Load(d, slots + s * slot_stride); }
  void set_slot(int64_t s, V value) const { hn::Store(value, d, slots + s * slot_stride); }
  V load(const float* row) const { return hn::Load(d, row); }
  void store(V value, float* row) const { hn::Store(value, d, row); }
};

/// v (1 - v), the slope of the sigmoid; 1 - v^2, that of tanh.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid_slope(D, V v) {
  return hn::NegMulAdd(v, v, v);
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh_slope(D d, V v) {
  return hn::NegMulAdd(v, v, hn::Set(d, 1.f));
}

// Each cell: forward(unit, recurrent) takes the input products from the slots and the recurrent
// products (bias_hh included), and leaves in the slots what backward needs. backward(unit,
// gradient) takes the gradient of next_state, replaces the slots by the gradients of the gates'
// sums and returns the part of the state's gradient that does not go through the recurrent weights.

struct GruCell {
  static constexpr int kGates = 3;
  /// Where backward leaves the gradient of gate g's recurrent product.
  static constexpr int recurrent_slot(int gate) { return gate == 2 ? 3 : gate; }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE void forward(const Unit<D>& u, const V* recurrent) {
    const V r = sigmoid(u.d, hn::Add(u.slot(0), recurrent[0]));
    const V z = sigmoid(u.d, hn::Add(u.slot(1), recurrent[1]));
    const V n = tanh(u.d, hn::MulAdd(r, recurrent[2], u.slot(2)));
    u.set_slot(0, r);
    u.set_slot(1, z);
    u.set_slot(2, n);
    u.set_slot(3, recurrent[2]);
    const V h = u.load(u.state);
    u.store(hn::IfThenElse(u.inside, hn::MulAdd(z, hn::Sub(h, n), n), h), u.next_state);
  }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V backward(const Unit<D>& u, V gradient) {
    const V r = u.slot(0), z = u.slot(1), n = u.slot(2), recurrent = u.slot(3);
    const V active = hn::IfThenElseZero(u.inside, gradient);
    const V through = hn::Mul(active, z);
    const V d_n = hn::Mul(hn::Sub(active, through), tanh_slope(u.d, n));
    const V d_z = hn::Mul(hn::Mul(active, hn::Sub(u.load(u.state), n)), sigmoid_slope(u.d, z));
    const V d_r = hn::Mul(hn::Mul(d_n, recurrent), sigmoid_slope(u.d, r));
    u.set_slot(0, d_r);
    u.set_slot(1, d_z);
    u.set_slot(2, d_n);
    u.set_slot(3, hn::Mul(d_n, r));
    return hn::IfThenElse(u.inside, through, gradient);
  }
};

struct LstmCell {
  static constexpr int kGates = 4;
  static constexpr int recurrent_slot(int gate) { return gate; }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE void forward(const Unit<D>& u, const V* recurrent) {
    const V i = sigmoid(u.d, hn::Add(u.slot(0), recurrent[0]));
    const V f = sigmoid(u.d, hn::Add(u.slot(1), recurrent[1]));
    const V g = tanh(u.d, hn::Add(u.slot(2), recurrent[2]));
    const V o = sigmoid(u.d, hn::Add(u.slot(3), recurrent[3]));
    const V c = u.load(u.cell);
    const V next_c = hn::MulAdd(f, c, hn::Mul(i, g));
    const V squashed = tanh(u.d, next_c);
    u.set_slot(0, i);
    u.set_slot(1, f);
    u.set_slot(2, g);
    u.set_slot(3, o);
    u.set_slot(4, squashed);
    u.store(hn::IfThenElse(u.inside, next_c, c), u.next_cell);
    u.store(hn::IfThenElse(u.inside, hn::Mul(o, squashed), u.load(u.state)), u.next_state);
  }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V backward(const Unit<D>& u, V gradient) {
    const V i = u.slot(0), f = u.slot(1), g = u.slot(2), o = u.slot(3), squashed = u.slot(4);
    const V active = hn::IfThenElseZero(u.inside, gradient);
    const V later = u.load(u.cell_gradient);
    const V d_c = hn::IfThenElseZero(
        u.inside, hn::MulAdd(hn::Mul(active, o), tanh_slope(u.d, squashed), later));
    u.set_slot(0, hn::Mul(hn::Mul(d_c, g), sigmoid_slope(u.d, i)));
    u.set_slot(1, hn::Mul(hn::Mul(d_c, u.load(u.cell)), sigmoid_slope(u.d, f)));
    u.set_slot(2, hn::Mul(hn::Mul(d_c, i), tanh_slope(u.d, g)));
    u.set_slot(3, hn::Mul(hn::Mul(active, squashed), sigmoid_slope(u.d, o)));
    u.store(hn::IfThenElse(u.inside, hn::Mul(d_c, f), later), u.cell_gradient);
    return hn::IfThenZeroElse(u.inside, gradient);
  }
};

/// Activations of the vanilla cell: the function and, from its value, the slope.
struct TanhActivation {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V value(D d, V x) {
    return tanh(d, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V slope(D d, V value) {
    return tanh_slope(d, value);
  }
};
struct ReluActivation {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V value(D d, V x) {
    return at_least(d, 0, x);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V slope(D d, V value) {
    return hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), hn::Set(d, 1.f));
  }
};
struct LinearActivation {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V value(D, V x) {
    return x;
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V slope(D d, V) {
    return hn::Set(d, 1.f);
  }
};

template <class Activation>
struct RnnCell {
  static constexpr int kGates = 1;
  static constexpr int recurrent_slot(int) { return 0; }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE void forward(const Unit<D>& u, const V* recurrent) {
    const V value = Activation::value(u.d, hn::Add(u.slot(0), recurrent[0]));
    u.store(hn::IfThenElse(u.inside, value, u.load(u.state)), u.next_state);
  }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V backward(const Unit<D>& u, V gradient) {
    const V active = hn::IfThenElseZero(u.inside, gradient);
    u.set_slot(0, hn::Mul(active, Activation::slope(u.d, u.load(u.next_state))));
    return hn::IfThenZeroElse(u.inside, gradient);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
