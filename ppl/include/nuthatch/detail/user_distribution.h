#pragma once
/// Turns an aggregate with log_prob, sample and support into a Distribution. Its fields are the parameters and their
/// broadcast is the batch shape, unless it has members batch_shape() and event_shape(); mean, variance, mode, entropy,
/// cdf, log_cdf, survival, log_survival, icdf, support_point and enumerate_support are picked up when present.
#include <string>
#include <typeinfo>
#include <vector>

#include "nuthatch/distribution.h"
#include "nuthatch/tree.h"

namespace nuthatch::detail {

std::vector<Parameter> named_parameters(const std::vector<Tensor>& values, const std::vector<std::string>& names);

template <class D>
std::vector<std::string> parameter_names(const D& d) {
  if constexpr (tree::HasFieldNames<D>) return {D::fields.begin(), D::fields.end()};
  else return tree::paths(d);
}

template <class D>
class UserImpl final : public DistributionImpl {
 public:
  UserImpl(const D& d, Where where)
      : DistributionImpl(type_name(typeid(D).name()), named_parameters(tree::flatten(d), parameter_names(d)), {}, where),
        d_(d) {
    if constexpr (requires { d_.event_shape(); }) event_shape = d_.event_shape();
    if constexpr (requires { d_.batch_shape(); }) {
      batch_shape = d_.batch_shape();
      problem.reset();
    }
  }
  Constraint support() const override {
    if constexpr (requires { Constraint(d_.support()); }) return d_.support();
    else return d_.support;
  }
  Tensor log_prob(const Tensor& value) const override { return d_.log_prob(value); }
  Tensor sample(const Key& key, const Shape& shape) const override { return d_.sample(key, shape); }
  Tensor mean() const override {
    if constexpr (requires { Tensor(d_.mean()); }) return d_.mean();
    else return {};
  }
  Tensor variance() const override {
    if constexpr (requires { Tensor(d_.variance()); }) return d_.variance();
    else return {};
  }
  Tensor mode() const override {
    if constexpr (requires { Tensor(d_.mode()); }) return d_.mode();
    else return {};
  }
  Tensor entropy() const override {
    if constexpr (requires { Tensor(d_.entropy()); }) return d_.entropy();
    else return {};
  }
  Tensor support_point() const override {
    if constexpr (requires { Tensor(d_.support_point()); }) return d_.support_point();
    else return {};
  }
  Tensor enumerate_support() const override {
    if constexpr (requires { Tensor(d_.enumerate_support()); }) return d_.enumerate_support();
    else return {};
  }
  Tensor cdf(const Tensor& x) const override {
    if constexpr (requires { Tensor(d_.cdf(x)); }) return d_.cdf(x);
    else return {};
  }
  Tensor log_cdf(const Tensor& x) const override {
    if constexpr (requires { Tensor(d_.log_cdf(x)); }) return d_.log_cdf(x);
    else return {};
  }
  Tensor survival(const Tensor& x) const override {
    if constexpr (requires { Tensor(d_.survival(x)); }) return d_.survival(x);
    else return {};
  }
  Tensor log_survival(const Tensor& x) const override {
    if constexpr (requires { Tensor(d_.log_survival(x)); }) return d_.log_survival(x);
    else return {};
  }
  Tensor icdf(const Tensor& x) const override {
    if constexpr (requires { Tensor(d_.icdf(x)); }) return d_.icdf(x);
    else return {};
  }

 private:
  D d_;
};

}  // namespace nuthatch::detail

namespace nuthatch {
template <UserDistribution D>
Distribution::Distribution(const D& distribution, Where where)
    : impl_(share<detail::UserImpl<D>>(distribution, where)) {}
}  // namespace nuthatch
