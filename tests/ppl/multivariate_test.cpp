// What is special to distributions of vectors, matrices and series: forms of their parameters, properties of their draws,
// and that compiled programs agree with the interpreter.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

constexpr std::int64_t kDraws = 8000;

/// Two keys; fails when the means of x [n, ...] are further than 5.5 standard errors from `expected` with both, or 7 with
/// one.
void expect_mean(const std::function<Tensor(Key)>& draws, const Tensor& expected, const std::string& what) {
  auto score = [&](std::uint64_t seed) {
    Tensor x = draws(Key(seed)).cast(f64), error = stddev(x, 0) / std::sqrt(double(x.size(0)));
    return max(abs(mean(x, 0) - expected) / maximum(error, 1e-12)).item();
  };
  const double first = score(11), second = score(12);
  EXPECT_FALSE((first > 5.5 && second > 5.5) || std::max(first, second) > 7.0 || std::isnan(first + second))
      << what << ": scores " << first << " and " << second;
}

std::string message(const std::function<void()>& f) {
  try { f(); } catch (const Error& e) { return e.what(); }
  return "";
}
void expect_error(const std::function<void()>& f, const std::string& part) {
  EXPECT_NE(message(f).find(part), std::string::npos) << message(f);
}

TEST(Multivariate, OneFormOfAMatrixIsNeeded) {
  const Tensor I = eye(2);
  expect_error([&] { MultivariateNormal({.loc = 0.0}); }, "give exactly one of .scale_tril, .covariance, .precision; none is given");
  expect_error([&] { MultivariateNormal({.covariance = I, .precision = I}); }, "not several");
  expect_error([&] { MultivariateNormal({.covariance = zeros({2, 3})}); }, "covariance must be a square matrix, but its shape is [2, 3]");
  expect_error([&] { MultivariateNormal({.precision = -I}); }, "precision must be symmetric positive definite");
  expect_error([&] { MultivariateNormal({.loc = zeros(3), .scale_tril = I}).validate(); }, "loc [3] does not fit");
  expect_error([&] { Wishart({.concentration = 3.0}); }, "Wishart: give exactly one of");
  expect_error([&] { Wishart(0.5, I).validate(); }, "concentration must be greater than 1, but concentration = 0.5");
  expect_error([&] { KroneckerNormal({.loc = zeros(4)}); }, "give one of .covariances and .scale_trils");
  expect_error([&] { KroneckerNormal({.loc = zeros(5), .covariances = {I, I}}); }, "does not fit matrices for 4");
}

TEST(Multivariate, ErrorsOfSeriesAndGraphs) {
  expect_error([] { AR({.coefficients = 0.5, .scale = 1.0, .num_steps = 5}); }, "must be a vector");
  expect_error([] { AR({.coefficients = Tensor{0.5, 0.1}, .scale = 1.0, .num_steps = 2}); }, "must exceed the order 2");
  expect_error([] { AR({.coefficients = Tensor{0.5}, .num_steps = 5}); }, ".scale is missing");
  expect_error([] { RandomWalk({.num_steps = 3}); }, ".innovation is missing");
  expect_error([] { RandomWalk({.innovation = Normal(0.0, 1.0), .num_steps = 0}); }, "num_steps must be 1 or more");
  expect_error([] { RandomWalk({.innovation = Poisson(1.0), .num_steps = 3}); }, "must be continuous");
  expect_error([] { RandomWalk({.innovation = Normal(0.0, 1.0), .num_steps = 3, .init = Normal(zeros(2), 1.0).to_event()}); },
               "init has event shape [2], innovation []");
  expect_error([] { ICAR(Tensor{{0.0, 1.0, 0.0, 0.0}, {1.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 0.0, 1.0}, {0.0, 0.0, 1.0, 0.0}}); },
               "2 components");
  expect_error([] { CAR(0.0, 0.5, 1.0, Tensor{{0.0, 1.0}, {0.5, 0.0}}); }, "adjacency[0, 1] = 1.0");
  expect_error([] { CAR(0.0, 0.5, 1.0, Tensor{{0.0, 0.0}, {0.0, 0.0}}); }, "node 0 of the graph has no neighbour");
  expect_error([] { DiscreteMarkovChain(Tensor{{0.5, 0.6}, {0.5, 0.5}}, Tensor{0.5, 0.5}, 3).validate(); }, "transition must be");
  expect_error([] { ProjectedNormal(Tensor{1.0}); }, "two dimensions");
  expect_error([] { ZeroSumNormal(1.0, {1}); }, "2 elements or more");
  expect_error([] { LKJCholeskyCov(3, 1.0, HalfNormal(ones(2))); }, "do not fit dimension 3");
}

