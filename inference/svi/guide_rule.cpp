#include "inference/svi/guide_rule.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/distributions/delta.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::detail {
namespace {

/// How much a site in subsampled plates counts.
Tensor plate_scale(const std::vector<PlateFrame>& plates) {
  double scale = 1;
  for (const PlateFrame& plate : plates) scale *= double(plate.full_size) / double(plate.size);
  return scale == 1 ? Tensor() : Tensor(scale);
}

/// What the log density does not tell of latent sites.
class LatentSupports final : public Handler {
 public:
  explicit LatentSupports(std::vector<GuideSite>& sites) : sites_(sites) {}
  void process(Message& m) override {
    if (m.primitive != Primitive::sample || m.value.defined()) return;
    for (GuideSite& site : sites_) {
      if (site.name != m.name) continue;
      site.support = m.distribution.support();
      site.fixed_support = site.support.concrete();
      site.batch_dims = m.distribution.batch_shape().size();
      for (const PlateFrame& plate : m.plates) site.local |= plate.size != plate.full_size;
      m.value = biject_to(site.support).forward(zeros(site.unconstrained_shape));
    }
  }

 private:
  std::vector<GuideSite>& sites_;
};

/// Around the model: latent sites become the guide's, nothing else but plates and params is seen further out.
class GuideHandler final : public Handler {
 public:
  GuideHandler(Shared<const GuideRule> rule, Shared<const GuideLayout> layout)
      : rule_(std::move(rule)), layout_(std::move(layout)) {}

  void process(Message& m) override {
    const bool passes = m.primitive == Primitive::plate || m.primitive == Primitive::param ||
                        m.primitive == Primitive::prng_key || m.primitive == Primitive::get_mask ||
                        (m.primitive == Primitive::mutable_state && !m.observed);
    if (passes) return;
    m.stop = true;
    if (m.primitive != Primitive::sample || m.value.defined()) return;
    const GuideStatements statements(*this, rule_->where);
    if (!source_) source_ = rule_->begin(*layout_, statements);
    m.value = source_->value(m, layout_->site(m.name), statements);
  }

 private:
  Shared<const GuideRule> rule_;
  Shared<const GuideLayout> layout_;
  std::unique_ptr<SiteSource> source_;
};

class GuidedModel final : public BoundModel::Impl {
 public:
  GuidedModel(BoundModel model, Shared<const GuideRule> rule, Shared<const GuideLayout> layout)
      : model_(std::move(model)), rule_(std::move(rule)), layout_(std::move(layout)) {}
  std::vector<Tensor> data() const override { return model_.data(); }
  void run(const std::vector<Tensor>& data) const override {
    KnownMissing known(layout_->missing);
    NoValidation anywhere;
    GuideHandler handler(rule_, layout_);
    Active active(handler);
    model_.run(data);
  }

 private:
  BoundModel model_;
  Shared<const GuideRule> rule_;
  Shared<const GuideLayout> layout_;
};

[[noreturn]] void no_closed_form(const GuideRule& rule, const char* what) {
  throw Error(std::string(rule.name()) + ": " + what + " has no closed form; take it of draws, from sample_posterior",
              rule.where);
}

}  // namespace

GuideLayout::GuideLayout(const BoundModel& model, Where where) : density(seed(model, Key(0))) {
  if (density.dim() == 0) throw Error("the guide's model has no latent variable", where);
  for (const LatentSite& site : density.sites()) static_cast<LatentSite&>(sites.emplace_back()) = site;
  LatentSupports supports(sites);
  trace_program({}, [&](const detail::Values&) {
    RecordMissing record(missing);
    Active active(supports);
    seed(model, Key(0)).run();
    return detail::Values{};
  }, where);
  dim = density.dim();
  start = zeros(dim);
}

const GuideSite& GuideLayout::site(const std::string& name) const {
  for (const GuideSite& site : sites)
    if (site.name == name) return site;
  throw Error("sample(\"" + name + "\"): this site was not there when the guide was first run; models must execute the "
                                   "same sites every time");
}

const GuideSite* GuideLayout::local_site() const {
  for (const GuideSite& site : sites)
    if (site.local) return &site;
  return nullptr;
}

Bijector GuideSite::bijector(const char* guide) const {
  if (!fixed_support)
    throw Error(std::string(guide) + ": the support of \"" + name +
                    "\" depends on other sites, and only a part of its members is in use",
                where);
  return biject_to(support);
}

