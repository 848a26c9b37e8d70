#include "nuthatch/fit.h"

#include "nuthatch/model.h"
#include "nuthatch/smc.h"

namespace nuthatch {

Fit::Fit() = default;
Fit::Fit(InferenceData data) : InferenceData(std::move(data)) {}
Fit::Fit(const Fit&) = default;
Fit::Fit(Fit&&) noexcept = default;
Fit& Fit::operator=(const Fit&) = default;
Fit& Fit::operator=(Fit&&) noexcept = default;
Fit::~Fit() = default;
double Fit::log_evidence(Where where) const { return nuthatch::log_evidence(*this, where); }
void Fit::set_model(const BoundModel& model) { model_ = share<const BoundModel>(model); }

}  // namespace nuthatch
