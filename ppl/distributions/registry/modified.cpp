// Distributions made of other distributions.
#include <cmath>

#include "nuthatch/bijectors.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {
namespace {

Distribution custom(P p) {
  return CustomDist(
      [](const Tensor& x, const std::vector<Tensor>& p) {
        return -0.5 * square((x - p[0]) / p[1]) - log(p[1]) - 0.9189385332046727;
      },
      [](const Key& key, const Shape& shape, const std::vector<Tensor>& p) { return p[0] + p[1] * normal(key, shape); },
      {.parameters = {p[0], p[1]}});
}

}  // namespace

Entries modified_entries() {
  const Tensor weights{0.3, 0.7}, loc{-1.0, 2.0}, scale{0.5, 1.0}, R{{1.0, 0.6}, {0.6, 1.0}}, L{{1.0, 0.0}, {0.6, 0.8}};
  return {
      {"Censored",
       {"loc", "scale", "low", "high"},
       [](P p) { return Censored(Normal(p[0], p[1]), {.lower = p[2], .upper = p[3]}); },
       {{0.5, 2.0, -1.0, 3.0}}},
      {"Censored(lower)",
       {"rate", "low"},
       [](P p) { return Censored(Exponential(p[0]), {.lower = p[1]}); },
       {{0.7, 0.5}}},
      {"Censored(Poisson)",
       {"rate", "high"},
       [](P p) { return Censored(Poisson(p[0]), {.upper = p[1]}); },
       {{4.0, 6.0}}},
      {"CustomDist", {"loc", "scale"}, custom, {{1.0, 2.0}}},
      {"Delta", {"value"}, [](P p) { return Delta(p[0]); }, {{1.5}}, false},
      {"Delta(event)",
       {"value", "log_density"},
       [](P p) { return Delta(p[0], {.log_density = p[1], .event_dim = 1}); },
       {{loc, -0.3}},
       false},
      {"Expanded", {"loc", "scale"}, [](P p) { return Expanded(Normal(p[0], p[1]), {2}).to_event(); }, {{1.0, 2.0}}},
      {"Folded", {"loc", "scale"}, [](P p) { return Folded(Normal(p[0], p[1])); }, {{0.7, 1.2}, {0.0, 2.0}}},
      {"Folded(StudentT)",
       {"df", "loc", "scale"},
       [](P p) { return Folded(StudentT(p[0], p[1], p[2])); },
       {{3.0, 0.4, 1.0}}},
      {"GaussianCopula",
       {"rate", "correlation_matrix"},
       [](P p) { return GaussianCopula(Exponential(p[0]), {.correlation_matrix = p[1]}); },
       {{Tensor{1.0, 2.0}, R}}},
      {"GaussianCopulaBeta",
       {"concentration1", "concentration0", "correlation_cholesky"},
       [](P p) { return GaussianCopulaBeta(p[0], p[1], {.correlation_cholesky = p[2]}); },
       {{Tensor{2.0, 0.8}, Tensor{3.0, 1.5}, L}}},
      {"Hurdle",
       {"gate_logits", "rate"},
       [](P p) { return Hurdle(Poisson(p[1]), {.gate_logits = p[0]}); },
       {{-0.5, 2.5}}},
      three<HurdleGamma>("HurdleGamma", "gate", "concentration", "rate", {{0.2, 2.5, 1.5}}),
      three<HurdleLogNormal>("HurdleLogNormal", "gate", "loc", "scale", {{0.3, 0.5, 0.8}}),
      {"HurdleNegativeBinomial",
       {"gate", "mean", "concentration"},
       [](P p) { return HurdleNegativeBinomial(p[0], {.mean = p[1], .concentration = p[2]}); },
       {{0.4, 3.0, 2.0}}},
      two<HurdlePoisson>("HurdlePoisson", "gate", "rate", {{0.2, 2.5}}),
      {"Independent", {"loc", "scale"}, [](P p) { return Independent(Normal(p[0], p[1]), 1); }, {{loc, scale}}},
      {"IntervalCensored",
       {"loc", "scale"},
       [](P p) { return IntervalCensored(Normal(p[0], p[1])); },
       {{1.0, 2.0}},
       false},
      {"LeftCensored",
       {"loc", "scale", "censored"},
       [](P p) { return LeftCensored(Normal(p[0], p[1]), p[2]); },
       {{1.0, 2.0, 1.0}},
       false},
      {"Masked", {"loc", "scale"}, [](P p) { return Masked(Normal(p[0], p[1]), true); }, {{1.0, 2.0}}},
      {"Mixture",
       {"weights", "loc", "rate"},
       [](P p) {
         return Mixture(p[0], {Normal(p[1], 1.0), Exponential(p[2])});
       },
       {{weights, -1.0, 0.5}}},
      {"MixtureGeneral",
       {"weights", "rate", "probs"},
       [](P p) {
         return MixtureGeneral(Categorical(p[0]), {Poisson(p[1]), Geometric(p[2])});
       },
       {{weights, 6.0, 0.4}}},
      {"MixtureSameFamily",
       {"weights", "loc", "scale"},
       [](P p) { return MixtureSameFamily(Categorical(p[0]), Normal(p[1], p[2])); },
       {{weights, loc, scale}}},
      {"MixtureSameFamily(Poisson)",
       {"weights", "rate"},
       [](P p) { return MixtureSameFamily(Categorical(p[0]), Poisson(p[1])); },
       {{weights, Tensor{1.0, 9.0}}}},
      three<NormalMixture>("NormalMixture", "weights", "loc", "scale", {{weights, loc, scale}}),
      {"RightCensored",
       {"loc", "scale", "censored"},
       [](P p) { return RightCensored(Normal(p[0], p[1]), p[2]); },
       {{1.0, 2.0, 1.0}},
       false},
      {"Transformed",
       {"loc", "scale"},
       [](P p) { return Transformed(Normal(p[0], p[1]), transforms::sigmoid()); },
       {{0.4, 1.3}}},
      {"Transformed(decreasing)",
       {"rate"},
       [](P p) {
         return Transformed(Exponential(p[0]), {transforms::affine(1.0, -2.0), transforms::exp()});
       },
       {{8.0}}},
      {"Transformed(vector)",
       {"loc", "scale"},
       [](P p) { return Transformed(Normal(p[0], p[1]), transforms::ordered()); },
       {{loc, scale}}},
      {"Truncated",
       {"loc", "scale", "lower", "upper"},
       [](P p) { return Truncated(Normal(p[0], p[1]), {.lower = p[2], .upper = p[3]}); },
       {{0.0, 1.0, -1.0, 2.0}, {0.0, 1.0, -16.0, -15.0}, {1.0, 2.0, 30.0, 40.0}}},
      {"Truncated(lower)",
       {"loc", "scale", "lower"},
       [](P p) { return Truncated(Normal(p[0], p[1]), {.lower = p[2]}); },
       {{0.0, 1.0, 5.0}, {0.0, 1.0, -0.5}}},
      {"Truncated(Gamma)",
       {"concentration", "rate", "lower"},
       [](P p) { return Truncated(Gamma(p[0], p[1]), {.lower = p[2]}); },
       {{2.5, 1.5, 2.0}, {2.5, 1.5, 40.0}}},
      {"Truncated(Exponential)",
       {"rate", "upper"},
       [](P p) { return Truncated(Exponential(p[0]), {.upper = p[1]}); },
       {{1.5, 2.0}}},
      {"Truncated(Poisson)",
       {"rate", "low", "high"},
       [](P p) { return Truncated(Poisson(p[0]), {.lower = p[1], .upper = p[2]}); },
       {{3.2, 1.0, 7.0}, {3.2, 25.0, 30.0}}},
      {"TruncatedCauchy",
       {"loc", "scale", "lower"},
       [](P p) { return TruncatedCauchy(p[0], p[1], {.lower = p[2]}); },
       {{0.5, 2.0, 1.0}}},
      {"TruncatedNormal",
       {"loc", "scale", "upper"},
       [](P p) { return TruncatedNormal(p[0], p[1], {.upper = p[2]}); },
       {{0.3, 1.5, -1.0}}},
      one<Unit>("Unit", "log_factor", {{-1.25}}),
      {"ZeroInflated",
       {"gate_logits", "total_count", "probs"},
       [](P p) { return ZeroInflated(Binomial(p[1], p[2]), {.gate_logits = p[0]}); },
       {{-0.8, 12.0, 0.3}}},
      three<ZeroInflatedBinomial>("ZeroInflatedBinomial", "gate", "total_count", "probs", {{0.25, 10.0, 0.6}}),
      {"ZeroInflatedNegativeBinomial",
       {"gate", "mean", "concentration"},
       [](P p) { return ZeroInflatedNegativeBinomial(p[0], {.mean = p[1], .concentration = p[2]}); },
       {{0.4, 3.0, 2.0}}},
      two<ZeroInflatedPoisson>("ZeroInflatedPoisson", "gate", "rate", {{0.2, 2.5}}),
  };
}

}  // namespace nuthatch::detail