TEST(Multivariate, FormsAgree) {
  const Tensor K{{1.96, 0.7}, {0.7, 0.89}}, x{{0.1, 0.2}, {-1.0, 3.0}};
  const Tensor L = cholesky(K), P = inv(K);
  auto same = [&](const Distribution& a, const Distribution& b, const Tensor& at) {
    Tensor p = a.log_prob(at), q = b.log_prob(at);
    ASSERT_EQ(p.shape(), q.shape());
    EXPECT_LT(max(abs(p - q)).item(), 1e-11) << a.name();
  };
  same(MultivariateNormal({.scale_tril = L}), MultivariateNormal({.precision = P}), x);
  EXPECT_LT(max(abs(MultivariateNormal({.precision = P}).variance() - diagonal(K))).item(), 1e-13);
  same(MultivariateStudentT({.df = 3.0, .scale_matrix = K}), MultivariateStudentT({.df = 3.0, .precision = P}), x);
  same(Wishart(4.0, K), Wishart({.concentration = 4.0, .rate_matrix = P}), K);
  same(InverseWishart(4.0, K), InverseWishart({.concentration = 4.0, .rate_matrix = P}), K);
  same(KroneckerNormal({.covariances = {K, K}}), KroneckerNormal({.scale_trils = {L, L}}), Tensor{1.0, 2.0, 3.0, -1.0});
  same(KroneckerNormal({.covariances = {K, K}, .sigma = 0.3}), KroneckerNormal({.scale_trils = {L, L}, .sigma = 0.3}),
       Tensor{1.0, 2.0, 3.0, -1.0});
  same(MvGaussianRandomWalk({.covariance = K, .num_steps = 2}), MvGaussianRandomWalk({.precision = P, .num_steps = 2}), x);
  // Of integrated walks and autoregressions with a unit root.
  const Tensor path{0.3, 0.1, 1.5, 2.0};
  same(AR({.coefficients = Tensor{1.0}, .scale = 0.7, .num_steps = 4}), GaussianRandomWalk(0.7, 4), path);
  same(RandomWalk({.innovation = Normal(0.0, 0.7), .num_steps = 4}), GaussianRandomWalk(0.7, 4), path);
  same(GARCH11({.omega = 0.49, .alpha = 0.0, .beta = 0.0, .initial_volatility = 0.7, .num_steps = 4}),
       Normal(0.0, 0.7).expand({4}).to_event(), path);
  // A distribution of all first values, and one of each.
  same(AR({.coefficients = Tensor{0.5, 0.2}, .scale = 0.7, .init = Normal(0.0, 2.0), .num_steps = 4}),
       AR({.coefficients = Tensor{0.5, 0.2}, .scale = 0.7, .init = MultivariateNormal({.scale_tril = 2.0 * eye(2)}), .num_steps = 4}),
       path);
}

