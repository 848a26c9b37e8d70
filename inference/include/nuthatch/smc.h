#pragma once
/// Sequential Monte Carlo: particles drawn from the prior are carried to the posterior through a sequence of tempered
/// distributions, prior x likelihood^beta with beta from 0 to 1. No gradient, several modes, and an estimate of the
/// marginal likelihood. Del Moral, Doucet & Jasra (2006); Ching & Chen (2007); kernels as in PyMC.
///
///     Fit fit = SMC(model, {.num_particles = 4000}).run(Key(0), x, y);
///     log_evidence(fit);
///
/// Of a model with a Simulator (simulator.h) it samples the approximate posterior: every evaluation of the
/// likelihood is one simulation, and a particle keeps the one it was accepted with.
#include <string>
#include <vector>

#include "nuthatch/fit.h"
#include "nuthatch/model.h"

namespace nuthatch {

struct SMCOptions {
  OnlyNamed only_named{};
  std::int64_t num_particles = 2000;
  /// Independent runs: their spread is the error of the evidence.
  std::int64_t num_chains = 4;
  /// Every stage raises beta as far as the effective sample size of the weights remains this share of the particles.
  double threshold = 0.5;
  /// "imh": proposals from the normal distribution fitted to the particles; "mh": random-walk steps with its covariance,
  /// scaled for an acceptance of 0.234, for posteriors that are far from normal.
  std::string kernel = "imh";
  /// Metropolis steps of a stage: as many as move a particle with this probability, from `min_steps` to `max_steps`.
  double move_probability = 0.99;
  std::int64_t min_steps = 5, max_steps = 100;
  std::int64_t max_stages = 500;
};

class SMC {
 public:
  explicit SMC(Model model, SMCOptions options = {}, Where where = Where::current());

  /// The particles are the draws, `num_particles` in each of `num_chains` chains; sample_stats has lp and, with the
  /// dimension chain alone, log_marginal_likelihood, acceptance_rate (of the last stage) and num_stages. Factor
  /// statements belong to the likelihood. Chain c depends on (key, c) only. An Error says so when the likelihood is
  /// nowhere finite or beta does not reach 1 within max_stages.
  template <class... A>
  Fit run(const Key& key, const A&... arguments) const {
    return run_bound(key, model_.bind({Argument(arguments)...}, where_));
  }

 private:
  Fit run_bound(const Key&, const BoundModel&) const;

  Model model_;
  SMCOptions options_;
  Where where_;
};

/// The logarithm of the marginal likelihood: the mean over chains of what SMC stored in sample_stats. An Error for a fit
/// of another sampler.
double log_evidence(const Fit& fit, Where where = Where::current());
/// Its standard error, by the spread of the chains; NaN for a single one.
double log_evidence_error(const Fit& fit, Where where = Where::current());
/// How many times more probable the data are under the model of `a` than under that of `b`.
double bayes_factor(const Fit& a, const Fit& b, Where where = Where::current());

}  // namespace nuthatch
