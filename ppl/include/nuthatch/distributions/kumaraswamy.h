#pragma once
/// Kumaraswamy(concentration1, concentration0): x in [0, 1], both parameters > 0; P(X <= x) = 1 - (1 - x^a)^b.
///   log p(x) = log(a b) + (a - 1) log(x) + (b - 1) log(1 - x^a),   a = concentration1, b = concentration0
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Kumaraswamy : Distribution {
  template <Positional A, Positional B>
  explicit Kumaraswamy(const A& concentration1, const B& concentration0, Where where = Where::current())
      : Distribution(make(concentration1, concentration0, where)) {}

 private:
  static Distribution make(const Tensor& concentration1, const Tensor& concentration0, Where where);
};

} // namespace nuthatch
