#include "ppl/distributions/discrete/multinomial_sampler.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch::detail {
namespace {
struct Category { Tensor share, i; };
}  // namespace

Tensor multinomial(const Key& key, const Tensor& total_count, const Tensor& probs, const Shape& shape) {
  const Shape batch = leading(shape, 1);
  const std::int64_t n = shape.back();
  // The share of a category in what is left for it and those after it.
  Tensor left = cumsum(probs, {.axis = -1, .reverse = true});
  Tensor share = clamp(probs / select(left > 0.0, left, 1.0), 0.0, 1.0);
  Tensor shares = moveaxis(broadcast_if_needed(share, shape), -1, 0);
  if (n == 1) return broadcast_if_needed(expand_dims(total_count.cast(i64), -1), shape);
  auto [rest, counts] = scan(
      broadcast_if_needed(total_count.cast(i64), batch), Category{shares[until(-1)], arange(n - 1)},
      [&](const Tensor& rest, const Category& c) {
        Tensor count = binomial(fold_in(key, c.i), rest, c.share, batch);
        return std::pair<Tensor, Tensor>(rest - count, count);
      });
  // What the others leave is the last one's.
  return concat({moveaxis(counts, 0, -1), expand_dims(rest, -1)}, -1);
}

}  // namespace nuthatch::detail
