// Reparameterisations leave the distribution of a site as it was: the density of the auxiliary sites, with the Jacobian of
// the map, is the density of the site.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/linalg.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

#define EXPECT_CONTAINS(text, part) EXPECT_NE(std::string(text).find(part), std::string::npos) << text

TEST(LocScaleReparam, CentrednessIsAParam) {
  auto model = [] {
    Tensor m = sample("m", Normal(3.0, 1.0)), s = sample("s", HalfNormal(1.0));
    Plate p("p", 4);
    sample("t", Normal(m, s));
  };
  auto learned = reparam(model, {{"t", LocScaleReparam()}});
  Trace t = trace(seed(learned, Key(2)))();
  ASSERT_TRUE(t.contains("t_centered"));
  EXPECT_EQ(t["t_centered"].primitive, Primitive::param);
  EXPECT_EQ(t["t_centered"].value.to_vector(), std::vector<double>(4, 0.5));
  EXPECT_EQ(t["t_centered"].constraint.description(), Constraint(constraints::unit_interval).description());
  const double m = t["m"].value.item(), s = t["s"].value.item();
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(t["t"].value[i].item(), m + std::sqrt(s) * (t["t_decentered"].value[i].item() - 0.5 * m), 1e-12);
  // At any centredness the joint density is the same but for the Jacobian scale^(1-c) of each element.
  for (double c : {0.0, 0.3, 1.0}) {
    Trace at = trace(seed(substitute(learned, {{"t_centered", full(4, c)}}), Key(2)))();
    double expected = at["m"].total_log_prob().item() + at["s"].total_log_prob().item();
    const double mu = at["m"].value.item(), sd = at["s"].value.item();
    expected += sum(Normal(mu, sd).log_prob(at["t"].value)).item() + 4 * (1 - c) * std::log(sd);
    EXPECT_NEAR(at.log_density().item(), expected, 1e-11);
  }
  EXPECT_EQ(trace(seed(lift(learned, {{"t_centered", Beta(2.0, 2.0).expand({4})}}), Key(0)))()["t_centered"].primitive,
            Primitive::sample);
  EXPECT_EQ(log_density(learned).dim(), 6);
}

/// log p(site) at the value that z leads to = log density of the reparameterised model at z - log |d value / dz|.
void expect_same_density(const Model& model, const Reparam& rule, const std::string& suffix) {
  LogDensity d = log_density(reparam(model, {{"x", rule}}));
  ASSERT_EQ(d.sites().size(), 1u);
  EXPECT_EQ(d.sites()[0].name, "x_" + suffix);
  const Tensor z = d.init(Key(4), 1.0);
  const Tensor value = d.constrain(z).at("x");
  LogDensity plain = log_density(model);
  // In unconstrained coordinates of both; u(z) maps one to the other.
  auto u = [&](const Tensor& at) { return plain.unconstrain({{"x", d.constrain(at).at("x")}}); };
  const std::int64_t n = d.dim();
  Tensor J = jacobian(u)(z);
  const double log_det = 0.5 * cholesky_logdet(cholesky(matmul(transpose(J), J) + 0.0 * eye(n))).item();
  EXPECT_NEAR(d(z).item(), plain(u(z)).item() + log_det, 1e-8 * std::max(1.0, std::abs(d(z).item())));
  EXPECT_EQ(value.shape(), plain.constrain(plain.init(Key(0))).at("x").shape());
}

TEST(TransformReparam, ImagesOfOtherDistributions) {
  auto model = [] {
    sample("x", Normal(Tensor{0.0, 1.0}, 0.5).transformed(transforms::affine(2.0, 3.0)).transformed(transforms::exp()));
  };
  expect_same_density(model, TransformReparam(), "base");
  auto in_plate = [] {
    Plate p("p", 3);
    sample("x", Normal(1.0, 0.5).transformed(transforms::exp()));
  };
  expect_same_density(in_plate, TransformReparam(), "base");
  auto student = [] { sample("x", StudentT(3.0, 0.0, 1.0)); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(reparam(student, {{"x", TransformReparam()}})); }),
                  "StudentT is not the image of a distribution under a map");
}

TEST(ExplicitReparam, AnotherGeometry) {
  auto model = [] {
    Plate p("p", 3);
    sample("x", Gamma(2.0, 1.5));
  };
  expect_same_density(model, ExplicitReparam(transforms::softplus().inverse()), "base");
}

TEST(HaarReparam, CoefficientsOfASeries) {
  auto walk = [] { sample("x", GaussianRandomWalk({.scale = 0.7, .num_steps = 8})); };
  expect_same_density(walk, HaarReparam(), "haar");
  auto positive = [] { sample("x", LogNormal(0.0, 0.5).expand({5}).to_event()); };
  expect_same_density(positive, HaarReparam(-1, true), "haar");
  expect_same_density(walk, DiscreteCosineReparam(-1, 1.0), "dct");
  auto batch = [] { sample("x", Normal(zeros(4), 1.0)); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(reparam(batch, {{"x", HaarReparam()}})); }), "does not belong to the event");
}

