#include "nuthatch/distributions/custom_dist.h"

#include "nuthatch/detail/user_distribution.h"

namespace nuthatch::detail {

CustomBase::CustomBase(CustomOptions options, Where line)
    : DistributionImpl(options.name, named_parameters(options.parameters, {}), options.event_shape, line),
      options_(std::move(options)) {}

void CustomBase::no_draws() const { throw Error(name + ": no sample function was given, it has no draws", where); }

std::vector<Tensor> CustomBase::values() const {
  std::vector<Tensor> result;
  for (const auto& p : parameters) result.push_back(p.value);
  return result;
}

}  // namespace nuthatch::detail
