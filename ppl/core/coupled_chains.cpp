#include "ppl/core/coupled_chains.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"
#include "ppl/core/chain_sums.h"

namespace nuthatch::discrete {
namespace {

/// The forward recursion over joint states, [..., k_1, ..., k_n].
class Forward {
 public:
  Forward(const CoupledChains& chains, bool sum) : chains_(chains), sum_(sum), count_(chains.log_initial.size()) {}

  Tensor first() const {
    Tensor alpha = chains_.log_emission[0];
    for (std::size_t c = 0; c < count_; ++c) alpha = alpha + along(chains_.log_initial[c], c);
    return alpha;
  }
  Tensor next(Tensor alpha, const Tensor& emission) const {
    for (std::size_t c = 0; c < count_; ++c) alpha = moved(alpha, c);
    return alpha + emission;
  }
  /// Over all joint states.
  Tensor total(const Tensor& alpha) const { return over(joint(alpha)); }
  /// Joint states as one dimension.
  Tensor joint(const Tensor& alpha) const {
    Shape shape = detail::leading(alpha.shape(), count_);
    shape.push_back(-1);
    return reshape(alpha, shape);
  }
  /// log p(next | state), [..., K, K] for K joint states.
  Tensor joint_transition() const {
    Tensor result;
    std::int64_t states = 1;
    for (std::size_t c = 0; c < count_; ++c) {
      const Tensor& transition = chains_.log_transition[c];
      const std::int64_t k = transition.size(-1);
      Shape shape = detail::leading(transition.shape(), 2);
      for (int end = 0; end < 2; ++end) {
        shape.insert(shape.end(), c, 1);
        shape.push_back(k);
        shape.insert(shape.end(), count_ - 1 - c, 1);
      }
      const Tensor part = reshape(transition, shape);
      result = result.defined() ? result + part : part;
      states *= k;
    }
    Shape flat = detail::leading(result.shape(), 2 * count_);
    flat.push_back(states);
    flat.push_back(states);
    return reshape(result, flat);
  }
  /// log p(next states | state), for each joint state; `next` [...] per chain.
  Tensor towards(const std::vector<Tensor>& next) const {
    Tensor result;
    for (std::size_t c = 0; c < count_; ++c) {
      Tensor to = expand_dims(expand_dims(next[c], -1), -1), transition = chains_.log_transition[c];
      while (transition.ndim() < to.ndim()) transition = expand_dims(transition, 0);
      const Tensor column = along(squeeze(take_along_axis(transition, to, -1), -1), c);
      result = result.defined() ? result + column : column;
    }
    return result;
  }

 private:
  Tensor over(const Tensor& x, int axis = -1) const { return sum_ ? logsumexp(x, axis) : max(x, axis); }
  /// x [..., k] of chain c, against joint states.
  Tensor along(const Tensor& x, std::size_t c) const {
    Shape shape = detail::leading(x.shape(), 1);
    shape.insert(shape.end(), c, 1);
    shape.push_back(x.shape().back());
    shape.insert(shape.end(), count_ - 1 - c, 1);
    return reshape(x, shape);
  }
  /// One step of chain c.
  Tensor moved(const Tensor& alpha, std::size_t c) const {
    const int axis = int(c) - int(count_);
    const Tensor& transition = chains_.log_transition[c];
    Shape shape = detail::leading(transition.shape(), 2);  // the other chains stand between copies and states
    shape.insert(shape.end(), count_ - 1, 1);
    shape.push_back(transition.size(-1));
    shape.push_back(transition.size(-1));
    const Tensor from = expand_dims(axis == -1 ? alpha : moveaxis(alpha, axis, -1), -1);
    const Tensor result = over(from + reshape(transition, shape), -2);
    return axis == -1 ? result : moveaxis(result, -1, axis);
  }

  const CoupledChains& chains_;
  bool sum_;
  std::size_t count_;
};

}  // namespace

Tensor log_total(const CoupledChains& chains, bool sum, bool tree) {
  const Forward forward(chains, sum);
  const Tensor& emission = chains.log_emission;
  if (emission.size(0) == 1) return forward.total(forward.first());
  if (tree) {
    const Tensor steps = forward.joint_transition() + expand_dims(forward.joint(emission[from(1)]), -2);
    const Tensor paths = forward.joint(forward.first()) + backward_message(steps, sum, true);
    return sum ? logsumexp(paths, -1) : max(paths, -1);
  }
  return forward.total(scan(forward.first(), emission[from(1)], [&](const Tensor& alpha, const Tensor& e) {
                         return std::pair{forward.next(alpha, e), Tensor(0.0)};
                       }).first);
}

std::vector<Tensor> paths(const CoupledChains& chains, bool sum, const Key& key) {
  const Forward forward(chains, sum);
  const Tensor& emission = chains.log_emission;
  const std::int64_t steps = emission.size(0);
  // State of each chain for each joint state.
  std::vector<Tensor> state_of;
  const std::size_t count = chains.log_initial.size();
  const Shape extents = detail::trailing(emission.shape(), count);
  std::int64_t repeat = extents.num_elements();
  for (std::size_t c = 0; c < count; ++c) {
    repeat /= extents[c];
    std::vector<std::int64_t> states;
    for (std::int64_t j = 0; j < extents.num_elements(); ++j) states.push_back(j / repeat % extents[c]);
    state_of.push_back(Tensor(states));
  }
  auto pick = [&](const Tensor& logits, const Tensor& step) {
    return sum ? categorical(fold_in(key, step), forward.joint(logits)) : argmax(forward.joint(logits), -1);
  };
  const Tensor first = forward.first();
  Tensor joint;
  if (steps == 1) {
    joint = expand_dims(pick(first, Tensor(std::int64_t(0))), 0);
  } else {
    auto [last, later] = scan(first, emission[from(1)], [&](const Tensor& alpha, const Tensor& e) {
      Tensor next = forward.next(alpha, e);
      return std::pair{next, next};
    });
    const Tensor alphas = concat({expand_dims(first, 0), later});
    const Tensor end = pick(last, Tensor(steps - 1));
    auto [begin, earlier] = scan(
        end, std::pair{alphas[until(-1)], arange(steps - 1)},
        [&](const Tensor& next, const std::pair<Tensor, Tensor>& step) {
          std::vector<Tensor> to;
          for (const Tensor& table : state_of) to.push_back(take(table, next));
          Tensor state = pick(step.first + forward.towards(to), step.second);
          return std::pair{state, state};
        },
        {.reverse = true});
    joint = concat({earlier, expand_dims(end, 0)});
  }
  std::vector<Tensor> result;
  for (const Tensor& table : state_of) result.push_back(take(table, moveaxis(joint, 0, -1)));
  return result;
}

}  // namespace nuthatch::discrete
