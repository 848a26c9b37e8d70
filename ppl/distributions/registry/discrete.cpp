// Discrete distributions.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries discrete_entries() {
  return {
      one<Bernoulli>("Bernoulli", "probs", {{0.3}, {0.9}}),
      {"Bernoulli(logits)", {"logits"}, [](P p) { return Bernoulli({.logits = p[0]}); }, {{-0.7}, {3.0}}},
      two<Binomial>("Binomial", "total_count", "probs", {{10.0, 0.3}, {100.0, 0.7}, {40.0, 0.01}, {1000.0, 0.5}}),
      {"Binomial(logits)", {"total_count", "logits"},
       [](P p) { return Binomial({.total_count = p[0], .logits = p[1]}); }, {{10.0, -0.8}, {60.0, 0.2}}},
      one<Categorical>("Categorical", "probs", {{Tensor{0.2, 0.5, 0.3}}}),
      {"Categorical(logits)", {"logits"}, [](P p) { return Categorical({.logits = p[0]}); }, {{Tensor{-1.0, 2.0, 0.5, 0.0}}}},
      {"NegativeBinomial", {"mean", "concentration"},
       [](P p) { return NegativeBinomial({.mean = p[0], .concentration = p[1]}); }, {{3.0, 2.0}, {30.0, 0.8}}},
      one<Poisson>("Poisson", "rate", {{2.5}, {0.1}, {9.9}, {14.0}, {300.0}}),
  };
}

}  // namespace nuthatch::detail
