#include "nuthatch/fit.h"

namespace nuthatch {

Fit::Fit() = default;
Fit::Fit(InferenceData data) : InferenceData(std::move(data)) {}
Fit::Fit(const Fit&) = default;
Fit::Fit(Fit&&) noexcept = default;
Fit& Fit::operator=(const Fit&) = default;
Fit& Fit::operator=(Fit&&) noexcept = default;
Fit::~Fit() = default;

}  // namespace nuthatch
