#include "ppl/distributions/roots.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::detail {

Tensor root_of_falling(FunctionRef<Tensor(const Tensor&)> f, FunctionRef<Tensor(const Tensor&)> slope,
                       const Tensor& low, const Tensor& high) {
  struct Bracket {
    Tensor low, high;
  };
  const Shape shape = broadcast_shapes({low.shape(), high.shape()});
  // 120 halvings: from any bracket of moderate size to neighbouring doubles, those near zero included.
  const Bracket last = fori_loop(
      0, 120, Bracket{broadcast_if_needed(stop_gradient(low), shape), broadcast_if_needed(stop_gradient(high), shape)},
      [&](const Tensor&, const Bracket& b) {
        Tensor middle = b.low + 0.5 * (b.high - b.low), before = stop_gradient(f(middle)) > 0.0;
        return Bracket{select(before, middle, b.low), select(before, b.high, middle)};
      });
  const Tensor x = stop_gradient(0.5 * (last.low + last.high));
  // One step of Newton's method has the derivative of the root in the parameters of f.
  const Tensor value = f(x);
  return x - (value - stop_gradient(value)) / stop_gradient(slope(x));
}

}  // namespace nuthatch::detail
