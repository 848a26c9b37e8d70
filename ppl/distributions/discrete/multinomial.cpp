#include "nuthatch/distributions/multinomial.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/dirichlet_multinomial.h"
#include "nuthatch/distributions/ordered_multinomial.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/multinomial_sampler.h"
#include "ppl/distributions/discrete/ordered.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

/// total_count in front of the categories.
Tensor beside(const Tensor& n) { return expand_dims(n.cast(f64), -1); }
Shape categories(const Tensor& vector) { return vector.defined() ? detail::trailing(vector.shape(), 1) : Shape{}; }

/// The integer vector closest to n probs from below, with what is missing put where probs are largest.
Tensor central_counts(const Tensor& n, const Tensor& probs) {
  Tensor x = floor(n * probs), rest = n - sum(x, {.axis = -1, .keepdims = true});
  return x + rest * one_hot(argmax(probs, -1), probs.shape().back());
}

Tensor log_choose(const Tensor& n, const Tensor& k) { return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0); }

/// The mean of a function of each count, [..., K], given its log mass and its value at k = 0 ... n, n [..., 1].
template <class F>
Tensor mean_over_counts(const Tensor& n, const Shape& shape, F&& mass_and_value) {
  const Tensor whole = n + zeros(shape);
  return detail::sum_over(zeros_like(whole), whole, whole.shape(), [&](const Tensor& k) {
    auto [log_mass, value] = mass_and_value(k);
    return exp(log_mass) * value;
  });
}

template <class Self, std::size_t N>
class MultinomialBase : public detail::Family<Self, N> {
 public:
  using detail::Family<Self, N>::Family;
  virtual Tensor log_probs() const = 0;  // [..., K]
  virtual const Tensor& total_count() const = 0;
  virtual Tensor probs() const { return exp(log_probs()); }
  /// sum_k x_k log(probs_k).
  virtual Tensor weighted(const Tensor& x) const { return sum(x * log_probs(), -1); }

