// Every message of the language. Each names the line of the statement at fault, the site, the argument and its value.
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

#define EXPECT_MESSAGE(text, ...)                                                           \
  do {                                                                                      \
    const std::string got_ = text;                                                          \
    for (const std::string& part_ : {__VA_ARGS__})                                          \
      EXPECT_NE(got_.find(part_), std::string::npos) << "got:\n" << got_ << "\nmissing: " << part_; \
  } while (0)

template <class F>
std::string run(F model) {
  return text_of_error([&] { trace(seed(model, Key(0)))(); });
}

std::string here(int line) { return "errors_test.cpp:" + std::to_string(line) + ": "; }

TEST(Messages, ParametersThatDoNotBroadcast) {
  int line = __LINE__ + 3;
  auto model = [] {
    Plate schools("school", 8);
    sample("theta", Normal(zeros(8), ones(7)));
  };
  EXPECT_MESSAGE(run(model), here(line) + "Normal: cannot broadcast loc [8] with scale [7]",
                 std::string("in sample(\"theta\")"));
}

TEST(Messages, ParametersOutsideTheirConstraint) {
  const int line = __LINE__ + 1;
  EXPECT_MESSAGE(run([] { sample("sigma", HalfNormal(-10.0)); }), here(line), std::string("HalfNormal: scale must be positive, but scale = -10"), std::string("in sample(\"sigma\")"));
  EXPECT_MESSAGE(run([] { sample("s", Normal(0.0, Tensor{1.0, 0.0})); }), std::string("but scale[1] = 0"));
  EXPECT_MESSAGE(run([] { sample("s", Normal(NAN, 1.0)); }), std::string("loc must be finite, but loc = nan"));
  EXPECT_MESSAGE(run([] { sample("s", Bernoulli(1.5)); }), std::string("probs must be in [0, 1], but probs = 1.5"));
  EXPECT_MESSAGE(run([] { sample("s", Categorical(Tensor{0.5, 0.6})); }),
                 std::string("probs must be nonnegative numbers that sum to 1, but probs = [0.5, 0.6]"));
  EXPECT_MESSAGE(run([] { sample("s", Binomial(2.5, 0.5)); }), std::string("total_count must be a nonnegative integer"));
  EXPECT_MESSAGE(run([] { sample("s", Uniform(2.0, 1.0)); }), std::string("high must be greater than low"));
  EXPECT_MESSAGE(run([] { sample("s", Gamma({.mean = -1.0, .sd = 1.0})); }), std::string("mean must be positive"));
  EXPECT_MESSAGE(run([] { sample("s", NegativeBinomial({.mean = 1.0})); }), std::string("concentration is missing"));
  EXPECT_MESSAGE(run([] { sample("s", MultivariateNormal({.loc = Tensor{0.0, 0.0}})); }),
                 std::string("give exactly one of .scale_tril, .covariance, .precision"));
  EXPECT_MESSAGE(run([] { sample("s", MultivariateNormal({.covariance = Tensor{{1.0, 2.0}, {2.0, 1.0}}})); }),
                 std::string("covariance must be symmetric positive definite"));
  EXPECT_MESSAGE(text_of_error([] { Normal(0.0, -1.0).log_prob(0.0); }), std::string("scale must be positive"));
}

TEST(Messages, DataOutsideTheSupport) {
  const int line = __LINE__ + 3;
  auto model = [](const Observed& y) {
    Plate rows("obs", 3);
    sample("y", Poisson(2.0), y);
  };
  auto with = [&](Tensor y) { return text_of_error([&] { trace(model)(y); }); };
  EXPECT_MESSAGE(with(Tensor{1.0, 2.5, 3.0}), here(line),
                 std::string("a value of Poisson must be a nonnegative integer, but y[1] = 2.5"), std::string("plates: obs=3"));
  EXPECT_MESSAGE(with(Tensor{1.0, 2.0, INFINITY}), std::string("y[2] = inf, which is not finite"));
  auto normal = [](const Observed& y) { sample("y", Normal(0.0, 1.0), y); };
  EXPECT_MESSAGE(text_of_error([&] { trace(normal)(INFINITY); }), std::string("must be finite, but y = inf"));
  // NaN is a missing value, also of a count; a vector of which a part is missing needs a mask.
  auto vector = [](const Observed& y) { sample("y", MultivariateNormal({.covariance = eye(2)}), y); };
  EXPECT_MESSAGE(text_of_error([&] { trace(vector)(Tensor{1.0, NAN}); }), std::string("cannot be made latent; use a mask"));
  EXPECT_EQ(trace(seed(normal, Key(0)))(NAN)["y_missing"].value.size(), 1);
  EXPECT_EQ(trace(seed(model, Key(0)))(Tensor{1.0, 2.0, NAN})["y_missing"].value.dtype(), i64);
  auto binomial = [](const Observed& y) { sample("y", Binomial(Tensor{5, 5}, 0.5), y); };
  EXPECT_MESSAGE(text_of_error([&] { trace(binomial)(Tensor{2, 6}); }), std::string("y[1] = 6"));
  // The same for a log density, before anything is compiled.
  EXPECT_MESSAGE(text_of_error([&] { log_density(normal, INFINITY); }), std::string("must be finite, but y = inf"));
}

