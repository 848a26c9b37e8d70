// Guides for parts of the latent sites.
#include <algorithm>

#include "inference/svi/guide_rule.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"

namespace nuthatch {
namespace {

using namespace detail;

std::string scope_of(std::size_t part) { return std::to_string(part) + "/"; }

class ListRule final : public GuideRule {
 public:
  ListRule(const std::vector<AutoGuideList::Part>& parts, Where where) : GuideRule(where), parts_(parts) {}
  const char* name() const override { return "AutoGuideList"; }
  const Init& init() const override { return parts_.front().second.rule()->init(); }

  std::unique_ptr<SiteSource> begin(const GuideLayout& layout, const GuideStatements& statements) const override {
    auto source = std::make_unique<Source>();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      auto part = std::make_unique<const GuideLayout>(layout_of(i, layout));
      source->sources.push_back(parts_[i].second.rule()->begin(*part, statements.within(scope_of(i))));
      source->layouts.push_back(std::move(part));
    }
    return source;
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    std::map<std::string, std::pair<Tensor, Tensor>> by_site;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const GuideLayout part = layout_of(i, layout);
      const auto [loc, scale] = parts_[i].second.rule()->location_and_scale(scoped(params, i), part);
      for (const GuideSite& site : part.sites) {
        const auto place = slice(site.offset, site.offset + site.size);
        by_site[site.name] = {loc[place], scale[place]};
      }
    }
    std::vector<Tensor> locs, scales;
    for (const GuideSite& site : layout.sites) {
      locs.push_back(by_site.at(site.name).first);
      scales.push_back(by_site.at(site.name).second);
    }
    return {concat(locs), concat(scales)};
  }
  Values quantiles(const GuideParams& params, const GuideLayout& layout, const std::vector<double>& q) const override {
    require_one_vector(*this, layout);
    return GuideRule::quantiles(params, layout, q);
  }
  void complete(Values& draw, const Key& key, const GuideParams& params, const GuideLayout& layout) const override {
    for (std::size_t i = 0; i < parts_.size(); ++i)
      parts_[i].second.rule()->complete(draw, key, scoped(params, i), layout_of(i, layout));
  }

 private:
  struct Source final : SiteSource {
    Tensor value(const Message& m, const GuideSite& site, const GuideStatements& statements) const override {
      for (std::size_t i = 0; i < layouts.size(); ++i)
        for (const GuideSite& own : layouts[i]->sites)
          if (own.name == site.name) return sources[i]->value(m, own, statements.within(scope_of(i)));
      return {};
    }
    std::vector<std::unique_ptr<const GuideLayout>> layouts;
    std::vector<std::unique_ptr<SiteSource>> sources;
  };

  static GuideParams scoped(const GuideParams& params, std::size_t part) {
    return [params, scope = scope_of(part)](const std::string& name, const Tensor& initial, const Constraint& c) {
      return params(scope + name, initial, c);
    };
  }

  /// The sites of a part, one after the other.
  GuideLayout layout_of(std::size_t i, const GuideLayout& whole) const {
    check(whole);
    GuideLayout part = whole;
    part.sites.clear();
    part.dim = 0;
    part.key = fold_in(whole.key, Tensor(std::int64_t(i)));
    std::vector<Tensor> start;
    for (GuideSite site : whole.sites) {
      const auto& names = parts_[i].first;
      if (std::find(names.begin(), names.end(), site.name) == names.end()) continue;
      start.push_back(whole.start[slice(site.offset, site.offset + site.size)]);
      site.offset = part.dim;
      part.dim += site.size;
      part.sites.push_back(site);
    }
    part.start = concat(start);
    return part;
  }

  /// Every site of the model is in exactly one part.
  void check(const GuideLayout& layout) const {
    std::map<std::string, int> count;
    for (const GuideSite& site : layout.sites) count[site.name] = 0;
    for (const auto& [names, guide] : parts_)
      for (const std::string& name : names) {
        if (!count.contains(name)) throw Error("AutoGuideList: the model has no latent site \"" + name + "\"", where);
        if (++count[name] > 1) throw Error("AutoGuideList: \"" + name + "\" is in two parts", where);
      }
    for (const auto& [name, times] : count)
      if (times == 0) throw Error("AutoGuideList: no part has the latent site \"" + name + "\"", where);
  }

  std::vector<AutoGuideList::Part> parts_;
};

}  // namespace

AutoGuideList::AutoGuideList(const Model& model, const std::vector<Part>& parts, Where where)
    : Guide(model, share<ListRule>(parts, where)) {
  if (parts.empty()) throw Error("AutoGuideList: no parts", where);
  for (const auto& [names, guide] : parts) {
    if (names.empty()) throw Error("AutoGuideList: a part without sites", where);
    if (!guide.rule()) throw Error("AutoGuideList: parts are automatic guides", where);
    if (std::string(guide.rule()->name()) == "AutoLaplaceApproximation")
      throw Error("AutoGuideList: AutoLaplaceApproximation is a normal for all sites, and no part", where);
  }
}

}  // namespace nuthatch
