#include "nuthatch/reparam.h"

#include <algorithm>

#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/linalg.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/core/scan_sites.h"
#include "ppl/distributions/modified/transformed.h"

namespace nuthatch {
namespace {

using detail::DistributionImpl;
using detail::DistributionPtr;

const DistributionImpl& innermost(const Distribution& d) {
  const DistributionImpl* impl = d.impl().get();
  while (impl->base()) impl = impl->base();
  return *impl;
}

/// The family with loc c loc and scale scale^c, and what leads back.
class LocScale final : public Reparam::Rule {
 public:
  /// An undefined centredness is learned.
  explicit LocScale(Tensor centered) : centered_(std::move(centered)) {}

  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    const bool number = centered_.defined() && centered_.shape().empty();
    if (number && centered_.item() == 1.0) return {};
    const auto loc_scale = detail::loc_and_scale(site);
    if (!loc_scale)
      throw Error("LocScaleReparam: " + site.distribution.name() +
                      " is not a family of real numbers with loc and scale" + site.context(),
                  site.where);
    const auto& [loc, scale] = *loc_scale;
    const DistributionImpl& family = innermost(site.distribution);
    const Shape shape = site.distribution.shape();
    const Tensor c = centered_.defined() ? sample.of_step(centered_) : sample.param("centered", full(shape, 0.5), constraints::unit_interval);
    if (!c.shape().empty() && c.shape() != shape)
      throw Error("LocScaleReparam: a centredness of shape " + to_string(c.shape()) + " for a site of shape " + to_string(shape) +
                      site.context(),
                  site.where);
    const bool none = number && centered_.item() == 0.0;
    std::vector<Tensor> parameters;
    for (const auto& p : family.parameters) {
      Tensor value = p.value;
      if (p.name == "loc") value = none ? Tensor(0.0) : c * p.value;
      if (p.name == "scale") value = none ? Tensor(1.0) : pow(p.value, c);
      parameters.push_back(value);
    }
    // The shape of the site may come from the parameters just replaced.
    Distribution base(family.with_parameters(parameters));
    Distribution standard = base.expand(shape, site.where).to_event(int(site.distribution.event_shape().size()));
    Tensor x = sample("decentered", standard);
    if (none) return loc + scale * x;
    return loc + pow(scale, 1.0 - c) * (x - c * loc);
  }

 private:
  Tensor centered_;
};

/// The Transformed inside a site's distribution that plates expanded; null for another one.
const detail::TransformedDensity* transformed(const Distribution& d) {
  const DistributionImpl* impl = d.impl().get();
  while (impl->base() && impl->name == impl->base()->name && impl->event_shape == impl->base()->event_shape)
    impl = impl->base();
  return dynamic_cast<const detail::TransformedDensity*>(impl);
}

class Transform final : public Reparam::Rule {
 public:
  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    if (const auto* image = transformed(site.distribution)) {
      Distribution base = image->base_distribution();
      if (base.batch_shape() != site.distribution.batch_shape()) base = base.expand(site.distribution.batch_shape(), site.where);
      return image->bijector().forward(sample("base", base));
    }
    const DistributionImpl& family = innermost(site.distribution);
    const Shape shape = site.distribution.shape();
    const int event_dim = int(site.distribution.event_shape().size());
    auto parameter = [&](const std::string& name) -> const Tensor& {
      auto it = std::find_if(family.parameters.begin(), family.parameters.end(),
                             [&](const detail::Parameter& p) { return p.name == name; });
      return it->value;
    };
    auto standard = [&] { return sample("base", Normal(0.0, 1.0).expand(shape).to_event(event_dim)); };
    if (family.name == "MultivariateNormal")
      return parameter("loc") + squeeze(matmul(parameter("scale_tril"), expand_dims(standard(), -1)), -1);
    if (family.name == "LogNormal") return exp(parameter("loc") + parameter("scale") * standard());
    if (family.name == "Normal") return parameter("loc") + parameter("scale") * standard();
    throw Error("TransformReparam: " + family.name + " is not the image of a distribution under a map" +
                    site.context(),
                site.where);
  }
};

}  // namespace

