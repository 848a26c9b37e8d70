#pragma once
/// ProjectedNormal(concentration): directions x [..., n], vectors of length 1, n >= 2: x = z / |z| with
/// z ~ Normal(concentration, 1) of n independent elements. The density is with respect to the surface of the sphere:
///   log p(x) = -|m|^2 / 2 - n/2 log(2 pi) + log(integral_0^inf r^(n-1) exp(-r^2 / 2 + r x.m) dr),   m = concentration
/// As a latent variable sample z and divide by its length: no flat coordinates lead onto a sphere.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct ProjectedNormal : Distribution {
  template <Positional C>
  explicit ProjectedNormal(const C& concentration, Where where = Where::current())
      : Distribution(make(concentration, where)) {}

 private:
  static Distribution make(const Tensor& concentration, Where where);
};

}  // namespace nuthatch
