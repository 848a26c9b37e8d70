#include "nuthatch/distributions/random_walk.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/multivariate/random_walk_density.h"

namespace nuthatch {
namespace {

using detail::leading;

class RandomWalkDensity final : public detail::DistributionImpl {
 public:
  RandomWalkDensity(const char* name, Distribution init, Distribution innovation, std::int64_t num_steps, Where where)
      : DistributionImpl(name, {}, detail::join({num_steps}, innovation.event_shape()), where),
        init_(std::move(init)), innovation_(std::move(innovation)), steps_(num_steps),
        dims_(int(innovation_.event_shape().size())) {
    parameters = innovation_.parameters();
    batch_shape = *detail::try_broadcast(init_.batch_shape(), innovation_.batch_shape());
    problem = init_.impl()->problem ? init_.impl()->problem : innovation_.impl()->problem;
  }
  Constraint support() const override { return Constraint().independent(1 + dims_); }

  Tensor log_prob(const Tensor& value) const override {
    Tensor x = time_first(value), start = init_.log_prob(x[0]);
    return steps_ == 1 ? start : start + sum(innovation_.log_prob(diff(x, 0)), 0);
  }
  Tensor total_log_prob(const Tensor& value, std::int64_t count) const override {
    Tensor x = time_first(value), start = init_.impl()->total_log_prob(x[0], count);
    return steps_ == 1 ? start : start + innovation_.impl()->total_log_prob(diff(x, 0), count * (steps_ - 1));
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_init, k_innovation] = split<2>(key);
    const Shape one = detail::join(leading(shape, std::size_t(1 + dims_)), innovation_.event_shape());
    Tensor path = expand_dims(init_.impl()->sample(k_init, one), 0);
    if (steps_ > 1)
      path = concat({path, innovation_.impl()->sample(k_innovation, detail::join({steps_ - 1}, one))}, 0);
    return moveaxis(cumsum(path, 0), 0, -1 - dims_);
  }
  bool has_rsample() const override { return init_.has_rsample() && innovation_.has_rsample(); }
  Tensor mean() const override {
    if (!init_.has_mean() || !innovation_.has_mean()) return {};
    return along_time(init_.mean(), innovation_.mean());
  }
  Tensor variance() const override {
    if (!init_.has_variance() || !innovation_.has_variance()) return {};
    return along_time(init_.variance(), innovation_.variance());
  }
  Tensor support_point() const override {
    return along_time(init_.support_point(), zeros(innovation_.event_shape()));
  }

 private:
  Tensor time_first(const Tensor& x) const {
    return moveaxis(detail::with_batch(x, batch_shape, std::size_t(1 + dims_)), -1 - dims_, 0);
  }
  /// start + t step at t = 0, 1, ...
  Tensor along_time(const Tensor& start, const Tensor& step) const {
    Tensor t = arange(steps_).cast(f64);
    for (int i = 0; i < dims_; ++i) t = expand_dims(t, -1);
    return expand_dims(start, -1 - dims_) + t * expand_dims(step, -1 - dims_);
  }
  Distribution init_, innovation_;
  std::int64_t steps_;
  int dims_;
};

}  // namespace

Distribution detail::random_walk(const char* name, const Distribution& init, const Distribution& innovation,
                                 std::int64_t num_steps, Where where) {
  const std::string prefix = std::string(name) + ": ";
  if (!innovation.impl()) throw Error(prefix + ".innovation is missing", where);
  const Distribution& start = init.impl() ? init : innovation;
  if (num_steps < 1) throw Error(prefix + "num_steps must be 1 or more, but it is " + std::to_string(num_steps), where);
  if (start.support().discrete() || innovation.support().discrete())
    throw Error(prefix + "init and innovation must be continuous", where);
  if (start.event_shape() != innovation.event_shape())
    throw Error(prefix + "init has event shape " + to_string(start.event_shape()) + ", innovation " +
                    to_string(innovation.event_shape()),
                where);
  if (!try_broadcast(start.batch_shape(), innovation.batch_shape()))
    throw Error(prefix + "cannot broadcast init of batch shape " + to_string(start.batch_shape()) +
                    " with innovation of batch shape " + to_string(innovation.batch_shape()),
                where);
  return Distribution(share<RandomWalkDensity>(name, start, innovation, num_steps, where));
}

RandomWalk::RandomWalk(const RandomWalkOptions& o, Where where)
    : Distribution(detail::random_walk("RandomWalk", o.init, o.innovation, o.num_steps, where)) {}

}  // namespace nuthatch
