#include "nuthatch/autoguide.h"

#include <cmath>

#include "inference/mcmc/starting_points.h"
#include "inference/svi/guide_rule.h"
#include "inference/svi/particle.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

/// A point of unconstrained space with a finite log density.
Tensor find_start(const detail::GuideRule& rule, const LogDensity& density, const Key& key) {
  Tensor z;
  for (std::int64_t attempt = 0; attempt < mcmc::max_attempts(rule.init()); ++attempt) {
    z = mcmc::starting_points(rule.init(), density, fold_in(key, Tensor(attempt)), 1).front();
    if (std::isfinite(density(z).item())) return z;
  }
  throw Error(std::string(rule.name()) + ": found no starting point with a finite log density; at the last one\n" +
                  mcmc::explain_failed_start(density, z),
              rule.where);
}

}  // namespace

BoundGuide Guide::bound(const std::vector<Argument>& arguments, const Key* key, Where where) const {
  const BoundModel model = model_.bind(arguments, where);
  if (!rule_) return BoundGuide(model, model, nullptr, nullptr);
  auto layout = share<detail::GuideLayout>(model, rule_->where);
  if (key) {
    auto [start_key, params_key] = split<2>(*key);
    layout->start = find_start(*rule_, layout->density, start_key);
    layout->key = params_key;
  }
  return BoundGuide(model, detail::guide_statements(model, rule_, layout), rule_, layout);
}
BoundGuide Guide::bind(const std::vector<Argument>& arguments, Where where) const { return bound(arguments, nullptr, where); }
BoundGuide Guide::start(const std::vector<Argument>& arguments, const Key& key, Where where) const {
  return bound(arguments, &key, where);
}
std::vector<Tensor> Guide::data(const std::vector<Argument>& arguments, Where where) const {
  return model_.bind(arguments, where).data();
}

const detail::GuideRule& BoundGuide::rule(const char* what, Where where) const {
  if (!rule_) throw Error(std::string(what) + ": only automatic guides have it", where);
  return *rule_;
}

BoundGuide BoundGuide::fitted(const Values& params) const {
  if (!rule_) return *this;
  const Shared<const detail::GuideRule> fitted = rule_->fitted(params, *layout_);
  if (!fitted) return *this;
  return BoundGuide(model_, detail::guide_statements(model_, fitted, layout_), fitted, layout_);
}

Values BoundGuide::sample_posterior(const Key& key, const Values& params, const Shape& sample_shape, Where where) const {
  const BoundGuide guide = fitted(params);
  const std::int64_t draws = sample_shape.num_elements();
  if (draws < 1) throw Error("sample_posterior: a sample of shape " + to_string(sample_shape), where);
  const svi::Problem problem{guide, {}, layout_ ? layout_->missing : detail::MissingPositions(), {}};
  const svi::Data data{model_.data(), guide_.data()};
  const auto one = [&](const Tensor& k) {
    const Key draw_key = Key::from_tensor(k);
    const svi::Particle particle = svi::run_particle(problem, params, {}, draw_key, data);
    Values values;
    for (const Site& site : particle.model)
      if (svi::latent(site) || site.primitive == Primitive::deterministic) values[site.name] = site.value;
    if (guide.rule_)
      guide.rule_->complete(values, draw_key, detail::params_of(params, guide.rule_->name(), where), *guide.layout_);
    return values;
  };
  if (sample_shape.empty()) return jit(one)(key.tensor());
  Values all = jit(vmap(one))(split(key, draws, where).tensor());
  for (auto& [name, value] : all) {
    Shape shape = sample_shape;
    shape.insert(shape.end(), value.shape().begin() + 1, value.shape().end());
    value = reshape(value, shape);
  }
  return all;
}

Values BoundGuide::quantiles(const Values& params, const std::vector<double>& q, Where where) const {
  const detail::GuideRule& r = rule("quantiles", where);
  for (const double p : q)
    if (!(p > 0 && p < 1)) throw Error("quantiles: a probability of " + std::to_string(p) + " is not between 0 and 1", where);
  if (q.empty()) throw Error("quantiles: no probabilities", where);
  return r.quantiles(detail::params_of(params, r.name(), where), *layout_, q);
}
Values BoundGuide::median(const Values& params, Where where) const {
  rule("median", where);
  Values result = quantiles(params, {0.5}, where);
  for (auto& [name, value] : result) value = squeeze(value, 0);
  return result;
}
Bijector BoundGuide::get_transform(const Values& params, Where where) const {
  const detail::GuideRule& r = rule("get_transform", where);
  return r.transform(detail::params_of(params, r.name(), where), *layout_);
}
Distribution BoundGuide::get_posterior(const Values& params, Where where) const {
  const detail::GuideRule& r = rule("get_posterior", where);
  return r.posterior(detail::params_of(params, r.name(), where), *layout_);
}
const LogDensity& BoundGuide::log_density(Where where) const {
  rule("log_density", where);
  return layout_->density;
}

}  // namespace nuthatch
