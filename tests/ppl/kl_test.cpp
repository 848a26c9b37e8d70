// Kullback-Leibler divergences against quadrature and summation (tools/kl.py), and through modifiers.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/kl_divergence.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

struct Row {
  Distribution p, q;
  double value;
};

TEST(KlDivergence, AgreesWithQuadrature) {
  const std::vector<Row> rows{
#include "kl.inc"
  };
  for (const Row& row : rows) {
    Tensor got = kl_divergence(row.p, row.q);
    EXPECT_EQ(got.shape(), Shape{});
    EXPECT_NEAR(got.item(), row.value, 2e-13 * std::max(1.0, row.value)) << row.p.name() << " against " << row.q.name();
  }
}

TEST(KlDivergence, IsInfiniteWhereTheTargetHasNoMass) {
  EXPECT_EQ(kl_divergence(Uniform(0.0, 2.0), Uniform(0.0, 1.0)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(Pareto(1.0, 3.0), Pareto(1.5, 2.0)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(Binomial(6, 0.4), Binomial(4, 0.3)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(Bernoulli(0.5), Bernoulli(1.0)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(Delta(-1.0), Exponential(1.0)).item(), INFINITY);
}

TEST(KlDivergence, VanishesOnlyBetweenEqualDistributions) {
  for (const Distribution& d :
       {Distribution(Normal(1.0, 2.0)), Distribution(Gamma(0.3, 2.0)), Distribution(Weibull(2.0, 0.7)),
        Distribution(Gumbel(0.5, 2.0)), Distribution(Categorical(Tensor{0.2, 0.8})),
        Distribution(Kumaraswamy(2.0, 3.0)), Distribution(Geometric(0.2))})
    EXPECT_NEAR(kl_divergence(d, d).item(), 0.0, 1e-13) << d.name();
}

TEST(KlDivergence, Broadcasts) {
  Tensor x = kl_divergence(Normal(reshape(Tensor{0.0, 1.0}, {2, 1}), 1.0), Normal(0.0, Tensor{1.0, 2.0, 3.0}));
  ASSERT_EQ(x.shape(), (Shape{2, 3}));
  auto v = x.to_vector<double>();
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      EXPECT_NEAR(v[std::size_t(3 * i + j)], kl_divergence(Normal(double(i), 1.0), Normal(0.0, 1.0 + j)).item(), 1e-15);
}

TEST(KlDivergence, SeesThroughModifiers) {
  const Distribution p = Normal(Tensor{0.0, 1.0, 2.0}, 1.0), q = Normal(0.5, 2.0);
  Tensor each = kl_divergence(p, q);
  const double total = sum(each).item();
  EXPECT_EQ(kl_divergence(p.expand({2, 3}), q).shape(), (Shape{2, 3}));
  EXPECT_EQ(kl_divergence(p, q.expand({4, 3})).shape(), (Shape{4, 3}));
  EXPECT_NEAR(kl_divergence(p.to_event(), q.expand({3}).to_event()).item(), total, 1e-14);
  EXPECT_NEAR(kl_divergence(p.expand({2, 3}).to_event(2), q.expand({2, 3}).to_event(1).to_event(1)).item(), 2 * total,
              1e-14);
  auto masked = kl_divergence(p.mask(Tensor(std::vector<bool>{true, false, true})), q).to_vector<double>();
  EXPECT_EQ(masked[1], 0.0);
  EXPECT_EQ(masked[0], each[0].item());
  auto both = kl_divergence(p.mask(Tensor(std::vector<bool>{true, false, true})),
                            q.expand({3}).mask(Tensor(std::vector<bool>{true, true, false})))
                  .to_vector<double>();
  EXPECT_EQ(both[1], 0.0);
  EXPECT_EQ(both[2], 0.0);
  EXPECT_NEAR(kl_divergence(Dirichlet(Tensor{{1.0, 2.0}, {3.0, 4.0}}).to_event(1),
                            Dirichlet(Tensor{1.0, 1.0}).expand({2}).to_event(1))
                  .item(),
              kl_divergence(Dirichlet(Tensor{1.0, 2.0}), Dirichlet(Tensor{1.0, 1.0})).item() +
                  kl_divergence(Dirichlet(Tensor{3.0, 4.0}), Dirichlet(Tensor{1.0, 1.0})).item(),
              1e-14);
}

TEST(KlDivergence, HasDerivatives) {
  // d/dm KL(N(m, 1) || N(0, 2)) = m / 4, d/ds KL(N(0, s) || N(0, 2)) = s / 4 - 1 / s.
  EXPECT_NEAR(grad([](Tensor m) { return kl_divergence(Normal(m, 1.0), Normal(0.0, 2.0)); })(Tensor(0.7)).item(), 0.175,
              1e-15);
  EXPECT_NEAR(grad([](Tensor s) { return kl_divergence(Normal(0.0, s), Normal(0.0, 2.0)); })(Tensor(0.5)).item(),
              0.125 - 2.0, 1e-14);
}

/// mean(log p(x) - log q(x)) over draws of p is within 5 standard errors.
void expect_agrees_with_draws(const Distribution& p, const Distribution& q) {
  constexpr int n = 20000;
  const Tensor x = p.sample(Key(4), {n}), ratio = p.log_prob(x) - q.log_prob(x);
  EXPECT_NEAR(kl_divergence(p, q).item(), mean(ratio).item(), 5 * stddev(ratio).item() / std::sqrt(double(n)))
      << p.name() << " against " << q.name();
}

TEST(KlDivergence, OfMatrices) {
  const Tensor L{{1.2, 0.0, 0.0}, {0.3, 0.8, 0.0}, {-0.4, 0.1, 1.5}}, M{{0.9, 0.0, 0.0}, {-0.2, 1.1, 0.0}, {0.1, 0.3, 1.0}};
  expect_agrees_with_draws(Wishart({.concentration = 6.0, .scale_tril = L}), Wishart({.concentration = 4.5, .scale_tril = M}));
  expect_agrees_with_draws(WishartCholesky({.concentration = 6.0, .scale_tril = L}), WishartCholesky({.concentration = 4.5, .scale_tril = M}));
  expect_agrees_with_draws(InverseWishart({.concentration = 9.0, .scale_tril = L}), InverseWishart({.concentration = 7.5, .scale_tril = M}));
  expect_agrees_with_draws(InverseWishartCholesky({.concentration = 9.0, .scale_tril = L}),
                           InverseWishartCholesky({.concentration = 7.5, .scale_tril = M}));
  expect_agrees_with_draws(LKJ(4, 2.0), LKJ(4, 0.8));
  expect_agrees_with_draws(LKJCholesky(4, 0.9), LKJCholesky(4, 3.0));
  // Matrices of one element are gamma and inverse gamma numbers.
  const double exact = kl_divergence(Gamma(3.0, 0.5), Gamma(2.25, 2.0)).item();
  EXPECT_NEAR(kl_divergence(Wishart({.concentration = 6.0, .scale_tril = reshape(Tensor(1.0), {1, 1})}),
                            Wishart({.concentration = 4.5, .scale_tril = reshape(Tensor(0.5), {1, 1})})).item(), exact, 1e-12);
  EXPECT_NEAR(kl_divergence(InverseWishart({.concentration = 6.0, .scale_tril = reshape(Tensor(1.0), {1, 1})}),
                            InverseWishart({.concentration = 4.5, .scale_tril = reshape(Tensor(2.0), {1, 1})})).item(), exact, 1e-12);
  EXPECT_NEAR(kl_divergence(LKJCholesky(5, 2.0), LKJCholesky(5, 2.0)).item(), 0.0, 1e-13);
}

TEST(KlDivergence, OfHeavyTailsAndUnboundedSupports) {
  EXPECT_EQ(kl_divergence(Cauchy(0.0, 1.0), Normal(0.0, 1.0)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(StudentT(1.5, 0.0, 1.0), Normal(0.0, 1.0)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(Normal(0.0, 1.0), Uniform(-10.0, 10.0)).item(), INFINITY);
  EXPECT_EQ(kl_divergence(Beta(2.0, 3.0), Uniform(0.1, 2.0)).item(), INFINITY);
}

TEST(KlDivergence, OfCountsInsideOfTraces) {
  // n (p log(p / q) + (1 - p) log((1 - p) / (1 - q))), n = 5.
  auto f = [](Tensor p) { return kl_divergence(Binomial(Tensor{5, 5}, p), Binomial(5, 0.5)); };
  const double expected = 5 * (0.3 * std::log(0.6) + 0.7 * std::log(1.4));
  Tensor both = jit(f)(0.3);
  ASSERT_EQ(both.shape(), Shape{2});
  EXPECT_NEAR(both[0].item(), expected, 1e-14);
  EXPECT_NEAR(both[1].item(), expected, 1e-14);
  auto g = [](Tensor p) { return kl_divergence(Multinomial(4, stack({p, 1.0 - p})), Multinomial(4, Tensor{0.5, 0.5})); };
  EXPECT_NEAR(jit(g)(0.3).item(), expected * 4 / 5, 1e-14);
}

TEST(KlDivergence, RefusesWhatHasNoClosedForm) {
  auto message = [](const Distribution& p, const Distribution& q) -> std::string {
    try {
      kl_divergence(p, q);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_NE(message(Normal(0.0, 1.0), StudentT(3.0, 0.0, 1.0)).find("no closed form for Normal against StudentT"),
            std::string::npos);
  EXPECT_NE(message(Normal(0.0, 1.0).restricted(constraints::positive), Normal(0.0, 1.0)).find("no closed form"),
            std::string::npos);
  EXPECT_NE(message(Normal(Tensor{0.0, 1.0}, 1.0).to_event(), Normal(0.0, 1.0)).find("event shape [2]"),
            std::string::npos);
  EXPECT_NE(message(Normal(Tensor{0.0, 1.0}, 1.0), Normal(Tensor{0.0, 1.0, 2.0}, 1.0)).find("batch shape [2]"),
            std::string::npos);
}

}  // namespace
