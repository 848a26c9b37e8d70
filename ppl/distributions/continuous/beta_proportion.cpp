#include "nuthatch/distributions/beta_proportion.h"

#include "nuthatch/distributions/beta.h"
#include "ppl/distributions/special_case.h"

namespace nuthatch {
namespace {

/// Beta(mean concentration, (1 - mean) concentration).
class BetaProportionDensity final : public detail::SpecialCase<BetaProportionDensity, 2> {
 public:
  BetaProportionDensity(const Tensor& mean, const Tensor& concentration, Where where)
      : SpecialCase("BetaProportion",
                    {{"mean", mean, constraints::open_interval(0.0, 1.0)},
                     {"concentration", concentration, constraints::positive}},
                    Beta(mean * concentration, (1.0 - mean) * concentration, where).impl(), where) {}
};

} // namespace

Distribution BetaProportion::make(const Tensor& mean, const Tensor& concentration, Where where) {
  return Distribution(share<BetaProportionDensity>(mean, concentration, where));
}

} // namespace nuthatch
