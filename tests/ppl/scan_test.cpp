// Sites in the body of a scan: one site with a leading axis of steps.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"

using namespace nuthatch;

namespace {

// A local level model, with the level inside of a scan and as a vector.
void local_level(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  auto [last, levels] = scan(level0, arange(T), [&](Tensor previous, Tensor) {
    Tensor level = sample("level", Normal(previous, s_state));
    return std::pair{level, level};
  }, {.dim = "time"});
  Plate time("time", T);
  sample("y", Normal(levels, s_obs), y);
}

void local_level_by_hand(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  Plate time("time", T);
  Tensor level = sample("level", ImproperUniform(constraints::real, Shape{}));
  Tensor previous = concat({reshape(level0, {1}), level[until(-1)]});
  factor("steps", Normal(previous, s_state).log_prob(level));
  sample("y", Normal(level, s_obs), y);
}

const Tensor kY{0.3, -0.1, 0.8, 1.2, 0.9};

void expect_same_density(const LogDensity& a, const LogDensity& b, double tolerance = 1e-12) {
  ASSERT_EQ(a.dim(), b.dim());
  ASSERT_EQ(a.names(), b.names());
  for (std::uint64_t k = 0; k < 3; ++k) {
    Tensor z = normal(Key(k), {a.dim()});
    auto [va, ga] = jit(value_and_grad([&](Tensor x) { return a(x); }))(z);
    auto [vb, gb] = jit(value_and_grad([&](Tensor x) { return b(x); }))(z);
    EXPECT_NEAR(va.item(), vb.item(), tolerance * std::max(1.0, std::abs(vb.item())));
    EXPECT_LT(max(abs(ga - gb)).item(), tolerance * std::max(1.0, max(abs(gb)).item()));
    EXPECT_NEAR(a(z).item(), vb.item(), tolerance * std::max(1.0, std::abs(vb.item())));  // interpreted
  }
}

TEST(ScanSites, DensityAndGradientAreThoseOfTheModelWrittenOut) {
  expect_same_density(log_density(local_level, 5, kY), log_density(local_level_by_hand, 5, kY));
}

TEST(ScanSites, TheBodyIsOneLoop) {
  auto density = log_density(local_level, 5, kY);
  auto longer = log_density(local_level, 500, zeros(500));
  EXPECT_EQ(longer.dim(), 503);
  auto count = [](const LogDensity& d) { return compile([&](Tensor z) { return d(z); }, zeros(d.dim())).ir().size(); };
  EXPECT_LT(double(count(longer)), 1.1 * double(count(density)));
}

}  // namespace
