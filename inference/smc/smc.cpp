#include "nuthatch/smc.h"

#include <cmath>
#include <limits>

#include "inference/fit/site_dims.h"
#include "inference/smc/tempering.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

constexpr const char* evidence_name = "log_marginal_likelihood";

void check(const SMCOptions& o, Where where) {
  const auto require = [&](bool good, const char* what) {
    if (!good) throw Error(std::string("SMC: ") + what, where);
  };
  require(o.num_particles >= 10, "num_particles must be at least 10");
  require(o.num_chains >= 1, "num_chains must be at least 1");
  require(o.threshold > 0 && o.threshold < 1, "threshold must lie between 0 and 1");
  require(o.move_probability > 0 && o.move_probability < 1, "move_probability must lie between 0 and 1");
  require(o.min_steps >= 1 && o.max_steps >= o.min_steps, "min_steps must be at least 1, max_steps not less");
  require(o.max_stages >= 1, "max_stages must be at least 1");
  require(o.kernel == "imh" || o.kernel == "mh", "kernel is \"imh\" or \"mh\"");
}

void check(const smc::Cloud& cloud, const SMCOptions& o, Where where) {
  if (!std::isfinite(cloud.log_marginal.item<double>()))
    throw Error("SMC: no particle drawn from the prior has a finite likelihood, or one has an infinite one", where);
  const double beta = cloud.beta.item<double>();
  if (beta < 1.0)
    throw Error("SMC: after max_stages = " + std::to_string(o.max_stages) + " stages beta is " + std::to_string(beta), where);
}

/// One entry per chain of a member of the clouds.
Tensor by_chain(const std::vector<smc::Cloud>& clouds, Tensor smc::Cloud::* member) {
  std::vector<Tensor> all;
  for (const smc::Cloud& c : clouds) all.push_back(c.*member);
  return stack(all);
}

/// Latent and deterministic sites of every particle; positions are [chains, particles, dim].
void fill_posterior(Dataset& to, const LogDensity& density, const Tensor& positions) {
  std::vector<SiteInfo> sites(density.sites().begin(), density.sites().end());
  sites.insert(sites.end(), density.deterministics().begin(), density.deterministics().end());
  const auto values_at = [&](const Tensor& z) {
    const Values values = density.constrain(z);
    std::vector<Tensor> out;
    for (const SiteInfo& s : sites) out.push_back(broadcast_to(values.at(s.name).cast(s.dtype), s.shape));
    return out;
  };
  const std::vector<Tensor> values = jit(vmap(vmap(values_at)))(positions);
  for (std::size_t i = 0; i < sites.size(); ++i) {
    set_plate_labels(to, sites[i]);
    to.set_draws(sites[i].name, values[i], dims_of(sites[i]));
  }
}

/// Sees the values of observed sites.
class ObservedValues final : public Handler {
 public:
  void finish(Message& m) override {
    if (m.primitive == Primitive::sample && m.observed && m.value.is_concrete()) values[m.name] = m.value;
  }
  Values values;
};

void fill_observed_data(Dataset& to, const LogDensity& density, const Tensor& position) {
  ObservedValues seen;
  {
    Active active(seen);
    (void)density.constrain(position);
  }
  for (const SiteInfo& site : density.observations()) {
    const auto found = seen.values.find(site.name);
    if (found == seen.values.end()) continue;
    set_plate_labels(to, site);
    to.set_data(site.name, found->second, dims_of(site));
  }
}

std::vector<double> evidence_of(const Fit& fit, Where where) {
  if (!fit.sample_stats.contains(evidence_name))
    throw Error(std::string("log_evidence: the fit has no ") + evidence_name + " in sample_stats; that of SMC has", where);
  return fit.sample_stats[evidence_name].tensor().to_vector<double>();
}

}  // namespace

SMC::SMC(Model model, SMCOptions options, Where where)
    : model_(std::move(model)), options_(std::move(options)), where_(where) {
  check(options_, where);
}

Fit SMC::run_bound(const Key& key, const BoundModel& model) const {
  const LogDensity density(model);
  if (density.dim() == 0) throw Error("SMC: the model has no latent variable to sample", where_);
  const auto run = jit([&](const Key& chain_key) {
    auto [k_prior, k_stages] = split<2>(chain_key);
    return smc::temper(density, options_, k_stages, smc::draw_prior(density, k_prior, options_.num_particles));
  });
  std::vector<smc::Cloud> clouds;
  std::vector<Tensor> positions, log_densities;
  for (std::int64_t c = 0; c < options_.num_chains; ++c) {
    clouds.push_back(run(fold_in(key, Tensor(c))));
    const smc::Cloud& cloud = clouds.back();
    check(cloud, options_, where_);
    positions.push_back(cloud.particles.positions);
    log_densities.push_back(cloud.particles.log_prior + cloud.particles.log_likelihood);
  }
  Fit fit;
  fill_posterior(fit.posterior, density, stack(positions));
  fill_observed_data(fit.observed_data, density, positions.front()[0]);
  fit.sample_stats.set_draws("lp", stack(log_densities));
  fit.sample_stats.set_data(evidence_name, by_chain(clouds, &smc::Cloud::log_marginal), {"chain"});
  fit.sample_stats.set_data("acceptance_rate", by_chain(clouds, &smc::Cloud::acceptance), {"chain"});
  fit.sample_stats.set_data("num_stages", by_chain(clouds, &smc::Cloud::stage), {"chain"});
  fit.attrs["sampler"] = std::string("SMC");
  return fit;
}

double log_evidence(const Fit& fit, Where where) {
  const std::vector<double> chains = evidence_of(fit, where);
  double total = 0;
  for (const double x : chains) total += x;
  return total / double(chains.size());
}

double log_evidence_error(const Fit& fit, Where where) {
  const std::vector<double> chains = evidence_of(fit, where);
  const double n = double(chains.size()), center = log_evidence(fit, where);
  double squares = 0;
  for (const double x : chains) squares += (x - center) * (x - center);
  return n > 1 ? std::sqrt(squares / (n - 1) / n) : std::numeric_limits<double>::quiet_NaN();
}

double bayes_factor(const Fit& a, const Fit& b, Where where) { return std::exp(log_evidence(a, where) - log_evidence(b, where)); }

}  // namespace nuthatch
