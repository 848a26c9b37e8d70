#pragma once
/// Probability distributions are values of one handle type. A draw has shape sample_shape + batch_shape + event_shape:
/// `event_shape` belongs to one value (a vector of a multivariate normal), `batch_shape` counts independent, not
/// identically distributed values (it is the broadcast shape of the parameters), `sample_shape` is asked for.
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "nuthatch/detail/distribution_impl.h"

namespace nuthatch {

namespace detail {
/// "Tensor" from typeid(Tensor).name().
std::string type_name(const char* mangled);
}  // namespace detail

class Bijector;
class Distribution;

/// A positional parameter: anything a Tensor can be made of. A template parameter constrained by it cannot be filled
/// by a brace list, which therefore always means named options.
template <class T>
concept Positional = std::convertible_to<const T&, Tensor>;

/// An aggregate with `log_prob`, `sample` and `support` is a distribution.
template <class D>
concept UserDistribution = !std::derived_from<D, Distribution> && std::is_class_v<D> &&
                           requires(const D& d, const Tensor& x, const Key& key, const Shape& shape) {
                             { d.log_prob(x) } -> std::convertible_to<Tensor>;
                             { d.sample(key, shape) } -> std::convertible_to<Tensor>;
                             d.support;
                           };

class Distribution {
 public:
  /// An empty handle; only assignment is allowed.
  Distribution() = default;
  explicit Distribution(detail::DistributionPtr impl) : impl_(std::move(impl)) {}
  template <UserDistribution D>
  Distribution(const D& distribution, Where where = Where::current());

  /// "Normal".
  const std::string& name() const { return impl_->name; }
  const Shape& batch_shape() const { return impl_->batch_shape; }
  const Shape& event_shape() const { return impl_->event_shape; }
  Shape shape(const Shape& sample_shape = {}) const;
  Constraint support() const { return impl_->support(); }

  /// Log density (mass) of each event; -infinity outside the support.
  Tensor log_prob(const Tensor& value) const;
  /// The same without the test whether value is inside the support, for values known to be.
  Tensor log_prob_in_support(const Tensor& value) const;
  /// Its sum over all events.
  Tensor total_log_prob_in_support(const Tensor& value) const;
  Tensor sample(const Key& key, const Shape& sample_shape = {}) const;
  /// Whether draws are differentiable in the parameters.
  bool has_rsample() const { return impl_->has_rsample(); }
  // These throw where a distribution has neither a closed form nor a stable numerical method.
  Tensor mean() const;
  Tensor variance() const;
  Tensor stddev() const;
  Tensor mode() const;
  Tensor entropy() const;
  /// P(X <= value), P(X > value) and their logarithms, for any real value.
  Tensor cdf(const Tensor& value) const;
  Tensor log_cdf(const Tensor& value) const;
  Tensor survival(const Tensor& value) const;
  Tensor log_survival(const Tensor& value) const;
  /// The smallest x with cdf(x) >= probability; NaN for a probability outside [0, 1].
  Tensor icdf(const Tensor& probability) const;
  bool has_mean() const { return impl_->mean().defined(); }
  bool has_variance() const { return impl_->variance().defined(); }
  bool has_mode() const { return impl_->mode().defined(); }
  bool has_entropy() const { return impl_->entropy().defined(); }
  bool has_cdf() const;
  bool has_icdf() const;
  bool has_enumerate_support() const { return impl_->enumerate_support().defined(); }
  /// All values of a finite discrete support, [k] + event_shape.
  Tensor enumerate_support() const;
  /// A point in the middle of the support, where chains can start: of shape batch_shape + event_shape.
  Tensor support_point() const;

  /// Independent copies: batch_shape becomes `batch_shape`, to which the present one must broadcast.
  Distribution expand(const Shape& batch_shape,
                      Where where = Where::current()) const;
  /// Declares the last `dims` batch dimensions to be dimensions of one event; all of them by default.
  Distribution to_event(int dims = -1, Where where = Where::current()) const;
  /// Elements where the mask is false have log density 0.
  Distribution mask(const Tensor& mask, Where where = Where::current()) const;
  /// The density on a subset of the support, not renormalised.
  Distribution restricted(const Constraint& subset,
                          Where where = Where::current()) const;
  /// The distribution of bijector(x); the same as Transformed(*this, bijector).
  Distribution transformed(const Bijector& bijector, Where where = Where::current()) const;

  const std::vector<detail::Parameter>& parameters() const { return impl_->parameters; }
  const detail::DistributionPtr& impl() const { return impl_; }
  /// Throws what is wrong with the parameters, if anything; `context` is appended to the message.
  void validate(const std::string& context = "") const;

 private:
  detail::DistributionPtr impl_;
};

}  // namespace nuthatch

#include "nuthatch/detail/user_distribution.h"
