// Models and data that cannot work: every message names the site or argument and the line.
#include <cmath>
#include <filesystem>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/index.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

void schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  deterministic("precision", 1.0 / square(tau));
  Plate rows("schools", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}
const Tensor& sigma() {
  static const Tensor x{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  return x;
}
const Tensor& effects() {
  static const Tensor x{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0};
  return x;
}

MCMCOptions quick() { return {.num_warmup = 50, .num_samples = 20, .num_chains = 2, .progress = false}; }

template <class... A>
Fit infer(const Model& model, const A&... arguments) {
  return MCMC(NUTS(model), quick()).run(Key(0), arguments...);
}
template <class F>
void run(const F& model) {
  trace(seed(model, Key(0)))(sigma(), effects());
}

TEST(Bijectors, NameTheLine) {
  EXPECT_ERROR_HERE("no smooth one-to-one map from flat space covers the sphere", biject_to(constraints::sphere));
  EXPECT_ERROR_HERE("no smooth map onto a discrete set", biject_to(constraints::nonnegative_integer));
  EXPECT_ERROR_HERE("permute: the indices must be 0 ... 2, each once", transforms::permute({0, 2, 2}));
  EXPECT_ERROR_HERE("reshape: [4] and [3, 2] have different numbers", transforms::reshape({4}, {3, 2}));
  EXPECT_ERROR_HERE("zero_sum: dims must be 1 or more", transforms::zero_sum(0));
  EXPECT_ERROR_HERE("zero_sum: dims must be 1 or more", constraints::zero_sum(0));
  EXPECT_ERROR_HERE("scale_tril must be a square matrix, but has shape [2, 3]",
                    transforms::lower_cholesky_affine(zeros(2), ones({2, 3})));
  EXPECT_ERROR_HERE("the transition must be a square matrix, but has shape [2]", transforms::recursive_linear(ones(2)));
  EXPECT_ERROR_HERE("haar: dim must be negative, but it is 1", transforms::haar(1));
  EXPECT_ERROR_HERE("discrete_cosine: dim must be negative, but it is 0", transforms::discrete_cosine(0));
}

}  // namespace

TEST(UnknownSites, OfHandlers) {
  const std::string sites = "; it has mu, tau, theta, y";
  EXPECT_ERROR_HERE("condition: the model has no sample site \"thetta\"" + sites, run(condition(schools, {{"thetta", 1.0}})));
  EXPECT_ERROR_HERE("do_: the model has no sample site \"thetta\"" + sites, run(do_(schools, {{"thetta", 1.0}})));
  EXPECT_ERROR_HERE("reparam: the model has no sample site \"thetta\"" + sites,
                    run(reparam(schools, {{"thetta", LocScaleReparam(0.0)}})));
  EXPECT_ERROR_HERE("substitute: the model has no site \"thetta\"; it has mu, precision, tau, theta, y",
                    run(substitute(schools, {{"thetta", 1.0}})));
  EXPECT_ERROR_HERE("lift: the model has no param \"thetta\"", run(lift(schools, {{"thetta", Normal(0.0, 1.0)}})));
  // A name that is there, of a site on which the handler has no effect.
  EXPECT_ERROR_HERE("condition: the model has no sample site \"precision\"", run(condition(schools, {{"precision", 1.0}})));
  const auto centred = reparam(schools, {{"theta", LocScaleReparam(0.0)}});
  EXPECT_ERROR_HERE("no sample site \"theta\"; it has mu, tau, theta_decentered, y", run(condition(centred, {{"theta", 1.0}})));
  // Values of deterministic sites may be among those of the others: posterior draws are.
  EXPECT_EQ(text_of_error([] { run(substitute(schools, {{"mu", 1.0}, {"precision", 1.0}})); }), "(no error)");
}

