#include "ppl/distributions/implicit.h"

#include <algorithm>
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::detail {
namespace {

std::vector<Tensor> values(const DistributionImpl& d) {
  std::vector<Tensor> result;
  for (const auto& p : d.parameters) result.push_back(p.value);
  return result;
}

/// Literals and arrays at hand have no derivative to pass on.
bool constant(const DistributionImpl& d) {
  return std::all_of(d.parameters.begin(), d.parameters.end(),
                     [](const Parameter& p) { return p.value.is_concrete(); });
}

Tensor with_derivative(const DistributionImpl& d, const Tensor& q, const Tensor& x) {
  auto f = custom_jvp([](const Tensor& x, const Tensor&, const std::vector<Tensor>&) { return x; },
                      [&](const Tensor& x, const Tensor&, const std::vector<Tensor>& theta, const Tensor&,
                          const Tensor& dq, const std::vector<Tensor>& dtheta) {
                        auto [F, dF] = jvp(
                            [&](const std::vector<Tensor>& at) { return Distribution(d.with_parameters(at)).cdf(x); },
                            theta, dtheta);
                        return (dq - dF) * exp(-Distribution(d.with_parameters(theta)).log_prob_in_support(x));
                      });
  return f(stop_gradient(x), q, values(d));
}

} // namespace

Tensor implicit_draw(const DistributionImpl& d, const Tensor& x) {
  return constant(d) ? x : with_derivative(d, zeros_like(x), x);
}

Tensor implicit_quantile(const DistributionImpl& d, const Tensor& q, const Tensor& x) {
  return constant(d) && q.is_concrete() ? x : with_derivative(d, broadcast_if_needed(q, x.shape()), x);
}

namespace {
struct Bracket {
  Tensor low, high, width, i;
};
struct Root {
  Tensor u, low, high, step, i;
};
constexpr std::int64_t kDoublings = 1100, kIterations = 200;
} // namespace

Tensor quantile_by_search(const DistributionImpl& impl, const Tensor& probability, const Tensor& start) {
  std::vector<Tensor> fixed;
  for (const Tensor& v : values(impl)) fixed.push_back(stop_gradient(v));
  const Distribution d(impl.with_parameters(fixed));
  const Bijector t = biject_to(d.support());
  auto shape = try_broadcast(probability.shape(), d.batch_shape());
  if (!shape)
    throw Error(d.name() + ": cannot broadcast probabilities of shape " + to_string(probability.shape()) +
                    " with batch shape " + to_string(d.batch_shape()),
                impl.where);
  const Tensor q = broadcast_if_needed(stop_gradient(probability), *shape);
  const Tensor upper = q >= 0.5, target = select(upper, log1p(-q), log(q));
  // Increasing in u, zero at the quantile; its logarithmic scale makes Newton's method converge in the tails.
  auto excess = [&](const Tensor& u) {
    Tensor x = t.forward(u);
    return select(upper, target - d.log_survival(x), d.log_cdf(x) - target);
  };
  const Tensor u0 = t.inverse(broadcast_if_needed(stop_gradient(start), *shape));
  Bracket b = while_loop(
      Bracket{u0, u0, ones_like(u0), Tensor(0)},
      [&](const Bracket& b) { return any_of((excess(b.low) > 0.0) | (excess(b.high) < 0.0)) & (b.i < kDoublings); },
      [&](const Bracket& b) {
        return Bracket{select(excess(b.low) > 0.0, u0 - b.width, b.low),
                       select(excess(b.high) < 0.0, u0 + b.width, b.high), 2.0 * b.width, b.i + 1};
      });
  Root r = while_loop(
      Root{0.5 * (b.low + b.high), b.low, b.high, b.high - b.low, Tensor(0)},
      [&](const Root& r) { return any_of(abs(r.step) > 4e-16 * abs(r.u)) & (r.i < kIterations); },
      [&](const Root& r) {
        auto [x, log_det] = t.forward_and_log_det(r.u);
        Tensor g = excess(r.u), low = select(g <= 0.0, r.u, r.low), high = select(g >= 0.0, r.u, r.high);
        Tensor slope = exp(d.log_prob_in_support(x) + log_det - select(upper, d.log_survival(x), d.log_cdf(x)));
        Tensor newton = r.u - g / slope;
        // Where Newton's step leaves the bracket, or shrinks less than by half, the middle of the bracket is next.
        Tensor good = (newton > low) & (newton < high) & (abs(newton - r.u) < 0.5 * abs(r.step));
        Tensor next = select(g == 0.0, r.u, select(good, newton, 0.5 * (low + high)));
        return Root{next, low, high, next - r.u, r.i + 1};
      });
  return implicit_quantile(impl, probability, t.forward(r.u));
}

} // namespace nuthatch::detail
