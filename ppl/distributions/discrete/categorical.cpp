#include "nuthatch/distributions/categorical.h"

#include "ppl/distributions/discrete/finite.h"

namespace nuthatch {
namespace {

class CategoricalProbs final : public detail::FiniteFamily<CategoricalProbs, 1> {
 public:
  CategoricalProbs(const Tensor& probs, Where where)
      : FiniteFamily("Categorical", {{"probs", probs, constraints::simplex}}, {}, where) {}
  Tensor log_probs() const override { return log(p(0)); }
  std::int64_t categories() const override { return p(0).shape().empty() ? 1 : p(0).shape().back(); }
};

class CategoricalLogits final : public detail::FiniteFamily<CategoricalLogits, 1> {
 public:
  CategoricalLogits(const Tensor& logits, Where where)
      : FiniteFamily("Categorical", {{"logits", logits, constraints::real_vector()}}, {}, where) {}
  Tensor log_probs() const override { return log_softmax(p(0), -1); }
  std::int64_t categories() const override { return p(0).shape().empty() ? 1 : p(0).shape().back(); }
};

}  // namespace

Distribution Categorical::make(const Tensor& probs, Where where) {
  return Distribution(share<CategoricalProbs>(probs, where));
}
Categorical::Categorical(const Logits& options, Where where)
    : Distribution(share<CategoricalLogits>(options.logits, where)) {}

}  // namespace nuthatch
