#include "nuthatch/distributions/delta.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class Point final : public detail::DistributionImpl {
 public:
   Point(const Tensor& value, const DeltaOptions& o, Where where)
       : DistributionImpl(
             "Delta",
             {{"value", value,
               Constraint(Constraint::Kind::interval, Tensor(-INFINITY), Tensor(INFINITY)).independent(o.event_dim)},
              {"log_density", o.log_density, constraints::real}},
             value.defined() ? detail::trailing(value.shape(), std::size_t(o.event_dim)) : Shape{}, where),
         dims_(o.event_dim) {}
   Constraint support() const override {
     Constraint set = integers() ? constraints::integer_interval(-INFINITY, INFINITY) : Constraint();
     return dims_ > 0 ? set.independent(dims_) : set;
  }
  Tensor log_prob(const Tensor& x) const override {
    Tensor same = x == value();
    if (dims_ > 0) {
      std::vector<int> axes;
      for (int i = 1; i <= dims_; ++i) axes.push_back(-i);
      same = all_of(same, {.axis = Axes(axes)});
    }
    return select(same, p(1), -INFINITY);
  }
  bool has_rsample() const override { return !integers(); }
  Tensor sample(const Key&, const Shape& shape) const override { return detail::broadcast_if_needed(value(), shape); }
  Tensor mean() const override { return value(); }
  Tensor variance() const override { return zeros_like(value().cast(f64)); }
  Tensor mode() const override { return value(); }
  Tensor support_point() const override { return value(); }
  Tensor entropy() const override { return -p(1); }
  bool has_atoms() const override { return true; }
  Tensor cdf(const Tensor& x) const override { return dims_ > 0 ? Tensor() : select(x >= value(), 1.0, 0.0); }
  Tensor icdf(const Tensor& q) const override { return dims_ > 0 ? Tensor() : value() + zeros_like(q); }
  Shared<const DistributionImpl> with_parameters(const std::vector<Tensor>& v) const override {
    return share<Point>(v[0], DeltaOptions{.log_density = v[1], .event_dim = dims_}, where);
  }

 private:
  const Tensor& value() const { return p(0); }
  bool integers() const {
    return value().defined() && (value().dtype() == i64 || value().dtype() == i32 || value().dtype() == bool_);
  }
  int dims_;
};

}  // namespace

Distribution Delta::make(const Tensor& value, const DeltaOptions& options, Where where) {
  if (options.event_dim < 0) throw Error("Delta: event_dim is " + std::to_string(options.event_dim), where);
  return Distribution(share<Point>(value, options, where));
}

}  // namespace nuthatch
