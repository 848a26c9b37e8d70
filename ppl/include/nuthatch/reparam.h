#pragma once
/// Reparameterisations: a site is replaced by auxiliary sites of easier geometry and computed from them.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "nuthatch/detail/site_names.h"

namespace nuthatch {

class Reparam {
 public:
  class Rule {
   public:
    virtual ~Rule() = default;
    /// Samples the auxiliary site `<site name>_<suffix>`.
    using Sampler = std::function<Tensor(const std::string& suffix, const Distribution&)>;
    /// The value of the site, computed from auxiliary sites; undefined to leave the site as it is.
    virtual Tensor apply(const Message& site, const Sampler& sample) const = 0;
  };
  explicit Reparam(std::shared_ptr<const Rule> rule) : rule_(std::move(rule)) {}
  const Rule& rule() const { return *rule_; }

 private:
  std::shared_ptr<const Rule> rule_;
};

/// For families with location and scale: with c = centered, samples `<name>_decentered` ~ Family(c loc, scale^c) and
/// sets value = loc + scale^(1-c) (x - c loc). c = 1 is the model as written, c = 0 (default) the non-centred form.
struct LocScaleReparam : Reparam {
  explicit LocScaleReparam(double centered = 0.0);
};

/// For distributions that are an affine image of a standard one: MultivariateNormal becomes loc + scale_tril z, LogNormal
/// exp(loc + scale z), with `<name>_base` standard normal.
struct TransformReparam : Reparam {
  TransformReparam();
};

/// Applies the rules by site name.
class ReparamHandler : public Handler {
 public:
  explicit ReparamHandler(std::map<std::string, Reparam> rules, Where where = Where::current())
      : names_("reparam", "sample site", rules, where), rules_(std::move(rules)) {}
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  std::map<std::string, Reparam> rules_;
};

}  // namespace nuthatch
