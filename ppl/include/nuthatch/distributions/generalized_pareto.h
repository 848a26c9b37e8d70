#pragma once
/// GeneralizedPareto(loc, scale, shape): x > loc, loc and shape real, scale > 0; excesses over a threshold. For shape <
/// 0 the density is 0 from loc - scale / shape on.
///   log p(x) = -log(scale) - (1 + shape) u,   u = log(1 + shape z) / shape (z for shape 0),   z = (x - loc) / scale
#include "nuthatch/distribution.h"

namespace nuthatch {

struct GeneralizedPareto : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit GeneralizedPareto(const A& loc, const B& scale, const C& shape, Where where = Where::current())
      : Distribution(make(loc, scale, shape, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& shape, Where where);
};

} // namespace nuthatch
