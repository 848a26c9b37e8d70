// Distributions of vectors, matrices and series.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries multivariate_entries() {
  const Tensor loc{1.0, -1.0}, factor{{1.4, 0.0}, {0.5, 0.8}}, matrix{{1.96, 0.7}, {0.7, 0.89}};
  const Tensor factor3{{1.0, 0.0, 0.0}, {0.3, 0.9, 0.0}, {-0.2, 0.4, 1.2}};
  return {
      one<Dirichlet>("Dirichlet", "concentration", {{Tensor{0.5, 2.0, 3.0}}, {Tensor{1.0, 1.0, 1.0, 1.0}}}),
      {"InverseWishart", {"concentration", "scale_matrix"},
       [](P p) { return InverseWishart(p[0], p[1]); }, {{7.5, matrix}}},
      {"InverseWishart(rate_matrix)", {"concentration", "rate_matrix"},
       [](P p) { return InverseWishart({.concentration = p[0], .rate_matrix = p[1]}); }, {{5.5, matrix}}},
      {"InverseWishartCholesky", {"concentration", "scale_tril"},
       [](P p) { return InverseWishartCholesky({.concentration = p[0], .scale_tril = p[1]}); }, {{6.5, factor3}}},
      {"LKJCholesky", {"concentration"}, [](P p) { return LKJCholesky(3, p[0]); }, {{2.0}, {0.7}, {1.0}}},
      {"LowRankMultivariateNormal", {"loc", "cov_factor", "cov_diag"},
       [](P p) { return LowRankMultivariateNormal(p[0], p[1], p[2]); },
       {{Tensor{0.5, -1.0, 2.0}, Tensor{{0.5, 1.0}, {-1.5, 0.2}, {0.3, 0.7}}, Tensor{0.5, 0.2, 1.5}}}},
      {"MatrixNormal", {"loc", "scale_tril_row", "scale_tril_column"},
       [](P p) { return MatrixNormal(p[0], p[1], p[2]); }, {{Tensor{{1.0, 0.0, -1.0}, {0.5, 2.0, 0.0}}, factor, factor3}}},
      {"MatrixNormal(covariances)", {"row_covariance", "column_covariance"},
       [](P p) { return MatrixNormal({.row_covariance = p[0], .column_covariance = p[1]}); }, {{matrix, matrix}}},
      {"MultivariateNormal", {"loc", "scale_tril"},
       [](P p) { return MultivariateNormal({.loc = p[0], .scale_tril = p[1]}); }, {{loc, factor}}},
      {"MultivariateNormal(covariance)", {"loc", "covariance"},
       [](P p) { return MultivariateNormal({.loc = p[0], .covariance = p[1]}); }, {{loc, matrix}}},
      {"MultivariateNormal(precision)", {"loc", "precision"},
       [](P p) { return MultivariateNormal({.loc = p[0], .precision = p[1]}); }, {{loc, matrix}}},
      {"MultivariateStudentT", {"df", "loc", "scale_tril"},
       [](P p) { return MultivariateStudentT({.df = p[0], .loc = p[1], .scale_tril = p[2]}); }, {{4.0, loc, factor}}},
      {"MultivariateStudentT(precision)", {"df", "loc", "precision"},
       [](P p) { return MultivariateStudentT({.df = p[0], .loc = p[1], .precision = p[2]}); }, {{9.5, loc, matrix}}},
      {"Wishart", {"concentration", "scale_matrix"}, [](P p) { return Wishart(p[0], p[1]); },
       {{4.0, matrix}, {2.5, matrix}}},
      {"Wishart(rate_matrix)", {"concentration", "rate_matrix"},
       [](P p) { return Wishart({.concentration = p[0], .rate_matrix = p[1]}); }, {{3.5, matrix}}},
      {"WishartCholesky", {"concentration", "scale_tril"},
       [](P p) { return WishartCholesky({.concentration = p[0], .scale_tril = p[1]}); }, {{4.5, factor3}}},
  };
}

}  // namespace nuthatch::detail
