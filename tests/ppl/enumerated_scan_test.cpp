// Discrete sites in the body of a scan, summed out over all paths: against sums over every path written out.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

using Path = std::vector<int>;

constexpr double kTable[3][3] = {{0.8, 0.15, 0.05}, {0.1, 0.7, 0.2}, {0.3, 0.3, 0.4}};
const Tensor kTransition{{0.8, 0.15, 0.05}, {0.1, 0.7, 0.2}, {0.3, 0.3, 0.4}}, kInitial{0.5, 0.3, 0.2};
constexpr double kStart[3] = {0.5, 0.3, 0.2};
constexpr double kY[5] = {0.3, -1.1, 0.8, 2.2, 1.9};
const Tensor kData{0.3, -1.1, 0.8, 2.2, 1.9}, kMu{-1.0, 0.5, 2.0};
constexpr double kMeans[3] = {-1.0, 0.5, 2.0};

double normal_density(double x, double loc, double scale = 1) {
  return std::exp(-0.5 * (x - loc) * (x - loc) / (scale * scale)) / (scale * std::sqrt(2 * M_PI));
}

/// Calls visit for all sequences of `steps` numbers below k.
void for_each_path(int k, int steps, const std::function<void(const Path&)>& visit) {
  Path path(std::size_t(steps), 0);
  for (;;) {
    visit(path);
    int at = steps - 1;
    while (at >= 0 && ++path[std::size_t(at)] == k) path[std::size_t(at--)] = 0;
    if (at < 0) return;
  }
}

/// log density of the model without the prior of mu, by the sum over all paths.
template <class F>
double log_sum_over_paths(int k, int steps, F&& weight) {
  double total = 0;
  for_each_path(k, steps, [&](const Path& path) { total += weight(path); });
  return std::log(total);
}

double prior_of_mu() {
  double total = 0;
  for (double m : kMeans) total += std::log(normal_density(m, 0, 5));
  return total;
}

// The initial state is a site of its own.
void regimes(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({3}).to_event());
  Tensor z0 = sample("z0", Categorical(kInitial), {.enumerate = true});
  scan(z0, y, [&](Tensor before, Observed yt) {
    Tensor z = sample("z", Categorical(kTransition[before]), {.enumerate = true});
    sample("y", Normal(mu[z], 1.0), yt);
    return std::pair{z, z};
  }, {.dim = "time"});
}

double weight_of_regimes(const Path& p) {  // z0, then the states
  double w = kStart[p[0]];
  for (std::size_t t = 0; t < 5; ++t) w *= kTable[p[t]][p[t + 1]] * normal_density(kY[t], kMeans[p[t + 1]]);
  return w;
}

TEST(EnumeratedScan, IsTheSumOverAllPaths) {
  const double expected = prior_of_mu() + log_sum_over_paths(3, 6, weight_of_regimes);
  for (ChainSum how : {ChainSum::automatic, ChainSum::sequential, ChainSum::tree}) {
    auto density = log_density(marginalize(regimes, {"z", "z0"}, {.chains = how}), kData);
    ASSERT_EQ(density.dim(), 3);
    EXPECT_NEAR(density(kMu).item(), expected, 1e-12);
    auto [value, slope] = jit(value_and_grad([&](Tensor x) { return density(x); }))(kMu);
    EXPECT_NEAR(value.item(), expected, 1e-12);
    auto by_hand = [&](const Tensor& mu) {
      return sum(Normal(0.0, 5.0).log_prob(mu)) + hidden_markov_log_prob(log(matmul(kInitial, kTransition)), log(kTransition),
                                                                         Normal(mu, 1.0).log_prob(expand_dims(kData, 1)));
    };
    EXPECT_TRUE(allclose(slope, grad(by_hand)(kMu), {.rtol = 1e-11, .atol = 1e-11}));
  }
}

TEST(EnumeratedScan, StartsAtANumberAndTransitionsMayDependOnInputsAndParameters) {
  const Tensor x{0.1, -0.4, 0.9, 0.0, 0.3};
  auto model = [](const Tensor& x, const Observed& y) {
    Tensor slope = sample("slope", Normal(0.0, 1.0));
    scan(Tensor(1), std::pair{x, y}, [&](Tensor before, std::pair<Tensor, Observed> now) {
      Tensor z = sample("z", Bernoulli({.logits = slope * now.first + 0.5 * before}), {.enumerate = true});
      // The emission looks at both states.
      sample("y", Normal(z.cast(f64) - 0.3 * before.cast(f64), 0.7), now.second);
      return std::pair{z, Tensor(0.0)};
    });
  };
  const double s = 0.8;
  const double expected = std::log(normal_density(s, 0, 1)) + log_sum_over_paths(2, 5, [&](const Path& p) {
    double w = 1;
    int before = 1;
    for (std::size_t t = 0; t < 5; ++t) {
      const double up = 1 / (1 + std::exp(-(s * x[std::int64_t(t)].item() + 0.5 * before)));
      w *= (p[t] ? up : 1 - up) * normal_density(kY[t], p[t] - 0.3 * before, 0.7);
      before = p[t];
    }
    return w;
  });
  EXPECT_NEAR(log_density(marginalize(model, {"z"}), x, kData)(Tensor{s}).item(), expected, 1e-12);
}

