#pragma once
/// Rayleigh(scale = 1): x > 0, scale > 0; the length of a vector of two Normal(0, scale) values.
///   log p(x) = log(x) - 2 log(scale) - 1/2 (x / scale)^2
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Rayleigh : Distribution {
  explicit Rayleigh(Where where = Where::current()) : Rayleigh(1.0, where) {}
  template <Positional A>
  explicit Rayleigh(const A& scale, Where where = Where::current()) : Distribution(make(scale, where)) {}

 private:
  static Distribution make(const Tensor& scale, Where where);
};

} // namespace nuthatch
