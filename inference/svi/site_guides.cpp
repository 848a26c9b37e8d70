// Guides that treat every latent site by itself.
#include "inference/svi/guide_rule.h"
#include "nuthatch/array.h"
#include "nuthatch/distributions/delta.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

using namespace detail;

/// Values for all members of the plates, from those in use: repeated periodically.
Tensor for_all_members(Tensor x, const GuideSite& site) {
  for (const PlateFrame& plate : site.plates) {
    const std::int64_t axis = std::int64_t(site.batch_dims) + plate.dim;
    if (plate.size == plate.full_size || axis < 0 || x.shape()[std::size_t(axis)] != plate.size) continue;
    x = take(x, arange(plate.full_size) % plate.size, int(axis));
  }
  return x;
}
/// The values of the members in use in this run of the model.
Tensor of_members_in_use(Tensor x, const Message& m, const GuideSite& site) {
  for (const PlateFrame& plate : m.plates) {
    const std::int64_t axis = std::int64_t(site.batch_dims) + plate.dim;
    if (!plate.indices.defined() || axis < 0 || x.shape()[std::size_t(axis)] != plate.full_size) continue;
    x = take(x, plate.indices, int(axis));
  }
  return x;
}

Tensor start_of(const GuideLayout& layout, const GuideSite& site) {
  return reshape(layout.start[slice(site.offset, site.offset + site.size)], site.unconstrained_shape);
}

/// One vector of what sites have in unconstrained space; zeros for those in subsampled plates.
Tensor joined(const GuideLayout& layout, Function<Tensor(const GuideSite&)> of) {
  std::vector<Tensor> parts;
  for (const GuideSite& site : layout.sites)
    parts.push_back(site.local ? zeros(site.size) : flatten(of(site)));
  return concat(parts);
}

/// Independent normals.
class NormalRule final : public GuideRule {
 public:
  NormalRule(const AutoGuideOptions& o, Where where) : GuideRule(where), o_(o) {}
  const char* name() const override { return "AutoNormal"; }
  const Init& init() const override { return o_.init; }

  std::unique_ptr<SiteSource> begin(const GuideLayout& layout, const GuideStatements&) const override {
    return std::make_unique<Source>(*this, layout);
  }
  Bijector transform(const GuideParams& params, const GuideLayout& layout) const override {
    require_one_vector(*this, layout);
    const auto [loc, scale] = location_and_scale(params, layout);
    return transforms::affine(loc, scale).independent(1);
  }
  Distribution posterior(const GuideParams& params, const GuideLayout& layout) const override {
    transform(params, layout);
    const auto [loc, scale] = location_and_scale(params, layout);
    return Normal(loc, scale).to_event(1);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    return {joined(layout, [&](const GuideSite& site) { return loc(params, layout, site); }),
            joined(layout, [&](const GuideSite& site) { return scale(params, layout, site); })};
  }
  Values quantiles(const GuideParams& params, const GuideLayout& layout, const std::vector<double>& q) const override {
    Values result = GuideRule::quantiles(params, layout, q);
    for (const GuideSite& site : layout.sites) {
      if (!site.local) continue;
      std::vector<Tensor> values;
      for (const double p : q)
        values.push_back(site.bijector(name())
                             .forward(loc(params, layout, site) + scale(params, layout, site) * ndtri(p)));
      result[site.name] = stack(values);
    }
    return result;
  }
  void complete(Values& draw, const Key& key, const GuideParams& params, const GuideLayout& layout) const override {
    for (const GuideSite& site : layout.sites) {
      if (!site.local) continue;
      const Tensor center = loc(params, layout, site);
      const Tensor x = center + scale(params, layout, site) * normal(site_key(key, site.name), center.shape());
      draw[site.name] = site.bijector(name()).forward(x);
    }
  }

