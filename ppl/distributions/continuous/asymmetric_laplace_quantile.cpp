#include "nuthatch/distributions/asymmetric_laplace_quantile.h"

#include "nuthatch/math.h"
#include "ppl/distributions/continuous/two_exponentials.h"

namespace nuthatch {
namespace {

class AsymmetricLaplaceQuantileDensity final : public detail::TwoExponentials<AsymmetricLaplaceQuantileDensity> {
 public:
  AsymmetricLaplaceQuantileDensity(const Tensor& loc, const Tensor& scale, const Tensor& quantile, Where where)
      : TwoExponentials("AsymmetricLaplaceQuantile",
                        {{"loc", loc, constraints::real},
                         {"scale", scale, constraints::positive},
                         {"quantile", quantile, constraints::open_interval(0.0, 1.0)}},
                        {}, where) {}
  Tensor left() const override { return p(1) / (1.0 - p(2)); }
  Tensor right() const override { return p(1) / p(2); }
};

} // namespace

Distribution AsymmetricLaplaceQuantile::make(const Tensor& loc, const Tensor& scale, const Tensor& quantile,
                                             Where where) {
  return Distribution(share<AsymmetricLaplaceQuantileDensity>(loc, scale, quantile, where));
}

} // namespace nuthatch
