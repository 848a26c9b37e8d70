#include "nuthatch/distributions/rayleigh.h"

#include <cmath>

#include "nuthatch/distributions/weibull.h"
#include "ppl/distributions/special_case.h"

namespace nuthatch {
namespace {

/// Weibull(sqrt(2) scale, 2).
class RayleighDensity final : public detail::SpecialCase<RayleighDensity, 1> {
 public:
  RayleighDensity(const Tensor& scale, Where where)
      : SpecialCase("Rayleigh", {{"scale", scale, constraints::positive}},
                    Weibull(std::sqrt(2.0) * scale, 2.0, where).impl(), where) {}
};

} // namespace

Distribution Rayleigh::make(const Tensor& scale, Where where) {
  return Distribution(share<RayleighDensity>(scale, where));
}

} // namespace nuthatch