TEST(UnknownSites, OfTracesAndWeights) {
  const Trace t = trace(seed([] { sample("mu", Normal(0.0, 1.0)); }, Key(0)))();
  EXPECT_ERROR_HERE("no site \"tau\" in the trace; there are: mu", t["tau"]);
  auto model = [] { sample("mu", Normal(0.0, 1.0)); };
  EXPECT_ERROR_HERE("mask: a mask must be of dtype bool_, but it is f64", mask(model, 1.0));
  EXPECT_ERROR_HERE("scale: the factor must be positive, but it is -2", scale(model, -2.0));
}

TEST(UnknownSites, OfInference) {
  EXPECT_ERROR_HERE("reparam: the model has no sample site \"thetta\"",
                    infer(reparam(schools, {{"thetta", LocScaleReparam(0.0)}}), sigma(), effects()));
  EXPECT_ERROR_HERE("condition: the model has no sample site \"thetta\"",
                    log_density(condition(Model(schools), {{"thetta", 0.0}}), sigma(), effects()));
  MCMCOptions options = quick();
  options.exclude = {"thetta"};
  EXPECT_ERROR_HERE("NUTS: .exclude names \"thetta\", which is not a site of the model",
                    MCMC(NUTS(schools), options).run(Key(0), sigma(), effects()));
  const auto from = [](Values values) {
    return text_of_error([&] {
      MCMC(NUTS(schools, {.init = init_to_value(values)}), quick()).run(Key(0), sigma(), effects());
    });
  };
  EXPECT_ERROR(".init names \"thetta\", which is not a site", throw Error(from({{"mu", 1.0}, {"tau", 1.0}, {"theta", 0.0}, {"thetta", 0.0}})));
  EXPECT_ERROR("sample(\"tau\"): a value of HalfCauchy must be nonnegative, but tau = -1",
               throw Error(from({{"mu", 1.0}, {"tau", -1.0}, {"theta", 0.0}})));
  EXPECT_ERROR("sample(\"theta\"): the value has shape [7], but Normal has shape [8]",
               throw Error(from({{"mu", 1.0}, {"tau", 1.0}, {"theta", zeros(7)}})));
}

TEST(SiteNames, EmptyTwiceOrTaken) {
  EXPECT_ERROR_HERE("sample(\"\"): a site needs a name", trace(seed([] { sample("", Normal(0.0, 1.0)); }, Key(0)))());
  EXPECT_ERROR_HERE("\"draw\" is the name of a dimension of the results", infer([] { sample("draw", Normal(0.0, 1.0)); }));
  const auto twice = [] {
    Tensor a = sample("a", Normal(0.0, 1.0));
    sample("a", Normal(a, 1.0));
  };
  EXPECT_ERROR("sample(\"a\"): this name is already used at models_test.cpp:", infer(twice));
}

TEST(SiteNames, MustBeTheSameEveryTime) {
  int runs = 0;
  EXPECT_ERROR("sample(\"b\"): this site was not there when the model was first run", infer([&] {
                 Tensor a = sample("a", Normal(0.0, 1.0));
                 if (runs++) sample("b", Normal(a, 1.0));
               }));
  runs = 0;
  EXPECT_ERROR("sample(\"b\"): this site was there when the model was first run, but is not now", infer([&] {
                 Tensor a = sample("a", Normal(0.0, 1.0));
                 if (!runs++) sample("b", Normal(a, 1.0));
               }));
  runs = 0;
  EXPECT_ERROR("sample(\"a\"): the value has shape [2], but Normal has shape [3]",
               infer([&] { sample("a", Normal(zeros(2 + runs++), 1.0)); }));
}

