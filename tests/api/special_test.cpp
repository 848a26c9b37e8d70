// The special functions of special.h through the API: values computed with mpmath, gradients, errors, edges.
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
constexpr double inf = INFINITY;
}

TEST(Special, Values) {
  auto expect = [](const Tensor& got, double want) { EXPECT_NEAR(got.cast(f64).item(), want, 2e-15 * std::max(1.0, std::abs(want))); };
  expect(igamma(2.5, 1.7), 0.36143007689620492341);
  expect(igammac(2.5, 1.7), 0.63856992310379507659);
  expect(betainc(2.5, 1.5, 0.3), 0.088943723170665599354);
  expect(polygamma(2, 1.5), -0.8287966442343199956);
  expect(polygamma(3, -0.5), 193.40909103400243724);
  expect(polygamma(0, 1.0), -0.57721566490153286061);
  expect(bessel_i0(2.5), 3.2898391440501230357);
  expect(bessel_i1(-2.5), -2.5167162452886984415);
  expect(log_bessel_i0(1000.0), 995.62730888986946467);
  expect(owens_t(0.7, 1.5), 0.1086632639359163181);
  expect(erfcx(3.0), 0.17900115118138995042);
  expect(erfc_inv(1e-3), 2.3267537655135246706);
  expect(log_ndtr(-40.0), -804.60844201375378817);
  expect(gammaln(0.5), 0.57236494292470008707);
  expect(cbrt(-27.0), -3);
  expect(igamma_inv(2.5, 0.36143007689620492341), 1.7);
  expect(igammac_inv(2.5, 0.63856992310379507659), 1.7);
  expect(betainc_inv(2.5, 1.5, 0.088943723170665599354), 0.3);
  expect(grad([](Tensor a) { return igamma(a, 1.7); })(2.5), -0.26654260855002462947);
  expect(grad([](Tensor a) { return betainc(a, 1.5, 0.3); })(2.5), -0.094842719153511599508);
  expect(grad([](Tensor b) { return betainc(2.5, b, 0.3); })(1.5), 0.08702731862242216745);
}

TEST(Special, FarTails) {
  // Finite sums, first terms of series, and a root of the normal distribution function found with mpmath.
  EXPECT_NEAR(log(igammac(3.0, 700.0)).item(), 2 * std::log(700.0) - 700 - std::log(2.0) + std::log1p(2 / 700.0 + 2 / 490000.0), 1e-12);
  EXPECT_NEAR(log(igamma(50.0, 1e-3)).item(), 50 * std::log(1e-3) - std::lgamma(51.0) + std::log1p(-1e-3 * 50 / 51 + 5e-7 * 50 / 52 - 1e-9 / 6 * 50 / 53), 1e-11);
  EXPECT_NEAR(log(betainc(40.0, 2.0, 1e-5)).item(), 40 * std::log(1e-5) + std::log(41 - 40e-5), 1e-11);
  EXPECT_NEAR(ndtri(Tensor(1e-300)).item(), -37.0470962993611992, 1e-13);
}

TEST(Special, BroadcastsAndConverts) {
  EXPECT_EQ(igamma(Tensor{1.0, 2.0}, reshape(Tensor{0.5, 1.0, 2.0}, {3, 1})).shape(), (Shape{3, 2}));
  EXPECT_EQ(betainc(2, 3, Tensor{0.25, 0.5}).dtype(), f64);
  EXPECT_EQ(igamma(Tensor(2.0).cast(f32), Tensor(1.0).cast(f32)).dtype(), f32);
  EXPECT_CLOSE(igamma(Tensor{1, 2}, Tensor{2, 3}), Tensor{1 - std::exp(-2.0), 1 - 4 * std::exp(-3.0)}, 1e-15);
}

TEST(Special, Bits) {
  EXPECT_TENSOR(popcount(Tensor{0, 1, 255, -1}), Tensor{0, 1, 8, 64});
  EXPECT_TENSOR(popcount(Tensor{-1, 6}.cast(i32)), Tensor{32, 2}.cast(i32));
  EXPECT_TENSOR(shift_right_logical(Tensor{-1, -8, 8, 5}, Tensor{63, 1, 2, -1}), Tensor{1, std::int64_t(0x7ffffffffffffffc), 2, 0});
  EXPECT_TENSOR(Tensor{-8} >> Tensor{1}, Tensor{-4});
  EXPECT_MESSAGE(popcount(Tensor(1.5)), "popcount: takes integers, not f64[]");
  EXPECT_MESSAGE(polygamma(-1, 2.0), "polygamma: order -1 is not in 0 ... 170");
}

TEST(Special, EdgesOfXlogy) {
  Tensor x{0.0, 0.0, 0.0, 2.0, 0.0}, y{3.0, 0.0, inf, 3.0, -1.0};
  EXPECT_CLOSE(xlogy(x, y), Tensor{0.0, 0.0, 0.0, 2 * std::log(3.0), 0.0}, 1e-15);
  EXPECT_CLOSE(grad([&](Tensor t) { return sum(xlogy(t, y)); })(x), Tensor{std::log(3.0), 0.0, 0.0, std::log(3.0), 0.0}, 1e-15);
  EXPECT_CLOSE(grad([&](Tensor t) { return sum(xlogy(x, t)); })(y), Tensor{0.0, 0.0, 0.0, 2.0 / 3, 0.0}, 1e-15);
  EXPECT_CLOSE(grad([&](Tensor t) { return sum(xlog1py(t, y)); })(x), Tensor{std::log(4.0), 0.0, 0.0, std::log(4.0), 0.0}, 1e-15);
  EXPECT_TRUE(std::isnan(xlogy(0.0, NAN).item()));
}

TEST(Special, ThirdDerivativesInShapes) {
  auto f = [](Tensor a) { return igamma(a, 1.7); };
  EXPECT_NEAR(grad(grad(f))(2.5).item(), differences([&](Tensor a) { return grad(f)(a); }, Tensor(2.5)).item(), 1e-9);
  EXPECT_MESSAGE(grad(grad(grad(f)))(2.5), "third derivatives of incomplete gamma and beta functions in their parameters");
}

TEST(Special, LargeAngles) {
  // mpmath
  EXPECT_NEAR(sin(Tensor(1e22)).item(), -0.852200849767188802, 1e-15);
  EXPECT_NEAR(cos(Tensor(1e22)).item(), 0.523214785395138945, 1e-15);
  EXPECT_TRUE(std::isnan(sin(Tensor(inf)).item()));
}