TEST(UnitJacobianReparam, AnyChangeOfBasis) {
  auto walk = [] { sample("x", GaussianRandomWalk({.scale = 0.7, .num_steps = 6})); };
  expect_same_density(walk, UnitJacobianReparam(transforms::permute({3, 1, 4, 0, 5, 2}), "permuted"), "permuted");
  // Haar and cosine transforms are cases of it.
  const Tensor z = normal(Key(3), {6});
  const LogDensity named = log_density(reparam(walk, {{"x", HaarReparam()}})),
                   general = log_density(reparam(walk, {{"x", UnitJacobianReparam(transforms::haar(), "haar")}}));
  EXPECT_EQ(named(z).item(), general(z).item());
  auto numbers = [] { sample("x", Normal(zeros(4), 1.0)); };
  EXPECT_CONTAINS(text_of_error([&] {
                    log_density(reparam(numbers, {{"x", UnitJacobianReparam(transforms::permute({1, 0, 2, 3}), "p")}}));
                  }),
                  "UnitJacobianReparam: dimension -1 of Normal with event shape [] does not belong to the event");
}

TEST(UniformReparam, DensitiesOnTheCube) {
  expect_same_density([] { sample("x", Gamma(2.5, 1.5)); }, UniformReparam(), "base");
  expect_same_density([] { Plate p("p", 3); sample("x", StudentT(4.0, 1.0, 2.0)); }, UniformReparam(), "base");
  expect_same_density([] { sample("x", Normal(Tensor{0.0, 1.0}, 0.5).expand({3, 2}).to_event()); }, UniformReparam(), "base");
  expect_same_density([] { sample("x", Truncated(Normal(0.0, 1.0), {.lower = 0.5})); }, UniformReparam(), "base");
  const Tensor L{{1.4, 0.0}, {0.5, 0.8}};
  expect_same_density([&] { sample("x", MultivariateNormal({.loc = Tensor{1.0, -1.0}, .scale_tril = L})); }, UniformReparam(),
                      "base");
  expect_same_density([] { sample("x", Normal(1.0, 0.5).transformed(transforms::tanh())); }, UniformReparam(), "base");
  auto restricted = [] { sample("x", Normal(0.0, 1.0).restricted(constraints::positive)); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(reparam(restricted, {{"x", UniformReparam()}})); }),
                  "UniformReparam: Normal has no quantile function");
  auto matrix = [] { sample("x", LKJCholesky(3, 2.0)); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(reparam(matrix, {{"x", UniformReparam()}})); }),
                  "UniformReparam: LKJCholesky has no quantile function");
}

TEST(UniformReparam, DrawsOfDirichletAndOfCounts) {
  // Four numbers make a point of the simplex of three dimensions: no change of variables, but the same distribution.
  auto model = [] {
    Plate p("p", 4000);
    sample("x", Dirichlet(Tensor{0.5, 2.0, 3.0, 1.0}));
    sample("n", Poisson(2.5));
  };
  const Trace t = trace(seed(reparam(model, {{"x", UniformReparam()}, {"n", UniformReparam()}}), Key(5)))();
  EXPECT_EQ(t["x_base"].value.shape(), (Shape{4000, 4}));
  const Tensor x = t["x"].value, expected = Tensor{0.5, 2.0, 3.0, 1.0} / 6.5;
  EXPECT_LT(max(abs(sum(x, -1) - 1.0)).item(), 1e-12);
  const Tensor sd = sqrt(expected * (1.0 - expected) / 7.5);
  EXPECT_LT(max(abs(mean(x, 0) - expected) / sd).item(), 4.5 / std::sqrt(4000.0));
  EXPECT_LT(max(abs(stddev(x, 0) / sd - 1.0)).item(), 0.12);
  EXPECT_EQ(t["n"].value.dtype(), i64);
  EXPECT_NEAR(mean(t["n"].value.cast(f64)).item(), 2.5, 4.5 * std::sqrt(2.5 / 4000));
  EXPECT_NEAR(mean((t["n"].value == 0).cast(f64)).item(), std::exp(-2.5), 4.5 * std::sqrt(std::exp(-2.5) / 4000));
}

TEST(CircularReparam, RemaindersOfRealNumbers) {
  auto model = [] { sample("x", Normal(0.5, 1.0).restricted(constraints::interval(-M_PI, M_PI))); };
  LogDensity d = log_density(reparam(model, {{"x", CircularReparam()}}));
  ASSERT_EQ(d.sites()[0].name, "x_unwrapped");
  for (double z : {0.3, -2.0, 4.0, 40.0}) {
    const double angle = z - 2 * M_PI * std::floor((z + M_PI) / (2 * M_PI));
    EXPECT_NEAR(d.constrain(Tensor{z}).at("x").item(), angle, 1e-12);
    EXPECT_NEAR(d(Tensor{z}).item(), Normal(0.5, 1.0).log_prob(angle).item(), 1e-12);
  }
}

TEST(ProjectedNormalReparam, Directions) {
  const Tensor concentration{2.0, -1.0, 0.5};
  auto model = [&] {
    Plate p("p", 2000);
    sample("x", ProjectedNormal(concentration));
  };
  Trace t = trace(seed(reparam(model, {{"x", ProjectedNormalReparam()}}), Key(1)))();
  const Tensor z = t["x_normal"].value + concentration, x = t["x"].value;
  EXPECT_LT(max(abs(x * sqrt(sum(square(z), {.axis = -1, .keepdims = true})) - z)).item(), 1e-12);
  EXPECT_LT(max(abs(sum(square(x), -1) - 1.0)).item(), 1e-12);
  // The same mean direction as draws of the distribution itself.
  const Tensor direct = ProjectedNormal(concentration).sample(Key(2), {20000});
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(mean(x(all, i)).item(), mean(direct(all, i)).item(), 4.5 * std::sqrt(1.0 / 2000));
  auto other = [] { sample("x", Normal(zeros(3), 1.0).to_event()); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(reparam(other, {{"x", ProjectedNormalReparam()}})); }), "the site has a Normal");
}

}  // namespace
