#pragma once
/// What a model predicts: draws of its sites under the prior, or given the draws of a posterior, for the same or for new
/// data.
///
///     auto prior  = Predictive(model, {.num_samples = 500})(Key(1), x);
///     auto fit    = MCMC(NUTS(model)).run(Key(2), x, y);
///     auto future = Predictive(model, fit, {.group = "predictions"})(Key(3), x_new);  // y is not given: predicted
///
/// The model runs anew for every draw, at the arguments given here: latent sites take the values of the draw,
/// observation sites without data are drawn, everything `deterministic` is recomputed, so that data may be new and of
/// another length. All draws run in one compiled program, in lanes and threads. Draw i depends on (key, i) only: not on
/// batches, threads or lanes.
#include <concepts>

#include "nuthatch/detail/shared.h"
#include "nuthatch/inference_data.h"
#include "nuthatch/model.h"

namespace nuthatch {

struct PredictiveOptions {
  OnlyNamed only_named{};
  /// Draws from the prior; 0 means 1000. Given draws of a posterior, each of them makes one prediction and this must be 0.
  std::int64_t num_samples = 0;
  /// The sites to return, latent ones among them if wanted. Empty: observation sites without data, deterministics, and
  /// latent sites that are drawn here.
  std::vector<std::string> return_sites = {};
  /// Sites not to return.
  std::vector<std::string> exclude = {};
  /// Latent sites to draw from their prior given the others although the posterior has them, or because it has not:
  /// members of a plate of another size, discrete sites that were summed out.
  std::vector<std::string> resample = {};
  /// The group for predictions from posterior draws: "posterior_predictive", or "predictions" for new data.
  std::string group = "posterior_predictive";
  /// Also the log density of every observation that is given, in the group "log_likelihood".
  bool log_likelihood = false;
  /// Draws computed at a time; 0: all. Bounds the working memory, the results do not depend on it.
  std::int64_t batch_size = 0;
  /// 0: num_threads().
  int threads = 0;
};

class Predictive {
 public:
  /// A key with the line it was given on, for messages.
  struct Seed {
    Key key;
    Where where;
    Seed(const Key& key, Where where = Where::current()) : key(key), where(where) {}
  };

  /// Predictions from the prior: groups "prior" (latent sites and deterministics) and "prior_predictive" (observation
  /// sites), of dimensions (chain = 1, draw = num_samples, ...).
  explicit Predictive(Model model, PredictiveOptions options = {}, Where where = Where::current());
  /// Predictions given draws: those of the group posterior, else those of prior. Dimensions (chain, draw, ...). A latent
  /// site that the draws lack, or have in another shape, is an Error unless `resample` names it.
  template <std::derived_from<InferenceData> D>
  Predictive(Model model, const D& draws, PredictiveOptions options = {}, Where where = Where::current())
      : Predictive(std::move(model), static_cast<const InferenceData&>(draws), std::move(options), where, 0) {}

  /// The predictions at these arguments of the model.
  template <class... A>
  InferenceData operator()(const Seed& seed, const A&... arguments) const {
    return run(seed.key, model_.bind({Argument(arguments)...}, seed.where), seed.where);
  }
  InferenceData run(const Key& key, const BoundModel& model, Where where = Where::current()) const;

 private:
  Predictive(Model model, const InferenceData& draws, PredictiveOptions options, Where where, int);

  Model model_;
  Shared<const Dataset> draws_;  // null: the prior
  PredictiveOptions options_;
  Where where_;
};

/// Log density of every observation for each draw, in the group "log_likelihood": fit.extend(log_likelihood(model, fit,
/// x, y)). The arguments are those of the model, observations included.
InferenceData log_likelihood_of(const BoundModel& model, const InferenceData& draws, Where where = Where::current());
template <std::derived_from<InferenceData> D, class... A>
InferenceData log_likelihood(const Model& model, const D& draws, const A&... arguments) {
  return log_likelihood_of(model.bind({Argument(arguments)...}), draws);
}

/// Log density of every latent site for each draw, in the group "log_prior", of the shape of the site's batch: masked and
/// scaled, without log-Jacobians and without `factor` statements. fit.extend(log_prior(model, fit, x, y)).
InferenceData log_prior_of(const BoundModel& model, const InferenceData& draws, Where where = Where::current());
template <std::derived_from<InferenceData> D, class... A>
InferenceData log_prior(const Model& model, const D& draws, const A&... arguments) {
  return log_prior_of(model.bind({Argument(arguments)...}), draws);
}

}  // namespace nuthatch
