#include "nuthatch/kernels/hmc_gibbs.h"

#include <algorithm>

#include "inference/kernels/composite.h"
#include "nuthatch/array.h"

namespace nuthatch {
namespace {

using kernels::CompositeRule;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_sites(const LogDensity& density, const KernelSettings& inner, const std::vector<std::string>& names,
                 Where where) {
  for (const std::string& name : names)
    if (std::none_of(density.sites().begin(), density.sites().end(), [&](const auto& s) { return s.name == name; }))
      throw Error("HMCGibbs: gibbs_sites names \"" + name + "\", which is not a latent site of the model", where);
  for (const LatentSite& site : density.sites())
    if (site.discrete && !contains(names, site.name))
      throw Error("HMCGibbs: the discrete site \"" + site.name + "\" is not among gibbs_sites", where);
  if (inner.metric.kind != Metric::Kind::diagonal && inner.metric.kind != Metric::Kind::automatic)
    throw Error("HMCGibbs: the metric of " + inner.name + " must be diagonal", where);
}

/// Values of the Gibbs sites replaced by what the function makes of them.
CompositeRule::Update update_of(const GibbsFunction& gibbs, const std::vector<std::string>& names,
                                const LogDensity& density, Where where) {
  return [=](const Key& key, const Tensor& z, const Target&) {
    Values all = density.constrain(z), own, rest;
    for (const auto& [name, value] : all) (contains(names, name) ? own : rest)[name] = value;
    const Values fresh = gibbs(key, own, rest);
    for (const std::string& name : names) {
      const auto found = fresh.find(name);
      if (found == fresh.end()) throw Error("HMCGibbs: the Gibbs function returned no value for \"" + name + "\"", where);
      if (found->second.shape() != own.at(name).shape())
        throw Error("HMCGibbs: the Gibbs function returned " + to_string(found->second.shape()) + " for \"" + name +
                        "\" of shape " + to_string(own.at(name).shape()),
                    where);
      all[name] = found->second;
    }
    return density.unconstrain(all);
  };
}

}  // namespace

Kernel HMCGibbs(const Kernel& inner, const GibbsFunction& gibbs, const std::vector<std::string>& names, Where where) {
  if (names.empty()) throw Error("HMCGibbs: gibbs_sites is empty", where);
  KernelSettings s = inner.settings();
  s.name = "HMCGibbs";
  s.latents = Latents::any;
  if (s.metric.kind == Metric::Kind::automatic) s.metric = diagonal();
  s.any_data = false;
  s.ensemble_rule = {};
  s.rule = [=, settings = inner.settings()](const LogDensity& density) -> Shared<const detail::KernelRule> {
    check_sites(density, settings, names, where);
    kernels::Partition partition;
    std::vector<std::pair<std::string, std::string>> parts;
    for (const LatentSite& site : density.sites()) {
      const bool own = contains(names, site.name);
      partition.pieces.push_back({site.offset, site.size, !own});
      parts.emplace_back(own ? "function" : settings.name, site.name);
    }
    auto rule = partition.inner_size() > 0 ? kernels::inner_rule("HMCGibbs", settings, density, where) : nullptr;
    return share<CompositeRule>("HMCGibbs", std::move(rule), partition,
                                           std::vector<CompositeRule::Update>{update_of(gibbs, names, density, where)},
                                           kernels::describe_parts(parts));
  };
  return Kernel(inner.model(), std::move(s));
}

}  // namespace nuthatch