TEST(Multivariate, BatchesOfParameters) {
  const Tensor L = stack({cholesky(Tensor{{1.96, 0.7}, {0.7, 0.89}}), eye(2), Tensor{{2.0, 0.0}, {-1.0, 0.5}}});
  const Tensor two{0.5, -1.0}, walk{{0.5, 1.0}, {1.0, 0.0}, {2.0, 2.0}}, W{{0.0, 1.0, 1.0}, {1.0, 0.0, 1.0}, {1.0, 1.0, 0.0}};
  auto check = [&](const std::function<Distribution(std::int64_t)>& alone, const Distribution& together, const Tensor& value) {
    EXPECT_EQ(together.batch_shape(), (Shape{3})) << together.name();
    EXPECT_EQ(together.sample(Key(1), {2}).shape(), together.shape({2})) << together.name();
    Tensor p = together.log_prob(value);
    ASSERT_EQ(p.shape(), (Shape{3})) << together.name();
    for (std::int64_t i = 0; i < 3; ++i)
      EXPECT_NEAR(p[i].item(), alone(i).log_prob(value).item(), 1e-11) << together.name();
  };
  const Tensor s{0.5, 1.0, 2.0}, R{{0.6, -0.3}, {0.1, 0.2}, {1.0, 0.0}};
  check([&](auto i) { return MultivariateNormal({.scale_tril = L[i]}); }, MultivariateNormal({.scale_tril = L}), two);
  check([&](auto i) { return MultivariateStudentT({.df = s[i], .scale_tril = L[i]}); },
        MultivariateStudentT({.df = s, .scale_tril = L}), two);
  check([&](auto i) { return WishartCholesky({.concentration = 2.5, .scale_tril = L[i]}); },
        WishartCholesky({.concentration = 2.5, .scale_tril = L}), L[0]);
  check([&](auto i) { return InverseWishart({.concentration = 1.5 + s[i], .scale_tril = L[0]}); },
        InverseWishart({.concentration = 1.5 + s, .scale_tril = L[0]}), eye(2));
  check([&](auto i) { return GaussianRandomWalk(s[i], 2); }, GaussianRandomWalk(s, 2), two);
  check([&](auto i) { return MvGaussianRandomWalk({.scale_tril = L[i], .num_steps = 3}); },
        MvGaussianRandomWalk({.scale_tril = L, .num_steps = 3}), walk);
  check([&](auto i) { return AR({.coefficients = R[i], .scale = s[i], .init = Normal(0.0, s[i]), .num_steps = 3}); },
        AR({.coefficients = R, .scale = s, .init = Normal(0.0, s), .num_steps = 3}), Tensor{0.1, 0.4, -1.0});
  check([&](auto i) { return GARCH11({.omega = s[i], .alpha = 0.2, .beta = 0.3, .initial_volatility = 1.0, .num_steps = 2}); },
        GARCH11({.omega = s, .alpha = 0.2, .beta = 0.3, .initial_volatility = 1.0, .num_steps = 2}), two);
  check([&](auto i) { return GaussianStateSpace({.num_steps = 3, .transition_matrix = 0.5 * L[i], .scale_tril = L[0]}); },
        GaussianStateSpace({.num_steps = 3, .transition_matrix = 0.5 * L, .scale_tril = L[0]}), walk);
  check([&](auto i) { return EulerMaruyama(Tensor{0.0, 1.0}, [](Tensor x, Tensor) { return std::pair(-x, 1.0); }, Normal(0.0, s[i])); },
        EulerMaruyama(Tensor{0.0, 1.0}, [](Tensor x, Tensor) { return std::pair(-x, 1.0); }, Normal(0.0, s)), two);
  check([&](auto i) { return CAR(0.0, 0.3 * s[i], s[i], W); }, CAR(0.0, 0.3 * s, s, W), Tensor{1.0, 0.5, -1.0});
  check([&](auto i) { return ICAR(W, s[i]); }, ICAR(W, s), Tensor{1.0, 0.5, -1.0});
  check([&](auto i) { return ZeroSumNormal(s[i], {2}); }, ZeroSumNormal(s, {2}), Tensor{1.0, -1.0});
  check([&](auto i) { return ProjectedNormal(R[i]); }, ProjectedNormal(R), Tensor{0.6, -0.8});
  check([&](auto i) { return KroneckerNormal({.scale_trils = {L[i], L[0]}}); }, KroneckerNormal({.scale_trils = {L, L[0]}}),
        Tensor{1.0, 2.0, 3.0, -1.0});
  check([&](auto i) { return CirculantNormal({.covariance_rfft = s[i] * Tensor{2.0, 1.0, 0.5}}); },
        CirculantNormal({.covariance_rfft = expand_dims(s, -1) * Tensor{2.0, 1.0, 0.5}}), Tensor{1.0, 2.0, 3.0, -1.0});
  check([&](auto i) { return LKJCholeskyCov(2, s[i], HalfNormal(1.0)); }, LKJCholeskyCov(2, s, HalfNormal(1.0)), L[0]);
  check([&](auto i) { return StickBreakingWeights(s[i], 2); }, StickBreakingWeights(s, 2), Tensor{0.2, 0.3, 0.5});
  Tensor P = softmax(reshape(arange(12).cast(f64), {3, 2, 2}), -1), start = softmax(R, -1);
  check([&](auto i) { return DiscreteMarkovChain(P[i], start[i], 3); }, DiscreteMarkovChain(P, start, 3), Tensor{0, 1, 1});
}

