#include "inference/svi/elbo.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/index.h"
#include "nuthatch/kl_divergence.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

ELBO checked(ELBO elbo, const char* name, Where where) {
  if (elbo.num_particles < 1) throw Error(std::string(name) + ": num_particles must be at least 1", where);
  return elbo;
}

}  // namespace

ELBO TraceELBO(const TraceELBOOptions& o, Where where) {
  return checked({ELBO::Kind::trace, o.num_particles, o.vectorize_particles}, "TraceELBO", where);
}
ELBO TraceMeanFieldELBO(const TraceELBOOptions& o, Where where) {
  return checked({ELBO::Kind::mean_field, o.num_particles, o.vectorize_particles}, "TraceMeanFieldELBO", where);
}
ELBO RenyiELBO(const RenyiELBOOptions& o, Where where) {
  if (!std::isfinite(o.alpha) || o.alpha < 0) throw Error("RenyiELBO: alpha must not be negative", where);
  return checked({ELBO::Kind::renyi, o.num_particles, o.vectorize_particles, o.alpha}, "RenyiELBO", where);
}

namespace svi {
namespace {

bool scored(const Site& site) { return latent(site) && !site.distribution.has_rsample(); }

/// KL(q, p) of a site in closed form, or an empty handle.
Tensor closed_form(const Site& q, const Site& p) {
  if (p.mask.defined() || q.mask.defined() || q.distribution.name() == "Delta") return {};
  try {
    const Tensor divergence = kl_divergence(q.distribution, p.distribution, q.where);
    return sum(q.scale.defined() ? q.scale * divergence : divergence);
  } catch (const Error&) {
    return {};  // no closed form for this pair
  }
}

/// log p - log q with the closed forms in place of their estimates.
Tensor mean_field(const Problem& problem, const Particle& all) {
  Particle rest;
  Tensor divergence = 0.0;
  std::map<std::string, bool> done;
  for (const Site& q : all.guide) {
    const Site* p = latent(q) ? all.model.find(q.name) : nullptr;
    const Tensor kl = p ? closed_form(q, *p) : Tensor();
    done[q.name] = kl.defined();
    if (kl.defined()) divergence = divergence + kl;
    else rest.guide.add(q);
  }
  for (const Site& p : all.model)
    if (!done[p.name]) rest.model.add(p);
  return log_p(problem, rest) - log_q(rest) - divergence;
}

/// The logarithm of the weight of a draw. Its gradient is that of the weight and, where draws of the guide have no
/// derivative, f grad log q for E_q[f].
Tensor log_weight(const ELBO& elbo, const Problem& problem, const Values& unconstrained, const Values& state, const Key& key,
                  const Data& data) {
  const Particle particle = run_particle(problem, constrain(problem, unconstrained), state, key, data);
  const Tensor weight = elbo.kind == ELBO::Kind::mean_field ? mean_field(problem, particle) : log_p(problem, particle) - log_q(particle);
  Tensor score;
  for (const Site& site : particle.guide)
    if (scored(site)) score = score.defined() ? score + site.total_log_prob(true) : site.total_log_prob(true);
  if (!score.defined()) return weight;
  const Tensor term = stop_gradient(weight) * score;
  return weight + (term - stop_gradient(term));
}

/// -1 / (1 - alpha) log mean w^(1 - alpha), its limit for alpha = 1; for the other bounds -mean log w.
Tensor value_of(const ELBO& elbo, const Tensor& log_weights) {
  if (elbo.kind != ELBO::Kind::renyi || elbo.alpha == 1.0) return -mean(log_weights);
  const double power = 1.0 - elbo.alpha;
  return -(logsumexp(power * log_weights) - std::log(double(log_weights.size()))) / power;
}

/// Sums of gradients, weighted by powers of the weights for Renyi's bounds; these relative to the largest so far.
struct Sums {
  Tensor largest, weights;
  Values gradient;
  static constexpr auto fields = names("largest", "weights", "gradient");
};

Sums added(const ELBO& elbo, const Sums& sums, const Tensor& log_weight, const Values& gradient) {
  const bool powers = elbo.kind == ELBO::Kind::renyi && elbo.alpha != 1.0;
  const Tensor scaled = powers ? (1.0 - elbo.alpha) * log_weight : Tensor(0.0), largest = maximum(sums.largest, scaled);
  const Tensor finite = largest > -INFINITY;
  const Tensor before = select(finite, exp(sums.largest - largest), 1.0), weight = select(finite, exp(scaled - largest), 0.0);
  Sums next{largest, sums.weights * before + weight, {}};
  for (const auto& [name, g] : gradient) next.gradient[name] = sums.gradient.at(name) * before + weight * g;
  return next;
}

}  // namespace

Tensor loss(const ELBO& elbo, const Problem& problem, const Values& unconstrained, const Values& state, const Key& key,
            const Data& data) {
  const auto one = [&](const Tensor& k) {
    return log_weight(elbo, problem, unconstrained, state, Key::from_tensor(k), data);
  };
  const Tensor keys = split(key, elbo.num_particles).tensor();
  if (elbo.num_particles == 1) return value_of(elbo, reshape(one(keys[0]), {1}));
  if (elbo.vectorize_particles) return value_of(elbo, vmap(one)(keys));
  return value_of(elbo, scan(Tensor(0.0), keys, [&](const Tensor& c, const Tensor& k) { return std::pair(c, one(k)); }).second);
}

std::pair<Tensor, Values> loss_and_gradient(const ELBO& elbo, const Problem& problem, const Values& unconstrained,
                                            const Values& state, const Key& key, const Data& data) {
  if (elbo.num_particles == 1 || elbo.vectorize_particles)
    return value_and_grad([&](const Values& x) { return loss(elbo, problem, x, state, key, data); })(unconstrained);
  // The gradient is taken inside the loop: nothing of a draw has to be kept for later.
  Sums start{zeros(Shape{}) - INFINITY, zeros(Shape{}), unconstrained};
  for (auto& [name, sum] : start.gradient) sum = zeros(sum.shape(), sum.dtype());
  const auto [sums, log_weights] = scan(start, split(key, elbo.num_particles).tensor(), [&](const Sums& sums, const Tensor& k) {
    const auto [weight, gradient] = value_and_grad([&](const Values& x) {
      return log_weight(elbo, problem, x, state, Key::from_tensor(k), data);
    })(unconstrained);
    return std::pair(added(elbo, sums, weight, gradient), weight);
  });
  Values gradient = sums.gradient;
  for (auto& [name, g] : gradient) g = -g / sums.weights;
  return {value_of(elbo, log_weights), gradient};
}

void check(const ELBO& elbo, const Problem& problem, const Particle& particle, Where where) {
  for (const Site& site : particle.model)
    if (latent(site) && !particle.guide.contains(site.name))
      throw Error("SVI: the model's latent site \"" + site.name + "\" is not in the guide\n  the model has it at " +
                      to_string(site.where),
                  where);
  for (const Site& site : particle.guide) {
    if (!latent(site)) continue;
    const Site* twin = particle.model.find(site.name);
    if (!twin && !site.infer.auxiliary)
      throw Error("SVI: the guide's site \"" + site.name + "\" is not in the model\n  the guide has it at " +
                      to_string(site.where),
                  where);
    if (twin && twin->value.shape() != twin->distribution.shape())
      throw Error("SVI: \"" + site.name + "\" has shape " + to_string(site.value.shape()) + " in the guide and " +
                      to_string(twin->distribution.shape()) + " in the model",
                  where);
    if (elbo.kind == ELBO::Kind::renyi && scored(site))
      throw Error("RenyiELBO: draws of the guide's site \"" + site.name + "\" (" + site.distribution.name() +
                      ") are not differentiable; use TraceELBO",
                  where);
  }
  bool stateful = false;
  for (const Site& site : particle.model) stateful |= site.primitive == Primitive::mutable_state;
  if (stateful && elbo.num_particles > 1)
    throw Error("SVI: a model with mutable_state needs num_particles = 1, but there are " + std::to_string(elbo.num_particles), where);
}

}  // namespace svi
}  // namespace nuthatch
