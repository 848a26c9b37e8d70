#include "nuthatch/distributions/categorical.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

template <class Self>
class CategoricalBase : public detail::Family<Self, 1> {
 public:
  using detail::Family<Self, 1>::Family;
  virtual Tensor log_probs() const = 0;

  std::int64_t categories() const { return this->p(0).shape().empty() ? 1 : this->p(0).shape().back(); }
  Constraint support() const override { return constraints::integer_interval(0, categories() - 1); }
  Tensor log_prob(const Tensor& x) const override {
    Tensor index = clamp(x.cast(i64), 0, categories() - 1), table = log_probs();
    if (table.shape().size() == 1) return take(table, index);
    auto batch = detail::try_broadcast(detail::leading(table.shape(), 1), index.shape());
    return take_last(detail::broadcast_if_needed(table, detail::join(*batch, {categories()})),
                     detail::broadcast_if_needed(index, *batch));
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return nuthatch::categorical(key, log_probs(), shape);
  }
  Tensor mean() const override { return moment(arange(categories()).cast(f64)); }
  Tensor variance() const override {
    return moment(square(arange(categories()).cast(f64))) - square(moment(arange(categories()).cast(f64)));
  }
  Tensor entropy() const override {
    Tensor l = log_probs(), probs = exp(l);
    return -sum(select(probs > 0.0, probs * l, 0.0), -1);
  }

 private:
  Tensor moment(const Tensor& values) const { return sum(exp(log_probs()) * values, -1); }
};

class CategoricalProbs final : public CategoricalBase<CategoricalProbs> {
 public:
  CategoricalProbs(const Tensor& probs, Where where)
      : CategoricalBase("Categorical", {{"probs", probs, constraints::simplex}}, {}, where) {}
  Tensor log_probs() const override { return log(p(0)); }
};

class CategoricalLogits final : public CategoricalBase<CategoricalLogits> {
 public:
  CategoricalLogits(const Tensor& logits, Where where)
      : CategoricalBase("Categorical", {{"logits", logits, constraints::real_vector()}}, {}, where) {}
  Tensor log_probs() const override { return log_softmax(p(0), -1); }
};

}  // namespace

Distribution Categorical::make(const Tensor& probs, Where where) {
  return Distribution(std::make_shared<CategoricalProbs>(probs, where));
}
Categorical::Categorical(const Logits& options, Where where)
    : Distribution(std::make_shared<CategoricalLogits>(options.logits, where)) {}

}  // namespace nuthatch