TEST(Multivariate, DrawsHaveTheirCovariance) {
  const Tensor W{{0.0, 1.0, 1.0}, {1.0, 0.0, 0.0}, {1.0, 0.0, 0.0}}, K{{1.96, 0.7}, {0.7, 0.89}};
  auto check = [&](const Distribution& d, const Tensor& covariance) {
    expect_mean([&](Key key) {
      Tensor x = reshape(d.sample(key, {kDraws}) - d.mean(), {kDraws, -1});
      return expand_dims(x, -1) * expand_dims(x, -2);
    }, covariance, d.name());
  };
  check(MultivariateNormal({.precision = inv(K)}), K);
  check(LowRankMultivariateNormal(Tensor{1.0, 2.0}, reshape(Tensor{1.0, 2.0}, {2, 1}), Tensor{0.5, 0.2}), Tensor{{1.5, 2.0}, {2.0, 4.2}});
  check(MultivariateStudentT({.df = 12.0, .scale_matrix = K}), 1.2 * K);
  check(CAR(0.0, 0.7, 2.0, W), inv(2.0 * (diag(Tensor{2.0, 1.0, 1.0}) - 0.7 * W)));
  check(ICAR(W, 0.8, 0.2), inv((diag(Tensor{2.0, 1.0, 1.0}) - W) / 0.64 + 1.0 / 0.36));
  check(ZeroSumNormal(2.0, {3}), 4.0 * (eye(3) - 1.0 / 3.0));
  check(CirculantNormal({.covariance_row = Tensor{2.0, 0.5, 0.5}}), Tensor{{2.0, 0.5, 0.5}, {0.5, 2.0, 0.5}, {0.5, 0.5, 2.0}});
  check(GaussianRandomWalk({.scale = 0.5, .drift = 1.0, .num_steps = 3}), Tensor{{0.25, 0.25, 0.25}, {0.25, 0.5, 0.5}, {0.25, 0.5, 0.75}});
  Tensor kronecker = reshape(einsum("ij,kl->ikjl", {K, K}), {4, 4});
  check(MatrixNormal({.row_covariance = K, .column_covariance = K}), kronecker);
  check(KroneckerNormal({.covariances = {K, K}}), kronecker);
  check(KroneckerNormal({.covariances = {K, K}, .sigma = 0.5}), kronecker + 0.25 * eye(4));
}

TEST(Multivariate, DrawsOfAnAutoregression) {
  // Stationary from the start: variance sigma^2 / (1 - rho^2), covariance at lag k times rho^k.
  const double rho = 0.8, spread = 1.0 / std::sqrt(1 - rho * rho);
  Distribution d = AR({.coefficients = Tensor{rho}, .scale = 1.0, .intercept = 1.0, .init = Normal(5.0, spread), .num_steps = 6});
  expect_mean([&](Key key) {
    Tensor x = d.sample(key, {kDraws}) - 5.0;
    return stack({x(all, 0), x(all, 5), square(x(all, 5)), x(all, 3) * x(all, 5)}, -1);
  }, Tensor{0.0, 0.0, spread * spread, rho * rho * spread * spread}, "AR");
}

