#include "ppl/distributions/discrete/ordered.h"

#include "nuthatch/array.h"
#include "nuthatch/distributions/ordered_logistic.h"
#include "nuthatch/distributions/ordered_probit.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/finite.h"

namespace nuthatch {
namespace detail {
namespace {

/// log F(c) at the first cutpoint, log(F(b) - F(a)) between neighbours a < b, log(1 - F(c)) at the last.
template <class Lowest, class Middle, class Highest>
Tensor joined(const Tensor& c, Lowest&& lowest, Middle&& middle, Highest&& highest) {
  Tensor low = lowest(c(ellipsis, until(1))), high = highest(c(ellipsis, from(-1)));
  if (c.shape().back() == 1) return concat({low, high}, -1);
  return concat({low, middle(c(ellipsis, until(-1)), c(ellipsis, from(1))), high}, -1);
}

}  // namespace

Tensor ordered_logistic_log_probs(const Tensor& location, const Tensor& cutpoints) {
  Tensor c = cutpoints - expand_dims(location, -1);
  // sigmoid(b) - sigmoid(a) = sigmoid(b) sigmoid(-a) (1 - exp(a - b)).
  return joined(
      c, [](const Tensor& x) { return log_sigmoid(x); },
      [](const Tensor& a, const Tensor& b) { return log_sigmoid(b) + log_sigmoid(-a) + log1mexp(b - a); },
      [](const Tensor& x) { return log_sigmoid(-x); });
}

Tensor ordered_probit_log_probs(const Tensor& location, const Tensor& cutpoints, const Tensor& scale) {
  Tensor c = (cutpoints - expand_dims(location, -1)) / expand_dims(scale, -1);
  return joined(
      c, [](const Tensor& x) { return log_ndtr(x); },
      [](const Tensor& a, const Tensor& b) {
        // In the upper tail by symmetry, where both are close to 1.
        Tensor flip = a > 0.0, far = select(flip, -a, b), near = select(flip, -b, a), L = log_ndtr(far);
        return L + log1mexp(L - log_ndtr(near));
      },
      [](const Tensor& x) { return log_ndtr(-x); });
}

}  // namespace detail

namespace {

class OrderedLogisticMass final : public detail::FiniteFamily<OrderedLogisticMass, 2> {
 public:
  OrderedLogisticMass(const Tensor& predictor, const Tensor& cutpoints, Where where)
      : FiniteFamily("OrderedLogistic",
                     {{"predictor", predictor, constraints::real}, {"cutpoints", cutpoints, constraints::ordered}}, {},
                     where) {}
  Tensor log_probs() const override { return detail::ordered_logistic_log_probs(p(0), p(1)); }
  /// Without the table of all categories: two cutpoints per observation, b above and a below. What the distance of the
  /// two contributes is known for each category, whatever the predictor.
  detail::Terms terms(const Tensor& x) const override {
    const std::int64_t last = categories() - 2;
    const Tensor& c = p(1);
    Tensor k = x.cast(i64), lowest = k <= 0, highest = k > last;
    Tensor b = detail::pick(c, clamp(k, 0, last)), a = detail::pick(c, clamp(k - 1, 0, last));
    Tensor none = zeros_like(c(ellipsis, until(1)));
    std::vector<Tensor> distances{none, none};
    if (last > 0) distances.insert(distances.begin() + 1, log1mexp(c(ellipsis, from(1)) - c(ellipsis, until(-1))));
    return {{select(highest, 0.0, log_sigmoid(b - p(0))) + select(lowest, 0.0, log_sigmoid(p(0) - a))},
            {detail::pick(concat(distances, -1), clamp(k, 0, last + 1))}};
  }
  Tensor log_prob(const Tensor& x) const override { return DistributionImpl::log_prob(x); }
  std::int64_t categories() const override { return p(1).shape().empty() ? 1 : p(1).shape().back() + 1; }
};

class OrderedProbitMass final : public detail::FiniteFamily<OrderedProbitMass, 3> {
 public:
  OrderedProbitMass(const Tensor& predictor, const Tensor& cutpoints, const Tensor& scale, Where where)
      : FiniteFamily("OrderedProbit",
                     {{"predictor", predictor, constraints::real},
                      {"cutpoints", cutpoints, constraints::ordered},
                      {"scale", scale, constraints::positive}},
                     {}, where) {}
  Tensor log_probs() const override { return detail::ordered_probit_log_probs(p(0), p(1), p(2)); }
  std::int64_t categories() const override { return p(1).shape().empty() ? 1 : p(1).shape().back() + 1; }
};

}  // namespace

Distribution OrderedLogistic::make(const Tensor& predictor, const Tensor& cutpoints, Where where) {
  return Distribution(share<OrderedLogisticMass>(predictor, cutpoints, where));
}
Distribution OrderedProbit::make(const Tensor& predictor, const Tensor& cutpoints, const Tensor& scale, Where where) {
  return Distribution(share<OrderedProbitMass>(predictor, cutpoints, scale, where));
}

}  // namespace nuthatch