 private:
  class Source final : public SiteSource {
   public:
    Source(const NormalRule& rule, const GuideLayout& layout) : rule_(rule), layout_(layout) {}
    Tensor value(const Message& m, const GuideSite& site, const GuideStatements& statements) const override {
      const GuideParams params = statements.params();
      const Distribution q = Normal(of_members_in_use(rule_.loc(params, layout_, site), m, site),
                                    of_members_in_use(rule_.scale(params, layout_, site), m, site))
                                 .to_event(int(site.unconstrained_shape.size() - site.batch_dims));
      if (m.distribution.support().kind() == Constraint::Kind::real) return statements.site(m, q);
      return statements.image(m, statements.draw(m.name + "_unconstrained", q, m));
    }

   private:
    const NormalRule& rule_;
    const GuideLayout& layout_;
  };

  Tensor loc(const GuideParams& params, const GuideLayout& layout, const GuideSite& site) const {
    return params(site.name + "_" + o_.prefix + "_loc", for_all_members(start_of(layout, site), site), constraints::real);
  }
  Tensor scale(const GuideParams& params, const GuideLayout& layout, const GuideSite& site) const {
    const Shape shape = for_all_members(start_of(layout, site), site).shape();
    return params(site.name + "_" + o_.prefix + "_scale", full(shape, o_.init_scale), constraints::softplus_positive);
  }
  AutoGuideOptions o_;
};

/// A point of constrained space.
class DeltaRule final : public GuideRule {
 public:
  DeltaRule(const AutoDeltaOptions& o, Where where) : GuideRule(where), o_(o) {}
  const char* name() const override { return "AutoDelta"; }
  const Init& init() const override { return o_.init; }

  std::unique_ptr<SiteSource> begin(const GuideLayout& layout, const GuideStatements&) const override {
    return std::make_unique<Source>(*this, layout);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    const Tensor z = joined(layout, [&](const GuideSite& site) {
      const Tensor x = loc(params, layout, site);
      return site.fixed_support ? biject_to(site.support).inverse(x) : x;
    });
    return {z, zeros(layout.dim)};
  }
  Values quantiles(const GuideParams& params, const GuideLayout& layout, const std::vector<double>& q) const override {
    Values result = latent_values(layout, location_and_scale(params, layout).first);
    for (const GuideSite& site : layout.sites)
      if (site.fixed_support) result[site.name] = loc(params, layout, site);
      else if (site.local) site.bijector(name());
    for (auto& [name, value] : result) value = stack(std::vector<Tensor>(q.size(), value));
    return result;
  }
  void complete(Values& draw, const Key&, const GuideParams& params, const GuideLayout& layout) const override {
    for (const GuideSite& site : layout.sites)
      if (site.local && site.fixed_support) draw[site.name] = loc(params, layout, site);
  }

 private:
  class Source final : public SiteSource {
   public:
    Source(const DeltaRule& rule, const GuideLayout& layout) : rule_(rule), layout_(layout) {}
    Tensor value(const Message& m, const GuideSite& site, const GuideStatements& statements) const override {
      const int event = int(m.distribution.event_shape().size());
      const Tensor x = of_members_in_use(rule_.loc(statements.params(), layout_, site), m, site);
      const Tensor value = site.fixed_support ? x : biject_to(m.distribution.support()).forward(x);
      return statements.site(m, Delta(value, {.event_dim = event}, m.where), value);
    }

   private:
    const DeltaRule& rule_;
    const GuideLayout& layout_;
  };

  /// The value of the site, or the point of unconstrained space where the support depends on other sites.
  Tensor loc(const GuideParams& params, const GuideLayout& layout, const GuideSite& site) const {
    const Tensor start = for_all_members(start_of(layout, site), site);
    const std::string name = site.name + "_" + o_.prefix + "_loc";
    if (!site.fixed_support) return params(name, start, constraints::real);
    return params(name, biject_to(site.support).forward(start), site.support);
  }
  AutoDeltaOptions o_;
};

}  // namespace

AutoNormal::AutoNormal(const Model& model, const AutoGuideOptions& o, Where where)
    : Guide(model, share<NormalRule>(o, where)) {
  if (!(o.init_scale > 0)) throw Error("AutoNormal: init_scale must be positive", where);
}
AutoDelta::AutoDelta(const Model& model, const AutoDeltaOptions& o, Where where)
    : Guide(model, share<DeltaRule>(o, where)) {}

}  // namespace nuthatch