void require_one_vector(const GuideRule& rule, const GuideLayout& layout) {
  if (const GuideSite* site = layout.local_site())
    throw Error(std::string(rule.name()) + ": \"" + site->name +
                    "\" stands in a subsampled plate, so that there is no vector of all sites; AutoNormal and AutoDelta "
                    "treat every site by itself",
                rule.where);
}

GuideParams params_of(const nuthatch::Values& table, const char* guide, Where where) {
  return [table, guide, where](const std::string& name, const Tensor& initial, const Constraint&) -> Tensor {
    const auto found = table.find(name);
    if (found == table.end()) throw Error(std::string(guide) + ": no param \"" + name + "\" among those given", where);
    if (found->second.shape() != initial.shape())
      throw Error(std::string(guide) + ": param \"" + name + "\" has shape " + to_string(found->second.shape()) +
                      ", but the model's latent sites need " + to_string(initial.shape()),
                  where);
    return found->second;
  };
}

Tensor GuideStatements::param(const std::string& name, const Tensor& initial, const Constraint& constraint) const {
  Message m(Primitive::param, scope_ + name, where_);
  m.initial = initial;
  m.constraint = constraint;
  dispatch_outside(handler_, m);
  return m.value;
}
Tensor GuideStatements::draw(const std::string& name, const Distribution& distribution) const {
  return draw(name, distribution, Message(Primitive::sample, name, where_));
}
Tensor GuideStatements::draw(const std::string& name, const Distribution& distribution, const Message& site) const {
  Message m(Primitive::sample, scope_ + name, where_);
  m.distribution = distribution;
  m.infer.auxiliary = true;
  m.scale = plate_scale(site.plates);
  dispatch_outside(handler_, m);
  return m.value;
}
void GuideStatements::factor(const std::string& name, const Tensor& log_factor) const {
  Message m(Primitive::factor, scope_ + name, where_);
  m.value = log_factor;
  dispatch_outside(handler_, m);
}
Tensor GuideStatements::site(const Message& of, const Distribution& distribution, const Tensor& value) const {
  // The scale of subsampled plates counts, other scales and masks are the model's affair.
  Message m(Primitive::sample, of.name, of.where);
  m.distribution = distribution;
  m.value = value;
  m.plates = of.plates;
  m.scale = plate_scale(of.plates);
  m.infer = of.infer;
  dispatch_outside(handler_, m);
  return m.value;
}
Tensor GuideStatements::image(const Message& of, const Tensor& unconstrained) const {
  const int event = int(of.distribution.event_shape().size());
  const Constraint support = of.distribution.support();
  if (support.kind() == Constraint::Kind::real)
    return site(of, Delta(unconstrained, {.event_dim = event}, of.where), unconstrained);
  const auto [value, log_det] = biject_to(support).forward_and_log_det(unconstrained);
  return site(of, Delta(value, {.log_density = -log_det, .event_dim = event}, of.where), value);
}
GuideParams GuideStatements::params() const {
  return [*this](const std::string& name, const Tensor& initial, const Constraint& c) { return param(name, initial, c); };
}

Bijector GuideRule::transform(const GuideParams&, const GuideLayout&) const {
  no_closed_form(*this, "the map from standard normals");
}
Distribution GuideRule::posterior(const GuideParams& params, const GuideLayout& layout) const {
  return Normal(0.0, 1.0).expand({layout.dim}).to_event(1).transformed(transform(params, layout), where);
}
std::pair<Tensor, Tensor> GuideRule::location_and_scale(const GuideParams&, const GuideLayout&) const {
  no_closed_form(*this, "a quantile");
}
nuthatch::Values GuideRule::quantiles(const GuideParams& params, const GuideLayout& layout, const std::vector<double>& q) const {
  const auto [loc, scale] = location_and_scale(params, layout);
  nuthatch::Values result;
  std::map<std::string, std::vector<Tensor>> parts;
  for (const double p : q)
    for (const auto& [name, value] : latent_values(layout, p == 0.5 ? loc : loc + scale * ndtri(p)))
      parts[name].push_back(value);
  for (const auto& [name, values] : parts) result[name] = stack(values);
  return result;
}

nuthatch::Values latent_values(const GuideLayout& layout, const Tensor& z) {
  const nuthatch::Values all = layout.density.constrain(z);
  nuthatch::Values result;
  for (const LatentSite& site : layout.density.sites()) result[site.name] = all.at(site.name);
  return result;
}

BoundModel guide_statements(const BoundModel& model, Shared<const GuideRule> rule, Shared<const GuideLayout> layout) {
  return BoundModel(share<GuidedModel>(model, std::move(rule), std::move(layout)));
}

}  // namespace nuthatch::detail
