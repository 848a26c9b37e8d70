#include "inference/kernels/discrete_gibbs.h"

#include <limits>

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/kernels/compound.h"
#include "nuthatch/kernels/discrete_hmc_gibbs.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::kernels {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();
constexpr std::int64_t largest_support = 512;  // beyond, looking at every value costs more than it gains

Tensor number_or_never(const Tensor& log_density) {
  return select(isnan(never_infinite(log_density)), minus_infinity, log_density);
}

/// One coordinate of z, and z with another number there.
struct Place {
  Tensor z, here;  // [dim]; bool_ [dim]
  Tensor value() const { return sum(select(here, z, 0.0)); }
  Tensor with(const Tensor& x) const { return select(here, x, z); }
};

Tensor metropolis_update(const Key& key, const Place& at, const Tensor& proposal, const Target& target) {
  Tensor ratio = number_or_never(target.log_density(at.with(proposal))) - target.log_density(at.z);
  return at.with(select(log1p(-uniform(key)) < ratio, proposal, at.value()));
}

/// A distance k >= 1 with probability 1 / (k (k + 1)), to either side: no scale is preferred.
Tensor random_step(const Key& key) {
  Tensor u = uniform(key, {2});
  Tensor distance = minimum(floor(1.0 / maximum(u[0], 1e-9)), 1e9);
  return select(u[1] < 0.5, distance, -distance);
}

Tensor gibbs_update(const Key& key, const Place& at, const Tensor& values, bool modified, const Target& target) {
  Tensor log_densities =
      number_or_never(vmap([&](const Tensor& x) { return target.log_density(at.with(x)); })(values));
  auto value_at = [&](const Tensor& index) { return sum(select(arange(values.size()) == index, values, 0.0)); };
  if (!modified) return at.with(value_at(categorical(key, log_densities)));
  auto [k_propose, k_accept] = split<2>(key);
  Tensor current = values == at.value();
  Tensor probabilities = softmax(log_densities);
  Tensor proposal = value_at(categorical(k_propose, select(current, minus_infinity, log_densities)));
  // 1 - p as the sum over the other values: exact also where p is nearly one.
  Tensor others_now = sum(select(current, 0.0, probabilities));
  Tensor others_then = sum(select(values == proposal, 0.0, probabilities));
  Tensor accepted = (others_now > 0.0) & (uniform(k_accept) * others_then < others_now);
  return at.with(select(accepted, proposal, at.value()));
}

}  // namespace

bool by_looking(const LatentSite& site, const DiscreteUpdate& how) {
  return site.num_values > 0 && site.num_values <= largest_support && !how.random_walk;
}

CompositeRule::Update discrete_update(const LatentSite& site, const DiscreteUpdate& how) {
  return [site, how](const Key& key, const Tensor& start, const Target& target) {
    const bool finite = site.num_values > 0 && site.num_values <= largest_support;
    const Tensor values = double(site.lowest) + arange(finite ? site.num_values : 0).cast(f64);
    return fori_loop(site.offset, site.offset + site.size, start, [&](const Tensor& place, const Tensor& z) {
      const Place at{z, arange(z.size()) == place};
      const Key own = fold_in(key, place);
      if (finite && !how.random_walk) return gibbs_update(own, at, values, how.modified, target);
      auto [k_propose, k_accept] = split<2>(own);
      Tensor proposal = finite ? double(site.lowest) + randint(k_propose, {}, 0, site.num_values).cast(f64)
                               : at.value() + random_step(k_propose);
      return metropolis_update(k_accept, at, proposal, target);
    });
  };
}

}  // namespace nuthatch::kernels

namespace nuthatch {
namespace {

using kernels::CompositeRule;

Shared<const detail::KernelRule> discrete_rule(const char* name, const KernelSettings& inner,
                                                        const kernels::DiscreteUpdate& how, const LogDensity& density,
                                                        Where where) {
  const std::int64_t continuous = density.continuous_dim();
  std::vector<CompositeRule::Update> updates;
  std::vector<std::pair<std::string, std::string>> parts;
  for (const LatentSite& site : density.sites()) {
    if (site.discrete) updates.push_back(kernels::discrete_update(site, how));
    parts.emplace_back(!site.discrete ? inner.name : kernels::by_looking(site, how) ? "Gibbs" : "Metropolis", site.name);
  }
  const kernels::Partition partition{{{0, continuous, true}, {continuous, density.dim() - continuous, false}}};
  auto rule = continuous > 0 ? kernels::inner_rule(name, inner, density, where) : nullptr;
  return share<CompositeRule>(name, std::move(rule), partition, std::move(updates), kernels::describe_parts(parts));
}

Kernel with_discrete_sites(const char* name, const Kernel& inner, const kernels::DiscreteUpdate& how, bool required,
                           Where where) {
  KernelSettings s = inner.settings();
  s.name = name;
  s.latents = Latents::any;
  s.any_data = false;
  s.ensemble_rule = {};
  s.rule = [=, settings = inner.settings()](const LogDensity& density) -> Shared<const detail::KernelRule> {
    if (density.continuous_dim() < density.dim()) return discrete_rule(name, settings, how, density, where);
    if (required)
      throw Error(std::string(name) + ": the model has no discrete latent site; use " + settings.name, where);
    return settings.rule(density);
  };
  if (inner.settings().ensemble_rule)
    throw Error(std::string(name) + ": " + inner.settings().name +
                    " moves all chains together and cannot be the inner kernel",
                where);
  return Kernel(inner.model(), std::move(s));
}

}  // namespace

Kernel DiscreteHMCGibbs(const Kernel& inner, const DiscreteHMCGibbsOptions& o, Where where) {
  if (o.random_walk && o.modified)
    throw Error("DiscreteHMCGibbs: modified is a variant of Gibbs steps, random_walk has none", where);
  return with_discrete_sites("DiscreteHMCGibbs", inner, {o.random_walk, o.modified}, /*required=*/true, where);
}

Kernel Compound(const Model& model, const NUTSOptions& options, Where where) {
  return with_discrete_sites("Compound", NUTS(model, options, where), {}, /*required=*/false, where);
}

}  // namespace nuthatch
