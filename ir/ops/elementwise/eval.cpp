// Reference kernels of the elementwise operations.
#include <cstring>
#include <utility>

#include "ir/math/convert.h"
#include "ir/math/elementwise.h"
#include "ir/ops/eval_support.h"

namespace nuthatch::ir {
namespace {

using detail::Binary;
using detail::Compare;
using detail::Ternary;
using detail::Unary;

/// f(std::integral_constant) for the kind among the first `count`, so that loops are compiled for one kind each.
template <class Kind, int count, class F> void withKind(int kind, F&& f) {
  [&]<int... k>(std::integer_sequence<int, k...>) {
    (void)((kind == k ? (f(std::integral_constant<Kind, Kind(k)>()), true) : false) || ...);
  }(std::make_integer_sequence<int, count>());
}
template <class F> void withUnary(int kind, F&& f) { withKind<Unary, int(Unary::stop_gradient) + 1>(kind, f); }
template <class F> void withBinary(int kind, F&& f) { withKind<Binary, int(Binary::shr) + 1>(kind, f); }
template <class F> void withTernary(int kind, F&& f) { withKind<Ternary, int(Ternary::betainc_inv) + 1>(kind, f); }
template <class F> void withCompare(int kind, F&& f) { withKind<Compare, int(Compare::ge) + 1>(kind, f); }

template <Unary kind, class V> V unary(V x) {
  if constexpr (std::is_floating_point_v<V>) return V(math::apply(kind, double(x)));
  else return math::apply_integer(kind, x);
}
template <Binary kind, class V> V binary(V a, V b) {
  if constexpr (std::is_floating_point_v<V>) return V(math::apply(kind, double(a), double(b)));
  else return math::apply_integer(kind, a, b);
}

void evalUnary(const Attributes& attributes, Operands in, Results out) {
  const std::int64_t n = out[0].num_elements();
  switch (Unary(attributes.kind())) {
    case Unary::stop_gradient:
      std::memcpy(out[0].data.get(), in[0].data.get(), in[0].bytes());
      return;
    case Unary::logical_not:
      for (std::int64_t i = 0; i < n; ++i) out[0].as<bool>()[i] = !in[0].as<bool>()[i];
      return;
    case Unary::is_finite:
      withNumber(in[0].dtype, [&]<class V>(std::type_identity<V>) {
        if constexpr (std::is_floating_point_v<V>)
          for (std::int64_t i = 0; i < n; ++i) out[0].as<bool>()[i] = math::is_finite(double(in[0].as<V>()[i]));
      });
      return;
    default: break;
  }
  withUnary(attributes.kind(), [&]<Unary kind>(std::integral_constant<Unary, kind>) {
    withNumber(in[0].dtype, [&]<class V>(std::type_identity<V>) {
      const V* x = in[0].as<V>();
      V* y = out[0].as<V>();
      for (std::int64_t i = 0; i < n; ++i) y[i] = unary<kind>(x[i]);
    });
  });
}

template <Binary kind> bool bitwise(bool a, bool b) {
  if constexpr (kind == Binary::and_) return a & b;
  else if constexpr (kind == Binary::or_) return a | b;
  else return a ^ b;
}

void evalBinary(const Attributes& attributes, Operands in, Results out) {
  const std::int64_t n = out[0].num_elements();
  withBinary(attributes.kind(), [&]<Binary kind>(std::integral_constant<Binary, kind>) {
    if (in[0].dtype == Dtype::bool_) {
      for (std::int64_t i = 0; i < n; ++i) out[0].as<bool>()[i] = bitwise<kind>(in[0].as<bool>()[i], in[1].as<bool>()[i]);
      return;
    }
    withNumber(in[0].dtype, [&]<class V>(std::type_identity<V>) {
      const V *a = in[0].as<V>(), *b = in[1].as<V>();
      V* y = out[0].as<V>();
      for (std::int64_t i = 0; i < n; ++i) y[i] = binary<kind>(a[i], b[i]);
    });
  });
}

template <Ternary kind, class V> void evalTernaryKind(Operands in, Results out) {
  const V *a = in[0].as<V>(), *b = in[1].as<V>(), *c = in[2].as<V>();
  V* y = out[0].as<V>();
  const std::int64_t n = out[0].num_elements();
  for (std::int64_t i = 0; i < n; ++i) y[i] = V(math::apply(kind, double(a[i]), double(b[i]), double(c[i])));
}

void evalTernary(const Attributes& attributes, Operands in, Results out) {
  withTernary(attributes.kind(), [&]<Ternary kind>(std::integral_constant<Ternary, kind>) {
    if (in[0].dtype == Dtype::f32) evalTernaryKind<kind, float>(in, out);
    else evalTernaryKind<kind, double>(in, out);
  });
}

void evalCompare(const Attributes& attributes, Operands in, Results out) {
  const std::int64_t n = out[0].num_elements();
  bool* y = out[0].as<bool>();
  withCompare(attributes.kind(), [&]<Compare kind>(std::integral_constant<Compare, kind>) {
    withStorage(in[0].dtype, [&]<class T>(std::type_identity<T>) {
      const T *a = in[0].as<T>(), *b = in[1].as<T>();
      for (std::int64_t i = 0; i < n; ++i) y[i] = math::compare(kind, a[i], b[i]);
    });
  });
}

void evalSelect(const Attributes&, Operands in, Results out) {
  const std::int64_t n = out[0].num_elements();
  const bool* p = in[0].as<bool>();
  withStorage(out[0].dtype, [&]<class T>(std::type_identity<T>) {
    const T *a = in[1].as<T>(), *b = in[2].as<T>();
    T* y = out[0].as<T>();
    for (std::int64_t i = 0; i < n; ++i) y[i] = p[i] ? a[i] : b[i];
  });
}

void evalFma(const Attributes&, Operands in, Results out) {
  const std::int64_t n = out[0].num_elements();
  withNumber(out[0].dtype, [&]<class V>(std::type_identity<V>) {
    if constexpr (std::is_floating_point_v<V>) {
      const V *a = in[0].as<V>(), *b = in[1].as<V>(), *c = in[2].as<V>();
      V* y = out[0].as<V>();
      for (std::int64_t i = 0; i < n; ++i) {
        if constexpr (std::is_same_v<V, float>) y[i] = __builtin_fmaf(a[i], b[i], c[i]);
        else y[i] = __builtin_fma(a[i], b[i], c[i]);
      }
    }
  });
}

void evalConvert(const Attributes&, Operands in, Results out) {
  const std::int64_t n = out[0].num_elements();
  withStorage(in[0].dtype, [&]<class From>(std::type_identity<From>) {
    withStorage(out[0].dtype, [&]<class To>(std::type_identity<To>) {
      const From* x = in[0].as<From>();
      To* y = out[0].as<To>();
      for (std::int64_t i = 0; i < n; ++i) y[i] = math::convert<To>(x[i]);
    });
  });
}

void evalBitcast(const Attributes&, Operands in, Results out) {
  std::memcpy(out[0].data.get(), in[0].data.get(), in[0].bytes());
}

}  // namespace

void registerElementwiseEval() {
  registerEval("unary", evalUnary);
  registerEval("binary", evalBinary);
  registerEval("ternary", evalTernary);
  registerEval("compare", evalCompare);
  registerEval("select", evalSelect);
  registerEval("fma", evalFma);
  registerEval("convert", evalConvert);
  registerEval("bitcast", evalBitcast);
}

}  // namespace nuthatch::ir
