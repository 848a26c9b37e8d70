#pragma once
/// Priors of regression coefficients that are several sites: statements about the whole regression, from which the
/// coefficients follow.
#include <cstdint>
#include <string>

#include "nuthatch/distribution.h"
#include "nuthatch/labels.h"
#include "nuthatch/options.h"

namespace nuthatch {

struct R2D2Options {
  OnlyNamed only_named{};
  /// Standard deviation of the response, and those of the predictors, [n] or one number.
  Tensor output_scale = 1.0, input_scale = 1.0;
  /// The mean of the prior of R^2, the part of the response's variance that is explained, in (0, 1); with r2_sd its
  /// standard deviation, without it the number itself.
  Tensor r2 = 0.5;
  Tensor r2_sd{};
  /// How the explained variance is divided among predictors: a Dirichlet distribution with this concentration ([n] or
  /// one number, 1 by default), or these shares [n], which sum to 1.
  Tensor importance_concentration{};
  Tensor variance_explained{};
  /// The probability that a coefficient is positive ([n] or one number, 1/2 by default), or with positive_probs_sd the
  /// mean and standard deviation of its prior.
  Tensor positive_probs = 0.5;
  Tensor positive_probs_sd{};
  /// Samples the coefficients themselves, for much data; otherwise standard normal numbers `<name>_raw`.
  bool centered = false;
};

struct R2D2 {
  Tensor coefficients;   // [n]
  Tensor residual_scale;  // output_scale sqrt(1 - R^2): of the noise
};

/// The R2D2M2CP prior of `n` coefficients: R^2 ~ Beta, shares phi ~ Dirichlet, and coefficient k of a standardised
/// predictor normal with second moment phi_k R^2 output_scale^2 and P(> 0) = positive_probs_k. Sites, as far as they
/// are random:
/// `<name>_r2`, `<name>_importance` [n], `<name>_positive_probs` [n], and `<name>` [n] in the plate `<name>_feature`.
/// Zhang, Naughton, Bondell & Reich (2022), Bayesian regression using a prior on the model fit; Aguilar & Buerkner
/// (2023); with signs as in pymc-extras. Error for options that exclude each other.
R2D2 r2d2m2cp(const std::string& name, std::int64_t n, const R2D2Options& options = {}, Where where = Where::current());
/// With names for the coefficients.
R2D2 r2d2m2cp(const std::string& name, const Labels& features, const R2D2Options& options = {},
              Where where = Where::current());

struct HorseshoeOptions {
  OnlyNamed only_named{};
  /// Scale of the half-Cauchy prior of the global scale tau. With p0 relevant predictors of n, N rows and noise s,
  /// p0 / (n - p0) s / sqrt(N) is recommended.
  Tensor global_scale = 1.0;
  /// Coefficients beyond the horseshoe's own scale are Student t with these degrees of freedom and this scale.
  Tensor slab_scale = 2.0, slab_df = 4.0;
};

/// The regularised horseshoe: coefficients tau l_k z_k, z standard normal, where l_k^2 = c^2 lambda_k^2 / (c^2 + tau^2
/// lambda_k^2), lambda_k ~ HalfCauchy(1), tau ~ HalfCauchy(global_scale), c^2 ~ InverseGamma(df / 2, df scale^2 / 2).
/// Sites:
/// `<name>_tau`, `<name>_c2`, `<name>_lambda` [n], `<name>_raw` [n] and the deterministic `<name>` [n], those in the
/// plate
/// `<name>_feature`. Piironen & Vehtari (2017), Sparsity information and regularization in the horseshoe and other
/// shrinkage priors.
Tensor horseshoe(const std::string& name, std::int64_t n, const HorseshoeOptions& options = {},
                 Where where = Where::current());
Tensor horseshoe(const std::string& name, const Labels& features, const HorseshoeOptions& options = {},
                 Where where = Where::current());

}  // namespace nuthatch
