// Fits in several threads of one program at once: traces, compilation and runs are separate.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "nuthatch/nuthatch.h"

namespace nuthatch {
namespace {

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("schools", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(0.0, 1.0)), s = sample("s", HalfNormal(1.0));
  sample("y", Normal(a + b * x, s), y);
}

using Draws = std::vector<double>;
MCMCOptions options(int seed) {
  return {.num_warmup = 100, .num_samples = 50 + seed, .num_chains = 2, .progress = false};
}
Draws schools_draws(int seed) {
  const Tensor sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  auto fit = MCMC(NUTS(eight_schools), options(seed)).run(Key(std::uint64_t(seed)), sigma, Tensor{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0});
  return fit["theta"].to_vector<double>();
}
Draws line_draws(int seed) {
  auto fit = MCMC(NUTS(line), options(seed)).run(Key(std::uint64_t(seed)), Tensor{0.0, 1.0, 2.0, 3.0}, Tensor{0.1, 1.2, 1.9, 3.2});
  return fit["b"].to_vector<double>();
}

TEST(TwoFits, InThreadsOfOneProgram) {
  const char* before = std::getenv("NUTHATCH_CACHE");
  const std::string cache = before ? before : "";
  ::setenv("NUTHATCH_CACHE", "off", 1);  // so that both compile at the same time
  std::vector<Draws> together(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([&, t] { together[std::size_t(t)] = t % 2 ? line_draws(t) : schools_draws(t); });
  for (auto& t : threads) t.join();
  for (int t = 0; t < 4; ++t) {
    EXPECT_FALSE(together[std::size_t(t)].empty());
    EXPECT_EQ(together[std::size_t(t)], t % 2 ? line_draws(t) : schools_draws(t)) << "fit " << t;
  }
  if (before) ::setenv("NUTHATCH_CACHE", cache.c_str(), 1);
  else ::unsetenv("NUTHATCH_CACHE");
}

}  // namespace
}  // namespace nuthatch
