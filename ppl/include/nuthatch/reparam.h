#pragma once
/// Reparameterisations: a site is replaced by auxiliary sites of easier geometry and computed from them.
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "nuthatch/detail/site_names.h"
#include "nuthatch/function.h"

namespace nuthatch {

class Reparam {
 public:
  class Rule {
   public:
    virtual ~Rule() = default;
    /// Samples the auxiliary site `<site name>_<suffix>`.
    using Sampler = Function<Tensor(const std::string& suffix, const Distribution&)>;
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

/// Rules by site name.
class ReparamRules {
 public:
  ReparamRules(std::initializer_list<std::pair<std::string, Reparam>> rules);
  ReparamRules(std::map<std::string, Reparam> rules);
  const std::map<std::string, Reparam>& map() const { return *map_; }

 private:
  std::shared_ptr<const std::map<std::string, Reparam>> map_;
};

/// Applies the rules by site name.
class ReparamHandler : public Handler {
 public:
  explicit ReparamHandler(ReparamRules rules, Where where = Where::current());
  void process(Message&) override;
  void returned() override { names_.check(); }

 private:
  detail::SiteNames names_;
  ReparamRules rules_;
};

}  // namespace nuthatch
