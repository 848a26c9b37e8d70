#include "inference/kernels/microcanonical.h"

namespace nuthatch::kernels {

Tensor random_direction(const Key& key, std::int64_t dim) {
  Tensor x = normal(key, {dim});
  return x / sqrt(sum(square(x)));
}

// With e = g / |g|, c = u.e, delta = t |g| / (dim - 1), zeta = exp(-delta):
//   u' ~ (1 - zeta) (1 + zeta + c (1 - zeta)) e + 2 zeta u,
//   change of energy = (dim - 1) (delta - log 2 + log(1 + c + (1 - c) zeta^2)).
Turned turn(const Tensor& direction, const Tensor& gradient, const Tensor& t) {
  const double d = double(direction.size() - 1);
  Tensor norm = sqrt(sum(square(gradient)));
  Tensor e = gradient / maximum(norm, 1e-300);
  Tensor c = sum(direction * e), delta = t * norm / d, zeta = exp(-delta);
  Tensor raw = fma((1.0 - zeta) * (1.0 + zeta + c * (1.0 - zeta)), e, 2.0 * zeta * direction);
  Tensor energy = d * (delta - 0.6931471805599453 + log(1.0 + c + (1.0 - c) * square(zeta)));
  return {raw / sqrt(sum(square(raw))), energy};
}

}  // namespace nuthatch::kernels
