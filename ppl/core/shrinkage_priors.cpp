#include "nuthatch/shrinkage_priors.h"

#include "nuthatch/array.h"
#include "nuthatch/distributions/beta.h"
#include "nuthatch/distributions/dirichlet.h"
#include "nuthatch/distributions/half_cauchy.h"
#include "nuthatch/distributions/inverse_gamma.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/math.h"
#include "nuthatch/plate.h"
#include "nuthatch/primitives.h"
#include "nuthatch/special.h"

namespace nuthatch {
namespace {

/// The features: a plate made anew wherever it is needed.
struct Features {
  std::string name;
  std::int64_t n;
  Labels labels;
  template <class F> auto operator()(Where where, F&& body) const {
    return labels.empty() ? plate(name + "_feature", n, body, where) : plate(name + "_feature", labels, body, where);
  }
};

Features features_of(const char* function, const std::string& name, std::int64_t n, Labels labels, Where where) {
  if (n < 1)
    throw Error(std::string(function) + "(\"" + name + "\"): the number of coefficients must be 1 or more", where);
  return {name, n, std::move(labels)};
}

void check_size(const char* function, const Features& f, const char* option, const Tensor& x, Where where) {
  if (x.defined() && !x.shape().empty() && x.shape() != Shape{f.n})
    throw Error(std::string(function) + "(\"" + f.name + "\"): ." + option + " has shape " + to_string(x.shape()) +
                    ", but there are " + std::to_string(f.n) + " coefficients",
                where);
}

R2D2 r2d2(const Features& f, const R2D2Options& o, Where where) {
  if (o.variance_explained.defined() && o.importance_concentration.defined())
    throw Error("r2d2m2cp(\"" + f.name + "\"): give .variance_explained or .importance_concentration, not both", where);
  check_size("r2d2m2cp", f, "input_scale", o.input_scale, where);
  check_size("r2d2m2cp", f, "variance_explained", o.variance_explained, where);
  check_size("r2d2m2cp", f, "importance_concentration", o.importance_concentration, where);
  check_size("r2d2m2cp", f, "positive_probs", o.positive_probs, where);
  check_size("r2d2m2cp", f, "positive_probs_sd", o.positive_probs_sd, where);
  const Tensor r2 =
      o.r2_sd.defined() ? sample(f.name + "_r2", Beta({.mean = o.r2, .sd = o.r2_sd}, where), where) : o.r2;
  Tensor share = o.variance_explained;
  if (!share.defined()) {
    const Tensor concentration = o.importance_concentration.defined() ? o.importance_concentration : Tensor(1.0);
    share = f.n == 1 ? ones({1})
                     : sample(f.name + "_importance", Dirichlet(broadcast_to(concentration, {f.n}), where), where);
  }
  return f(where, [&] {
    const Tensor positive = o.positive_probs_sd.defined()
                                ? sample(f.name + "_positive_probs",
                                         Beta({.mean = o.positive_probs, .sd = o.positive_probs_sd}, where), where)
                                : o.positive_probs;
    // Mean over standard deviation is the quantile q of `positive`, and their squares sum to the explained variance.
    const Tensor q = ndtri(positive), explained = o.output_scale * sqrt(r2 * share) / o.input_scale;
    const Tensor sd = explained * rsqrt(1.0 + square(q)), loc = sd * q;
    R2D2 result;
    result.coefficients =
        o.centered ? sample(f.name, Normal(loc, sd, where), where)
                   : deterministic(f.name, loc + sd * sample(f.name + "_raw", Normal(0.0, 1.0, where), where), where);
    result.residual_scale = o.output_scale * sqrt(1.0 - r2);
    return result;
  });
}

Tensor regularised_horseshoe(const Features& f, const HorseshoeOptions& o, Where where) {
  const Tensor tau = sample(f.name + "_tau", HalfCauchy(o.global_scale, where), where);
  const Tensor c2 =
      sample(f.name + "_c2", InverseGamma(0.5 * o.slab_df, 0.5 * o.slab_df * square(o.slab_scale), where), where);
  return f(where, [&] {
    const Tensor lambda = sample(f.name + "_lambda", HalfCauchy(1.0, where), where);
    const Tensor z = sample(f.name + "_raw", Normal(0.0, 1.0, where), where), wide = tau * lambda;
    return deterministic(f.name, z * wide * rsqrt(1.0 + square(wide) / c2), where);
  });
}

}  // namespace

R2D2 r2d2m2cp(const std::string& name, std::int64_t n, const R2D2Options& options, Where where) {
  return r2d2(features_of("r2d2m2cp", name, n, {}, where), options, where);
}
R2D2 r2d2m2cp(const std::string& name, const Labels& features, const R2D2Options& options, Where where) {
  return r2d2(features_of("r2d2m2cp", name, std::int64_t(features.size()), features, where), options, where);
}
Tensor horseshoe(const std::string& name, std::int64_t n, const HorseshoeOptions& options, Where where) {
  return regularised_horseshoe(features_of("horseshoe", name, n, {}, where), options, where);
}
Tensor horseshoe(const std::string& name, const Labels& features, const HorseshoeOptions& options, Where where) {
  return regularised_horseshoe(features_of("horseshoe", name, std::int64_t(features.size()), features, where), options,
                               where);
}

}  // namespace nuthatch
