#pragma once
/// Beta(concentration1, concentration0): x in [0, 1], both parameters > 0; mean c1 / (c1 + c0).
///   log p(x) = (c1 - 1) log(x) + (c0 - 1) log(1 - x) - log B(c1, c0)
/// Beta({.mean, .concentration}) has c1 = mean concentration, c0 = (1 - mean) concentration; Beta({.mean, .sd}) the
/// concentration mean (1 - mean) / sd^2 - 1. Draws: X / (X + Y) of two gammas.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.mean` in (0, 1) with `.sd` < sqrt(mean (1 - mean)) or `.concentration`.
struct BetaParameters {
  OnlyNamed only_named{};
  Tensor mean{};
  Tensor sd{};
  Tensor concentration{};
};

struct Beta : Distribution {
  template <Positional A, Positional B>
  explicit Beta(const A& concentration1, const B& concentration0, Where where = Where::current())
      : Distribution(make(concentration1, concentration0, where)) {}
  explicit Beta(const BetaParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& concentration1, const Tensor& concentration0, Where where);
};

} // namespace nuthatch
