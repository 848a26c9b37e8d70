// Distributions of vectors, matrices and series.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries multivariate_entries() {
  const Tensor factor{{1.4, 0.0}, {0.5, 0.8}};
  return {
      one<Dirichlet>("Dirichlet", "concentration", {{Tensor{0.5, 2.0, 3.0}}, {Tensor{1.0, 1.0, 1.0, 1.0}}}),
      {"LKJCholesky", {"concentration"}, [](P p) { return LKJCholesky(3, p[0]); }, {{2.0}, {0.7}, {1.0}}},
      {"MultivariateNormal", {"loc", "scale_tril"},
       [](P p) { return MultivariateNormal({.loc = p[0], .scale_tril = p[1]}); }, {{Tensor{1.0, -1.0}, factor}}},
  };
}

}  // namespace nuthatch::detail
