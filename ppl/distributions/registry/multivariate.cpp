// Distributions of vectors, matrices and series.
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries multivariate_entries() {
  const Tensor loc{1.0, -1.0}, factor{{1.4, 0.0}, {0.5, 0.8}}, matrix{{1.96, 0.7}, {0.7, 0.89}};
  const Tensor factor3{{1.0, 0.0, 0.0}, {0.3, 0.9, 0.0}, {-0.2, 0.4, 1.2}};
  const Tensor transition{{0.5, 0.3}, {-0.2, 0.9}}, chain{{0.7, 0.2, 0.1}, {0.3, 0.3, 0.4}, {0.05, 0.05, 0.9}};
  // Four nodes: a triangle with a tail.
  const Tensor graph{{0.0, 1.0, 1.0, 0.0}, {1.0, 0.0, 1.0, 0.0}, {1.0, 1.0, 0.0, 1.0}, {0.0, 0.0, 1.0, 0.0}};
  return {
      {"AR", {"coefficients", "scale", "intercept"},
       [](P p) { return AR({.coefficients = p[0], .scale = p[1], .intercept = p[2], .num_steps = 5}); },
       {{Tensor{0.6, -0.3}, 1.5, 0.4}}},
      {"AR(init)", {"coefficients", "scale", "init_scale"},
       [](P p) {
         return AR({.coefficients = p[0], .scale = p[1], .init = Normal(0.5, p[2]), .num_steps = 5});
       },
       {{Tensor{0.6, -0.3}, 1.5, 2.5}, {Tensor{0.9}, 0.5, 1.5}}},
      {"ARMA", {"ar", "ma", "scale", "intercept"},
       [](P p) { return ARMA({.ar = p[0], .ma = p[1], .scale = p[2], .intercept = p[3], .num_steps = 4}); },
       {{Tensor{0.6, -0.3}, Tensor{0.4}, 1.5, 0.4}, {Tensor{0.9}, Tensor{-0.5, 0.2}, 0.5, -1.0}}},
      {"CAR", {"loc", "correlation", "conditional_precision"}, [graph](P p) { return CAR(p[0], p[1], p[2], graph); },
       {{Tensor{0.5, 0.0, -1.0, 2.0}, 0.8, 1.7}, {0.3, -0.6, 0.4}}},
      {"CirculantNormal", {"loc", "covariance_rfft"},
       [](P p) { return CirculantNormal({.loc = p[0], .covariance_rfft = p[1]}); },
       {{Tensor{1.0, 0.0, -1.0, 2.0, 0.5}, Tensor{3.0, 1.5, 0.5}}, {Tensor{0.0, 1.0, 2.0, 3.0}, Tensor{2.0, 1.5, 0.5}}}},
      {"CirculantNormal(covariance_row)", {"variance", "length"},
       [](P p) { return CirculantNormal({.covariance_row = p[0] * exp(-Tensor{0.0, 1.0, 2.0, 1.0} / p[1])}); },
       {{2.0, 0.8}}},
      one<Dirichlet>("Dirichlet", "concentration", {{Tensor{0.5, 2.0, 3.0}}, {Tensor{1.0, 1.0, 1.0, 1.0}}}),
      {"DiscreteMarkovChain", {"transition", "initial"}, [](P p) { return DiscreteMarkovChain(p[0], p[1], 4); },
       {{chain, Tensor{0.2, 0.5, 0.3}}}},
      {"EulerMaruyama", {"rate", "level", "noise"},
       [](P p) {
         auto sde = [p](const Tensor& x, const Tensor& t) { return std::pair(p[0] * (p[1] + t - x), p[2] * sqrt(1.0 + square(x))); };
         return EulerMaruyama(Tensor{0.0, 0.5, 0.7, 1.5}, sde, Normal(0.3, 0.8));
       },
       {{0.7, 1.5, 0.4}}},
      {"GARCH11", {"omega", "alpha", "beta", "initial_volatility"},
       [](P p) {
         return GARCH11({.omega = p[0], .alpha = p[1], .beta = p[2], .initial_volatility = p[3], .num_steps = 4});
       },
       {{0.3, 0.2, 0.5, 1.2}}},
      {"GaussianRandomWalk", {"scale"}, [](P p) { return GaussianRandomWalk(p[0], 3); }, {{0.5}}},
      {"GaussianRandomWalk(drift)", {"scale", "drift", "init_scale"},
       [](P p) {
         return GaussianRandomWalk({.scale = p[0], .drift = p[1], .num_steps = 4, .init = Normal(1.0, p[2])});
       },
       {{0.5, 0.2, 3.0}}},
      {"GaussianStateSpace", {"transition_matrix", "scale_tril", "initial_value"},
       [](P p) {
         return GaussianStateSpace({.num_steps = 3, .transition_matrix = p[0], .scale_tril = p[1], .initial_value = p[2]});
       },
       {{transition, factor, Tensor{1.0, 2.0}}}},
      {"GaussianStateSpace(precision)", {"transition_matrix", "precision"},
       [](P p) { return GaussianStateSpace({.num_steps = 3, .transition_matrix = p[0], .precision = p[1]}); },
       {{transition, matrix}}},
      {"ICAR", {"scale"}, [graph](P p) { return ICAR(graph, p[0], 0.05); }, {{1.3}}},
      {"InverseWishart", {"concentration", "scale_matrix"},
       [](P p) { return InverseWishart(p[0], p[1]); }, {{7.5, matrix}}},
      {"InverseWishart(rate_matrix)", {"concentration", "rate_matrix"},
       [](P p) { return InverseWishart({.concentration = p[0], .rate_matrix = p[1]}); }, {{5.5, matrix}}},
      {"InverseWishartCholesky", {"concentration", "scale_tril"},
       [](P p) { return InverseWishartCholesky({.concentration = p[0], .scale_tril = p[1]}); }, {{6.5, factor3}}},
      {"KroneckerNormal", {"loc", "first_covariance", "second_covariance"},
       [](P p) { return KroneckerNormal({.loc = p[0], .covariances = {p[1], p[2]}}); },
       {{Tensor{1.0, 0.0, -1.0, 0.5, 2.0, 0.0}, matrix, Tensor{{1.0, 0.3, 0.1}, {0.3, 2.0, 0.2}, {0.1, 0.2, 0.7}}}}},
      {"KroneckerNormal(sigma)", {"first_covariance", "second_covariance", "sigma"},
       [](P p) { return KroneckerNormal({.covariances = {p[0], p[1]}, .sigma = p[2]}); },
       {{matrix, Tensor{{1.0, 0.2}, {0.2, 0.4}}, 0.6}}},
      {"LKJ", {"concentration"}, [](P p) { return LKJ(3, p[0]); }, {{2.0}, {0.7}, {1.0}}},
      {"LKJCholesky", {"concentration"}, [](P p) { return LKJCholesky(3, p[0]); }, {{2.0}, {0.7}, {1.0}}},
      {"LKJCholeskyCov", {"concentration", "scale"},
       [](P p) { return LKJCholeskyCov(3, p[0], HalfNormal(p[1])); }, {{2.0, 1.5}, {0.7, Tensor{1.0, 2.0, 0.5}}}},
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
      {"MvGaussianRandomWalk", {"scale_tril", "drift"},
       [](P p) { return MvGaussianRandomWalk({.scale_tril = p[0], .drift = p[1], .num_steps = 3}); },
       {{factor, Tensor{0.1, -0.2}}}},
      {"MvStudentTRandomWalk", {"df", "scale_matrix"},
       [](P p) { return MvStudentTRandomWalk({.df = p[0], .scale_matrix = p[1], .num_steps = 3}); }, {{6.5, matrix}}},
      {"ProjectedNormal", {"concentration"}, [](P p) { return ProjectedNormal(p[0]); },
       {{Tensor{1.0, -0.5}}, {Tensor{2.0, 3.0, -1.0}}, {Tensor{0.1, 0.0, 4.0, -1.0, 0.5}}}},
      {"RandomWalk", {"loc", "scale"},
       [](P p) { return RandomWalk({.innovation = Laplace(p[0], p[1]), .num_steps = 4, .init = Normal(0.5, 2.0)}); },
       {{0.3, 1.2}}},
      {"SineBivariateVonMises", {"phi_loc", "psi_loc", "phi_concentration", "psi_concentration", "correlation"},
       [](P p) {
         return SineBivariateVonMises({.phi_loc = p[0], .psi_loc = p[1], .phi_concentration = p[2],
                                       .psi_concentration = p[3], .correlation = p[4]});
       },
       {{0.2, -0.3, 8.0, 6.0, -3.0}, {0.0, 0.0, 2.0, 5.0, 7.0}}},
      {"SineBivariateVonMises(weighted)", {"phi_concentration", "psi_concentration", "weighted_correlation"},
       [](P p) {
         return SineBivariateVonMises({.phi_loc = 0.0, .psi_loc = 0.0, .phi_concentration = p[0],
                                       .psi_concentration = p[1], .weighted_correlation = p[2]});
       },
       {{2.0, 3.0, 0.7}}},
      {"SineSkewed", {"concentration", "skewness"},
       [](P p) { return SineSkewed(VonMises(Tensor{0.3, -0.4}, p[0]).to_event(1), p[1]); },
       {{Tensor{1.5, 3.0}, Tensor{0.4, -0.3}}}},
      {"StickBreakingWeights", {"concentration"}, [](P p) { return StickBreakingWeights(p[0], 3); }, {{1.5}, {0.4}}},
      {"StickBreakingWeights(one break)", {"concentration"}, [](P p) { return StickBreakingWeights(p[0], 1); }, {{2.0}}},
      {"Wishart", {"concentration", "scale_matrix"}, [](P p) { return Wishart(p[0], p[1]); },
       {{4.0, matrix}, {2.5, matrix}}},
      {"Wishart(rate_matrix)", {"concentration", "rate_matrix"},
       [](P p) { return Wishart({.concentration = p[0], .rate_matrix = p[1]}); }, {{3.5, matrix}}},
      {"WishartCholesky", {"concentration", "scale_tril"},
       [](P p) { return WishartCholesky({.concentration = p[0], .scale_tril = p[1]}); }, {{4.5, factor3}}},
      {"ZeroSumNormal", {"scale"}, [](P p) { return ZeroSumNormal(p[0], {4}); }, {{1.5}}},
      {"ZeroSumNormal(matrix)", {"scale"}, [](P p) { return ZeroSumNormal(p[0], {2, 3}); }, {{0.5}}},
  };
}

}  // namespace nuthatch::detail
