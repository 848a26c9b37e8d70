#include "nuthatch/distributions/geometric.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

template <class Self>
class GeometricBase : public detail::Family<Self, 1> {
 public:
  using detail::Family<Self, 1>::Family;
  virtual Tensor log_success() const = 0;
  virtual Tensor log_failure() const = 0;
  virtual Tensor odds_of_failure() const = 0;

  Constraint support() const override { return constraints::nonnegative_integer; }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return floor(log1p(-uniform(key, shape)) / log_failure()).cast(i64);
  }
  Tensor mean() const override { return odds_of_failure(); }
  Tensor variance() const override { return odds_of_failure() * (1.0 + odds_of_failure()); }
  Tensor mode() const override { return zeros_like(mean()); }
  Tensor support_point() const override { return floor(mean()); }
  Tensor entropy() const override {
    Tensor f = log_failure();
    return -log_success() - odds_of_failure() * select(odds_of_failure() > 0.0, f, 0.0);
  }
  // P(X > k) = (1 - probs)^(k + 1).
  Tensor cdf(const Tensor& k) const override { return -expm1((k + 1.0) * log_failure()); }
  Tensor survival(const Tensor& k) const override { return exp((k + 1.0) * log_failure()); }
  Tensor log_survival(const Tensor& k) const override { return (k + 1.0) * log_failure(); }
  Tensor icdf(const Tensor& q) const override {
    Tensor k = maximum(ceil(log1p(-q) / log_failure()) - 1.0, 0.0);
    // The quotient is rounded.
    k = select((k > 0.0) & (cdf(k - 1.0) >= q), k - 1.0, k);
    return select(cdf(k) < q, k + 1.0, k);
  }
};

class GeometricProbs final : public GeometricBase<GeometricProbs> {
 public:
  GeometricProbs(const Tensor& probs, Where where)
      : GeometricBase("Geometric", {{"probs", probs, constraints::unit_interval}}, {}, where) {}
  Tensor log_prob(const Tensor& x) const override { return xlog1py(x, -p(0)) + log(p(0)); }
  Tensor log_success() const override { return log(p(0)); }
  Tensor log_failure() const override { return log1p(-p(0)); }
  Tensor odds_of_failure() const override { return (1.0 - p(0)) / p(0); }
};

class GeometricLogits final : public GeometricBase<GeometricLogits> {
 public:
  GeometricLogits(const Tensor& logits, Where where)
      : GeometricBase("Geometric", {{"logits", logits, constraints::real}}, {}, where) {}
  Tensor log_prob(const Tensor& x) const override { return -x * softplus(p(0)) - softplus(-p(0)); }
  Tensor log_success() const override { return -softplus(-p(0)); }
  Tensor log_failure() const override { return -softplus(p(0)); }
  Tensor odds_of_failure() const override { return exp(-p(0)); }
};

}  // namespace

Distribution Geometric::make(const Tensor& probs, Where where) {
  return Distribution(share<GeometricProbs>(probs, where));
}
Geometric::Geometric(const Logits& options, Where where)
    : Distribution(share<GeometricLogits>(options.logits, where)) {}

}  // namespace nuthatch
