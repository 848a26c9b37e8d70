// What a fitted guide says: draws, importance weights.
#include <cmath>

#include "inference/diagnostics/pareto.h"
#include "inference/fit/site_dims.h"
#include "inference/svi/particle.h"
#include "nuthatch/array.h"
#include "nuthatch/detail/site_info.h"
#include "nuthatch/math.h"
#include "nuthatch/svi.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

/// Draws of one statement each, with the log densities of model and guide.
struct Draws {
  std::vector<Tensor> values;
  Tensor log_p, log_q;
  static constexpr auto fields = names("values", "log_p", "log_q");
};

bool subsampled(const Site& site) {
  for (const PlateFrame& plate : site.plates)
    if (plate.size != plate.full_size) return true;
  return false;
}

/// `count` runs of guide and model; `sites` describes the values.
Draws draw(const BoundGuide& guide, const Values& params, const Values& state, const Key& key, std::int64_t count,
           std::vector<SiteInfo>* sites, Values* observed) {
  const BoundGuide fitted = guide.fitted(params);
  svi::Problem problem{fitted, {}, {}, {}};
  const svi::Data data{guide.model().data(), guide.statements().data()};
  {
    detail::RecordMissing record(problem.missing);
    const svi::Particle first = svi::run_particle(problem, params, state, key, data);
    for (const Site& site : first.model)
      if (observed && site.observed && site.primitive == Primitive::sample && site.value.is_concrete()) (*observed)[site.name] = site.value;
  }
  return jit(vmap([&](const Tensor& k) {
    const svi::Particle particle = svi::run_particle(problem, params, state, Key::from_tensor(k), data);
    Draws result{{}, svi::log_p(problem, particle), svi::log_q(particle)};
    if (sites) sites->clear();
    for (const Site& site : particle.model) {
      if (!svi::latent(site) && site.primitive != Primitive::deterministic) continue;
      if (!sites || subsampled(site)) continue;
      sites->push_back(detail::site_info(site));
      result.values.push_back(site.value);
    }
    return result;
  }))(split(key, count).tensor());
}

}  // namespace

SVIResult::SVIResult(Values p, Tensor l, SVIState s, BoundGuide guide)
    : params(std::move(p)), losses(std::move(l)), state(std::move(s)), guide_(std::move(guide)) {}

Fit SVIResult::posterior(const Key& key, std::int64_t num_samples, Where where) const {
  if (num_samples < 1) throw Error("posterior: num_samples must be at least 1", where);
  std::vector<SiteInfo> sites;
  Values observed;
  const Draws draws = draw(guide_, params, state.mutable_state, key, num_samples, &sites, &observed);
  const auto one_chain = [](const Tensor& x) { return expand_dims(x, 0); };
  Fit fit;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    set_plate_labels(fit.posterior, sites[i]);
    fit.posterior.set_draws(sites[i].name, one_chain(draws.values[i]), dims_of(sites[i]));
  }
  fit.sample_stats.set_draws("lp", one_chain(draws.log_p));
  fit.sample_stats.set_draws("log_q", one_chain(draws.log_q));
  for (const auto& [name, value] : observed) fit.observed_data.set_data(name, value);
  fit.attrs["sampler"] = std::string("SVI");
  fit.set_model(guide_.model());
  return fit;
}

Tensor SVIResult::importance_log_weights(const Key& key, std::int64_t num_particles, Where where) const {
  if (num_particles < 1) throw Error("importance_log_weights: num_particles must be at least 1", where);
  const Draws draws = draw(guide_, params, state.mutable_state, key, num_particles, nullptr, nullptr);
  return draws.log_p - draws.log_q;
}

double SVIResult::psis_k(const Key& key, std::int64_t num_particles, Where where) const {
  std::vector<double> log_ratios = importance_log_weights(key, num_particles, where).to_vector();
  return detail::smooth_importance_weights(log_ratios, 1.0);
}

}  // namespace nuthatch
