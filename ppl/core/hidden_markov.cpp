#include "nuthatch/hidden_markov.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

void check(const char* function, const Tensor& initial, const Tensor& transition, const Tensor& emission, Where where) {
  const std::int64_t k = initial.shape().empty() ? 0 : initial.shape()[0];
  if (initial.ndim() == 1 && transition.shape() == Shape{k, k} && emission.ndim() == 2 && emission.size(1) == k &&
      emission.size(0) > 0)
    return;
  throw Error(std::string(function) + ": log_initial " + to_string(initial.shape()) + ", log_transition " +
                  to_string(transition.shape()) + " and log_emission " + to_string(emission.shape()) +
                  " must have shapes [k], [k, k] and [steps, k]",
              where);
}

/// Over the first axis of [k, k].
Tensor over_states(const Tensor& x, bool sum) { return sum ? logsumexp(x, 0) : max(x, 0); }

/// alpha[t, j]: log of the sum (or largest term) over paths that end in state j at step t, emissions included.
Tensor filtered(const Tensor& initial, const Tensor& transition, const Tensor& emission, bool sum) {
  const Tensor first = initial + emission[0];
  if (emission.size(0) == 1) return expand_dims(first, 0);
  auto [last, path] = scan(first, emission[from(1)], [&](const Tensor& alpha, const Tensor& e) {
    Tensor next = over_states(expand_dims(alpha, 1) + transition, sum) + e;
    return std::pair{next, next};
  });
  return concat({expand_dims(first, 0), path});
}

Tensor last_filtered(const Tensor& initial, const Tensor& transition, const Tensor& emission, bool sum) {
  const Tensor first = initial + emission[0];
  if (emission.size(0) == 1) return first;
  return scan(first, emission[from(1)], [&](const Tensor& alpha, const Tensor& e) {
           return std::pair{over_states(expand_dims(alpha, 1) + transition, sum) + e, Tensor(0.0)};
         }).first;
}

/// log(exp(a) exp(b)) of stacks of matrices.
Tensor log_matmul(const Tensor& a, const Tensor& b) { return logsumexp(expand_dims(a, -1) + expand_dims(b, -3), -2); }

Tensor tree_log_prob(const Tensor& initial, const Tensor& transition, const Tensor& emission) {
  const Tensor first = initial + emission[0];
  if (emission.size(0) == 1) return logsumexp(first);
  Tensor steps = expand_dims(transition, 0) + expand_dims(emission[from(1)], 1);  // [n, k, k]
  while (steps.size(0) > 1) {
    const std::int64_t n = steps.size(0), even = n - n % 2;
    Tensor joined = log_matmul(steps[slice(0, even, 2)], steps[slice(1, even, 2)]);
    steps = n % 2 ? concat({joined, steps[from(-1)]}) : joined;
  }
  return logsumexp(expand_dims(first, 1) + steps[0]);
}

/// Chooses states from the last step to the first; pick(logits, step) gives an index.
template <class F>
Tensor backwards(const Tensor& alpha, const Tensor& transition, F pick) {
  const std::int64_t steps = alpha.size(0);
  const Tensor last = pick(alpha[-1], Tensor(steps - 1));
  if (steps == 1) return expand_dims(last, 0);
  auto [first, earlier] = scan(
      last, std::pair{alpha[until(-1)], arange(steps - 1)},
      [&](const Tensor& next, const std::pair<Tensor, Tensor>& step) {
        Tensor state = pick(step.first + transition(all, next), step.second);
        return std::pair{state, state};
      },
      {.reverse = true});
  return concat({earlier, expand_dims(last, 0)});
}

}  // namespace

Tensor hidden_markov_log_prob(const Tensor& initial, const Tensor& transition, const Tensor& emission,
                              const HiddenMarkovOptions& options, Where where) {
  check("hidden_markov_log_prob", initial, transition, emission, where);
  if (options.parallel) return tree_log_prob(initial, transition, emission);
  return logsumexp(last_filtered(initial, transition, emission, true));
}

Tensor hidden_markov_max(const Tensor& initial, const Tensor& transition, const Tensor& emission, Where where) {
  check("hidden_markov_max", initial, transition, emission, where);
  return max(last_filtered(initial, transition, emission, false));
}

Tensor hidden_markov_path(const Tensor& initial, const Tensor& transition, const Tensor& emission, Where where) {
  check("hidden_markov_path", initial, transition, emission, where);
  return backwards(filtered(initial, transition, emission, false), transition,
                   [](const Tensor& logits, const Tensor&) { return argmax(logits); });
}

Tensor hidden_markov_sample(const Key& key, const Tensor& initial, const Tensor& transition, const Tensor& emission,
                            Where where) {
  check("hidden_markov_sample", initial, transition, emission, where);
  return backwards(filtered(initial, transition, emission, true), transition,
                   [&](const Tensor& logits, const Tensor& step) { return categorical(fold_in(key, step), logits); });
}

namespace {
/// The probabilities of a Categorical.
Tensor probabilities(const Distribution& initial, Where where) {
  initial.validate();
  if (!initial.event_shape().empty() || !initial.batch_shape().empty() || !initial.has_enumerate_support())
    throw Error("MarkovChain: the initial distribution must be one of integers 0 ... k-1, such as a Categorical, but it is " +
                    initial.name(),
                where);
  return exp(initial.log_prob(initial.enumerate_support()));
}
}  // namespace

MarkovChain::MarkovChain(const Tensor& transition, const Distribution& initial, std::int64_t steps, Where where)
    : Distribution(DiscreteMarkovChain(transition, probabilities(initial, where), steps, where)) {}

}  // namespace nuthatch
