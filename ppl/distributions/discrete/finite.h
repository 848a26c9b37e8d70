#pragma once
/// Distributions over 0 ... K-1 given by the logarithms of K probabilities.
#include "nuthatch/array.h"
#include "nuthatch/detail/distribution_impl.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {

/// table[..., index] for tables [..., n] and integer indices of a batch, which broadcast.
inline Tensor pick(const Tensor& table, const Tensor& index) {
  if (table.shape().size() == 1) return take(table, index);
  auto batch = try_broadcast(leading(table.shape(), 1), index.shape());
  return take_last(broadcast_if_needed(table, join(*batch, {table.shape().back()})),
                   broadcast_if_needed(index, *batch));
}

template <class Self, std::size_t N>
class FiniteFamily : public Family<Self, N> {
 public:
  using Family<Self, N>::Family;
  /// [..., K], normalised; the dimensions before the last one broadcast to the batch.
  virtual Tensor log_probs() const = 0;
  virtual std::int64_t categories() const = 0;

  Constraint support() const override { return constraints::integer_interval(0, categories() - 1); }
  Tensor log_prob(const Tensor& x) const override {
    return pick(log_probs(), clamp(x.cast(i64), 0, categories() - 1));
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return nuthatch::categorical(key, log_probs(), shape);
  }
  Tensor mean() const override { return moment(values()); }
  Tensor variance() const override { return moment(square(values() - expand_dims(mean(), -1))); }
  Tensor mode() const override { return argmax(log_probs(), -1).cast(f64); }
  Tensor support_point() const override { return mode(); }
  Tensor entropy() const override {
    Tensor l = log_probs(), probs = exp(l);
    return -sum(select(probs > 0.0, probs * select(probs > 0.0, l, 0.0), 0.0), -1);
  }
  Tensor cdf(const Tensor& x) const override {
    return sum(select(values() <= expand_dims(x, -1), exp(log_probs()), 0.0), -1);
  }
  Tensor survival(const Tensor& x) const override {
    return sum(select(values() > expand_dims(x, -1), exp(log_probs()), 0.0), -1);
  }
  Tensor log_cdf(const Tensor& x) const override {
    return logsumexp(select(values() <= expand_dims(x, -1), log_probs(), -kInfinity), -1);
  }
  Tensor log_survival(const Tensor& x) const override {
    return logsumexp(select(values() > expand_dims(x, -1), log_probs(), -kInfinity), -1);
  }
  /// As many categories are below the quantile as distribution functions are.
  Tensor icdf(const Tensor& q) const override {
    Tensor F = cumsum(exp(log_probs()), -1);
    return minimum(sum((F < expand_dims(q, -1)).cast(f64), -1), double(categories() - 1));
  }
  Tensor enumerate_support() const override { return arange(categories()); }

 private:
  static constexpr double kInfinity = __builtin_inf();
  Tensor values() const { return arange(categories()).cast(f64); }
  Tensor moment(const Tensor& of) const { return sum(exp(log_probs()) * of, -1); }
};

}  // namespace nuthatch::detail
