// Mistakes and what the user sees.
#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>

#include "tests/errors/messages.h"
using namespace nuthatch;

std::string at(int line) { return "mistakes_test.cpp:" + std::to_string(line); }
void expect_text(const std::string& text, const std::string& part) { EXPECT_NE(text.find(part), std::string::npos) << text << "\n  does not contain\n" << part; }
const MCMCOptions quick{.num_warmup = 20, .num_samples = 20, .num_chains = 1, .progress = false};

TEST(Mistakes, ShapesOfParameters) {
  const int line = __LINE__ + 3;
  auto eight_schools = [](const Tensor& sigma) {
    Plate schools("school", 8);
    sample("theta", Normal(zeros(8), sigma));
  };
  const std::string text = text_of_error([&] { seed(eight_schools, Key(0))(ones(7)); });
  expect_text(text, at(line) + ": Normal: cannot broadcast loc [8] with scale [7]\n  in sample(\"theta\"), plates: school=8");
  print("{}\n\n", text);
}

TEST(Mistakes, ANameTwice) {
  const int first = __LINE__ + 2;
  auto eight_schools = [] {
    sample("mu", Normal(0.0, 1.0));
    sample("mu", Normal(0.0, 5.0));
  };
  const std::string text = text_of_error([&] { MCMC(NUTS(eight_schools), quick).run(Key(0)); });
  expect_text(text, at(first + 1) + ": sample(\"mu\"): this name is already used at ");
  expect_text(text, at(first));
  expect_text(text, "Scope(");
  print("{}\n\n", text);
}

TEST(Mistakes, ATracedCondition) {
  const int line = __LINE__ + 3;
  auto model = [] {
    Tensor x = sample("x", Normal(0.0, 1.0));
    if (x > 0.0) sample("y", Normal(0.0, 1.0));
  };
  const std::string text = text_of_error([&] { MCMC(NUTS(model), quick).run(Key(0)); });
  expect_text(text, at(line) + ": if (x): the condition depends on a traced value of shape []");
  expect_text(text, "select(p, a, b)");
  expect_text(text, "cond(p, f, g)");
  print("{}\n\n", text);
}

TEST(Mistakes, NoFiniteStartingPoint) {
  const int line = __LINE__ + 2;
  auto trial = [](const Tensor& sd, const Observed& y) {
    Tensor s = sample("sigma_alpha", HalfNormal(sd));
    sample("y", Normal(0.0, s), y);
  };
  const std::string text = text_of_error([&] { MCMC(NUTS(trial), quick).run(Key(0), -10.0, 1.0); });
  expect_text(text, at(line));
  expect_text(text, "HalfNormal");
  expect_text(text, "scale must be positive");
  print("{}\n\n", text);
  // A parameter that only the sampler can find wrong.
  auto later = [](const Observed& y) {
    Tensor a = sample("a", Normal(0.0, 1.0));
    sample("y", Normal(0.0, -exp(a)), y);
  };
  const std::string traced = text_of_error([&] { MCMC(NUTS(later), quick).run(Key(0), 1.0); });
  expect_text(traced, "NUTS: no finite starting point in 100 attempts");
  expect_text(traced, "site \"y\" (mistakes_test.cpp:");
  print("{}\n\n", traced);
}

TEST(Mistakes, AMissingArgument) {
  auto radon = [](const Tensor& floor, const Tensor& county, const Observed& y) {
    sample("y", Normal(floor * 0.0 + sum(county), sample("s", HalfNormal(1.0))), y);
  };
  const int line = __LINE__ + 1;
  const std::string text = text_of_error([&] { MCMC(NUTS(radon), quick).run(Key(0), ones(3)); });
  expect_text(text, at(line));
  expect_text(text, "(Tensor, Tensor, Observed) was given 1 argument; parameter 2 (Tensor) is missing");
  print("{}\n\n", text);
}

TEST(Mistakes, AQuietOuterProduct) {
  auto model = [](const Tensor& x, const Observed& y) {
    Plate rows("obs", 5);
    sample("y", Normal(x, 1.0), y);
  };
  const std::string text = text_of_error([&] { MCMC(NUTS(model), quick).run(Key(0), ones(5), ones({5, 1})); });
  expect_text(text, "[5, 1]");
  expect_text(text, "[5]");
  print("{}\n\n", text);
}
