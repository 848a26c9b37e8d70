#pragma once
/// LKJ(dimension, concentration): correlation matrices R of order n = dimension >= 2, concentration eta > 0. eta = 1 is
/// uniform, larger values concentrate at the identity; each correlation is 2 Beta(b, b) - 1, b = eta + n/2 - 1.
///   log p(R) = (eta - 1) log det R - log Z,   Z as in lkj_cholesky.h, in the coordinates R_ij, i > j
/// To sample one as a latent variable, LKJCholesky is cheaper: it needs no factorisation.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LKJ : Distribution {
  template <Positional C>
  explicit LKJ(std::int64_t dimension, const C& concentration, Where where = Where::current())
      : Distribution(make(dimension, concentration, where)) {}

 private:
  static Distribution make(std::int64_t dimension, const Tensor& concentration, Where where);
};

}  // namespace nuthatch
