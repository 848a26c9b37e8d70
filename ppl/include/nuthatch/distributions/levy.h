#pragma once
/// Levy(loc, scale): x > loc, loc real, scale > 0; loc + scale / Z^2 with Z standard normal.
///   log p(x) = 1/2 log(scale / (2 pi)) - 3/2 log(x - loc) - scale / (2 (x - loc))
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Levy : Distribution {
  template <Positional A, Positional B>
  explicit Levy(const A& loc, const B& scale, Where where = Where::current()) : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