TEST(Messages, ObservationsThatWouldBroadcast) {
  auto column = [](const Observed& y) {
    Plate rows("obs", 4);
    sample("y", Normal(0.0, 1.0), y);
  };
  EXPECT_MESSAGE(text_of_error([&] { trace(column)(zeros({4, 1})); }), 
                 std::string("the observation has shape [4, 1], but Normal has shape [4]"));
  EXPECT_MESSAGE(text_of_error([&] { trace(column)(0.5); }), std::string("has shape [], but Normal has shape [4]"));
  EXPECT_MESSAGE(run([] {
                   Plate rows("obs", 4);
                   sample("y", Normal(zeros({4, 1}), 1.0));
                 }),
                 std::string("loc of shape [4, 1] would broadcast to [4, 4] in a plate of size 4"));
  auto wide = [](const Observed& y) { sample("y", Normal(zeros(3), 1.0), y); };
  EXPECT_MESSAGE(text_of_error([&] { trace(wide)(zeros({3, 1})); }),
                 std::string("the observation has shape [3, 1], but Normal has shape [3]"));
}

TEST(Messages, NamesAndPlates) {
  int line = __LINE__ + 1;
  auto twice = [] {
    sample("mu", Normal(0.0, 1.0));
    sample("mu", Normal(0.0, 1.0));
  };
  EXPECT_MESSAGE(run(twice), here(line + 2) + "sample(\"mu\"): this name is already used at errors_test.cpp:" +
                                 std::to_string(line + 1),
                 std::string("Scope"));
  EXPECT_MESSAGE(text_of_error([&] { log_density(twice); }), std::string("this name is already used"));
  EXPECT_MESSAGE(run([] {
                   Plate p("p", 5);
                   sample("x", Normal(zeros(7), 1.0));
                 }),
                 std::string("plate \"p\" has size 5 at dimension -1, but Normal has batch shape [7]"));
  EXPECT_MESSAGE(run([] {
                   plate("p", 5, [] { return sample("x", Normal(0.0, 1.0)); });
                   plate("p", 6, [] { return sample("z", Normal(0.0, 1.0)); });
                 }),
                 std::string("plate \"p\" has size 6 here and 5 at errors_test.cpp:"));
  EXPECT_MESSAGE(run([] {
                   Plate a("p", 5);
                   Plate b("p", 5);
                 }),
                 std::string("plate \"p\" is already active, since errors_test.cpp:"));
  EXPECT_MESSAGE(run([] { Plate a("p", 0); }), std::string("the size must be positive"));
  EXPECT_MESSAGE(run([] {
                   Plate p("p", 5);
                   deterministic("d", zeros(3));
                 }),
                 std::string("plate \"p\" has size 5 at dimension -1, but the value has shape [3]"));
}

