#include "nuthatch/groups.h"

#include <algorithm>
#include <limits>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/grids.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
/// Rows of x combined into `groups` rows that start as `identity`.
Tensor scattered(const char* op, Scatter kind, const Tensor& x, const Tensor& segment, std::int64_t groups, const Tensor& identity, Where where) {
  const Shape& s = x.shape();
  Tensor g = to_index(op, segment, where);
  if (groups < 0) fail(op, "negative number of groups", where);
  if (s.empty() || g.shape() != Shape{s[0]})
    fail(op, "segment " + to_string(g.shape()) + " does not give one group to each row of " + to_string(s), where);
  Shape out = s;
  out[0] = groups;
  Ints window;
  for (std::size_t d = 1; d < s.size(); ++d) window.push_back(std::int64_t(d));
  return emit_one("scatter", {full(out, identity, where), reshaped(g, {s[0], 1}, where), x},
                  {{"kind", Kind{int(kind)}},
                   {"window_dims", window},
                   {"inserted_dims", Ints{0}},
                   {"operand_batch_dims", Ints{}},
                   {"indices_batch_dims", Ints{}},
                   {"index_map", Ints{0}}},
                  where);
}
Tensor numbers(const char* op, const Tensor& x, Where where) {
  return checked(op, x, where).type.dtype == bool_ ? convert(x, i64, where) : x;
}
/// The lowest or highest value of a type of numbers.
Tensor extreme(Dtype d, bool lowest) {
  const double inf = std::numeric_limits<double>::infinity();
  switch (d) {
    case Dtype::f32: case Dtype::f64: return literal(lowest ? -inf : inf, d);
    case Dtype::i32: return literal_integer(lowest ? std::numeric_limits<std::int32_t>::min() : std::numeric_limits<std::int32_t>::max(), d);
    case Dtype::ui32: case Dtype::ui64: return literal_integer(lowest ? 0 : -1, d);
    default: return literal_integer(lowest ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max(), d);
  }
}
/// Counts along the first axis, shaped to divide rows of x.
Tensor counts_like(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  Tensor count = bincount(segment, groups, where);
  Shape column(x.shape().size(), 1);
  column[0] = groups;
  return reshaped(convert(count, floating(x.dtype()), where), column, where);
}
}  // namespace

Tensor segment_prod(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  Tensor v = numbers("segment_prod", x, where);
  return scattered("segment_prod", Scatter::mul, v, segment, groups, is_float(v.dtype()) ? literal(1, v.dtype()) : literal_integer(1, v.dtype()), where);
}
Tensor segment_max(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  Tensor v = numbers("segment_max", x, where);
  return scattered("segment_max", Scatter::max, v, segment, groups, extreme(v.dtype(), true), where);
}
Tensor segment_min(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  Tensor v = numbers("segment_min", x, where);
  return scattered("segment_min", Scatter::min, v, segment, groups, extreme(v.dtype(), false), where);
}
Tensor segment_mean(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  Tensor v = to_float("segment_mean", x, where);
  Tensor sums = scattered("segment_mean", Scatter::add, v, segment, groups, literal(0, v.dtype()), where);
  CallerLine line(where);
  return sums / counts_like(v, segment, groups, where);
}
Tensor segment_logsumexp(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  Tensor v = to_float("segment_logsumexp", x, where);
  Tensor largest = stop_gradient(segment_max(v, segment, groups, where), where);
  CallerLine line(where);
  // An empty or all -inf group is shifted by 0; a row outside all groups meets group 0 and is dropped.
  Tensor shift = select(isfinite(largest), largest, 0.0);
  Tensor g = to_index("segment_logsumexp", segment, where), inside = (g >= 0) & (g < groups);
  Tensor own = groups ? take(shift, select(inside, g, 0), 0) : v;
  Tensor sums = segment_sum(exp(v - own), g, groups);
  Tensor empty = sums == 0.0;
  return select(empty, -std::numeric_limits<double>::infinity(), log(select(empty, 1.0, sums))) + shift;
}

Tensor bincount(const Tensor& index, const Tensor& weights, std::int64_t n, Where where) {
  if (checked("bincount", index, where).type.shape != checked("bincount", weights, where).type.shape)
    fail("bincount", "weights " + to_string(weights.shape()) + " for indices " + to_string(index.shape()), where);
  return segment_sum(flatten(weights, where), flatten(index, where), n, where);
}

std::pair<Tensor, Tensor> histogram(const Tensor& x, const Tensor& edges, const HistogramOptions& o, Where where) {
  Tensor v = flatten(x, where);
  if (checked("histogram", edges, where).type.shape.size() != 1 || edges.size() < 2)
    fail("histogram", "edges are a vector of two or more, not " + describe(edges), where);
  if (edges.is_concrete())
    if (const auto known = edges.to_vector(where); !std::ranges::is_sorted(known)) fail("histogram", "the edges do not ascend", where);
  if (o.weights.defined() && o.weights.shape() != x.shape())
    fail("histogram", "weights " + to_string(o.weights.shape()) + " for elements " + to_string(x.shape()), where);
  const std::int64_t bins = edges.size() - 1;
  CallerLine line(where);
  Tensor bin = searchsorted(edges, v, Side::right) - 1;
  bin = select((bin == bins) & (v == take(edges, Tensor(-1))), bins - 1, bin);
  if (is_float(v.dtype())) bin = select(isnan(v), -1, bin);
  Tensor counts = o.weights.defined() ? segment_sum(flatten(o.weights), bin, bins) : segment_sum(ones_like(bin), bin, bins);
  if (!o.density) return {counts, edges};
  return {counts / sum(counts).cast(f64) / diff(edges, 0), edges};
}

std::pair<Tensor, Tensor> histogram(const Tensor& x, std::int64_t bins, const HistogramOptions& o, Where where) {
  checked("histogram", x, where);
  if (bins < 1) fail("histogram", "needs at least one bin, not " + std::to_string(bins), where);
  if (o.range && !(o.range->first <= o.range->second)) fail("histogram", "the range does not ascend", where);
  CallerLine line(where);
  Tensor low = 0.0, high = 1.0;
  if (o.range) {
    low = o.range->first, high = o.range->second;
  } else if (x.size()) {
    low = to_float("histogram", min(x), where), high = to_float("histogram", max(x), where);
  }
  Tensor same = low == high;
  Tensor edges = linspace(select(same, low - 0.5, low), select(same, high + 0.5, high), bins + 1, {}, where);
  return histogram(x, edges, o, where);
}

}  // namespace nuthatch
