#include "nuthatch/distributions/lower_truncated_power_law.h"

#include "nuthatch/distributions/pareto.h"
#include "ppl/distributions/special_case.h"

namespace nuthatch {
namespace {

/// Pareto(low, -alpha - 1).
class LowerTruncatedPowerLawDensity final : public detail::SpecialCase<LowerTruncatedPowerLawDensity, 2> {
 public:
  LowerTruncatedPowerLawDensity(const Tensor& alpha, const Tensor& low, Where where)
      : SpecialCase("LowerTruncatedPowerLaw",
                    {{"alpha", alpha, constraints::less_than(-1.0)}, {"low", low, constraints::positive}},
                    Pareto(low, -1.0 - alpha, where).impl(), where) {}
};

} // namespace

Distribution LowerTruncatedPowerLaw::make(const Tensor& alpha, const Tensor& low, Where where) {
  return Distribution(share<LowerTruncatedPowerLawDensity>(alpha, low, where));
}

} // namespace nuthatch
