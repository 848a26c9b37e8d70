#pragma once
/// Moyal(loc = 0, scale = 1): x real, loc real, scale > 0; -log of a squared standard normal value, located and scaled.
///   log p(x) = -1/2 (z + exp(-z)) - log(scale) - 1/2 log(2 pi),   z = (x - loc) / scale
/// Moyal, Theory of ionization fluctuations, Phil. Mag. 46 (1955).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Moyal : Distribution {
  explicit Moyal(Where where = Where::current()) : Moyal(0.0, 1.0, where) {}
  template <Positional A> explicit Moyal(const A& loc, Where where = Where::current()) : Moyal(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Moyal(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
