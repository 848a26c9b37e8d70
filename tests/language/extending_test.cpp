// Kernels and derivatives of one's own, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>

#include "tests/inference/langevin.h"
using namespace nuthatch;
void banana(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a * a, 0.5));
  sample("y", Normal(a + b, 1.0), y);
}

/// Posterior mean of a at y = 1, by quadrature: b given a is normal, and a + b + noise has variance 1.25.
double mean_of_a() {
  double mass = 0, first = 0;
  for (double a = -8; a <= 8; a += 1e-3) {
    const double residual = 1.0 - a - a * a, weight = std::exp(-0.5 * a * a - 0.5 * residual * residual / 1.25);
    mass += weight, first += weight * a;
  }
  return first / mass;
}

TEST(Extending, AKernelOfOnesOwn) {
  auto kernel = adapt(Langevin{}, banana, {.target_accept_prob = 0.574});
  auto fit = MCMC(kernel, {.num_warmup = 2000, .num_samples = 2000, .num_chains = 16, .progress = false}).run(Key(0), 1.0);
  fit.print_summary();
  print("accept {:.3f}\n", mean(fit.sample_stats["accept_prob"]));
  LogDensity target = log_density(banana, 1.0);        // or drive it by hand
  Langevin one;
  auto chain = jit([&](Key key) {
    return scan(one.init(key, target.init(key), target), split(key, 1000), [&](Langevin::State s, Key k) {
      auto [next, info] = one.step(k, s, {.step_size = 0.2}, target);
      return std::pair{next, next.x};
    }).second;
  });
  Tensor by_hand = vmap(chain)(split(Key(1), 8));
  print("{}\n", mean(by_hand, 1));

  EXPECT_NEAR(mean(fit.sample_stats["accept_prob"]).item(), 0.574, 0.06);
  EXPECT_NEAR(mean(fit["a"]).item(), mean_of_a(), 5 * mcse_mean(fit.posterior["a"]).item());
  EXPECT_EQ(by_hand.shape(), (Shape{8, 1000, 2}));
  Tensor a = by_hand(all, from(200), 0);
  EXPECT_NEAR(mean(a).item(), mean_of_a(), 5 * mcse_mean(a).item());
}

TEST(Extending, DerivativesOfOnesOwn) {
  // (a) a custom derivative for a composed function: stable log(1 - exp(-x))
  auto log1mexp = custom_jvp(
      [](Tensor x) { return select(x < 0.693, log(-expm1(-x)), log1p(-exp(-x))); },
      [](Tensor x, Tensor dx) { return dx / expm1(x); });
  // (b) a custom reverse rule: forward returns (value, residual)
  auto clip_grad = custom_vjp(
      [](Tensor x) { return x; },
      [](Tensor x) { return std::pair{x, x}; },
      [](Tensor, Tensor ct) { return clamp(ct, -1.0, 1.0); });
  Tensor x{1e-10, 0.5, 3.0};
  Tensor slope = vmap(grad(log1mexp))(x), clipped = grad([&](Tensor v) { return sum(5.0 * clip_grad(v)); })(x);
  print("{} {}\n", slope, clipped);

  EXPECT_TRUE(allclose(slope, 1.0 / expm1(x), {.rtol = 1e-15}));
  EXPECT_EQ(clipped.to_vector(), (std::vector<double>{1, 1, 1}));
  // Inside a model, under jit and vmap.
  auto model = [&] {
    Tensor a = sample("a", Exponential(1.0));
    factor("f", log1mexp(a));
  };
  LogDensity d = log_density(model);
  Tensor at = jit(vmap(grad(d)))(reshape(Tensor{0.3, -2.0}, {2, 1}));
  const double u = -2.0, a = std::exp(u);
  EXPECT_NEAR(at(1, 0).item(), 1 - a + a / std::expm1(a), 1e-13);
}
