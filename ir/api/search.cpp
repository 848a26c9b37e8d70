// Searching sorted vectors, and distinct elements.
#include <algorithm>
#include <bit>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"

namespace nuthatch {
using namespace detail;

// Bisection with a fixed number of steps, each a comparison with one gathered element: `count` elements are known to
// stand before the value, and the step after it is tried in decreasing powers of two.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, Side side, Where where) {
  const Shape& shape = checked("searchsorted", sorted, where).type.shape;
  if (shape.size() != 1) fail("searchsorted", "the sorted elements are a vector, not " + describe(sorted), where);
  const Dtype dtype = promote("searchsorted", sorted, values, where);
  Tensor a = convert(sorted, dtype, where), v = convert(values, dtype, where);
  CallerLine line(where);
  const std::int64_t n = shape[0];
  Tensor count = zeros(v.shape(), i64, where);
  auto before = [&](const Tensor& element) {
    Tensor smaller = side == Side::left ? element < v : element <= v;
    if (!is_float(dtype)) return smaller;
    return side == Side::left ? smaller | (isnan(v) & ~isnan(element)) : smaller | isnan(v);  // NaN is the largest
  };
  for (auto step = std::int64_t(std::bit_floor(std::uint64_t(n))); step > 0; step /= 2) {
    Tensor next = count + step, fits = next <= n;
    count = select(fits & before(take(a, minimum(next, n) - 1, 0, where)), next, count);
  }
  return count;
}

Tensor digitize(const Tensor& x, const Tensor& bins, bool right, Where where) {
  return searchsorted(bins, x, right ? Side::left : Side::right, where);
}

Unique unique_all(const Tensor& x, Where where) {
  checked("unique", x, where);
  if (!x.is_concrete()) fail("unique", "of a traced value of shape " + to_string(x.shape()) + "; the number of distinct elements is not known", where);
  const Tensor flat = flatten(x, where);
  const std::int64_t n = flat.size();
  const std::vector<std::int64_t> order = argsort(flat, 0, where).to_vector<std::int64_t>(where);
  // Neighbours that compare equal, or are both NaN, are one.
  std::vector<bool> fresh(std::size_t(n), true);
  if (n > 1) {
    Tensor sorted = take(flat, Tensor(order), 0, where);
    CallerLine line(where);
    Tensor same = take(sorted, arange(n - 1)) == take(sorted, arange(1, n));
    if (is_float(x.dtype())) same = same | isnan(take(sorted, arange(n - 1)));
    const auto equal = same.to_vector<bool>(where);
    for (std::size_t i = 1; i < fresh.size(); ++i) fresh[i] = !equal[i - 1];
  }
  std::vector<std::int64_t> first, inverse(std::size_t(n), 0), counts;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (fresh[i]) {
      first.push_back(order[i]);
      counts.push_back(0);
    }
    ++counts.back();
    inverse[std::size_t(order[i])] = std::int64_t(first.size()) - 1;
  }
  const Tensor at(first);
  return {n ? take(flat, at, 0, where) : flat, at, reshape(Tensor(inverse), x.shape(), where), Tensor(counts)};
}
Tensor unique(const Tensor& x, Where where) { return unique_all(x, where).values; }

}  // namespace nuthatch