TEST(Messages, HandlersAndModels) {
  const int line = __LINE__ + 1;
  auto bare = [] { sample("a", Normal(0.0, 1.0)); };
  EXPECT_MESSAGE(text_of_error(bare), here(line),
                 std::string("no random key for a draw; call the model as seed(model, Key(...))"));
  auto model = [](const Tensor& x, const Tensor& z, const Observed& y) { sample("y", Normal(x, z), y); };
  EXPECT_MESSAGE(text_of_error([&] { Model(model).bind({1.0}); }),
                 std::string("model (Tensor, Tensor, Observed) was given 1 argument; parameter 2 (Tensor) is missing"));
  EXPECT_MESSAGE(text_of_error([&] { Model(model).bind({1.0, 2.0, 3.0, 4.0}); }), std::string("was given 4 arguments"));
  EXPECT_MESSAGE(text_of_error([&] { Model(model).bind({1.0, Labels{"a"}}); }),
                 std::string("argument 2 is a Labels, but the model's parameter is a Tensor"));
  auto counted = [](int n) { sample("x", Normal(zeros(n), 1.0)); };
  EXPECT_MESSAGE(text_of_error([&] { Model(counted).bind({1.5}); }), std::string("argument 1 is a double"));
  EXPECT_MESSAGE(text_of_error([] { trace([] { param("s", -1.0, constraints::positive); })(); }),
                 std::string("param(\"s\"): the initial value must be positive, but s = -1"));
  EXPECT_MESSAGE(text_of_error([] { Distribution d; d.log_prob(0.0); }), std::string("an empty Distribution was used"));
  EXPECT_MESSAGE(text_of_error([] { ImproperUniform(constraints::real).mean(); }), std::string("ImproperUniform has no mean, neither in closed form nor by a stable method"));
  EXPECT_MESSAGE(text_of_error([] { ImproperUniform(constraints::real).sample(Key(0)); }), std::string("it has no draws"));
  EXPECT_MESSAGE(text_of_error([] { Normal(zeros(3), 1.0).expand({4}); }), std::string("cannot expand batch shape [3] to [4]"));
  EXPECT_MESSAGE(text_of_error([] { Normal(zeros(3), 1.0).to_event(2); }), std::string("to_event(2) of batch shape [3]"));
  EXPECT_MESSAGE(text_of_error([] { Normal(0.0, 1.0).restricted(constraints::simplex); }), std::string("use to_event()"));
  EXPECT_MESSAGE(text_of_error([] { Normal(0.0, 1.0).mask(1.0); }), std::string("a mask must be of dtype bool_"));
  EXPECT_MESSAGE(text_of_error([] { Dirichlet(ones(3)).log_prob(zeros(4)); }), std::string("does not end with the event shape [3]"));
  EXPECT_MESSAGE(text_of_error([] { MixtureSameFamily(Categorical(Tensor{0.5, 0.5}), Normal(zeros(3), 1.0)).sample(Key(0)); }),
                 std::string("must be the number of weights, 2"));
  EXPECT_MESSAGE(text_of_error([] { LKJCholesky(1, 1.0); }), std::string("dimension must be 2 or more"));
}

TEST(Messages, Reparameterisations) {
  EXPECT_MESSAGE(run(reparam([] { sample("s", HalfNormal(1.0)); }, {{"s", LocScaleReparam(0.0)}})),
                 std::string("LocScaleReparam: HalfNormal is not a family of real numbers with loc and scale"));
  auto observed = [] { sample("y", Normal(0.0, 1.0), 1.0); };
  EXPECT_MESSAGE(run(reparam(observed, {{"y", LocScaleReparam(0.0)}})), std::string("\"y\" is an observation"));
  EXPECT_MESSAGE(text_of_error([] { LocScaleReparam(1.5); }), std::string("centered must be in [0, 1]"));
  EXPECT_MESSAGE(run(reparam([] { sample("s", Gamma(1.0, 1.0)); }, {{"s", TransformReparam()}})),
                 std::string("TransformReparam: Gamma"));
}

TEST(Messages, LogDensities) {
  const int line = __LINE__ + 2;
  auto discrete = [] {
    Tensor k = sample("k", Poisson(3.0));
    sample("y", Normal(k, 1.0), 0.5);
  };
  EXPECT_MESSAGE(text_of_error([&] { log_density(discrete); }), here(line),
                 std::string("sample(\"k\"): Poisson is discrete; gradient-based inference needs continuous latent"));
  auto simple = [] { sample("s", HalfNormal(1.0)); };
  LogDensity d = log_density(simple);
  EXPECT_MESSAGE(text_of_error([&] { d.unconstrain({}); }), std::string("no value for latent site \"s\""));
  EXPECT_MESSAGE(text_of_error([&] { d.unconstrain({{"s", -1.0}}); }), std::string("must be nonnegative, but s = -1"));
}

}  // namespace