TEST(Data, OfTheModel) {
  EXPECT_ERROR("Normal: scale must be positive, but scale[0] = -15\n  in sample(\"y\")", infer(schools, -sigma(), effects()));
  EXPECT_ERROR("Normal: scale must be positive, but scale[2] = nan\n  in sample(\"y\")",
               infer(schools, sigma().at(2).set(double(NAN)), effects()));
  // NaN in the data is a missing value; that of a count is one more discrete variable.
  EXPECT_ERROR("sample(\"y_missing\"): Poisson is discrete", infer(
                                                                 [](const Observed& y) {
                                                                   Tensor rate = sample("rate", Exponential(1.0));
                                                                   Plate rows("rows", 3);
                                                                   sample("y", Poisson(rate), y);
                                                                 },
                                                                 Tensor{2.0, NAN, 3.0}));
  EXPECT_ERROR("Normal: cannot broadcast loc [8] with scale [7]\n  in sample(\"y\")",
               infer(schools, sigma()[slice(0, 7)], effects()));
  EXPECT_ERROR("sample(\"y\"): the observation has shape [7], but Normal has shape [8]\n  in sample(\"y\"), plates: schools=8",
               infer(schools, sigma(), effects()[slice(0, 7)]));
  // Covariates are tested by nobody, but what they spoil is named.
  const auto regression = [](const Tensor& x, const Observed& y) {
    Tensor slope = sample("slope", Normal(0.0, 1.0));
    sample("y", Normal(slope * x, 1.0), y);
  };
  EXPECT_ERROR("site \"y\" (models_test.cpp:", infer(regression, Tensor{1.0, double(NAN)}, Tensor{1.0, 2.0}));
  EXPECT_ERROR("site \"y\" (models_test.cpp:", infer(regression, Tensor{1.0, double(INFINITY)}, Tensor{1.0, 2.0}));
  const auto counts = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0));
    sample("y", Poisson(exp(m)), y);
  };
  EXPECT_ERROR("a value of Poisson must be a nonnegative integer, but y[1] = -2", infer(counts, Tensor{1.0, -2.0}));
  // Outside wherever the sampler starts, because the support depends on a latent variable.
  const auto bounded = [](const Observed& y) {
    Tensor top = sample("top", HalfNormal(1.0));
    sample("y", Uniform(0.0, top), y);
  };
  const std::string text = text_of_error([&] { infer(bounded, Tensor{1.0, 200.0}); });
  expect_part(text, "no finite starting point in 100 attempts", __FILE__, __LINE__);
  expect_part(text, "sample(\"y\"): a value of Uniform must be in [0, ", __FILE__, __LINE__);
  expect_part(text, "but y[1] = 200", __FILE__, __LINE__);
}

TEST(Data, Arguments) {
  EXPECT_ERROR("model (Tensor, Observed) was given 3 arguments", infer(schools, sigma(), effects(), effects()));
  EXPECT_ERROR("argument 1 is a Labels, but the model's parameter is a Tensor", infer(schools, Labels{"a"}, effects()));
  EXPECT_ERROR("was given 0 arguments; parameter 1 (Tensor) is missing", infer(schools));
  EXPECT_ERROR_HERE("MCMC: an empty Key is used; write Key(seed)", MCMC(NUTS(schools), quick()).run(Key(), sigma(), effects()));
  EXPECT_ERROR("index 200 is out of bounds for axis 0 with extent 3", infer(
                                                                          [](const Tensor& group) {
                                                                            Plate groups("groups", 3);
                                                                            Tensor m = sample("m", Normal(0.0, 1.0));
                                                                            deterministic("rows", m[group]);
                                                                          },
                                                                          Tensor{1, 200}));
}