  Constraint support() const override { return constraints::multinomial(total_count()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{weighted(x)}, {lgamma(total_count() + 1.0)}, {sum(lgamma(x + 1.0), -1), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::multinomial(key, total_count(), probs(), shape);
  }
  Tensor mean() const override { return beside(total_count()) * probs(); }
  Tensor variance() const override { return beside(total_count()) * probs() * (1.0 - probs()); }
  Tensor support_point() const override { return central_counts(beside(total_count()), probs()); }
  /// log x_k! has the same mean as under the binomial distribution of x_k alone.
  Tensor entropy() const override {
    const Tensor n = beside(total_count()).cast(f64), q = probs();
    const Tensor factorials = mean_over_counts(n, q.shape(), [&](const Tensor& k) {
      return std::pair{log_choose(n, k) + xlogy(k, q) + xlogy(n - k, 1.0 - q), lgamma(k + 1.0)};
    });
    return sum(factorials - n * xlogy(q, q), -1) - lgamma(total_count() + 1.0);
  }
};

class MultinomialProbs final : public MultinomialBase<MultinomialProbs, 2> {
 public:
  MultinomialProbs(const Tensor& total_count, const Tensor& probs, Where where)
      : MultinomialBase("Multinomial",
                        {{"total_count", total_count, constraints::nonnegative_integer},
                         {"probs", probs, constraints::simplex}},
                        categories(probs), where) {}
  const Tensor& total_count() const override { return p(0); }
  Tensor log_probs() const override { return log(p(1)); }
  Tensor probs() const override { return p(1); }
  Tensor weighted(const Tensor& x) const override { return sum(xlogy(x, p(1)), -1); }
};

class MultinomialLogitsMass final : public MultinomialBase<MultinomialLogitsMass, 2> {
 public:
  MultinomialLogitsMass(const Tensor& total_count, const Tensor& logits, Where where)
      : MultinomialBase("Multinomial",
                        {{"total_count", total_count, constraints::nonnegative_integer},
                         {"logits", logits, constraints::real_vector()}},
                        categories(logits), where) {}
  const Tensor& total_count() const override { return p(0); }
  Tensor log_probs() const override { return log_softmax(p(1), -1); }
};

class OrderedMultinomialMass final : public MultinomialBase<OrderedMultinomialMass, 3> {
 public:
  OrderedMultinomialMass(const Tensor& predictor, const Tensor& cutpoints, const Tensor& total_count, Where where)
      : MultinomialBase("OrderedMultinomial",
                        {{"predictor", predictor, constraints::real},
                         {"cutpoints", cutpoints, constraints::ordered},
                         {"total_count", total_count, constraints::nonnegative_integer}},
                        cutpoints.defined() && cutpoints.ndim() > 0 ? Shape{cutpoints.shape().back() + 1} : Shape{},
                        where) {}
  const Tensor& total_count() const override { return p(2); }
  Tensor log_probs() const override { return detail::ordered_logistic_log_probs(p(0), p(1)); }
};

class DirichletMultinomialMass final : public detail::Family<DirichletMultinomialMass, 2> {
 public:
  DirichletMultinomialMass(const Tensor& concentration, const Tensor& total_count, Where where)
      : Family("DirichletMultinomial",
               {{"concentration", concentration, Constraint(constraints::positive).independent(1)},
                {"total_count", total_count, constraints::nonnegative_integer}},
               categories(concentration), where) {}
  Constraint support() const override { return constraints::multinomial(n()); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor total = sum(a(), -1);
    return {{sum(lgamma(x + a()), -1)},
            {sum(lgamma(a()), -1), -1.0},
            {lgamma(total) + lgamma(n() + 1.0) - lgamma(n() + total)},
            {sum(lgamma(x + 1.0), -1), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_probs, k_count] = split<2>(key);
    return detail::multinomial(k_count, n(), softmax(detail::log_standard_gamma(k_probs, a(), shape), -1), shape);
  }
  Tensor mean() const override { return beside(n()) * share(); }
  Tensor variance() const override {
    Tensor total = sum(a(), {.axis = -1, .keepdims = true});
    return beside(n()) * share() * (1.0 - share()) * (beside(n()) + total) / (1.0 + total);
  }
  Tensor support_point() const override { return central_counts(beside(n()), share()); }
  /// Each x_k alone is beta binomial.
  Tensor entropy() const override {
    if (event_shape[0] == 1) return zeros(batch_shape);
    const Tensor count = beside(n()).cast(f64), all = sum(a(), {.axis = -1, .keepdims = true}), rest = all - a();
    const Tensor terms = mean_over_counts(count, a().shape(), [&](const Tensor& k) {
      return std::pair{log_choose(count, k) + betaln(k + a(), count - k + rest) - betaln(a(), rest),
                       lgamma(k + 1.0) - lgamma(k + a())};
    });
    const Tensor total = sum(a(), -1);
    return sum(terms + lgamma(a()), -1) - lgamma(total) - lgamma(n() + 1.0) + lgamma(n() + total);
  }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& n() const { return p(1); }
  Tensor share() const { return a() / sum(a(), {.axis = -1, .keepdims = true}); }
};

}  // namespace

Distribution Multinomial::make(const Tensor& total_count, const Tensor& probs, Where where) {
  return Distribution(share<MultinomialProbs>(total_count, probs, where));
}
Multinomial::Multinomial(const MultinomialLogits& options, Where where)
    : Distribution(share<MultinomialLogitsMass>(options.total_count, options.logits, where)) {}
Distribution OrderedMultinomial::make(const Tensor& predictor, const Tensor& cutpoints, const Tensor& total_count,
                                      Where where) {
  return Distribution(share<OrderedMultinomialMass>(predictor, cutpoints, total_count, where));
}
Distribution DirichletMultinomial::make(const Tensor& concentration, const Tensor& total_count, Where where) {
  return Distribution(share<DirichletMultinomialMass>(concentration, total_count, where));
}

}  // namespace nuthatch