TEST(EnumeratedScan, RunsBackwards) {
  auto model = [](const Observed& y) {
    scan(Tensor(0), y, [&](Tensor after, Observed yt) {
      Tensor z = sample("z", Categorical(kTransition[after]), {.enumerate = true});
      sample("y", Normal(kMu[z], 1.0), yt);
      return std::pair{z, z};
    }, {.reverse = true});
  };
  const double expected = log_sum_over_paths(3, 5, [&](const Path& p) {
    double w = 1;
    for (int t = 4, after = 0; t >= 0; after = p[std::size_t(t--)])
      w *= kTable[after][p[std::size_t(t)]] * normal_density(kY[t], kMeans[p[std::size_t(t)]]);
    return w;
  });
  EXPECT_NEAR(trace(marginalize(model))(kData).log_density().item(), expected, 1e-12);
}

TEST(EnumeratedScan, SeveralSitesAreOneJointState) {
  // A chain of three states, one of two, and a component of the step alone.
  auto model = [](const Observed& y) {
    scan(std::pair{Tensor(0), Tensor(1)}, y, [&](std::pair<Tensor, Tensor> before, Observed yt) {
      Tensor u = sample("u", Categorical(kTransition[before.first]), {.enumerate = true});
      Tensor v = sample("v", Bernoulli(select(before.second == 1, 0.9, 0.3)), {.enumerate = true});
      Tensor c = sample("c", Bernoulli(0.2), {.enumerate = true});
      sample("y", Normal(kMu[u] + v.cast(f64), select(c == 1, 3.0, 1.0)), yt);
      return std::pair{std::pair{u, v}, u};
    });
  };
  const double expected = log_sum_over_paths(6, 5, [&](const Path& p) {
    double w = 1;
    int u = 0, v = 1;
    for (std::size_t t = 0; t < 5; ++t) {
      const int a = p[t] / 2, b = p[t] % 2;
      const double up = v ? 0.9 : 0.3;
      w *= kTable[u][a] * (b ? up : 1 - up) *
           (0.8 * normal_density(kY[t], kMeans[a] + b) + 0.2 * normal_density(kY[t], kMeans[a] + b, 3));
      u = a, v = b;
    }
    return w;
  });
  EXPECT_NEAR(trace(marginalize(model))(kData).log_density().item(), expected, 1e-12);
}

TEST(EnumeratedScan, SitesThatNothingCarriesAreSummedStepByStep) {
  auto model = [](const Observed& y) {
    scan(Tensor(0.0), y, [&](Tensor total, Observed yt) {
      Tensor z = sample("z", Categorical(kInitial), {.enumerate = true});
      sample("y", Normal(kMu[z], 1.0), yt);
      return std::pair{total + 1.0, total};
    });
  };
  double expected = 0;
  for (double y : kY) {
    double w = 0;
    for (int k = 0; k < 3; ++k) w += kStart[k] * normal_density(y, kMeans[k]);
    expected += std::log(w);
  }
  EXPECT_NEAR(trace(marginalize(model))(kData).log_density().item(), expected, 1e-12);
}

// A chain per series, several readings per step, and a kind of chain per series.
void panel(const Tensor& y) {
  Plate series("series", 2, {.dim = -1});
  Tensor kind = sample("kind", Bernoulli(0.4), {.enumerate = true});
  scan(zeros({2}, i64), y, [&](Tensor before, Tensor yt) {  // [2, 2], (reading, series)
    Tensor z = sample("z", Categorical(kTransition[before]), {.enumerate = true});
    Plate reading("reading", 2, {.dim = -2});
    sample("y", Normal(kMu[z] + kind.cast(f64), 1.0), Observed(yt));
    return std::pair{z, z};
  }, {.dim = "time"});
}

