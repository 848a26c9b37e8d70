#include "nuthatch/distributions/ar.h"

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

class ARDensity final : public detail::DistributionImpl {
 public:
  ARDensity(const Tensor& coefficients, const Tensor& scale, const Tensor& intercept, Distribution init,
            std::int64_t num_steps, Where where)
      : DistributionImpl("AR",
                         {{"coefficients", coefficients, constraints::real_vector()},
                          {"scale", scale, constraints::positive},
                          {"intercept", intercept, constraints::real}},
                         {num_steps}, where),
        order_(coefficients.shape().empty() ? 0 : coefficients.shape().back()), steps_(num_steps),
        init_(std::move(init)) {
    if (problem || !init_.impl()) return;
    auto batch = detail::try_broadcast(batch_shape, init_.batch_shape());
    if (!batch) problem = "AR: cannot broadcast init of batch shape " + to_string(init_.batch_shape()) + " with " + to_string(batch_shape);
    else batch_shape = *batch;
    if (init_.impl()->problem) problem = init_.impl()->problem;
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    // Values before the first are 0 when there is no distribution for the start.
    const std::int64_t given = init_.impl() ? order_ : 0;
    Tensor past = given ? x : concat({zeros(detail::join(detail::leading(x.shape(), 1), {order_})), x}, -1);
    const std::int64_t count = steps_ - given, first = past.shape().back() - count;
    Tensor residual = past(ellipsis, from(first)) - expand_dims(intercept(), -1);
    for (std::int64_t k = 1; k <= order_; ++k)
      residual = residual - rho()(ellipsis, slice(k - 1, k)) * past(ellipsis, slice(first - k, first - k + count));
    detail::Terms result{{sum(square(residual), -1), -0.5 / square(scale())},
                         {-double(count) * (log(scale()) + detail::kHalfLogTwoPi)}};
    if (given) result.push_back({start_density(x(ellipsis, until(order_)))});
    return result;
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_init, k_noise] = split<2>(key);
    const std::int64_t given = init_.impl() ? order_ : 0;
    const Shape batch = detail::leading(shape, 1), state = detail::join(batch, {order_});
    Tensor start = given ? start_draw(k_init, batch) : zeros(state);
    Tensor noise = detail::broadcast_if_needed(scale(), batch) * normal(k_noise, detail::join({steps_ - given}, batch));
    Tensor c = detail::broadcast_if_needed(intercept(), batch), weights = flip(rho(), -1);
    // The state holds the last values, the latest at the end.
    auto [last, path] = scan(start, noise, [&](const Tensor& past, const Tensor& e) {
      Tensor next = c + sum(weights * past, -1) + e;
      return std::pair(concat({past(ellipsis, from(1)), expand_dims(next, -1)}, -1), next);
    });
    Tensor rest = moveaxis(path, 0, -1);
    return given ? concat({start, rest}, -1) : rest;
  }
  bool has_rsample() const override { return !init_.impl() || init_.has_rsample(); }
  Tensor support_point() const override { return 0.0; }

 private:
  const Tensor& rho() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  const Tensor& intercept() const { return p(2); }
  /// The first values are independent where `init` is a distribution of single numbers.
  bool alike() const { return init_.event_shape().empty(); }
  Tensor start_density(const Tensor& x) const {
    if (!alike()) return init_.log_prob(x);
    return sum(init_.log_prob(moveaxis(detail::with_batch(x, batch_shape, 1), -1, 0)), 0);
  }
  Tensor start_draw(const Key& key, const Shape& batch) const {
    if (alike()) return moveaxis(init_.impl()->sample(key, detail::join({order_}, batch)), 0, -1);
    return init_.impl()->sample(key, detail::join(batch, {order_}));
  }
  std::int64_t order_, steps_;
  Distribution init_;
};

}  // namespace

AR::AR(const AROptions& o, Where where) {
  const Tensor& rho = detail::required("AR", {"coefficients", o.coefficients}, where);
  detail::required("AR", {"scale", o.scale}, where);
  if (rho.ndim() == 0)
    throw Error("AR: coefficients must be a vector, one element per lag; of one number write reshape(rho, {1})", where);
  const std::int64_t order = rho.shape().back();
  if (o.num_steps <= order)
    throw Error("AR: num_steps must exceed the order " + std::to_string(order) + ", but it is " + std::to_string(o.num_steps),
                where);
  if (const Distribution& init = o.init; init.impl())
    if (init.support().discrete() || (!init.event_shape().empty() && init.event_shape() != Shape{order}))
      throw Error("AR: init must be a distribution of single numbers or of vectors of " + std::to_string(order) +
                      ", but its event shape is " + to_string(init.event_shape()),
                  where);
  static_cast<Distribution&>(*this) =
      Distribution(share<ARDensity>(rho, o.scale, detail::or_zero(o.intercept), o.init, o.num_steps, where));
}

}  // namespace nuthatch
