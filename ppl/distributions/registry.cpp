#include "nuthatch/detail/registry.h"

#include "nuthatch/distributions.h"

namespace nuthatch::detail {
namespace {

using P = const std::vector<Tensor>&;
using Examples = std::vector<std::vector<Tensor>>;

template <class D>
DistributionEntry one(const char* name, const char* a, Examples examples) {
  return {name, {a}, [](P p) { return D(p[0]); }, std::move(examples)};
}
template <class D>
DistributionEntry two(const char* name, const char* a, const char* b, Examples examples) {
  return {name, {a, b}, [](P p) { return D(p[0], p[1]); }, std::move(examples)};
}

std::vector<DistributionEntry> make_registry() {
  const Tensor factor{{1.4, 0.0}, {0.5, 0.8}};
  return {
      one<Bernoulli>("Bernoulli", "probs", {{0.3}, {0.9}}),
      {"Bernoulli(logits)", {"logits"}, [](P p) { return Bernoulli({.logits = p[0]}); }, {{-0.7}, {3.0}}},
      two<Beta>("Beta", "concentration1", "concentration0", {{2.0, 3.0}, {0.4, 0.6}, {1.0, 1.0}, {20.0, 0.5}}),
      two<Binomial>("Binomial", "total_count", "probs", {{10.0, 0.3}, {100.0, 0.7}, {40.0, 0.01}, {1000.0, 0.5}}),
      {"Binomial(logits)", {"total_count", "logits"},
       [](P p) { return Binomial({.total_count = p[0], .logits = p[1]}); }, {{10.0, -0.8}, {60.0, 0.2}}},
      one<Categorical>("Categorical", "probs", {{Tensor{0.2, 0.5, 0.3}}}),
      {"Categorical(logits)", {"logits"}, [](P p) { return Categorical({.logits = p[0]}); }, {{Tensor{-1.0, 2.0, 0.5, 0.0}}}},
      two<Cauchy>("Cauchy", "loc", "scale", {{0.5, 2.0}}),
      one<Dirichlet>("Dirichlet", "concentration", {{Tensor{0.5, 2.0, 3.0}}, {Tensor{1.0, 1.0, 1.0, 1.0}}}),
      one<Exponential>("Exponential", "rate", {{2.0}, {0.1}}),
      two<Gamma>("Gamma", "concentration", "rate", {{2.5, 1.5}, {0.3, 2.0}, {50.0, 0.5}}),
      one<HalfCauchy>("HalfCauchy", "scale", {{1.5}}),
      one<HalfNormal>("HalfNormal", "scale", {{2.0}}),
      {"ImproperUniform", {}, [](P) { return ImproperUniform(constraints::real); }, {{}}, false},
      two<InverseGamma>("InverseGamma", "concentration", "rate", {{2.5, 1.5}, {8.0, 3.0}}),
      two<Laplace>("Laplace", "loc", "scale", {{1.0, 2.0}}),
      {"LKJCholesky", {"concentration"}, [](P p) { return LKJCholesky(3, p[0]); }, {{2.0}, {0.7}, {1.0}}},
      two<LogNormal>("LogNormal", "loc", "scale", {{1.0, 0.5}}),
      two<Logistic>("Logistic", "loc", "scale", {{1.0, 2.0}}),
      {"MixtureSameFamily", {"weights", "loc", "scale"},
       [](P p) { return MixtureSameFamily(Categorical(p[0]), Normal(p[1], p[2])); },
       {{Tensor{0.3, 0.7}, Tensor{-1.0, 2.0}, Tensor{0.5, 1.0}}}},
      {"MultivariateNormal", {"loc", "scale_tril"},
       [](P p) { return MultivariateNormal({.loc = p[0], .scale_tril = p[1]}); }, {{Tensor{1.0, -1.0}, factor}}},
      {"NegativeBinomial", {"mean", "concentration"},
       [](P p) { return NegativeBinomial({.mean = p[0], .concentration = p[1]}); }, {{3.0, 2.0}, {30.0, 0.8}}},
      two<Normal>("Normal", "loc", "scale", {{1.0, 2.0}}),
      one<Poisson>("Poisson", "rate", {{2.5}, {0.1}, {9.9}, {14.0}, {300.0}}),
      {"StudentT", {"df", "loc", "scale"}, [](P p) { return StudentT(p[0], p[1], p[2]); }, {{3.0, 1.0, 2.0}, {30.0, 0.0, 1.0}}},
      two<Uniform>("Uniform", "low", "high", {{-1.0, 3.0}}),
  };
}

}  // namespace

const std::vector<DistributionEntry>& distribution_registry() {
  static const std::vector<DistributionEntry> registry = make_registry();
  return registry;
}

}  // namespace nuthatch::detail
