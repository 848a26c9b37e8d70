#pragma once
/// SineSkewed(base, skewness): angles x [..., n] in [-pi, pi]; base is a distribution on the torus symmetric around its
/// mean c, as VonMises(loc, concentration).to_event(1) or SineBivariateVonMises; skewness [..., n] with
/// sum_k |skewness_k| <= 1.
///   log p(x) = log p_base(x) + log(1 + sum_k skewness_k sin(x_k - c_k))
/// Ameijeiras-Alonso and Ley, Sine-skewed toroidal distributions and their application in protein bioinformatics,
/// Biostatistics 23 (2022).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct SineSkewed : Distribution {
  explicit SineSkewed(const Distribution& base, const Tensor& skewness, Where where = Where::current());
};

}  // namespace nuthatch
