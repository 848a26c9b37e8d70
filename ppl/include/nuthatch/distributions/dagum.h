#pragma once
/// Dagum(concentration, sharpness, scale): x > 0, all parameters > 0; P(X <= x) = (1 + (x / scale)^(-a))^(-p).
///   log p(x) = log(a p / x) + a p log(x / scale) - (p + 1) log(1 + (x / scale)^a),   p = concentration, a = sharpness
/// Kleiber, A guide to the Dagum distributions (2008).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Dagum : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit Dagum(const A& concentration, const B& sharpness, const C& scale, Where where = Where::current())
      : Distribution(make(concentration, sharpness, scale, where)) {}

 private:
  static Distribution make(const Tensor& concentration, const Tensor& sharpness, const Tensor& scale, Where where);
};

} // namespace nuthatch
