#include "nuthatch/sbc.h"

#include <cmath>
#include <set>

#include "inference/kernels/composite.h"
#include "inference/mcmc/engine.h"
#include "inference/mcmc/starting_points.h"
#include "nuthatch/array.h"
#include "nuthatch/handlers.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/threads.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

void check(const SBCOptions& o, const Kernel& kernel, Where where) {
  const auto require = [&](bool good, const std::string& what) {
    if (!good) throw Error("sbc: " + what, where);
  };
  require(o.num_fits >= 1, "num_fits must be at least 1");
  require(o.num_warmup >= 0, "num_warmup must not be negative");
  require(o.num_draws >= 1 && o.thinning >= 1, "num_draws and thinning must be at least 1");
  require(o.num_bins >= 2 && o.num_bins <= o.num_draws + 1, "num_bins must lie between 2 and num_draws + 1");
  require(!kernel.settings().ensemble_rule, kernel.settings().name + " moves all chains together; fits must be independent");
}

/// The model with its data as latent sites: the joint distribution that both parameters and data are drawn from.
class Joint {
 public:
  explicit Joint(const BoundModel& model, Where where)
      : density_(uncondition(model), Latents::any) {
    const LogDensity given(model, Latents::any);
    std::set<std::string> parameters;
    for (const LatentSite& site : given.sites()) {
      parameters.insert(site.name);
      if (site.discrete) throw Error("sbc: the site \"" + site.name + "\" is discrete; parameters must be continuous", where);
    }
    if (parameters.empty()) throw Error("sbc: the model has no latent variable", where);
    if (given.observations().empty()) throw Error("sbc: the model has no data", where);
    const auto names = density_.names();
    for (const LatentSite& site : density_.sites()) {
      const bool is_parameter = parameters.contains(site.name);
      partition_.pieces.push_back({site.offset, site.size, is_parameter});
      for (std::int64_t i = 0; is_parameter && i < site.size; ++i) names_.push_back(names[std::size_t(site.offset + i)]);
    }
  }
  const LogDensity& density() const { return density_; }
  const kernels::Partition& partition() const { return partition_; }
  /// Of the parameters' coordinates, in order.
  const std::vector<std::string>& names() const { return names_; }

  /// Parameters and data [fits, dim] of every fit.
  Tensor draw(const Key& key, std::int64_t fits) const {
    return jit(vmap([&](const Tensor& i) {
      const Trace run = trace(seed(density_.model(), fold_in(key, i)));
      Values values;
      for (const LatentSite& site : density_.sites()) values[site.name] = run[site.name].value;
      return density_.unconstrain(values);
    }))(arange(fits));
  }

 private:
  LogDensity density_;
  kernels::Partition partition_;
  std::vector<std::string> names_;
};

/// The kernel on the parameters, data held fixed: each chain keeps its own in its position.
mcmc::Sampler sampler_of(const Kernel& kernel, const Joint& joint, Where where) {
  const KernelSettings& s = kernel.settings();
  if (s.metric.kind != Metric::Kind::diagonal && s.metric.kind != Metric::Kind::automatic)
    throw Error("sbc: the metric must be diagonal", where);
  mcmc::AdaptationRules rules;
  rules.source = s.adaptation == "fisher" ? mcmc::MetricSource::fisher : mcmc::MetricSource::windows;
  rules.step_size = s.adapt_step_size;
  rules.mass_matrix = s.adapt_mass_matrix;
  rules.noisy_acceptance = s.noisy_acceptance;
  return {share<kernels::CompositeRule>(s.name, kernels::inner_rule("sbc", s, joint.density(), where),
                                                   joint.partition(), std::vector<kernels::CompositeRule::Update>{}),
          rules};
}

/// How many draws of each coordinate lie below the truth.
std::vector<std::int64_t> ranks_of(const mcmc::DrawStore& store, const Tensor& truth, const kernels::Partition& parts) {
  const std::int64_t dim = store.positions.shape[2];
  const auto true_values = truth.to_vector<double>();
  std::vector<std::int64_t> ranks;
  for (std::int64_t fit = 0; fit < store.chains; ++fit)
    for (const auto& piece : parts.pieces)
      for (std::int64_t k = piece.offset; piece.inner && k < piece.offset + piece.size; ++k) {
        std::int64_t below = 0;
        for (std::int64_t t = 0; t < store.capacity; ++t)
          below += store.positions.as<double>()[(fit * store.capacity + t) * dim + k] < true_values[std::size_t(fit * dim + k)];
        ranks.push_back(below);
      }
  return ranks;
}