TEST(EnumeratedScan, InPlatesThereIsOneChainPerMember) {
  const Tensor y = 2.0 * normal(Key(3), {3, 2, 2});
  double expected = 0;
  for (int s = 0; s < 2; ++s) {
    double both = 0;
    for (int kind = 0; kind < 2; ++kind)
      both += (kind ? 0.4 : 0.6) * std::exp(log_sum_over_paths(3, 3, [&](const Path& p) {
        double w = 1;
        int before = 0;
        for (int t = 0; t < 3; ++t) {
          const int z = p[std::size_t(t)];
          w *= kTable[before][z];
          for (int r = 0; r < 2; ++r) w *= normal_density(y(t, r, s).item(), kMeans[z] + kind);
          before = z;
        }
        return w;
      }));
    expected += std::log(both);
  }
  EXPECT_NEAR(trace(marginalize(panel))(y).log_density().item(), expected, 1e-12);
  const detail::RecoverDiscrete draw(detail::DiscreteRecovery::sample);
  const Trace t = trace(seed(marginalize(panel), Key(0)))(y);
  EXPECT_EQ(t["z"].value.shape(), (Shape{3, 2}));
  EXPECT_EQ(t["kind"].value.shape(), Shape{2});
  ASSERT_EQ(t["z"].plates.size(), 2u);
  EXPECT_EQ(t["z"].plates[1].name, "time");
  EXPECT_EQ(t["z"].plates[1].dim, -2);
}

TEST(EnumeratedScan, StatesAreRecovered) {
  auto model = condition(marginalize(regimes, {"z", "z0"}), {{"mu", kMu}});
  std::vector<double> joint;
  double total = 0, best = 0, last_is_2 = 0, first_is_0 = 0;
  Path best_path;
  for_each_path(3, 6, [&](const Path& p) {
    const double w = weight_of_regimes(p);
    total += w;
    if (p[5] == 2) last_is_2 += w;
    if (p[0] == 0 && p[1] == 0) first_is_0 += w;
    if (w > best) best = w, best_path = p;
  });
  {
    const detail::RecoverDiscrete map(detail::DiscreteRecovery::map);
    const Trace t = trace(model)(kData);
    EXPECT_EQ(t["z"].value.shape(), Shape{5});
    EXPECT_EQ(t["z0"].value.item<std::int64_t>(), best_path[0]);
    EXPECT_EQ(t["z"].value.to_vector<std::int64_t>(), (std::vector<std::int64_t>(best_path.begin() + 1, best_path.end())));
  }
  const detail::RecoverDiscrete draw(detail::DiscreteRecovery::sample);
  constexpr int n = 4000;
  auto [z0, z] = jit(vmap([&](Key k) {
    const Trace t = trace(seed(model, k))(kData);
    return std::pair{t["z0"].value, t["z"].value};
  }))(split(Key(1), n));
  auto expect_frequency = [&](const Tensor& event, double p) {
    EXPECT_NEAR(mean(event.cast(f64)).item(), p, 5 * std::sqrt(p * (1 - p) / n));
  };
  expect_frequency(z(all, 4) == 2, last_is_2 / total);
  expect_frequency((z0 == 0) & (z(all, 0) == 0), first_is_0 / total);
}

TEST(EnumeratedScan, MasksAndScalesOfSteps) {
  const Tensor seen(std::vector<bool>{true, false, true, true, false});
  auto model = [&](const Observed& y) {
    scan(Tensor(0), std::pair{y, seen}, [&](Tensor before, std::pair<Observed, Tensor> now) {
      Tensor z = sample("z", Categorical(kTransition[before]), {.enumerate = true});
      Mask known(now.second);
      sample("y", Normal(kMu[z], 1.0), now.first);
      return std::pair{z, z};
    });
  };
  auto expected = [&](double power) {
    return log_sum_over_paths(3, 5, [&](const Path& p) {
      double w = 1;
      for (std::size_t t = 0, before = 0; t < 5; before = std::size_t(p[t++]))
        w *= kTable[before][p[t]] * (t == 1 || t == 4 ? 1 : normal_density(kY[t], kMeans[p[t]]));
      return std::pow(w, power);
    });
  };
  Tensor holes = kData.at(1).set(NAN);  // what is masked may be anything
  EXPECT_NEAR(trace(marginalize(model))(holes).log_density().item(), expected(1), 1e-12);
  // A scale multiplies the sum's logarithm.
  EXPECT_NEAR(trace(marginalize(scale(model, 2.5)))(holes).log_density().item(), 2.5 * expected(1), 1e-11);
  EXPECT_NEAR(trace(scale(marginalize(model), 2.5))(holes).log_density().item(), 2.5 * expected(1), 1e-11);
}

