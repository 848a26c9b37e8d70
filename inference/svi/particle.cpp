#include "inference/svi/particle.h"

#include <algorithm>

#include "nuthatch/bijectors.h"
#include "nuthatch/math.h"

namespace nuthatch::svi {
namespace {

/// Values that carry no derivative of the params they were drawn with.
class StopGradients final : public Handler {
 public:
  void finish(Message& m) override {
    if (m.primitive == Primitive::sample && !m.observed && !m.distribution.has_rsample()) m.value = stop_gradient(m.value);
  }
};

/// Sums terms in order of their names: the sum does not depend on the order in which a compiler evaluates arguments.
Tensor sum_of(const std::map<std::string, Tensor>& terms) {
  Tensor total;
  for (const auto& [name, term] : terms) total = total.defined() ? total + term : term;
  return total.defined() ? total : Tensor(0.0);
}

Values mapped(const Problem& problem, const Values& from, bool inverse) {
  Values to;
  for (const auto& [name, x] : from) {
    const auto constraint = problem.constraints.find(name);
    if (constraint == problem.constraints.end()) throw Error("SVI: neither model nor guide has a param \"" + name + "\"");
    // One number may stand for all: the bijector of a matrix takes its batch as it is.
    const Bijector f = biject_to(constraint->second);
    to[name] = inverse ? f.inverse(x) : f.forward(x);
  }
  return to;
}

}  // namespace

bool latent(const Site& site) { return site.primitive == Primitive::sample && !site.observed; }

Particle run_particle(const Problem& problem, const Values& params, const Values& mutable_state, const Key& key,
                      const Data& data) {
  auto [guide_key, model_key] = split<2>(key);
  Particle particle;
  {
    TraceHandler record;
    StopGradients stop;
    SubstituteHandler given(params);
    SeedHandler seeded(guide_key);
    Active a(stop), b(record), c(given), d(seeded);
    problem.guide.statements().run(data.guide);
    particle.guide = std::move(record.trace);
  }
  Values values = params;
  values.insert(mutable_state.begin(), mutable_state.end());
  TraceHandler record;
  SubstituteHandler given(values);
  SeedHandler seeded(model_key);
  ReplayHandler replayed(particle.guide);
  detail::KnownMissing known(problem.missing);
  Active a(record), b(given), c(seeded), d(replayed);
  problem.model().run(data.model);
  particle.model = std::move(record.trace);
  return particle;
}

Tensor log_p(const Problem& problem, const Particle& particle) {
  std::map<std::string, Tensor> terms;
  for (const Site& site : particle.model) {
    if (site.primitive != Primitive::sample && site.primitive != Primitive::factor) continue;
    const bool inside = site.observed ? std::find(problem.tested.begin(), problem.tested.end(), site.name) != problem.tested.end()
                                      : problem.guide.automatic();
    terms[site.name] = site.total_log_prob(inside);
  }
  return sum_of(terms);
}

Tensor log_q(const Particle& particle) {
  std::map<std::string, Tensor> terms;
  for (const Site& site : particle.guide)
    if (site.primitive == Primitive::sample || site.primitive == Primitive::factor)
      terms[site.name] = site.total_log_prob(true);
  return sum_of(terms);
}

Values constrain(const Problem& problem, const Values& unconstrained) { return mapped(problem, unconstrained, false); }
Values unconstrain(const Problem& problem, const Values& params) { return mapped(problem, params, true); }

}  // namespace nuthatch::svi
