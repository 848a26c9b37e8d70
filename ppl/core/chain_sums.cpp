#include "ppl/core/chain_sums.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch::discrete {
namespace {

Tensor over(const Tensor& x, int axis, bool sum) { return sum ? logsumexp(x, axis) : max(x, axis); }

Tensor last_message(const Tensor& factors) {
  Shape shape = detail::trailing(factors.shape(), factors.shape().size() - 1);
  shape.pop_back();
  return zeros(shape);
}

Tensor step_back(const Tensor& factor, const Tensor& message, bool sum) {
  return over(factor + expand_dims(message, -2), -1, sum);
}

}  // namespace

Tensor log_product(Tensor factors, bool sum) {
  while (factors.size(0) > 1) {
    const std::int64_t n = factors.size(0), even = n - n % 2;
    const Tensor a = factors[slice(0, even, 2)], b = factors[slice(1, even, 2)];
    const Tensor joined = over(expand_dims(a, -1) + expand_dims(b, -3), -2, sum);
    factors = n % 2 ? concat({joined, factors[from(-1)]}) : joined;
  }
  return factors[0];
}

Tensor backward_message(const Tensor& factors, bool sum, bool tree) {
  if (tree) return over(log_product(factors, sum), -1, sum);
  return scan(last_message(factors), factors,
              [&](const Tensor& message, const Tensor& factor) {
                return std::pair{step_back(factor, message, sum), Tensor(0.0)};
              },
              {.reverse = true})
      .first;
}

Tensor backward_messages(const Tensor& factors, bool sum) {
  const Tensor last = last_message(factors);
  const Tensor earlier = scan(last, factors,
                              [&](const Tensor& message, const Tensor& factor) {
                                Tensor next = step_back(factor, message, sum);
                                return std::pair{next, next};
                              },
                              {.reverse = true})
                             .second;
  return concat({earlier, expand_dims(last, 0)});
}

}  // namespace nuthatch::discrete
