#pragma once
/// Exact draws by rejection and search, as loops of the compiled program. Gamma draws have an implicit derivative in the
/// concentration; the others are not differentiable in reverse: a gradient that reaches such a draw is an error, not a
/// biased number.
#include "nuthatch/random.h"

namespace nuthatch::detail {

/// Uniform on (0, 1), the ends excluded: for quantile functions that are infinite there.
Tensor open_uniform(const Key& key, const Shape& shape);
/// Logarithm of a Gamma(concentration, 1) draw: for small concentrations the draw itself underflows.
Tensor log_standard_gamma(const Key& key, const Tensor& concentration, const Shape& shape);
Tensor standard_gamma(const Key& key, const Tensor& concentration, const Shape& shape);
/// Angle in [-pi, pi] of a von Mises distribution around 0 (Best and Fisher 1979); no derivative.
Tensor von_mises(const Key& key, const Tensor& concentration, const Shape& shape);
/// i64.
Tensor poisson(const Key& key, const Tensor& rate, const Shape& shape);
/// i64.
Tensor binomial(const Key& key, const Tensor& total_count, const Tensor& probs, const Shape& shape);

}  // namespace nuthatch::detail
