// The unit cube as the space of a site.
#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/gamma.h"
#include "nuthatch/distributions/uniform.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/reparam.h"
#include "ppl/distributions/modified/transformed.h"

namespace nuthatch {
namespace {

using detail::DistributionImpl;

/// What expand and to_event are around: they leave the elements alone.
const DistributionImpl* inside(const Distribution& d) {
  const DistributionImpl* impl = d.impl().get();
  while (const DistributionImpl* base = impl->base()) {
    // The others, mask and restricted, change the density or the support.
    if (impl->masked() != base->masked() || impl->support().kind() != base->support().kind()) return nullptr;
    impl = base;
  }
  return impl;
}

const Tensor& parameter(const DistributionImpl& family, const std::string& name) {
  for (const auto& p : family.parameters)
    if (p.name == name) return p.value;
  throw Error(family.name + " has no parameter " + name);
}

/// How many uniform numbers make a value of that shape, and the value; an empty handle where there is no way.
Shape cube_shape(const DistributionImpl& family, const Shape& site) {
  if (const auto* image = dynamic_cast<const detail::TransformedDensity*>(&family)) return image->bijector().inverse_shape(site);
  return site;
}
Tensor from_cube(const DistributionImpl& family, const Tensor& u) {
  if (const auto* image = dynamic_cast<const detail::TransformedDensity*>(&family)) {
    const DistributionImpl* base = inside(image->base_distribution());
    Tensor x = base ? from_cube(*base, u) : Tensor();
    return x.defined() ? image->bijector().forward(x) : x;
  }
  if (family.name == "MultivariateNormal")
    return parameter(family, "loc") + squeeze(matmul(parameter(family, "scale_tril"), expand_dims(ndtri(u), -1)), -1);
  if (family.name == "Dirichlet") {
    const Tensor x = Gamma(parameter(family, "concentration"), 1.0).icdf(u);
    return x / sum(x, {.axis = -1, .keepdims = true});
  }
  return family.event_shape.empty() ? family.icdf(u) : Tensor();
}

class ToUniform final : public Reparam::Rule {
 public:
  Tensor apply(const Message& site, const AuxiliarySites& sample) const override {
    const DistributionImpl* family = inside(site.distribution);
    // Whether there is a way is seen before a site is made.
    if (!family || !from_cube(*family, full(cube_shape(*family, site.distribution.shape()), 0.5)).defined())
      throw Error("UniformReparam: " + site.distribution.name() + " has no quantile function" + site.context(), site.where);
    const int event = int(site.distribution.event_shape().size());
    const Shape cube = cube_shape(*family, site.distribution.shape());
    const Tensor u = sample("base", Uniform(0.0, 1.0).expand(cube, site.where).to_event(event));
    Tensor x = detail::broadcast_if_needed(from_cube(*family, u), site.distribution.shape());
    return site.distribution.support().discrete() ? x.cast(i64) : x;
  }
};

}  // namespace

UniformReparam::UniformReparam() : Reparam(share<ToUniform>()) {}

}  // namespace nuthatch
