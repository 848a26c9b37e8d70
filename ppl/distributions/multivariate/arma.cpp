#include "nuthatch/distributions/arma.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

/// Drops the oldest of the values [..., n], which stand from old to new, and appends one.
Tensor advanced(const Tensor& past, const Tensor& next) {
  return concat({past(ellipsis, from(1)), expand_dims(next, -1)}, -1);
}

class ARMADensity final : public detail::DistributionImpl {
 public:
  ARMADensity(const Tensor& ar, const Tensor& ma, const Tensor& scale, const Tensor& intercept, std::int64_t num_steps,
              Where where)
      : DistributionImpl("ARMA",
               {{"ar", ar, constraints::real_vector()},
                {"ma", ma, constraints::real_vector()},
                {"scale", scale, constraints::positive},
                {"intercept", intercept, constraints::real}},
               {num_steps}, where),
        steps_(num_steps), p_(ar.shape().back()), q_(ma.shape().back()) {}
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    const Shape batch = *detail::try_broadcast(detail::leading(x.shape(), 1), batch_shape);
    // The autoregressive part at once, then the innovations one after another.
    Tensor padded = concat({zeros(detail::join(detail::leading(x.shape(), 1), {p_})), x}, -1);
    Tensor known = x - expand_dims(intercept(), -1);
    for (std::int64_t k = 1; k <= p_; ++k)
      known = known - phi()(ellipsis, slice(k - 1, k)) * padded(ellipsis, slice(p_ - k, p_ - k + steps_));
    known = detail::broadcast_if_needed(known, detail::join(batch, {steps_}));
    Tensor weights = flip(theta(), -1);
    auto [last, errors] = scan(zeros(detail::join(batch, {q_})), moveaxis(known, -1, 0), [&](const Tensor& past, const Tensor& r) {
      Tensor e = r - sum(weights * past, -1);
      return std::pair(advanced(past, e), e);
    });
    return {{sum(square(errors), 0), -0.5 / square(scale())},
            {-double(steps_) * (log(scale()) + detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    const Shape batch = detail::leading(shape, 1);
    Tensor noise = scale() * normal(key, detail::join({steps_}, batch)), ar = flip(phi(), -1), ma = flip(theta(), -1);
    struct State { Tensor values, errors; };
    State start{zeros(detail::join(batch, {p_})), zeros(detail::join(batch, {q_}))};
    auto [last, path] = scan(start, noise, [&](const State& s, const Tensor& e) {
      Tensor x = intercept() + sum(ar * s.values, -1) + sum(ma * s.errors, -1) + e;
      return std::pair(State{advanced(s.values, x), advanced(s.errors, e)}, x);
    });
    return moveaxis(path, 0, -1);
  }
  bool has_rsample() const override { return true; }
  Tensor support_point() const override { return 0.0; }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& v) const override {
    return share<ARMADensity>(v[0], v[1], v[2], v[3], steps_, where);
  }

 private:
  const Tensor& phi() const { return p(0); }
  const Tensor& theta() const { return p(1); }
  const Tensor& scale() const { return p(2); }
  const Tensor& intercept() const { return p(3); }
  std::int64_t steps_, p_, q_;
};

}  // namespace

ARMA::ARMA(const ARMAOptions& o, Where where) {
  for (auto [name, x] : {std::pair{"ar", o.ar}, std::pair{"ma", o.ma}})
    if (detail::required("ARMA", {name, x}, where).ndim() == 0 || x.size(-1) == 0)
      throw Error(std::string("ARMA: ") + name + " must be a vector, one element per lag; of one number write reshape(x, {1})",
                  where);
  if (o.num_steps < 1) throw Error("ARMA: num_steps must be 1 or more, but it is " + std::to_string(o.num_steps), where);
  static_cast<Distribution&>(*this) =
      Distribution(share<ARMADensity>(o.ar, o.ma, detail::required("ARMA", {"scale", o.scale}, where),
                                                 detail::or_zero(o.intercept), o.num_steps, where));
}

}  // namespace nuthatch
