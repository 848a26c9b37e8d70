// Triangles, diagonals, one-hot vectors, and sums by group.
#include <algorithm>

#include "ir/api/index_plan.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
/// Rank at least 2, the last two extents equal where `square`.
void matrices(const char* op, const Tensor& x, bool square, Where where) {
  const Shape& s = checked(op, x, where).type.shape;
  if (s.size() < 2 || (square && s[s.size() - 1] != s[s.size() - 2]))
    fail(op, std::string("needs ") + (square ? "square " : "") + "matrices, not shape " + to_string(s), where);
}
/// column - row of each element of a matrix.
Tensor diagonal_number(std::int64_t rows, std::int64_t columns, Where where) {
  return binary(Binary::sub, "subtract", iota(i64, {rows, columns}, 1, where), iota(i64, {rows, columns}, 0, where), where);
}
Tensor triangle(const char* op, bool lower, const Tensor& x, int k, Where where) {
  matrices(op, x, false, where);
  const Shape& s = x.shape();
  Tensor number = diagonal_number(s[s.size() - 2], s[s.size() - 1], where);
  Tensor kept = compare(lower ? Compare::le : Compare::ge, op, number, literal_integer(k), where);
  return select(kept, x, literal(0, x.dtype()), where);
}
}  // namespace

Tensor tril(const Tensor& x, int k, Where where) { return triangle("tril", true, x, k, where); }
Tensor triu(const Tensor& x, int k, Where where) { return triangle("triu", false, x, k, where); }

Tensor diag(const Tensor& x, Where where) {
  const Shape& s = checked("diag", x, where).type.shape;
  if (s.empty()) fail("diag", "needs vectors, not a scalar", where);
  const std::int64_t n = s.back();
  Tensor on = compare(Compare::eq, "diag", diagonal_number(n, n, where), literal_integer(0), where);
  return select(on, expand_dims(x, -1, where), literal(0, x.dtype()), where);
}

// The diagonal is every (n + 1)-th element of the flattened matrix.
Tensor diagonal(const Tensor& x, Where where) {
  matrices("diagonal", x, true, where);
  Shape flat = x.shape();
  const std::int64_t n = flat.back();
  flat.pop_back();
  flat.back() = n * n;
  Ints start(flat.size(), 0), stride(flat.size(), 1);
  stride.back() = n + 1;
  return sliced(reshaped(x, flat, where), start, Ints(flat), stride, where);
}

Tensor outer(const Tensor& a, const Tensor& b, Where where) {
  if (checked("outer", a, where).type.shape.size() != 1 || checked("outer", b, where).type.shape.size() != 1)
    fail("outer", "needs two vectors, not shapes " + to_string(a.shape()) + " and " + to_string(b.shape()), where);
  return binary(Binary::mul, "outer", expand_dims(a, 1, where), b, where);
}

Tensor one_hot(const Tensor& index, std::int64_t n, Dtype dtype, Where where) {
  Tensor i = to_index("one_hot", index, where);
  if (n < 0) fail("one_hot", "negative number of classes", where);
  return convert(compare(Compare::eq, "one_hot", expand_dims(i, -1, where), iota(i64, {n}, 0, where), where), dtype, where);
}

Tensor take(const Tensor& x, const Tensor& indices, int axis, Where where) {
  const Shape& s = checked("take", x, where).type.shape;
  std::vector<Index> at(std::size_t(axis_of("take", axis, s.size(), s, where)), Index(all, where));
  at.emplace_back(indices, where);
  return index(x, at, where);
}

Tensor take_last(const Tensor& x, const Tensor& indices, Where where) {
  const Shape& s = checked("take_last", x, where).type.shape;
  Shape batch = s;
  if (!batch.empty()) batch.pop_back();
  if (s.empty() || checked("take_last", indices, where).type.shape != batch)
    fail("take_last", "indices of shape " + to_string(indices.shape()) + " for " + to_string(s) + "; they lack its last dimension only", where);
  if (s.back() == 0) fail("take_last", "the last dimension of " + to_string(s) + " is empty", where);
  const std::int64_t last = std::int64_t(batch.size());
  Ints leading;
  for (std::int64_t d = 0; d < last; ++d) leading.push_back(d);
  Shape column = batch;
  column.push_back(1);
  Tensor i = wrapped_index("take_last", indices, int(last), s.back(), where);
  return emit_one("gather", {x, reshaped(i, column, where)},
                  {{"offset_dims", Ints{}},
                   {"collapsed_dims", Ints{last}},
                   {"operand_batch_dims", leading},
                   {"indices_batch_dims", leading},
                   {"index_map", Ints{last}},
                   {"slice_sizes", Ints(s.size(), 1)}},
                  where);
}

Tensor segment_sum(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where) {
  const Shape& s = checked("segment_sum", x, where).type.shape;
  Tensor g = to_index("segment_sum", segment, where);
  if (groups < 0) fail("segment_sum", "negative number of groups", where);
  if (s.empty() || g.shape() != Shape{s[0]})
    fail("segment_sum", "segment " + to_string(g.shape()) + " does not give one group to each row of " + to_string(s), where);
  Tensor values = x.dtype() == bool_ ? convert(x, i64, where) : x;
  Shape out = s;
  out[0] = groups;
  Ints window;
  for (std::size_t d = 1; d < s.size(); ++d) window.push_back(std::int64_t(d));
  return emit_one("scatter", {zeros(out, values.dtype(), where), reshaped(g, {s[0], 1}, where), values},
                  {{"kind", Kind{int(Scatter::add)}},
                   {"window_dims", window},
                   {"inserted_dims", Ints{0}},
                   {"operand_batch_dims", Ints{}},
                   {"indices_batch_dims", Ints{}},
                   {"index_map", Ints{0}}},
                  where);
}

Tensor bincount(const Tensor& index, std::int64_t n, Where where) {
  Tensor flat = flatten(index, where);
  return segment_sum(ones(flat.shape(), f64, where), flat, n, where);
}
Tensor bincount(const Tensor& index, Where where) {
  checked("bincount", index, where);
  if (!index.is_concrete()) fail("bincount", "of a traced tensor needs the number of classes: bincount(index, n)", where);
  std::int64_t n = 0;
  for (auto i : index.to_vector<std::int64_t>(where)) n = std::max(n, i + 1);
  return bincount(index, n, where);
}

Tensor standardize(const Tensor& x, Where where) {
  CallerLine line(where);
  return (x - mean(x)) / stddev(x, {.ddof = 1});
}
Tensor standardize(const Tensor& x, int axis, Where where) {
  CallerLine line(where);
  return (x - mean(x, {.axis = axis, .keepdims = true})) / stddev(x, {.axis = axis, .keepdims = true, .ddof = 1});
}

}  // namespace nuthatch
