#include "nuthatch/distributions/asymmetric_laplace.h"

#include "nuthatch/math.h"
#include "ppl/distributions/continuous/two_exponentials.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

class AsymmetricLaplaceDensity final : public detail::TwoExponentials<AsymmetricLaplaceDensity> {
 public:
  AsymmetricLaplaceDensity(const Tensor& loc, const Tensor& scale, const Tensor& asymmetry, Where where)
      : TwoExponentials("AsymmetricLaplace",
                        {{"loc", loc, constraints::real},
                         {"scale", scale, constraints::positive},
                         {"asymmetry", asymmetry, constraints::positive}},
                        {}, where) {}
  Tensor left() const override { return p(1) * p(2); }
  Tensor right() const override { return p(1) / p(2); }
};

Distribution named(const AsymmetricLaplaceParameters& o, Where where) {
  Tensor asymmetry = o.asymmetry;
  if (detail::one_of("AsymmetricLaplace", {{"asymmetry", o.asymmetry}, {"quantile", o.quantile}}, where) == 1) {
    Tensor q =
        detail::checked("AsymmetricLaplace", {"quantile", o.quantile}, constraints::open_interval(0.0, 1.0), where);
    asymmetry = sqrt(q / (1.0 - q));
  }
  return Distribution(share<AsymmetricLaplaceDensity>(
      detail::or_zero(o.loc), o.scale.defined() ? o.scale : Tensor(1.0), asymmetry, where));
}

} // namespace

Distribution AsymmetricLaplace::make(const Tensor& loc, const Tensor& scale, const Tensor& asymmetry, Where where) {
  return Distribution(share<AsymmetricLaplaceDensity>(loc, scale, asymmetry, where));
}

AsymmetricLaplace::AsymmetricLaplace(const AsymmetricLaplaceParameters& options, Where where)
    : Distribution(named(options, where)) {}

} // namespace nuthatch
