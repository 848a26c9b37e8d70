#include "nuthatch/distributions/euler_maruyama.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch {
namespace {

using detail::leading;

class EulerMaruyamaDensity final : public detail::DistributionImpl {
 public:
  EulerMaruyamaDensity(const Tensor& times, Shared<const detail::Sde> sde, Distribution init, Where where)
      : DistributionImpl("EulerMaruyama", {{"times", times, constraints::ordered}},
                         detail::join({times.shape().back()}, init.event_shape()), where),
        sde_(std::move(sde)), init_(std::move(init)), steps_(times.shape().back()),
        dims_(int(init_.event_shape().size())) {
    batch_shape = init_.batch_shape();
    if (!problem) problem = init_.impl()->problem;
  }
  Constraint support() const override { return Constraint().independent(1 + dims_); }
  /// Given the path, all steps are independent normals: the equation is evaluated at all of them at once.
  Tensor log_prob(const Tensor& value) const override {
    Tensor path = detail::with_batch(value, batch_shape, std::size_t(1 + dims_));
    Tensor x = moveaxis(path, -1 - dims_, 0), start = init_.log_prob(x[0]);
    if (steps_ == 1) return start;
    Tensor before = x(until(-1), ellipsis), dt = diff(times());
    auto [drift, diffusion] = vmap([&](const Tensor& at, const Tensor& t) { return (*sde_)(at, t); })(before, times()[until(-1)]);
    Shape wide = {steps_ - 1};
    for (std::size_t i = 1; i < before.shape().size(); ++i) wide.push_back(1);
    dt = reshape(dt, wide);
    Tensor variance = square(diffusion) * dt, residual = diff(x, 0) - drift * dt;
    Tensor each = -0.5 * (square(residual) / variance + log(variance)) - detail::kHalfLogTwoPi;
    each = detail::broadcast_if_needed(each, residual.shape());
    std::vector<int> axes{0};
    for (int i = 1; i <= dims_; ++i) axes.push_back(-i);
    return start + sum(each, {.axis = Axes(axes)});
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_init, k_noise] = split<2>(key);
    const Shape one = detail::join(leading(shape, std::size_t(1 + dims_)), init_.event_shape());
    Tensor start = init_.impl()->sample(k_init, one), path = expand_dims(start, 0);
    if (steps_ > 1) {
      struct Step { Tensor noise, t, dt; };
      Step steps{normal(k_noise, detail::join({steps_ - 1}, one)), times()[until(-1)], diff(times())};
      auto [last, rest] = scan(start, steps, [&](const Tensor& x, const Step& s) {
        auto [drift, diffusion] = (*sde_)(x, s.t);
        Tensor next = x + drift * s.dt + diffusion * sqrt(s.dt) * s.noise;
        return std::pair(next, next);
      });
      path = concat({path, rest}, 0);
    }
    return moveaxis(path, 0, -1 - dims_);
  }
  bool has_rsample() const override { return init_.has_rsample(); }
  Tensor support_point() const override {
    Tensor start = init_.support_point();
    return detail::broadcast_if_needed(expand_dims(start, -1 - dims_), detail::join(batch_shape, event_shape));
  }

 private:
  const Tensor& times() const { return p(0); }
  Shared<const detail::Sde> sde_;
  Distribution init_;
  std::int64_t steps_;
  int dims_;
};

}  // namespace

Distribution EulerMaruyama::make(const Tensor& times, Shared<const detail::Sde> sde, const Distribution& init,
                                 Where where) {
  if (times.ndim() != 1)
    throw Error("EulerMaruyama: times must be a vector, but its shape is " + to_string(times.shape()), where);
  init.validate();
  if (init.support().discrete()) throw Error("EulerMaruyama: init must be continuous", where);
  return Distribution(share<EulerMaruyamaDensity>(times, std::move(sde), init, where));
}

}  // namespace nuthatch
