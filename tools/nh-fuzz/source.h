#pragma once
// The state of a program being written: random choices and the values in scope.
#include "tools/nh-fuzz/generate.h"

namespace nuthatch::fuzz {

using detail::Attrs;
using detail::Kind;
using detail::TensorType;
using detail::ValuePtr;
using detail::Values;
using Extents = std::vector<std::int64_t>;

class Source {
 public:
  Source(std::uint64_t seed, const Mix& mix) : mix(mix), random(seed) {}

  // ---- choices ----
  const Mix mix;
  int below(int n) { return n <= 1 ? 0 : int(random() % std::uint64_t(n)); }
  bool chance(int percent) { return below(100) < percent; }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + std::int64_t(random() % std::uint64_t(high - low + 1)); }
  template <class T> const T& oneOf(const std::vector<T>& list) { return list[std::size_t(below(int(list.size())))]; }
  Dtype dtype();
  Dtype floating() { return chance(70) ? Dtype::f64 : Dtype::f32; }
  std::int64_t extent();
  Shape shape(int most_dimensions = 3);

  // ---- values ----
  Values pool;  // in scope, oldest first
  /// Any value; late ones more often.
  ValuePtr any();
  /// A value that holds, or one made to hold from a random value.
  ValuePtr anyFloat();
  ValuePtr anyNumber();
  ValuePtr ofRank(int least, int most);
  ValuePtr ofType(const TensorType&);
  /// The value itself as a value of that type: summed, converted, repeated.
  ValuePtr into(ValuePtr, const TensorType&);
  ValuePtr scalar(Dtype d) { return ofType({d, {}}); }
  ValuePtr index(std::int64_t extent);  // a scalar i64, mostly in range
  ValuePtr key();
  /// Tames growth: one of tanh, sin, logistic, x / (1 + |x|) and the like.
  ValuePtr bounded(ValuePtr x);
  /// A positive value of x's type.
  ValuePtr positive(ValuePtr x, double least);

  // ---- operations ----
  ValuePtr op(const char* name, const Values& operands, const Attrs& attrs = {});
  template <class K> ValuePtr op(const char* name, K kind, const Values& operands) {
    return op(name, operands, {{"kind", Kind{int(kind)}}});
  }
  Values regions(const char* name, const Values& operands, const Attrs& attrs, const std::vector<detail::Region>& regions);
  ValuePtr constant(const TensorType&, double value);
  ValuePtr convert(ValuePtr x, Dtype d) { return x->type.dtype == d ? x : op("convert", {x}, {{"dtype", d}}); }
  ValuePtr broadcast(ValuePtr x, const Shape&);
  ValuePtr reshape(ValuePtr x, const Shape&);
  void add(ValuePtr v) { pool.push_back(std::move(v)); }

 private:
  std::mt19937_64 random;
};

inline Shape shapeOf(const ValuePtr& v) { return v->type.shape; }
inline Dtype dtypeOf(const ValuePtr& v) { return v->type.dtype; }
inline std::int64_t size(const ValuePtr& v) { return v->type.shape.num_elements(); }

/// Appends one random operation without regions; some append helpers before it.
void plainStatement(Source&);
/// Several random operations; `depth` regions may be nested inside.
void statements(Source&, int count, int depth);
/// Work enough that threads share its loops; appends little. For the outermost level: the interpreter takes long.
void sharedLoops(Source&);
/// One operation with regions.
void regionStatement(Source&, int depth);

}  // namespace nuthatch::fuzz
