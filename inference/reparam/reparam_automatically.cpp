#include "nuthatch/reparam_automatically.h"

#include <cmath>
#include <set>
#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/kernels/nuts.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"

namespace nuthatch {
namespace {

const char* const kLoc = "_pilot_loc";
const char* const kScale = "_pilot_scale";

/// Non-centres all sites that may be, and records their location and scale.
class Pilot final : public Handler {
 public:
  explicit Pilot(Shared<std::set<std::string>> names) : names_(std::move(names)) {}
  bool stepwise() const override { return true; }
  void process(Message& m) override {
    if (m.primitive != Primitive::sample || m.observed || m.observation || m.value.defined()) return;
    const auto loc_scale = detail::loc_and_scale(m);
    if (!loc_scale || (loc_scale->first.is_concrete() && loc_scale->second.is_concrete())) return;
    const Shape shape = m.distribution.shape();
    const AuxiliarySites auxiliary(*this, m);
    auxiliary.record(kLoc + 1, broadcast_to(loc_scale->first, shape));
    auxiliary.record(kScale + 1, broadcast_to(loc_scale->second, shape));
    names_->insert(m.name);
    m.value = LocScaleReparam(0.0).rule().apply(m, auxiliary);
    m.primitive = Primitive::deterministic;
  }

 private:
  Shared<std::set<std::string>> names_;
};

/// The best centredness of one element, from draws of the element, its location and its scale.
double best_centredness(const double* x, const double* loc, const double* scale, std::int64_t draws, std::int64_t stride) {
  double mean_log_scale = 0;
  for (std::int64_t i = 0; i < draws; ++i) mean_log_scale += std::log(scale[i * stride]) / double(draws);
  double best = 0, smallest = INFINITY;
  for (int step = 0; step <= 20; ++step) {
    const double c = step / 20.0;
    double mean = 0, squares = 0;  // by Welford's recurrence
    for (std::int64_t i = 0; i < draws; ++i) {
      const std::int64_t at = i * stride;
      const double u = c * loc[at] + std::pow(scale[at], c - 1) * (x[at] - loc[at]), difference = u - mean;
      mean += difference / double(i + 1);
      squares += difference * (u - mean);
    }
    const double divergence = 0.5 * std::log(squares / double(draws)) + (1 - c) * mean_log_scale;
    if (divergence < smallest) smallest = divergence, best = c;
  }
  return best;
}

}  // namespace

Values automatic_centredness(const BoundModel& model, const AutomaticReparamOptions& options, Where where) {
  auto names = share<std::set<std::string>>();
  const BoundModel non_centred = model.handled([names]() -> Shared<Handler> { return share<Pilot>(names); });
  const auto pilot = [non_centred] { non_centred.run(); };
  log_density(pilot);
  Values result;
  if (names->empty()) return result;
  // A dense metric has more to learn than so short a warm-up can teach it.
  const MCMC mcmc(NUTS(pilot, {.metric = diagonal()}),
                  {.num_warmup = options.num_warmup, .num_samples = options.num_samples, .progress = false}, where);
  const Fit fit = mcmc.run({options.key, where});
  for (const std::string& name : *names) {
    const Tensor x = fit[name];
    const std::vector<double> values = x.to_vector(), loc = fit[name + kLoc].to_vector(), scale = fit[name + kScale].to_vector();
    const std::int64_t draws = x.size(0), elements = std::int64_t(values.size()) / draws;
    std::vector<double> centredness;
    for (std::int64_t e = 0; e < elements; ++e)
      centredness.push_back(best_centredness(values.data() + e, loc.data() + e, scale.data() + e, draws, elements));
    result[name] = reshape(Tensor(centredness), Shape(std::vector<std::int64_t>(x.shape().begin() + 1, x.shape().end())));
  }
  return result;
}

Model reparam_automatically(const Model& model, const AutomaticReparamOptions& options, Where where) {
  return model.changed([options, where](const BoundModel& bound) {
    std::map<std::string, Reparam> rules;
    for (const auto& [name, c] : automatic_centredness(bound, options, where)) rules.emplace(name, LocScaleReparam(c));
    return bound.handled(detail::reparam_factory(ReparamRules(std::move(rules)), where));
  });
}

}  // namespace nuthatch
