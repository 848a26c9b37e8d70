// Several Markov chains at once: independent copies in plates, and chains that are seen through common emissions.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/discrete.h"
#include "nuthatch/distributions.h"
#include "nuthatch/index.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/numeric.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

const Tensor kInitial{0.5, 0.3, 0.2}, kTransition{{0.8, 0.15, 0.05}, {0.1, 0.7, 0.2}, {0.3, 0.3, 0.4}};
const Tensor kOtherInitial{0.9, 0.1}, kOther{{0.6, 0.4}, {0.25, 0.75}};

TEST(CoupledChains, CopiesAreIndependent) {
  const Tensor emission = normal(Key(0), {4, 2, 7, 3});  // [4, 2] chains
  const Tensor initial = log(softmax(normal(Key(1), {2, 3}), -1)), transition = log(softmax(normal(Key(2), {4, 1, 3, 3}), -1));
  const Tensor total = hidden_markov_log_prob(initial, transition, emission), best = hidden_markov_max(initial, transition, emission);
  const Tensor tree = hidden_markov_log_prob(initial, transition, emission, {.parallel = true});
  const Tensor path = hidden_markov_path(initial, transition, emission);
  ASSERT_EQ(total.shape(), (Shape{4, 2}));
  ASSERT_EQ(path.shape(), (Shape{4, 2, 7}));
  EXPECT_EQ(hidden_markov_sample(Key(3), initial, transition, emission).shape(), (Shape{4, 2, 7}));
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 2; ++j) {
      EXPECT_NEAR(total(i, j).item(), hidden_markov_log_prob(initial[j], transition(i, 0), emission(i, j)).item(), 1e-13);
      EXPECT_NEAR(tree(i, j).item(), total(i, j).item(), 1e-12);
      EXPECT_NEAR(best(i, j).item(), hidden_markov_max(initial[j], transition(i, 0), emission(i, j)).item(), 1e-13);
      EXPECT_EQ(path(i, j).to_vector(), hidden_markov_path(initial[j], transition(i, 0), emission(i, j)).to_vector());
    }
  EXPECT_NE(text_of_error([&] { hidden_markov_log_prob(initial, transition, emission(0, 0)); }).find("[..., steps, k]"), std::string::npos);
}

// A chain per series; y is (series, time).
void panel(const Tensor& transition, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({3}).to_event());
  Tensor z = plate("series", 4, [&] { return sample("z", MarkovChain(transition, kInitial, 6)); });
  Plate time("time", 6);
  Plate series("series", 4);
  sample("y", Normal(mu[z], 1.0), y);
}

TEST(CoupledChains, APlateOfChains) {
  const Tensor y = normal(Key(5), {4, 6});
  const Tensor each = softmax(normal(Key(6), {4, 3, 3}), -1);
  for (const Tensor& transition : {kTransition, each}) {
    auto density = log_density(marginalize(panel, {"z"}), transition, y);
    auto by_hand = [&](const Tensor& mu) {
      Tensor total = Normal(0.0, 5.0).log_prob(mu);
      total = sum(total);
      for (int i = 0; i < 4; ++i) {
        const Tensor P = transition.ndim() == 3 ? transition[i] : transition;
        total = total + hidden_markov_log_prob(log(kInitial), log(P), Normal(mu, 1.0).log_prob(expand_dims(y[i], 1)));
      }
      return total;
    };
    const Tensor mu{-1.0, 0.2, 1.5};
    auto [value, slope] = jit(value_and_grad([&](Tensor x) { return density(x); }))(mu);
    auto [expected, expected_slope] = value_and_grad(by_hand)(mu);
    EXPECT_NEAR(value.item(), expected.item(), 1e-11);
    EXPECT_TRUE(allclose(slope, expected_slope, {.rtol = 1e-11, .atol = 1e-11}));
  }
  const detail::RecoverDiscrete map(detail::DiscreteRecovery::map);
  const Tensor mu{-1.0, 0.2, 1.5};
  const Trace t = trace(condition(marginalize(panel, {"z"}), {{"mu", mu}}))(each, y);
  ASSERT_EQ(t["z"].value.shape(), (Shape{4, 6}));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(t["z"].value[i].to_vector(),
              hidden_markov_path(log(kInitial), log(each[i]), Normal(mu, 1.0).log_prob(expand_dims(y[i], 1))).to_vector());
}

// Two chains add up to what is seen.
void factorial(int T, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 5.0).expand({3}).to_event()), b = sample("b", Normal(0.0, 5.0).expand({2}).to_event());
  Tensor u = sample("u", MarkovChain(kTransition, kInitial, T)), v = sample("v", MarkovChain(kOther, kOtherInitial, T));
  Plate time("time", T);
  sample("y", Normal(a[u] + b[v], 0.5), y);
}

/// The same as one chain of six states.
Tensor joined(const Tensor& a, const Tensor& b, const Tensor& y, bool path) {
  auto product = [](const Tensor& s, const Tensor& t) {  // Kronecker product
    return reshape(expand_dims(expand_dims(s, 1), 3) * expand_dims(expand_dims(t, 0), 2), {6, 6});
  };
  const Tensor initial = flatten(expand_dims(kInitial, 1) * expand_dims(kOtherInitial, 0));
  const Tensor mu = flatten(expand_dims(a, 1) + expand_dims(b, 0));
  const Tensor emission = Normal(mu, 0.5).log_prob(expand_dims(y, 1));
  return path ? hidden_markov_path(log(initial), log(product(kTransition, kOther)), emission)
              : hidden_markov_log_prob(log(initial), log(product(kTransition, kOther)), emission);
}

