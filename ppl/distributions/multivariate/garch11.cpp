#include "nuthatch/distributions/garch11.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

class GARCH11Density final : public detail::DistributionImpl {
 public:
  GARCH11Density(const std::vector<Tensor>& values, std::int64_t num_steps, Where where)
      : DistributionImpl("GARCH11",
                         {{"omega", values[0], constraints::positive},
                          {"alpha", values[1], constraints::nonnegative},
                          {"beta", values[2], constraints::nonnegative},
                          {"initial_volatility", values[3], constraints::positive}},
                         {num_steps}, where),
        steps_(num_steps) {}
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor squares = square(moveaxis(detail::with_batch(x, batch_shape, 1), -1, 0));
    Tensor first = detail::broadcast_if_needed(square(initial()), Shape(squares.shape().begin() + 1, squares.shape().end()));
    Tensor variances = expand_dims(first, 0);
    if (steps_ > 1) {
      auto [last, later] = scan(first, squares(until(-1), ellipsis), [&](const Tensor& v, const Tensor& before) {
        Tensor next = omega() + alpha() * before + beta() * v;
        return std::pair(next, next);
      });
      variances = concat({variances, later}, 0);
    }
    return {{sum(squares / variances + log(variances), 0), -0.5}, {-double(steps_) * detail::kHalfLogTwoPi}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    const Shape batch = detail::leading(shape, 1);
    Tensor first = detail::broadcast_if_needed(square(initial()), batch);
    auto [last, path] = scan(first, normal(key, detail::join({steps_}, batch)), [&](const Tensor& v, const Tensor& e) {
      Tensor x = sqrt(v) * e;
      return std::pair(omega() + alpha() * square(x) + beta() * v, x);
    });
    return moveaxis(path, 0, -1);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return 0.0; }
  /// The expectation of the conditional variance: v_{t+1} = omega + (alpha + beta) v_t.
  Tensor variance() const override {
    Tensor first = detail::broadcast_if_needed(square(initial()), batch_shape);
    auto [last, path] = scan(first, steps_, [&](const Tensor& v, const Tensor&) {
      return std::pair(omega() + (alpha() + beta()) * v, v);
    });
    return moveaxis(path, 0, -1);
  }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& values) const override {
    return share<GARCH11Density>(values, steps_, where);
  }

 private:
  const Tensor& omega() const { return p(0); }
  const Tensor& alpha() const { return p(1); }
  const Tensor& beta() const { return p(2); }
  const Tensor& initial() const { return p(3); }
  std::int64_t steps_;
};

}  // namespace

GARCH11::GARCH11(const GARCH11Options& o, Where where) {
  if (o.num_steps < 1)
    throw Error("GARCH11: num_steps must be 1 or more, but it is " + std::to_string(o.num_steps), where);
  const std::vector<Tensor> values{detail::required("GARCH11", {"omega", o.omega}, where),
                                   detail::required("GARCH11", {"alpha", o.alpha}, where),
                                   detail::required("GARCH11", {"beta", o.beta}, where),
                                   detail::required("GARCH11", {"initial_volatility", o.initial_volatility}, where)};
  static_cast<Distribution&>(*this) = Distribution(share<GARCH11Density>(values, o.num_steps, where));
}

}  // namespace nuthatch
