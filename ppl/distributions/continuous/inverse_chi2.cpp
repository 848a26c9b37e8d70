#include "nuthatch/distributions/inverse_chi2.h"

#include "nuthatch/distributions/inverse_gamma.h"
#include "ppl/distributions/special_case.h"

namespace nuthatch {
namespace {

/// InverseGamma(df / 2, 1/2).
class InverseChi2Density final : public detail::SpecialCase<InverseChi2Density, 1> {
 public:
  InverseChi2Density(const Tensor& df, Where where)
      : SpecialCase("InverseChi2", {{"df", df, constraints::positive}}, InverseGamma(0.5 * df, 0.5, where).impl(),
                    where) {}
};

} // namespace

Distribution InverseChi2::make(const Tensor& df, Where where) {
  return Distribution(share<InverseChi2Density>(df, where));
}

} // namespace nuthatch