TEST(Multivariate, DrawsOfADiffusion) {
  // One step of an Ornstein-Uhlenbeck process after another: mean m_{i+1} = m_i + (1 - m_i) dt, variance
  // v_{i+1} = (1 - dt)^2 v_i + 0.25 dt.
  auto sde = [](const Tensor& x, const Tensor&) { return std::pair(1.0 - x, Tensor(0.5)); };
  Distribution d = EulerMaruyama(Tensor{0.0, 0.1, 0.4, 0.6}, sde, Normal(2.0, 0.3));
  double m = 2.0, v = 0.09;
  std::vector<double> means{m}, squares{v};
  for (double dt : {0.1, 0.3, 0.2}) {
    m += (1 - m) * dt;
    v = (1 - dt) * (1 - dt) * v + 0.25 * dt;
    means.push_back(m);
    squares.push_back(v);
  }
  expect_mean([&](Key key) { return d.sample(key, {kDraws}); }, means, "EulerMaruyama");
  expect_mean([&](Key key) { return square(d.sample(key, {kDraws}) - Tensor(means)); }, squares, "EulerMaruyama");
}

TEST(Multivariate, DrawsOfAMarkovChain) {
  const Tensor P{{0.7, 0.2, 0.1}, {0.3, 0.3, 0.4}, {0.05, 0.05, 0.9}}, start{0.2, 0.5, 0.3};
  Tensor at = start;
  std::vector<Tensor> occupation{at};
  for (int t = 0; t < 3; ++t) occupation.push_back(at = matmul(at, P));
  Distribution d = DiscreteMarkovChain(P, start, 4);
  expect_mean([&](Key key) { return one_hot(d.sample(key, {kDraws}), 3); }, stack(occupation), "DiscreteMarkovChain");
  // Pairs of neighbours.
  expect_mean([&](Key key) {
    Tensor x = d.sample(key, {kDraws});
    return one_hot(x(all, 0) * 3 + x(all, 1), 9);
  }, flatten(expand_dims(start, -1) * P), "DiscreteMarkovChain");
  // All paths together have probability one.
  Tensor paths = stack({arange(81) / 27, arange(81) / 9, arange(81) / 3, arange(81)}, -1);
  paths = floor(paths.cast(f64)) - 3.0 * floor(floor(paths.cast(f64)) / 3.0);
  EXPECT_NEAR(sum(exp(d.log_prob(paths))).item(), 1.0, 1e-13);
}

TEST(Multivariate, DirectionsOfAProjectedNormal) {
  for (const Tensor& m : {Tensor{1.0, -0.5}, Tensor{0.3, 0.4, 1.2}, Tensor{0.5, 0.5, 0.5, 0.5}}) {
    Distribution d = ProjectedNormal(m);
    const double length = std::sqrt(sum(square(m)).item());
    // The half space ahead has the probability that a normal number with that mean is positive.
    expect_mean([&](Key key) { return (sum(d.sample(key, {kDraws}) * m, -1) > 0.0).cast(f64); }, ndtr(length), "ProjectedNormal");
    // The derivative in the value, off the sphere too, where the formula makes sense.
    auto f = [&](const Tensor& x) { return d.log_prob_in_support(x); };
    for (double side : {1.0, -1.0, -6.0}) {
      Tensor x = side * m / length, g = grad(f)(x);
      for (std::int64_t i = 0; i < x.size(); ++i) {
        const double h = 1e-5;
        const double slope = (f(x.at(i).add(h)) - f(x.at(i).add(-h))).item() / (2 * h);
        EXPECT_NEAR(g[i].item(), slope, 1e-7 * std::max(1.0, std::abs(slope)));
      }
    }
  }
  // On the circle the density integrates to 1.
  const std::int64_t n = 400;
  Tensor angle = 2.0 * 3.141592653589793 / double(n) * arange(n).cast(f64), x = stack({cos(angle), sin(angle)}, -1);
  EXPECT_NEAR(sum(exp(ProjectedNormal(Tensor{2.0, -1.0}).log_prob(x))).item() * 2.0 * 3.141592653589793 / double(n), 1.0, 1e-13);
}

