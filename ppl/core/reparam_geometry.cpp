// Reparameterisations that change the coordinates a site is sampled in.
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/improper_uniform.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/reparam.h"

namespace nuthatch {
namespace {

/// Samples f(site) and returns f^-1 of it.
class Explicit final : public Reparam::Rule {
 public:
  explicit Explicit(const Bijector& bijector) : bijector_(bijector) {}
  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    return bijector_.inverse(sample("base", site.distribution.transformed(bijector_, site.where)));
  }

 private:
  Bijector bijector_;
};

/// The same in unconstrained space, for maps with Jacobian determinant 1.
class UnitJacobian final : public Reparam::Rule {
 public:
  UnitJacobian(const Bijector& bijector, std::string suffix) : bijector_(bijector), suffix_(std::move(suffix)) {}
  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    if (int(site.distribution.event_shape().size()) < bijector_.event_dim())
      throw Error("UnitJacobianReparam: dimension " + std::to_string(-bijector_.event_dim()) + " of " + site.distribution.name() +
                      " with event shape " + to_string(site.distribution.event_shape()) +
                      " does not belong to the event; use to_event()" + site.context(),
                  site.where);
    const Bijector unconstrain = biject_to(site.distribution.support()).inverse();
    const Bijector both = unconstrain >> bijector_;
    return both.inverse(sample(suffix_, site.distribution.transformed(both, site.where)));
  }

 private:
  Bijector bijector_;
  std::string suffix_;
};

class Circular final : public Reparam::Rule {
 public:
  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    const int event = int(site.distribution.event_shape().size());
    const Tensor angle =
        sample("unwrapped", ImproperUniform(Constraint().independent(event), site.distribution.shape(), site.where));
    const Tensor value = angle - 2.0 * M_PI * floor((angle + M_PI) / (2.0 * M_PI));
    sample.factor("factor", site.distribution.log_prob_in_support(value));
    return value;
  }
};

class Projected final : public Reparam::Rule {
 public:
  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    if (site.distribution.name() != "ProjectedNormal")
      throw Error("ProjectedNormalReparam: the site has a " + site.distribution.name() + site.context(), site.where);
    const Tensor z = sample("normal", Normal(0.0, 1.0).expand(site.distribution.shape()).to_event(1));
    const Tensor x = z + site.distribution.parameters()[0].value;
    return x / sqrt(sum(square(x), {.axis = -1, .keepdims = true}));
  }
};

}  // namespace

ExplicitReparam::ExplicitReparam(const Bijector& bijector) : Reparam(share<Explicit>(bijector)) {}
CircularReparam::CircularReparam() : Reparam(share<Circular>()) {}
ProjectedNormalReparam::ProjectedNormalReparam() : Reparam(share<Projected>()) {}
UnitJacobianReparam::UnitJacobianReparam(const Bijector& bijector, const std::string& suffix)
    : Reparam(share<UnitJacobian>(bijector, suffix)) {}
HaarReparam::HaarReparam(int dim, bool flip) : UnitJacobianReparam(transforms::haar(dim, flip), "haar") {}
DiscreteCosineReparam::DiscreteCosineReparam(int dim, double smooth)
    : UnitJacobianReparam(transforms::discrete_cosine(dim, smooth), "dct") {}

}  // namespace nuthatch