TEST(CoupledChains, TwoChainsWithACommonEmission) {
  const Tensor y{0.1, 2.0, -1.0, 0.7, 0.0, 1.1, 3.0, -0.2}, z{-1.0, 0.2, 1.5, 0.3, -0.4};
  auto density = log_density(marginalize(factorial, {"u", "v"}), 8, y);
  auto by_hand = [&](const Tensor& x) {
    return sum(Normal(0.0, 5.0).log_prob(x)) + joined(x[until(3)], x[from(3)], y, false);
  };
  auto [value, slope] = jit(value_and_grad([&](Tensor x) { return density(x); }))(z);
  auto [expected, expected_slope] = value_and_grad(by_hand)(z);
  EXPECT_NEAR(value.item(), expected.item(), 1e-11);
  EXPECT_TRUE(allclose(slope, expected_slope, {.rtol = 1e-11, .atol = 1e-11}));
  {
    const detail::RecoverDiscrete map(detail::DiscreteRecovery::map);
    const Trace t = trace(condition(marginalize(factorial, {"u", "v"}), {{"a", z[until(3)]}, {"b", z[from(3)]}}))(8, y);
    EXPECT_EQ((2 * t["u"].value + t["v"].value).to_vector(), joined(z[until(3)], z[from(3)], y, true).to_vector());
  }
  // Draws have the marginal probabilities that sums over paths give: p(v_3 = 1) by a factor that forbids the other.
  const detail::RecoverDiscrete draw(detail::DiscreteRecovery::sample);
  auto model = condition(marginalize(factorial, {"u", "v"}), {{"a", z[until(3)]}, {"b", z[from(3)]}});
  auto draws = jit(vmap([&](Key k) { return trace(seed(model, k))(8, y)["v"].value; }))(split(Key(1), 4000));
  const Tensor a = z[until(3)], b = z[from(3)];
  const Tensor mu = flatten(expand_dims(a, 1) + expand_dims(b, 0));
  Tensor emission = Normal(mu, 0.5).log_prob(expand_dims(y, 1));
  const Tensor all_paths = joined(a, b, y, false);
  auto product = reshape(expand_dims(expand_dims(kTransition, 1), 3) * expand_dims(expand_dims(kOther, 0), 2), {6, 6});
  const Tensor initial = flatten(expand_dims(kInitial, 1) * expand_dims(kOtherInitial, 0));
  for (int j = 0; j < 6; j += 2) emission = emission.at(3, j).set(-INFINITY);
  const double p = exp(hidden_markov_log_prob(log(initial), log(product), emission) - all_paths).item();
  EXPECT_NEAR(mean(draws(all, 3).cast(f64)).item(), p, 5 * std::sqrt(p * (1 - p) / 4000));
}

TEST(CoupledChains, LongOnesAreFinite) {
  const int T = 10000;
  const Tensor y = 3.0 * normal(Key(1), {T});
  auto density = log_density(marginalize(factorial, {"u", "v"}), T, y);
  auto [value, slope] = jit(value_and_grad([&](Tensor x) { return density(x); }))(Tensor{-1.0, 0.2, 1.5, 0.3, -0.4});
  EXPECT_TRUE(std::isfinite(value.item()));
  EXPECT_TRUE(all_of(isfinite(slope)).item<bool>());
  EXPECT_NEAR(value.item(), (sum(Normal(0.0, 5.0).log_prob(Tensor{-1.0, 0.2, 1.5, 0.3, -0.4})) +
                             joined(Tensor{-1.0, 0.2, 1.5}, Tensor{0.3, -0.4}, y, false)).item(), 1e-8 * std::abs(value.item()));
}

TEST(CoupledChains, ATreeGivesTheSameSumAndTheSameStates) {
  const Tensor y{0.1, 2.0, -1.0, 0.7, 0.0, 1.1, 3.0}, z{-1.0, 0.2, 1.5, 0.3, -0.4};
  const Tensor rows = normal(Key(5), {4, 6}), each = softmax(normal(Key(6), {4, 3, 3}), -1), mu{-1.0, 0.2, 1.5};
  auto chains = [&](ChainSum how) {
    auto joint = log_density(marginalize(factorial, {"u", "v"}, {.chains = how}), 7, y);
    auto copies = log_density(marginalize(panel, {"z"}, {.chains = how}), each, rows);
    return jit(value_and_grad<0, 1>([&](Tensor a, Tensor b) { return joint(a) + copies(b); }))(z, mu);
  };
  auto [value, slopes] = chains(ChainSum::sequential);
  auto [tree, tree_slopes] = chains(ChainSum::tree);
  EXPECT_NEAR(tree.item(), value.item(), 1e-11);
  EXPECT_TRUE(allclose(std::get<0>(tree_slopes), std::get<0>(slopes), {.rtol = 1e-10, .atol = 1e-10}));
  EXPECT_TRUE(allclose(std::get<1>(tree_slopes), std::get<1>(slopes), {.rtol = 1e-10, .atol = 1e-10}));
  const detail::RecoverDiscrete map(detail::DiscreteRecovery::map);
  auto states = [&](ChainSum how) {
    return trace(condition(marginalize(panel, {"z"}, {.chains = how}), {{"mu", mu}}))(each, rows)["z"].value.to_vector();
  };
  EXPECT_EQ(states(ChainSum::tree), states(ChainSum::sequential));
}

TEST(CoupledChains, MistakesAreLoud) {
  auto lengths = [](const Observed& y) {
    Tensor u = sample("u", MarkovChain(kTransition, kInitial, 4)), v = sample("v", MarkovChain(kOther, kOtherInitial, 1));
    Plate time("time", 4);
    sample("y", Normal((u + v).cast(f64), 1.0), y);
  };
  EXPECT_NE(text_of_error([&] { log_density(marginalize(lengths, {"u", "v"}), zeros(4))(zeros(0)); }).find("the same steps and plates"),
            std::string::npos);
}

}  // namespace
