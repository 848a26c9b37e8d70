#include "nuthatch/hidden_markov.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/core/coupled_chains.h"

namespace nuthatch {
namespace {

void check(const char* function, const Tensor& initial, const Tensor& transition, const Tensor& emission, Where where) {
  const std::int64_t k = initial.shape().empty() ? 0 : initial.shape().back();
  auto copies = [](const Tensor& x, std::size_t dims) { return detail::leading(x.shape(), dims); };
  const bool fits = initial.ndim() >= 1 && transition.ndim() >= 2 && emission.ndim() >= 2 &&
                    detail::trailing(transition.shape(), 2) == Shape{k, k} && emission.size(-1) == k && emission.size(-2) > 0;
  if (fits) {
    auto common = detail::try_broadcast(copies(initial, 1), copies(transition, 2));
    if (common) common = detail::try_broadcast(*common, copies(emission, 2));
    if (common && *common == copies(emission, 2)) return;
  }
  throw Error(std::string(function) + ": log_initial " + to_string(initial.shape()) + ", log_transition " +
                  to_string(transition.shape()) + " and log_emission " + to_string(emission.shape()) +
                  " must have shapes [..., k], [..., k, k] and [..., steps, k]",
              where);
}

discrete::CoupledChains one_chain(const Tensor& initial, const Tensor& transition, const Tensor& emission) {
  return {{initial}, {transition}, emission.ndim() == 2 ? emission : moveaxis(emission, -2, 0)};
}

}  // namespace

Tensor hidden_markov_log_prob(const Tensor& initial, const Tensor& transition, const Tensor& emission,
                              const HiddenMarkovOptions& options, Where where) {
  check("hidden_markov_log_prob", initial, transition, emission, where);
  const auto chain = one_chain(initial, transition, emission);
  return discrete::log_total(chain, true, options.parallel);
}

Tensor hidden_markov_max(const Tensor& initial, const Tensor& transition, const Tensor& emission, Where where) {
  check("hidden_markov_max", initial, transition, emission, where);
  return discrete::log_total(one_chain(initial, transition, emission), false, false);
}

Tensor hidden_markov_path(const Tensor& initial, const Tensor& transition, const Tensor& emission, Where where) {
  check("hidden_markov_path", initial, transition, emission, where);
  return discrete::paths(one_chain(initial, transition, emission), false, Key())[0];
}

Tensor hidden_markov_sample(const Key& key, const Tensor& initial, const Tensor& transition, const Tensor& emission,
                            Where where) {
  check("hidden_markov_sample", initial, transition, emission, where);
  return discrete::paths(one_chain(initial, transition, emission), true, key)[0];
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
