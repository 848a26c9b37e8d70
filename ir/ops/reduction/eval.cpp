// Reference kernels of reduce, arg_reduce and cumulative, in the order of ir/math/reduction_order.h.
#include <algorithm>
#include <limits>

#include "ir/math/elementwise.h"
#include "ir/math/reduction_order.h"
#include "ir/ops/eval_support.h"

namespace nuthatch::ir {
namespace {

using detail::Binary;
using detail::Cumulative;
using detail::Reduce;

template <class V> V larger(V a, V b) {
  if constexpr (std::is_floating_point_v<V>) return a > b || a != a ? a : b;
  else return math::apply_integer(Binary::max, a, b);
}
template <class V> V smaller(V a, V b) {
  if constexpr (std::is_floating_point_v<V>) return a < b || a != a ? a : b;
  else return math::apply_integer(Binary::min, a, b);
}

template <Reduce kind, class V> V combine(V a, V b) {
  if constexpr (kind == Reduce::sum) return a + b;
  else if constexpr (kind == Reduce::prod) return a * b;
  else if constexpr (kind == Reduce::max) return larger(a, b);
  else return smaller(a, b);
}

template <class T> constexpr T lowest() { return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest(); }
template <class T> constexpr T highest() { return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max(); }

template <Reduce kind, class T> constexpr T identity() {
  if constexpr (kind == Reduce::sum) return std::is_floating_point_v<T> ? -T(0) : T(0);
  else if constexpr (kind == Reduce::prod) return T(1);
  else if constexpr (kind == Reduce::max) return lowest<T>();
  else return highest<T>();
}

/// Neighbouring results computed side by side; each keeps its own order.
template <class V, int lanes> struct Lanes {
  V v[lanes];
};

template <Reduce kind, int lanes, class V, class At>
void reduceLanes(std::int64_t n, const V* x, V* y, V start, At&& at) {
  using L = Lanes<V, lanes>;
  L identities;
  for (V& v : identities.v) v = start;
  auto step = [&](const L& accumulator, std::int64_t i) {
    const V* p = x + at(i);
    L out;
    for (int k = 0; k < lanes; ++k) out.v[k] = combine<kind>(accumulator.v[k], p[k]);
    return out;
  };
  auto both = [](const L& a, const L& b) {
    L out;
    for (int k = 0; k < lanes; ++k) out.v[k] = combine<kind>(a.v[k], b.v[k]);
    return out;
  };
  const L total = math::reduce_blocks(n, identities, step, both);
  for (int k = 0; k < lanes; ++k) y[k] = total.v[k];
}

struct Split {
  std::vector<std::int64_t> keptShape, keptStrides, reducedShape, reducedStrides;
  Split(const Shape& shape, const std::vector<std::int64_t>& dims) {
    const Strides strides = rowMajor(shape);
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const bool reduced = std::ranges::find(dims, std::int64_t(d)) != dims.end();
      (reduced ? reducedShape : keptShape).push_back(shape[d]);
      (reduced ? reducedStrides : keptStrides).push_back(strides[d]);
    }
  }
  /// The reduced elements lie one after the other.
  bool contiguous() const {
    Strides straight = rowMajor(reducedShape);
    return straight == reducedStrides;
  }
  /// The number of neighbouring results whose elements are neighbours too.
  std::int64_t neighbours() const { return !keptShape.empty() && keptStrides.back() == 1 ? keptShape.back() : 1; }
};

template <Reduce kind, class V, class T> void reduceNumbers(const Split& split, const V* x, V* y, std::int64_t results) {
  const auto bases = offsets(split.keptShape, split.keptStrides);
  const std::int64_t n = Shape(split.reducedShape).num_elements();
  const V start = [] {
    if constexpr (std::is_floating_point_v<V>) return identity<kind, T>();
    else return V{identity<kind, T>()};
  }();
  if (n == 0) {
    // Adding zero turns the identity -0 of sums into +0 and leaves the others.
    for (std::int64_t r = 0; r < results; ++r) y[r] = start + V{};
    return;
  }
  if (split.contiguous()) {
    for (std::int64_t r = 0; r < results; ++r)
      reduceLanes<kind, 1>(n, x + bases[std::size_t(r)], y + r, start, [](std::int64_t i) { return i; });
    return;
  }
  const auto steps = offsets(split.reducedShape, split.reducedStrides);
  auto at = [&](std::int64_t i) { return steps[std::size_t(i)]; };
  constexpr int wide = 8;
  const std::int64_t run = split.neighbours();
  for (std::int64_t r = 0; r < results;) {
    const V* from = x + bases[std::size_t(r)];
    if (run - r % run >= wide) {
      reduceLanes<kind, wide>(n, from, y + r, start, at);
      r += wide;
    } else {
      reduceLanes<kind, 1>(n, from, y + r, start, at);
      r += 1;
    }
  }
}

void reduceBool(bool all, const Split& split, const bool* x, bool* y, std::int64_t results) {
  const auto bases = offsets(split.keptShape, split.keptStrides), steps = offsets(split.reducedShape, split.reducedStrides);
  for (std::int64_t r = 0; r < results; ++r) {
    const bool* from = x + bases[std::size_t(r)];
    auto set = [&](std::int64_t step) { return from[step]; };
    y[r] = all ? std::ranges::all_of(steps, set) : std::ranges::any_of(steps, set);
  }
}

void evalReduce(const Attributes& attributes, Operands in, Results out) {
  const auto kind = Reduce(attributes.kind());
  const Split split(in[0].shape, attributes.list("dims"));
  const std::int64_t results = out[0].num_elements();
  if (in[0].dtype == Dtype::bool_)
    return reduceBool(kind == Reduce::all, split, in[0].as<bool>(), out[0].as<bool>(), results);
  withStorage(in[0].dtype, [&]<class T>(std::type_identity<T>) {
    if constexpr (!std::is_same_v<T, bool>) {
      using V = Arithmetic<T>;
      const V* x = in[0].as<V>();
      V* y = out[0].as<V>();
      if (kind == Reduce::sum) reduceNumbers<Reduce::sum, V, T>(split, x, y, results);
      if (kind == Reduce::prod) reduceNumbers<Reduce::prod, V, T>(split, x, y, results);
      if (kind == Reduce::max) reduceNumbers<Reduce::max, V, T>(split, x, y, results);
      if (kind == Reduce::min) reduceNumbers<Reduce::min, V, T>(split, x, y, results);
    }
  });
}

void evalArgReduce(const Attributes& attributes, Operands in, Results out) {
  const bool max = attributes.flag("max");
  const Around around(in[0].shape, attributes.integer("dim"));
  withStorage(in[0].dtype, [&]<class T>(std::type_identity<T>) {
    const T* x = in[0].as<T>();
    auto beats = [&](T a, T b) { return b == b && (a != a || (max ? a > b : a < b)); };
    for (std::int64_t o = 0; o < around.outer; ++o)
      for (std::int64_t k = 0; k < around.inner; ++k) {
        const T* p = x + o * around.extent * around.inner + k;
        std::int64_t best = 0;
        for (std::int64_t i = 1; i < around.extent; ++i)
          if (beats(p[i * around.inner], p[best * around.inner])) best = i;
        out[0].as<std::int64_t>()[o * around.inner + k] = best;
      }
  });
}

template <class V> V accumulate(Cumulative kind, V a, V b) {
  switch (kind) {
    case Cumulative::sum: return a + b;
    case Cumulative::prod: return a * b;
    case Cumulative::max: return larger(a, b);
    case Cumulative::min: return smaller(a, b);
    case Cumulative::logsumexp: break;
  }
  if constexpr (std::is_floating_point_v<V>) return V(math::log_add_exp(double(a), double(b)));
  else return a;
}

void evalCumulative(const Attributes& attributes, Operands in, Results out) {
  const auto kind = Cumulative(attributes.kind());
  const bool reverse = attributes.flag("reverse");
  const Around around(in[0].shape, attributes.integer("dim"));
  withNumber(in[0].dtype, [&]<class V>(std::type_identity<V>) {
    for (std::int64_t o = 0; o < around.outer; ++o) {
      const V* x = in[0].as<V>() + o * around.extent * around.inner;
      V* y = out[0].as<V>() + o * around.extent * around.inner;
      for (std::int64_t i = 0; i < around.extent; ++i) {
        const std::int64_t row = (reverse ? around.extent - 1 - i : i) * around.inner;
        const std::int64_t before = row + (reverse ? around.inner : -around.inner);
        for (std::int64_t k = 0; k < around.inner; ++k) y[row + k] = i == 0 ? x[row + k] : accumulate(kind, y[before + k], x[row + k]);
      }
    }
  });
}

}  // namespace

void registerReductionEval() {
  registerEval("reduce", evalReduce);
  registerEval("arg_reduce", evalArgReduce);
  registerEval("cumulative", evalCumulative);
}

}  // namespace nuthatch::ir