TEST(Multivariate, AnglesOfTheSineModel) {
  // The derivatives of log C are the expectations of what multiplies the parameters; at the location log p = k1 + k2 - log C.
  for (const Tensor& v : {Tensor{8.0, 6.0, -3.0}, Tensor{2.0, 5.0, 7.0}, Tensor{0.3, 0.2, 0.5}}) {
    const Tensor loc{0.5, -1.0};
    auto made = [&](const Tensor& w) {
      return SineBivariateVonMises({.phi_loc = 0.5, .psi_loc = -1.0, .phi_concentration = w[0], .psi_concentration = w[1],
                                    .correlation = w[2]});
    };
    Tensor expected = grad([&](const Tensor& w) { return w[0] + w[1] - made(w).log_prob(loc); })(v);
    expect_mean([&](Key key) {
      Tensor x = made(v).sample(key, {kDraws}) - loc;
      return stack({cos(x(all, 0)), cos(x(all, 1)), sin(x(all, 0)) * sin(x(all, 1))}, -1);
    }, expected, "SineBivariateVonMises");
  }
  // A skewed angle leans by skewness E[sin^2], which is I1(k) / (k I0(k)) for a von Mises distribution.
  const Tensor k{1.5, 3.0}, skewness{0.4, -0.3}, centre{0.3, -0.4};
  Distribution d = SineSkewed(VonMises(centre, k).to_event(1), skewness);
  expect_mean([&](Key key) { return sin(d.sample(key, {kDraws}) - centre); }, skewness * bessel_i1e(k) / (k * bessel_i0e(k)),
              "SineSkewed");
  expect_error([&] { SineSkewed(VonMises(centre, k), skewness); }, "to_event(1)");
  expect_error([&] { SineSkewed(VonMises(centre, k).to_event(1), Tensor{0.8, 0.8}).validate(); }, "skewness must be");
}

TEST(Multivariate, CovarianceFactorsHaveTheirScales) {
  Distribution d = LKJCholeskyCov(3, 2.0, HalfNormal(Tensor{1.0, 2.0, 0.5}));
  expect_mean([&](Key key) {
    Tensor L = d.sample(key, {kDraws}), K = matmul(L, swapaxes(L, -1, -2));
    return diagonal(K);
  }, Tensor{1.0, 4.0, 0.25}, "LKJCholeskyCov");
}

TEST(Multivariate, AdjacencyMayBeTraced) {
  const Tensor W{{0.0, 1.0, 1.0, 0.0}, {1.0, 0.0, 1.0, 0.0}, {1.0, 1.0, 0.0, 1.0}, {0.0, 0.0, 1.0, 0.0}};
  const Tensor x{0.5, 0.0, -1.0, 2.0};
  auto f = [&](const Tensor& graph) { return CAR(0.1, 0.6, 1.5, graph).log_prob(x); };
  EXPECT_NEAR(jit(f)(W).item(), f(W).item(), 1e-12);
}

TEST(Multivariate, CompiledAgreesWithInterpreted) {
  const Tensor K{{1.96, 0.7}, {0.7, 0.89}};
  auto both = [&](auto f, const Tensor& x, const std::string& what) {
    Tensor a = grad(f)(x), b = jit(grad(f))(x);
    EXPECT_LT(max(abs(a - b)).item(), 1e-10 * (1 + max(abs(a)).item())) << what;
  };
  const Tensor series{0.5, 1.0, -0.5, 2.0, 0.1};
  both([&](const Tensor& r) { return AR({.coefficients = r, .scale = 1.2, .num_steps = 5}).log_prob(series); }, Tensor{0.6, -0.3}, "AR");
  both([&](const Tensor& v) {
    return GARCH11({.omega = v[0], .alpha = v[1], .beta = v[2], .initial_volatility = v[3], .num_steps = 5}).log_prob(series);
  }, Tensor{0.3, 0.2, 0.5, 1.0}, "GARCH11");
  both([&](const Tensor& s) { return GaussianRandomWalk(s, 5).log_prob(series); }, Tensor(0.7), "GaussianRandomWalk");
  both([&](const Tensor& C) { return Wishart(4.0, matmul(C, transpose(C))).log_prob(K); }, Tensor{{1.0, 0.2}, {0.3, 0.8}}, "Wishart");
  both([&](const Tensor& m) { return ProjectedNormal(m).log_prob(Tensor{0.6, -0.8}); }, Tensor{-2.5, 3.0}, "ProjectedNormal");
  both([&](const Tensor& s) { return KroneckerNormal({.covariances = {K, K}, .sigma = s}).log_prob(series[until(4)]); }, Tensor(0.7),
       "KroneckerNormal");
}

}  // namespace
