#include "inference/svi/elbo.h"

#include <cmath>

#include "nuthatch/array.h"
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
  return checked({ELBO::Kind::trace, o.num_particles}, "TraceELBO", where);
}
ELBO TraceMeanFieldELBO(const TraceELBOOptions& o, Where where) {
  return checked({ELBO::Kind::mean_field, o.num_particles}, "TraceMeanFieldELBO", where);
}
ELBO RenyiELBO(const RenyiELBOOptions& o, Where where) {
  if (!std::isfinite(o.alpha) || o.alpha < 0) throw Error("RenyiELBO: alpha must not be negative", where);
  return checked({ELBO::Kind::renyi, o.num_particles, o.alpha}, "RenyiELBO", where);
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

/// What a draw contributes: the logarithm of its weight, and log q of the sites that its value has no derivative of.
struct Contribution {
  Tensor log_weight, score;
  static constexpr auto fields = names("log_weight", "score");
};

Contribution contribution(const ELBO& elbo, const Problem& problem, const Values& params, const Values& state, const Key& key,
                          const Data& data, bool& has_score) {
  const Particle particle = run_particle(problem, params, state, key, data);
  Tensor score = 0.0;
  for (const Site& site : particle.guide) {
    if (!scored(site)) continue;
    has_score = true;
    score = score + site.total_log_prob(true);
  }
  return {elbo.kind == ELBO::Kind::mean_field ? mean_field(problem, particle) : log_p(problem, particle) - log_q(particle),
          score};
}

/// -1 / (1 - alpha) log mean w^(1 - alpha), its limit for alpha = 1.
Tensor renyi(const Tensor& log_weights, double alpha) {
  if (alpha == 1.0) return -mean(log_weights);
  return -(logsumexp((1.0 - alpha) * log_weights) - std::log(double(log_weights.size()))) / (1.0 - alpha);
}

}  // namespace

Tensor loss(const ELBO& elbo, const Problem& problem, const Values& unconstrained, const Values& state, const Key& key,
            const Data& data) {
  const Values params = constrain(problem, unconstrained);
  bool has_score = false;
  Contribution c;
  if (elbo.num_particles == 1) {
    const Contribution one = contribution(elbo, problem, params, state, key, data, has_score);
    c = {reshape(one.log_weight, {1}), reshape(one.score, {1})};
  } else {
    c = vmap([&](const Tensor& k) {
      return contribution(elbo, problem, params, state, Key::from_tensor(k), data, has_score);
    })(split(key, elbo.num_particles).tensor());
  }
  const Tensor value = elbo.kind == ELBO::Kind::renyi ? renyi(c.log_weight, elbo.alpha) : -mean(c.log_weight);
  if (!has_score) return value;
  // The gradient of E_q[f] where q's draws are not differentiable: E_q[f grad log q + grad f].
  const Tensor surrogate = value - mean(stop_gradient(c.log_weight) * c.score);
  return stop_gradient(value - surrogate) + surrogate;
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