std::optional<std::pair<Tensor, Tensor>> detail::loc_and_scale(const Message& site) {
  const DistributionImpl& family = innermost(site.distribution);
  std::vector<Tensor> parameters;
  Tensor loc, scale;
  for (const auto& p : family.parameters) {
    if (p.name == "loc") loc = p.value;
    if (p.name == "scale") scale = p.value;
    parameters.push_back(p.value);
  }
  auto real = [](const Constraint& c) { return c.kind() == Constraint::Kind::real; };
  if (!loc.defined() || !scale.defined() || !real(family.support()) || !real(site.distribution.support()) ||
      !family.with_parameters(parameters))
    return {};
  return std::pair{loc, scale};
}

LocScaleReparam::LocScaleReparam() : Reparam(share<LocScale>(Tensor())) {}
LocScaleReparam::LocScaleReparam(double centered) : LocScaleReparam(Tensor(centered)) {}
LocScaleReparam::LocScaleReparam(const Tensor& centered) : Reparam(share<LocScale>(centered)) {
  for (double c : centered.to_vector())
    if (!(c >= 0.0 && c <= 1.0)) throw Error("LocScaleReparam: centered must be in [0, 1], but it is " + detail::number(c));
}
TransformReparam::TransformReparam() : Reparam(share<Transform>()) {}

Message AuxiliarySites::auxiliary(Primitive kind, const std::string& suffix) const {
  Message m(kind, site_.name + "_" + suffix, site_.where);
  m.plates = site_.plates;
  m.scale = site_.scale;
  m.mask = site_.mask;
  return m;
}
Tensor AuxiliarySites::operator()(const std::string& suffix, const Distribution& distribution) const {
  Message m = auxiliary(Primitive::sample, suffix);
  m.distribution = distribution;
  detail::dispatch_outside(handler_, m);
  return m.value;
}
Tensor AuxiliarySites::param(const std::string& suffix, const Tensor& initial, const Constraint& constraint) const {
  Message m = auxiliary(Primitive::param, suffix);
  m.initial = initial;
  m.constraint = constraint;
  detail::dispatch_outside(handler_, m);
  return m.value;
}
void AuxiliarySites::record(const std::string& suffix, const Tensor& value) const {
  Message m = auxiliary(Primitive::deterministic, suffix);
  m.value = value;
  detail::dispatch_outside(handler_, m);
}
Tensor AuxiliarySites::of_step(const Tensor& constant) const { return detail::at_step(handler_, constant); }
void AuxiliarySites::factor(const std::string& suffix, const Tensor& log_factor) const {
  Message m = auxiliary(Primitive::factor, suffix);
  m.value = log_factor;
  detail::dispatch_outside(handler_, m);
}

ReparamRules::ReparamRules(std::initializer_list<std::pair<std::string, Reparam>> rules) {
  std::map<std::string, Reparam> map;
  for (const auto& rule : rules)
    if (!map.insert(rule).second) throw Error("reparam: two rules for site \"" + rule.first + "\"");
  map_ = share<const std::map<std::string, Reparam>>(std::move(map));
}
ReparamRules::ReparamRules(std::map<std::string, Reparam> rules)
    : map_(share<const std::map<std::string, Reparam>>(std::move(rules))) {}

ReparamHandler::ReparamHandler(ReparamRules rules, Where where)
    : names_("reparam", "sample site", detail::SiteNames::of(rules.map()), where), rules_(std::move(rules)) {}

void ReparamHandler::process(Message& m) {
  if (m.primitive == Primitive::sample) names_.add(m.name);
  auto it = rules_.map().find(m.name);
  if (m.primitive != Primitive::sample || it == rules_.map().end()) return;
  if (m.observed || m.observation)
    throw Error("reparam: \"" + m.name + "\" is an observation; only latent sites can be reparameterised" + m.context(),
                m.where);
  Tensor value = it->second.rule().apply(m, AuxiliarySites(*this, m));
  if (!value.defined()) return;
  m.primitive = Primitive::deterministic;
  m.value = value;
}

}  // namespace nuthatch
