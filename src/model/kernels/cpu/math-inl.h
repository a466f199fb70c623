// Vector exp, sigmoid and tanh. Included once per instruction set (Highway's pattern for -inl.h
// files).
#if defined(NNRUN_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_MATH_INL_H_
#undef NNRUN_KERNELS_MATH_INL_H_
#else
#define NNRUN_KERNELS_MATH_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// exp(x) as scale * (1 + fraction): scale = 2^n exactly, |fraction| <= 0.42.
template <class V>
struct SplitExp {
  V scale, fraction;
};

/// x in [-87, 88]. x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts (Cody and Waite);
/// fraction = e^r - 1 = r + r^2 q(r), q the weighted minimax polynomial of degree 5 (2.4e-10 |r|).
template <class D, class V = hn::Vec<D>>
HWY_INLINE SplitExp<V> split_exp(D d, V x) {
  const hn::Rebind<int32_t, D> di;
  const V n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504f)));
  const V r =
      hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x));
  V q = hn::Set(d, 1.99142291e-4f);
  for (const float coefficient :
       {1.39410503e-3f, 8.33327323e-3f, 4.1666355e-2f, 0.166666672f, 0.5f})
    q = hn::MulAdd(q, r, hn::Set(d, coefficient));
  const auto exponent = hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127));
  return {hn::BitCast(d, hn::ShiftLeft<23>(exponent)), hn::MulAdd(hn::Mul(r, r), q, r)};
}

/// The smaller and the larger of a bound and x; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V at_most(D d, float bound, V x) {
#if HWY_TARGET == HWY_SCALAR
  return hn::IfThenElse(hn::Gt(x, hn::Set(d, bound)), hn::Set(d, bound), x);
#else  // returns its second operand when one is NaN
  return hn::Min(hn::Set(d, bound), x);
#endif
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V at_least(D d, float bound, V x) {
#if HWY_TARGET == HWY_SCALAR
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, bound)), hn::Set(d, bound), x);
#else
  return hn::Max(hn::Set(d, bound), x);
#endif
}

/// 1 / (1 + e^-x); at most 2.5 ulp off where |x| <= 87, where x is cut.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  const auto e = split_exp(d, hn::Neg(at_most(d, 87, at_least(d, -87, x))));
  const V one = hn::Set(d, 1.f);
  return hn::Div(one, hn::Add(one, hn::MulAdd(e.scale, e.fraction, e.scale)));
}

/// -t / (2 + t) with t = exp(-2 |x|) - 1, which keeps small arguments exact; at most 2.5 ulp off.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh(D d, V x) {
  const auto e = split_exp(d, hn::Mul(hn::Set(d, -2.f), at_most(d, 10, hn::Abs(x))));
  const V t = hn::MulAdd(e.scale, e.fraction, hn::Sub(e.scale, hn::Set(d, 1.f)));
  const V magnitude = hn::Div(hn::Neg(t), hn::Add(t, hn::Set(d, 2.f)));
  return hn::CopySign(magnitude, x);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
