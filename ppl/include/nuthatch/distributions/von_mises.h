#pragma once
/// VonMises(loc, concentration): an angle x in [-pi, pi], loc real, concentration > 0; the normal distribution on a
/// circle.
///   log p(x) = k cos(x - loc) - log(2 pi) - log I0(k),   k = concentration
/// The mean is the circular mean, loc in [-pi, pi], the variance the circular variance 1 - I1(k) / I0(k). Draws: Best
/// and Fisher, Efficient simulation of the von Mises distribution, Appl. Statist. 28 (1979); implicit derivative.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct VonMises : Distribution {
  template <Positional A, Positional B>
  explicit VonMises(const A& loc, const B& concentration, Where where = Where::current())
      : Distribution(make(loc, concentration, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& concentration, Where where);
};

} // namespace nuthatch
