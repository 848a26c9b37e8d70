#pragma once
/// Reparameterisations: a site is replaced by auxiliary sites of easier geometry and computed from them.
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "nuthatch/bijectors.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/detail/site_names.h"

namespace nuthatch {

/// The sites by which a rule replaces a site, named `<site name>_<suffix>`.
class AuxiliarySites {
 public:
  AuxiliarySites(const Handler& handler, const Message& site) : handler_(handler), site_(site) {}
  /// Samples one.
  Tensor operator()(const std::string& suffix, const Distribution& distribution) const;
  /// A quantity to be optimised.
  Tensor param(const std::string& suffix, const Tensor& initial, const Constraint& constraint) const;
  /// Adds a term to the log density.
  void factor(const std::string& suffix, const Tensor& log_factor) const;
  /// Records a quantity.
  void record(const std::string& suffix, const Tensor& value) const;
  /// In the body of a scan: the present step's part of a constant that has one for each.
  Tensor of_step(const Tensor& constant) const;

 private:
  Message auxiliary(Primitive kind, const std::string& suffix) const;
  const Handler& handler_;
  const Message& site_;
};

class Reparam {
 public:
  class Rule {
   public:
    virtual ~Rule() = default;
    /// The value of the site, computed from auxiliary sites; undefined to leave the site as it is.
    virtual Tensor apply(const Message& site, const AuxiliarySites& sample) const = 0;
  };
  explicit Reparam(Shared<const Rule> rule) : rule_(std::move(rule)) {}
  const Rule& rule() const { return *rule_; }

 private:
  Shared<const Rule> rule_;
};

/// For families with location and scale: with c = centered, samples `<name>_decentered` ~ Family(c loc, scale^c) and
/// sets value = loc + scale^(1-c) (x - c loc). c = 1 is the model as written, c = 0 the non-centred form. Papaspiliopoulos,
/// Roberts, Sköld (2007).
struct LocScaleReparam : Reparam {
  explicit LocScaleReparam(double centered);
  /// One centredness per element of the site.
  explicit LocScaleReparam(const Tensor& centered);
  /// Centredness is a param `<name>_centered` in [0, 1], one per element of the site: learned by SVI, or given a prior by
  /// `lift`. It starts at 0.5, and stays there under MCMC. Gorinova, Moore, Hoffman (2020).
  LocScaleReparam();
};

namespace detail {
/// Location and scale of a site to which LocScaleReparam applies.
std::optional<std::pair<Tensor, Tensor>> loc_and_scale(const Message& site);
}  // namespace detail

/// For images of other distributions: a Transformed is computed from `<name>_base` ~ its base; MultivariateNormal becomes
/// loc + scale_tril z, LogNormal exp(loc + scale z), Normal loc + scale z, with `<name>_base` standard normal.
struct TransformReparam : Reparam {
  TransformReparam();
};

/// Samples `<name>_base` from the image of the site under a bijector and maps it back: another geometry, for example
/// softplus instead of exp for a positive site, ExplicitReparam(transforms::softplus().inverse()).
struct ExplicitReparam : Reparam {
  explicit ExplicitReparam(const Bijector& bijector);
};

/// For angles: `<name>_unwrapped` is any real number and the value its remainder in [-pi, pi), with the density of the
/// site as `<name>_factor`. Chains cross the border, and there are no walls.
struct CircularReparam : Reparam {
  CircularReparam();
};

/// A ProjectedNormal from `<name>_normal`, independent standard normals z: value = (z + concentration) / |z +
/// concentration|.
struct ProjectedNormalReparam : Reparam {
  ProjectedNormalReparam();
};

/// Samples `<name>_<suffix>`, the image of the site in unconstrained space under a bijector of Jacobian determinant 1 such
/// as a change of basis, and maps it back. The dimensions the bijector acts on must belong to the event.
struct UnitJacobianReparam : Reparam {
  UnitJacobianReparam(const Bijector& bijector, const std::string& suffix);
};

/// UnitJacobianReparam with Haar wavelet coefficients, `<name>_haar`: for time series, whose slow components are known
/// better than single values. `dim` is negative.
struct HaarReparam : UnitJacobianReparam {
  explicit HaarReparam(int dim = -1, bool flip = false);
};

/// UnitJacobianReparam with cosine coefficients, `<name>_dct`; smooth = 1 makes white noise of a random walk. `dim` is
/// negative.
struct DiscreteCosineReparam : UnitJacobianReparam {
  explicit DiscreteCosineReparam(int dim = -1, double smooth = 0.0);
};

/// Samples `<name>_base`, uniform on the unit cube, and maps it to the site: the prior becomes a cube, for nested sampling
/// and quasi-random points. Of one number, continuous or discrete, by the quantile function; MultivariateNormal as
/// loc + scale_tril ndtri(u), Dirichlet as Gamma quantiles over their sum, Transformed as the image of its base.
struct UniformReparam : Reparam {
  UniformReparam();
};

/// Rules by site name.
class ReparamRules {
 public:
  ReparamRules(std::initializer_list<std::pair<std::string, Reparam>> rules);
  ReparamRules(std::map<std::string, Reparam> rules);
  const std::map<std::string, Reparam>& map() const { return *map_; }

 private:
  Shared<const std::map<std::string, Reparam>> map_;
};

/// Applies the rules by site name.
class ReparamHandler : public Handler {
 public:
  explicit ReparamHandler(ReparamRules rules, Where where = Where::current());
  void process(Message&) override;
  void returned() override { names_.check(); }
  bool stepwise() const override { return true; }

 private:
  detail::SiteNames names_;
  ReparamRules rules_;
};

}  // namespace nuthatch
