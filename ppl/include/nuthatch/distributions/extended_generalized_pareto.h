#pragma once
/// ExtendedGeneralizedPareto(loc, scale, shape, kappa): x > loc, loc and shape real, scale > 0, kappa > 0; its
/// distribution function is that of GeneralizedPareto to the power kappa.
///   log p(x) = log(kappa) + (kappa - 1) log G(x) + log g(x),   G, g of GeneralizedPareto(loc, scale, shape)
/// Naveau et al., Modeling jointly low, moderate and heavy rainfall intensities, Water Resour. Res. 52 (2016).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct ExtendedGeneralizedPareto : Distribution {
  template <Positional A, Positional B, Positional C, Positional D>
  explicit ExtendedGeneralizedPareto(const A& loc, const B& scale, const C& shape, const D& kappa,
                                     Where where = Where::current())
      : Distribution(make(loc, scale, shape, kappa, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& shape, const Tensor& kappa,
                           Where where);
};

} // namespace nuthatch
