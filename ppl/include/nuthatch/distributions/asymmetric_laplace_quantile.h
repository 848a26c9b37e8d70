#pragma once
/// AsymmetricLaplaceQuantile(loc = 0, scale = 1, quantile = 1/2): x real, loc real, scale > 0, 0 < quantile < 1; the
/// likelihood of quantile regression: P(x < loc) = quantile.
///   log p(x) = log(quantile (1 - quantile) / scale) - z (quantile - [z < 0]),   z = (x - loc) / scale
#include "nuthatch/distribution.h"

namespace nuthatch {

struct AsymmetricLaplaceQuantile : Distribution {
  explicit AsymmetricLaplaceQuantile(Where where = Where::current())
      : AsymmetricLaplaceQuantile(0.0, 1.0, 0.5, where) {}
  template <Positional A>
  explicit AsymmetricLaplaceQuantile(const A& loc, Where where = Where::current())
      : AsymmetricLaplaceQuantile(loc, 1.0, 0.5, where) {}
  template <Positional A, Positional B>
  explicit AsymmetricLaplaceQuantile(const A& loc, const B& scale, Where where = Where::current())
      : AsymmetricLaplaceQuantile(loc, scale, 0.5, where) {}
  template <Positional A, Positional B, Positional C>
  explicit AsymmetricLaplaceQuantile(const A& loc, const B& scale, const C& quantile, Where where = Where::current())
      : Distribution(make(loc, scale, quantile, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& quantile, Where where);
};

} // namespace nuthatch
