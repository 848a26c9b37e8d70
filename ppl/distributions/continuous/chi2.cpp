#include "nuthatch/distributions/chi2.h"

#include "nuthatch/distributions/gamma.h"
#include "ppl/distributions/special_case.h"

namespace nuthatch {
namespace {

/// Gamma(df / 2, 1/2).
class Chi2Density final : public detail::SpecialCase<Chi2Density, 1> {
 public:
  Chi2Density(const Tensor& df, Where where)
      : SpecialCase("Chi2", {{"df", df, constraints::positive}}, Gamma(0.5 * df, 0.5, where).impl(), where) {}
};

} // namespace

Distribution Chi2::make(const Tensor& df, Where where) {
  return Distribution(share<Chi2Density>(df, where));
}

} // namespace nuthatch