TEST(Data, ReplacedByOthersOfAnotherShape) {
  const Fit fit = infer(schools, sigma(), effects());
  EXPECT_ERROR("the observation has shape [7]",
               MCMC(NUTS(schools), quick()).resume(fit.state(), sigma(), effects()[slice(0, 7)]));
  const auto wider = [](const Tensor& s, const Observed& y) {
    sample("extra", Normal(0.0, 1.0));
    schools(s, y);
  };
  EXPECT_ERROR_HERE("MCMC: the state is of 10 unconstrained variables, the model has 11",
                    MCMC(NUTS(wider), quick()).resume(fit.state(), sigma(), effects()));
  EXPECT_ERROR_HERE("MCMC: the state is of 10 unconstrained variables, the model has 11",
                    MCMC(NUTS(wider), quick()).run_from(fit.state(), Key(1), sigma(), effects()));
  SamplerState bare = fit.state();  // only the bytes are left
  bare.attrs.clear();
  EXPECT_ERROR("resume: this state belongs to another kernel or model",
               MCMC(NUTS(wider), quick()).resume(bare, sigma(), effects()));
  EXPECT_ERROR("resume: this state belongs to another kernel or model",
               MCMC(NUTS(wider), quick()).run_from(bare, Key(1), sigma(), effects()));
}

TEST(ImpossibleDensities, NameTheSite) {
  const int line = __LINE__ + 3;
  const auto never = [] {
    sample("a", Normal(0.0, 1.0));
    factor("never", Tensor(-INFINITY));
  };
  EXPECT_ERROR("NUTS: no finite starting point in 100 attempts (chain 0)\n  site \"never\" (models_test.cpp:" +
                   std::to_string(line) + "): factor is -inf",
               infer(never));
  EXPECT_ERROR("site \"nan\" (models_test.cpp:", infer([] {
                 sample("a", Normal(0.0, 1.0));
                 factor("nan", Tensor(NAN));
               }));
  // Finite everywhere, but its derivative is not.
  EXPECT_ERROR("the derivative of the log density in a is ", infer([] {
                 Tensor a = sample("a", Normal(0.0, 1.0));
                 factor("steep", tanh(1e308 * (1e308 * exp(a))));  // 1, with derivative 0 inf
               }));
}

TEST(Discrete, LatentVariables) {
  const int line = __LINE__ + 1;
  const auto coin = [] { sample("heads", Bernoulli(0.5)); };
  EXPECT_ERROR("models_test.cpp:" + std::to_string(line) + ": sample(\"heads\"): Bernoulli is discrete", infer(coin));
  // An observation without data is latent.
  EXPECT_ERROR("sample(\"y\"): Poisson is discrete", infer([](const Observed& y) {
                 Tensor m = sample("m", Normal(0.0, 1.0));
                 sample("y", Poisson(exp(m)), y);
               }));
}

TEST(Checkpoints, ProblemsDoNotCostTheDraws) {
  MCMCOptions options = quick();
  options.checkpoint = "/proc/nowhere/run.state";
  EXPECT_ERROR("cannot write `/proc/nowhere/run.state`", MCMC(NUTS(schools), options).run(Key(0), sigma(), effects()));

  // The folder disappears after the first checkpoint.
  const auto folder = std::filesystem::path(::testing::TempDir()) / "nuthatch_checkpoint_folder";
  std::filesystem::create_directories(folder);
  options.checkpoint = folder / "run.state";
  options.checkpoint_every = std::chrono::seconds(0);
  options.slice_ticks = 20;
  options.on_progress = [&](const Progress&) {
    if (std::filesystem::exists(folder)) {
      std::filesystem::remove_all(folder);
      std::filesystem::path(folder).replace_filename("nuthatch_checkpoint_folder");
      std::FILE* file = std::fopen(folder.c_str(), "w");  // and a file has its name: it cannot be made again
      std::fclose(file);
    }
    return true;
  };
  const Fit fit = MCMC(NUTS(schools), options).run(Key(0), sigma(), effects());
  EXPECT_EQ(fit.posterior["mu"].shape(), Shape({2, 20}));
  const auto found = std::find_if(fit.warnings.begin(), fit.warnings.end(), [](const std::string& w) {
    return w.find("the checkpoint is not up to date: cannot write") == 0;
  });
  EXPECT_NE(found, fit.warnings.end());
  std::filesystem::remove_all(folder);
}
