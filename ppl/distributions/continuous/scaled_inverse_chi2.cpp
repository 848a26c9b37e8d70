#include "nuthatch/distributions/scaled_inverse_chi2.h"

#include "nuthatch/distributions/inverse_gamma.h"
#include "nuthatch/math.h"
#include "ppl/distributions/special_case.h"

namespace nuthatch {
namespace {

/// InverseGamma(df / 2, df scale^2 / 2).
class ScaledInverseChi2Density final : public detail::SpecialCase<ScaledInverseChi2Density, 2> {
 public:
  ScaledInverseChi2Density(const Tensor& df, const Tensor& scale, Where where)
      : SpecialCase("ScaledInverseChi2", {{"df", df, constraints::positive}, {"scale", scale, constraints::positive}},
                    InverseGamma(0.5 * df, 0.5 * df * square(scale), where).impl(), where) {}
};

} // namespace

Distribution ScaledInverseChi2::make(const Tensor& df, const Tensor& scale, Where where) {
  return Distribution(share<ScaledInverseChi2Density>(df, scale, where));
}

} // namespace nuthatch