TEST(EnumeratedScan, ContinuousSitesMayDependOnStates) {
  auto model = [](const Observed& y) {
    scan(Tensor(0), y, [&](Tensor before, Observed yt) {
      Tensor z = sample("z", Categorical(kTransition[before]), {.enumerate = true});
      Tensor level = sample("level", Normal(kMu[z], 0.5));
      sample("y", Normal(level, 1.0), yt);
      return std::pair{z, level};
    });
  };
  const Tensor level{0.1, -0.9, 0.4, 2.0, 1.7};
  double given = 0;
  for (int t = 0; t < 5; ++t) given += std::log(normal_density(kY[t], level[t].item()));
  const double expected = given + log_sum_over_paths(3, 5, [&](const Path& p) {
    double w = 1;
    for (std::size_t t = 0, before = 0; t < 5; before = std::size_t(p[t++]))
      w *= kTable[before][p[t]] * normal_density(level[std::int64_t(t)].item(), kMeans[p[t]], 0.5);
    return w;
  });
  auto density = log_density(marginalize(model), kData);
  ASSERT_EQ(density.dim(), 5);
  EXPECT_NEAR(density(level).item(), expected, 1e-12);
}

TEST(EnumeratedScan, LongOnesAreFiniteAlsoWithImpossibleTransitions) {
  constexpr int T = 10000;
  const Tensor y = 3.0 * normal(Key(1), {T});
  // States only go up; the last one is never left.
  auto model = [](const Observed& y) {
    Tensor mu = sample("mu", Normal(0.0, 5.0).expand({3}).to_event()), stay = sample("stay", Beta(50.0, 1.0));
    Tensor up = 1.0 - stay;
    Tensor rows = stack({stack({stay, up, zeros({})}), stack({zeros({}), stay, up}), Tensor{0.0, 0.0, 1.0}});
    scan(Tensor(0), y, [&](Tensor before, Observed yt) {
      Tensor z = sample("z", Categorical(rows[before]), {.enumerate = true});
      sample("y", Normal(mu[z], 1.0), yt);
      return std::pair{z, Tensor(0.0)};
    });
  };
  const Tensor z{-1.0, 0.2, 1.5, 6.0};
  double first = 0;
  Tensor slopes[2];
  for (ChainSum how : {ChainSum::sequential, ChainSum::tree}) {
    auto density = log_density(marginalize(model, {.chains = how}), y);
    auto [value, slope] = jit(value_and_grad([&](Tensor x) { return density(x); }))(z);
    EXPECT_TRUE(std::isfinite(value.item()));
    EXPECT_TRUE(all_of(isfinite(slope)).item<bool>());
    if (how == ChainSum::sequential) first = value.item();
    else EXPECT_NEAR(value.item(), first, 1e-11 * std::abs(first));
    slopes[how == ChainSum::tree] = slope;
  }
  EXPECT_TRUE(allclose(slopes[0], slopes[1], {.rtol = 1e-8, .atol = 1e-8}));
}

TEST(EnumeratedScan, MistakesSayWhatToDo) {
  auto with = [](auto body) {
    return marginalize([body](const Observed& y) {
      auto [last, states] = scan(Tensor(0), y, [&](Tensor before, Observed yt) {
        Tensor z = sample("z", Categorical(kTransition[before]), {.enumerate = true});
        sample("y", Normal(kMu[z], 1.0), yt);
        return std::pair{z, z};
      });
      body(last, states);
    });
  };
  EXPECT_ERROR("depends on \"z\" and is outside of the body of its scan",
               log_density(with([](Tensor last, Tensor) { factor("f", kMu[last]); }), kData));
  EXPECT_ERROR("depends on \"z\" and is outside of the body of its scan",
               log_density(with([](Tensor, Tensor states) { sample("x", Normal(kMu[states], 1.0), zeros({5})); }), kData));
  auto level = [](const Observed& y) {
    scan(Tensor(0.0), y, [&](Tensor before, Observed yt) {
      Tensor z = sample("z", Bernoulli(0.3), {.enumerate = true});
      Tensor now = 0.5 * before + z.cast(f64);  // 2^t values after t steps
      sample("y", Normal(now, 1.0), yt);
      return std::pair{now, Tensor(0.0)};
    });
  };
  EXPECT_ERROR("a carry of the scan depends on \"z\" at more than one step", log_density(marginalize(level), kData));
  auto counts = [](const Observed& y) {
    scan(Tensor(0), y, [&](Tensor, Observed yt) {
      Tensor z = sample("z", Poisson(2.0), {.enumerate = true});
      sample("y", Normal(z.cast(f64), 1.0), yt);
      return std::pair{z, Tensor(0.0)};
    });
  };
  EXPECT_ERROR("Poisson has no finite list", log_density(marginalize(counts), kData));
}

}  // namespace
