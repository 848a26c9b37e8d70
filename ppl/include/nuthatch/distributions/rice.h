#pragma once
/// Rice(nu, sigma): x > 0, nu >= 0, sigma > 0; the length of a vector of two Normal values of standard deviation sigma
/// around a point at distance nu from the origin.
///   log p(x) = log(x) - 2 log(sigma) - (x^2 + nu^2) / (2 sigma^2) + log I0(x nu / sigma^2)
/// Rice({.b, .sigma}) has nu = b sigma.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.sigma` with `.nu` or `.b`.
struct RiceParameters {
  OnlyNamed only_named{};
  Tensor nu{};
  Tensor b{};
  Tensor sigma{};
};

struct Rice : Distribution {
  template <Positional A, Positional B>
  explicit Rice(const A& nu, const B& sigma, Where where = Where::current()) : Distribution(make(nu, sigma, where)) {}
  explicit Rice(const RiceParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& nu, const Tensor& sigma, Where where);
};

} // namespace nuthatch
