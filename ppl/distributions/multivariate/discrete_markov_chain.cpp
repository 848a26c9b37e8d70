#include "nuthatch/distributions/discrete_markov_chain.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class DiscreteMarkovChainDensity final : public detail::DistributionImpl {
 public:
  DiscreteMarkovChainDensity(const Tensor& transition, const Tensor& initial, std::int64_t num_steps, Where where)
      : DistributionImpl("DiscreteMarkovChain",
                         {{"transition", transition, Constraint(constraints::simplex).independent(1)},
                          {"initial", initial, constraints::simplex}},
                         {num_steps}, where),
        steps_(num_steps), states_(transition.shape().empty() ? 1 : transition.shape().back()) {
    if (!problem && (detail::trailing(transition.shape(), 2) != Shape{states_, states_} || initial.shape().back() != states_))
      problem = "DiscreteMarkovChain: transition " + to_string(transition.shape()) + " and initial " +
                to_string(initial.shape()) + " do not fit each other";
  }
  Constraint support() const override { return constraints::integer_interval(0, states_ - 1).independent(1); }
  Tensor log_prob(const Tensor& x) const override {
    const Shape batch = *detail::try_broadcast(batch_shape, detail::leading(x.shape(), 1));
    Tensor path = detail::broadcast_if_needed(clamp(x.cast(i64), 0, states_ - 1), detail::join(batch, {steps_}));
    Tensor start = log_start();
    Tensor total = batch_shape.empty() ? take(start, path(ellipsis, 0))
                                       : take_last(broadcast_to(start, detail::join(batch, {states_})), path(ellipsis, 0));
    if (steps_ == 1) return total;
    // Pairs of states as one index into the flat table.
    Tensor pair = path(ellipsis, until(-1)) * states_ + path(ellipsis, from(1));
    Tensor table = reshape(log(P()), detail::join(detail::leading(P().shape(), 2), {states_ * states_}));
    if (table.ndim() == 1) return total + sum(take(table, pair), -1);
    table = expand_dims(table, -2);
    Tensor wide = broadcast_to(table, detail::join(batch, {steps_ - 1, states_ * states_}));
    return total + sum(take_last(wide, pair), -1);
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    const Shape batch = detail::leading(shape, 1);
    auto [k_start, k_rest] = split<2>(key);
    Tensor first = categorical(k_start, log_start(), batch);
    if (steps_ == 1) return expand_dims(first, -1);
    // Gumbel noise for all steps at once; the largest of noise + log probability is a draw.
    Tensor noise = gumbel(k_rest, detail::join({steps_ - 1}, detail::join(batch, {states_})));
    Tensor log_table = log(P());
    auto [last, path] = scan(first, noise, [&](const Tensor& state, const Tensor& g) {
      Tensor row = log_table.ndim() == 2
                       ? take(log_table, state, 0)
                       : squeeze(matmul(expand_dims(one_hot(state, states_), -2), P()), -2);
      Tensor next = argmax(g + (log_table.ndim() == 2 ? row : log(row)), -1);
      return std::pair(next, next);
    });
    return moveaxis(concat({expand_dims(first, 0), path}, 0), 0, -1);
  }

 private:
  const Tensor& P() const { return p(0); }
  Tensor log_start() const { return log(p(1)); }
  std::int64_t steps_, states_;
};

}  // namespace

Distribution DiscreteMarkovChain::make(const Tensor& transition, const Tensor& initial, std::int64_t num_steps, Where where) {
  if (num_steps < 1)
    throw Error("DiscreteMarkovChain: num_steps must be 1 or more, but it is " + std::to_string(num_steps), where);
  return Distribution(share<DiscreteMarkovChainDensity>(transition, initial, num_steps, where));
}

}  // namespace nuthatch
