// One run of tempered sequential Monte Carlo as a traced program: from draws of the prior to particles of the posterior.
#pragma once

#include "nuthatch/log_density.h"
#include "nuthatch/smc.h"

namespace nuthatch::smc {

/// Particles and their log prior and log likelihood: [n, dim], [n], [n].
struct Particles {
  Tensor positions, log_prior, log_likelihood;
  static constexpr auto fields = names("positions", "log_prior", "log_likelihood");
};

struct Cloud {
  Particles particles;
  Tensor beta, log_marginal;   // f64
  Tensor scale, acceptance;    // f64: of random-walk steps; mean probability in the last stage
  Tensor stage;                // i64
  static constexpr auto fields = names("particles", "beta", "log_marginal", "scale", "acceptance", "stage");
};

/// Particles drawn from the prior in unconstrained space.
Cloud draw_prior(const LogDensity&, const Key&, std::int64_t particles);

/// Stages until beta is 1 or there were max_stages.
Cloud temper(const LogDensity&, const SMCOptions&, const Key&, const Cloud& prior);

// ---- pieces, for tests ----

/// The largest beta in (before, 1] for which weights exp((beta - before) log_likelihood) have an effective sample size of
/// at least `wanted`, by bisection.
Tensor next_beta(const Tensor& before, const Tensor& log_likelihood, double wanted);

/// Indices [n], i64, by systematic resampling of normalised weights with one uniform number: index i occurs n w_i times,
/// rounded up or down.
Tensor systematic(const Tensor& weights, const Tensor& uniform);

}  // namespace nuthatch::smc
