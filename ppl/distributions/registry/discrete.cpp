// Discrete distributions.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries discrete_entries() {
  const Tensor cutpoints{-1.0, 0.0, 2.0}, weights{0.2, 0.5, 0.3}, logits{-1.0, 2.0, 0.5, 0.0};
  return {
      one<Bernoulli>("Bernoulli", "probs", {{0.3}, {0.9}}),
      {"Bernoulli(logits)", {"logits"}, [](P p) { return Bernoulli({.logits = p[0]}); }, {{-0.7}, {3.0}}},
      three<BetaBinomial>("BetaBinomial", "concentration1", "concentration0", "total_count",
                          {{2.0, 3.0, 10.0}, {0.4, 0.7, 25.0}}),
      three<BetaNegativeBinomial>("BetaNegativeBinomial", "concentration1", "concentration0", "n", {{3.0, 12.0, 4.0}}),
      two<Binomial>("Binomial", "total_count", "probs", {{10.0, 0.3}, {100.0, 0.7}, {40.0, 0.01}, {1000.0, 0.5}}),
      {"Binomial(logits)",
       {"total_count", "logits"},
       [](P p) { return Binomial({.total_count = p[0], .logits = p[1]}); },
       {{10.0, -0.8}, {60.0, 0.2}}},
      one<Categorical>("Categorical", "probs", {{weights}}),
      {"Categorical(logits)", {"logits"}, [](P p) { return Categorical({.logits = p[0]}); }, {{logits}}},
      two<DirichletMultinomial>("DirichletMultinomial", "concentration", "total_count", {{Tensor{0.5, 2.0, 3.0}, 6.0}}),
      two<DiscreteUniform>("DiscreteUniform", "low", "high", {{-2.0, 5.0}, {3.0, 3.0}}),
      two<DiscreteWeibull>("DiscreteWeibull", "q", "beta", {{0.7, 1.4}, {0.5, 0.6}}),
      two<GeneralizedPoisson>("GeneralizedPoisson", "mu", "lam", {{2.0, 0.4}, {8.0, 0.1}}),
      two<GammaPoisson>("GammaPoisson", "concentration", "rate", {{2.5, 1.5}, {0.3, 0.05}}),
      one<Geometric>("Geometric", "probs", {{0.3}, {0.95}}),
      {"Geometric(logits)", {"logits"}, [](P p) { return Geometric({.logits = p[0]}); }, {{-1.2}}},
      three<HyperGeometric>("HyperGeometric", "population", "successes", "draws",
                            {{30.0, 12.0, 10.0}, {20.0, 15.0, 9.0}}),
      {"JointCategorical",
       {"probs"},
       [](P p) { return JointCategorical(p[0]); },
       {{Tensor{{0.1, 0.2, 0.05}, {0.3, 0.25, 0.1}}}}},
      two<Multinomial>("Multinomial", "total_count", "probs", {{6.0, weights}}),
      {"Multinomial(logits)",
       {"total_count", "logits"},
       [](P p) { return Multinomial({.total_count = p[0], .logits = p[1]}); },
       {{9.0, logits}}},
      {"NegativeBinomial",
       {"mean", "concentration"},
       [](P p) { return NegativeBinomial({.mean = p[0], .concentration = p[1]}); },
       {{3.0, 2.0}, {30.0, 0.8}}},
      {"NegativeBinomial(probs)",
       {"total_count", "probs"},
       [](P p) { return NegativeBinomial({.total_count = p[0], .probs = p[1]}); },
       {{5.0, 0.4}}},
      {"NegativeBinomial(logits)",
       {"total_count", "logits"},
       [](P p) { return NegativeBinomial({.total_count = p[0], .logits = p[1]}); },
       {{2.5, -0.6}}},
      two<NegativeBinomial2>("NegativeBinomial2", "mean", "concentration", {{3.0, 2.0}}),
      two<OrderedLogistic>("OrderedLogistic", "predictor", "cutpoints", {{0.5, cutpoints}}),
      three<OrderedMultinomial>("OrderedMultinomial", "predictor", "cutpoints", "total_count", {{0.5, cutpoints, 7.0}}),
      {"OrderedProbit",
       {"predictor", "cutpoints", "scale"},
       [](P p) { return OrderedProbit(p[0], p[1], {.scale = p[2]}); },
       {{0.5, cutpoints, 1.3}}},
      one<Poisson>("Poisson", "rate", {{2.5}, {0.1}, {9.9}, {14.0}, {300.0}}),
      two<Skellam>("Skellam", "mu1", "mu2", {{3.0, 1.5}, {40.0, 60.0}}),
  };
}

}  // namespace nuthatch::detail
