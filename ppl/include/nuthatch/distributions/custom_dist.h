#pragma once
/// CustomDist(log_prob, sample, {.parameters, .support, .event_shape, .name}): a distribution made of two lambdas.
///   log_prob(x) gives the log density of each event, one number per element of the batch;
///   sample(key, shape) gives a draw of that shape, which ends with batch and event shape. It may be left out, for a
///   distribution of which one only needs the density.
/// Lambdas capture their parameters, or take them as a further argument `const std::vector<Tensor>& parameters`. The batch
/// shape is what the listed parameters broadcast to. A distribution with a distribution function, moments, or used more
/// than once is better written as a struct, see distribution.h.
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named options.
struct CustomOptions {
  OnlyNamed only_named{};
  std::vector<Tensor> parameters{};
  Constraint support = constraints::real;
  Shape event_shape{};
  std::string name = "CustomDist";
};

namespace detail {

class CustomBase : public DistributionImpl {
 public:
  CustomBase(CustomOptions options, Where where);
  Constraint support() const override { return options_.support; }

 protected:
  [[noreturn]] void no_draws() const;
  std::vector<Tensor> values() const;
  CustomOptions options_;
};

struct NoDraws {};

template <class LogProb, class Sample>
class CustomImpl final : public CustomBase {
 public:
  CustomImpl(const LogProb& log_prob, const Sample& sample, CustomOptions options, Where where)
      : CustomBase(std::move(options), where), log_prob_(log_prob), sample_(sample) {}
  Tensor log_prob(const Tensor& x) const override {
    if constexpr (requires { Tensor(log_prob_(x, values())); }) return log_prob_(x, values());
    else return log_prob_(x);
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    if constexpr (requires { Tensor(sample_(key, shape, values())); }) return sample_(key, shape, values());
    else if constexpr (requires { Tensor(sample_(key, shape)); }) return sample_(key, shape);
    else no_draws();
  }
  DistributionPtr with_parameters(const std::vector<Tensor>& v) const override {
    CustomOptions options = options_;
    options.parameters = v;
    return share<CustomImpl>(log_prob_, sample_, std::move(options), where);
  }

 private:
  LogProb log_prob_;
  Sample sample_;
};

}  // namespace detail

struct CustomDist : Distribution {
  template <class LogProb, class Sample>
    requires(!std::same_as<Sample, CustomOptions>)
  explicit CustomDist(const LogProb& log_prob, const Sample& sample, const CustomOptions& options = {},
                      Where where = Where::current())
      : Distribution(share<detail::CustomImpl<LogProb, Sample>>(log_prob, sample, options, where)) {}
  template <class LogProb>
  explicit CustomDist(const LogProb& log_prob, const CustomOptions& options = {}, Where where = Where::current())
      : CustomDist(log_prob, detail::NoDraws{}, options, where) {}
};

}  // namespace nuthatch
