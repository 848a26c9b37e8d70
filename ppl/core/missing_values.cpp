#include "nuthatch/detail/missing_values.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/primitives.h"
#include "ppl/core/scan_sites.h"

namespace nuthatch::detail {
namespace {

thread_local MissingPositions* recorder = nullptr;
thread_local const MissingPositions* known = nullptr;
thread_local std::size_t next_known = 0;

template <class T>
std::vector<std::int64_t> positions_of_nan(const Array& x) {
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < x.num_elements(); ++i)
    if (std::isnan(x.as<T>()[i])) result.push_back(i);
  return result;
}

std::vector<std::int64_t> missing_positions(const Tensor& x) {
  std::vector<std::int64_t> result;
  const bool looked_up = known && next_known < known->size();
  if (x.is_concrete() && x.dtype() == f64) result = positions_of_nan<double>(value(x)->array);
  else if (x.is_concrete() && x.dtype() == f32) result = positions_of_nan<float>(value(x)->array);
  else if (!x.is_concrete() && looked_up) result = (*known)[next_known];
  if (looked_up) ++next_known;
  if (recorder) recorder->push_back(result);
  return result;
}

/// The distributions of some elements: the family with the parameters of these.
Distribution elements(const Message& m, const Shape& shape, const Tensor& positions) {
  const DistributionImpl* impl = m.distribution.impl().get();
  while (impl->base() && impl->name == impl->base()->name && !impl->masked() &&
         impl->support().kind() == impl->base()->support().kind())
    impl = impl->base();
  std::vector<Tensor> parameters;
  for (const Parameter& p : impl->parameters) {
    if (p.constraint.event_dim() > 0) break;
    parameters.push_back(p.value.shape().empty() ? p.value : take(flatten(broadcast_to(p.value, shape)), positions));
  }
  DistributionPtr family;
  if (parameters.size() == impl->parameters.size()) family = impl->with_parameters(parameters);
  if (!family || !m.distribution.event_shape().empty())
    throw Error(m.title() + ": the data have NaN, and missing values of " + m.distribution.name() +
                    " cannot be made latent; use a mask (Mask known(~isnan(y));), or give the elements distributions of "
                    "their own" + m.context(),
                m.where);
  return Distribution(family).expand(Shape{positions.size()}, m.where);
}

}  // namespace

RecordMissing::RecordMissing(MissingPositions& into) : before_(recorder) { recorder = &into; }
RecordMissing::~RecordMissing() { recorder = before_; }
KnownMissing::KnownMissing(const MissingPositions& positions) : before_(known), next_before_(next_known) {
  known = &positions;
  next_known = 0;
}
KnownMissing::~KnownMissing() {
  known = before_;
  next_known = next_before_;
}

void impute_missing(Message& m) {
  // Under a mask the model says itself what counts. In a scan the data are tested with all steps together.
  if (detail::in_scan_body() || m.distribution.impl()->masked() || get_mask(m.where).defined()) return;
  const std::vector<std::int64_t> missing = missing_positions(m.value);
  if (missing.empty()) return;
  const Shape shape = m.value.shape();
  const Tensor positions(missing);
  Message latent(Primitive::sample, m.name + "_missing", m.where);
  latent.distribution = elements(m, shape, positions);
  latent.outside_plates = true;
  dispatch(latent);
  // Counts with NaN among them came as floating-point numbers, and stay such.
  const Dtype dtype = m.distribution.support().discrete() ? m.value.dtype() : latent.value.dtype();
  m.value = reshape(flatten(m.value.cast(dtype)).at(positions).set(latent.value.cast(dtype)), shape);
  std::vector<bool> present(std::size_t(shape.num_elements()), true);
  for (std::int64_t i : missing) present[std::size_t(i)] = false;
  m.mask = reshape(Tensor(present), shape);
}

}  // namespace nuthatch::detail