/// Regularised upper incomplete gamma function Q(a, x): the series of its complement for small x, else the continued
/// fraction by Lentz's method (Abramowitz & Stegun 6.5.29, 6.5.31).
double upper_gamma(double a, double x) {
  if (x <= 0) return 1;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < 1000 && term > 1e-17 * sum; ++n) sum += term *= x / (a + n);
    return 1 - front * sum;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int n = 1; n < 1000; ++n) {
    const double an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return front * h;
}

/// Chi-squared test of equally likely ranks; bins have as many ranks as they contain.
double uniformity(const std::vector<std::int64_t>& ranks, std::int64_t num_draws, std::int64_t bins) {
  const std::int64_t values = num_draws + 1;
  std::vector<double> counts(std::size_t(bins), 0.0), sizes(std::size_t(bins), 0.0);
  for (std::int64_t r = 0; r < values; ++r) sizes[std::size_t(r * bins / values)] += 1;
  for (const std::int64_t r : ranks) counts[std::size_t(r * bins / values)] += 1;
  double statistic = 0;
  for (std::size_t b = 0; b < counts.size(); ++b) {
    const double expected = double(ranks.size()) * sizes[b] / double(values);
    statistic += (counts[b] - expected) * (counts[b] - expected) / expected;
  }
  return upper_gamma(0.5 * double(bins - 1), 0.5 * statistic);
}

}  // namespace

SBCResult sbc_bound(const Kernel& kernel, const SBCOptions& o, const Key& key, const BoundModel& model, Where where) {
  check(o, kernel, where);
  const Joint joint(model, where);
  const LogDensity& density = joint.density();
  auto [k_truth, k_fits] = split<2>(key);
  const Tensor truth = joint.draw(k_truth, o.num_fits);

  mcmc::EngineOptions options;
  options.num_warmup = o.num_warmup, options.num_samples = o.num_draws * o.thinning, options.thinning = o.thinning;
  options.num_chains = o.num_fits, options.threads = o.threads > 0 ? o.threads : num_threads();
  options.target_accept_prob = kernel.settings().target_accept_prob, options.step_size = kernel.settings().step_size;
  mcmc::Engine engine(sampler_of(kernel, joint, where),
                      {density.dim(), density.data(),
                       [&](const Tensor& z, const std::vector<Tensor>& data) { return density(z, data); },
                       {}},
                      options);
  // Chains begin anywhere: that they find the posterior is part of what is tested.
  const auto anywhere = mcmc::starting_points(kernel.settings().init, density, k_fits, o.num_fits);
  std::vector<Tensor> starts;
  for (std::int64_t i = 0; i < o.num_fits; ++i)
    starts.push_back(joint.partition().merge(joint.partition().inner(anywhere[std::size_t(i)]), truth[i]));
  engine.start(k_fits, starts, mcmc::max_attempts(kernel.settings().init), kernel.settings().init.radius);
  engine.run([](const auto&) { return true; });
  for (const auto& chain : engine.reports())
    if (chain.failed) throw Error("sbc: a fit found no finite starting point for the data it was given", where);

  SBCResult result;
  result.names = joint.names();
  result.num_draws = o.num_draws;
  const auto ranks = ranks_of(engine.draws(), truth, joint.partition());
  const std::size_t coordinates = result.names.size();
  result.ranks = reshape(Tensor(ranks), {o.num_fits, std::int64_t(coordinates)});
  for (std::size_t k = 0; k < coordinates; ++k) {
    std::vector<std::int64_t> own;
    for (std::size_t i = k; i < ranks.size(); i += coordinates) own.push_back(ranks[i]);
    result.p_value[result.names[k]] = uniformity(own, o.num_draws, o.num_bins);
  }
  return result;
}

}  // namespace nuthatch
