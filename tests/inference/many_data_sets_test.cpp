// Fits of one model to many data sets as one program, and the ways to begin.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/diagnostics.h"
#include "nuthatch/distributions/gamma.h"
#include "nuthatch/distributions/half_cauchy.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/kernels.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/random.h"
#include "nuthatch/svi.h"
#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

constexpr int kStores = 9, kWeeks = 12;

void store(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(0.0, 1.0));
  Plate weeks("week", x.size());
  Tensor level = deterministic("level", a + b * x);
  sample("y", Normal(level, 0.5), y);
}
Tensor weeks() { return normal(Key(100), {kWeeks}); }
Tensor sales() { return normal(Key(101), {kStores, kWeeks}); }

MCMCOptions quick() {
  MCMCOptions options;
  options.num_warmup = 100, options.num_samples = 150, options.num_chains = 2, options.progress = false;
  return options;
}

bool same(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() && a.to_vector<double>() == b.to_vector<double>(); }

TEST(ManyDataSets, EachFitIsTheFitAlone) {
  for (const auto& make : std::vector<Kernel (*)()>{[] { return NUTS(store); },
                                                    [] { return NUTS(store, {.adaptation = "fisher", .form = "plain"}); },
                                                    [] { return BarkerMH(store); }}) {
    MCMCOptions options = quick();
    options.each = Labels{"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"}, options.each_dim = "store";
    options.save_warmup = true, options.extra_fields = {"gradient"};
    const Fit fits = MCMC(make(), options).run(Key(2), weeks(), each(sales()));
    EXPECT_EQ(fits.posterior["a"].shape(), (Shape{2, 150, kStores}));
    EXPECT_EQ(fits.posterior["level"].dims(), (std::vector<std::string>{"chain", "draw", "store", "week"}));
    EXPECT_EQ(fits.observed_data["y"].dims(), (std::vector<std::string>{"store", "week"}));
    MCMCOptions alone = options;
    alone.each = {};
    for (const int s : {0, 4, 8}) {
      const Fit one = MCMC(make(), alone).run(fold_in(Key(2), Tensor(s)), weeks(), Tensor(sales()[s]));
      const InferenceData part = fits.each("store", "s" + std::to_string(s));
      for (const char* group : {"posterior", "sample_stats", "warmup_posterior", "warmup_sample_stats", "observed_data"})
        for (const DataArray& x : one.group(group).variables()) {
          EXPECT_EQ(part.group(group)[x.name()].dims(), x.dims()) << group << " " << x.name();
          EXPECT_TRUE(same(part.group(group)[x.name()].tensor(), x.tensor())) << group << " " << x.name() << " " << s;
        }
    }
  }
}

// Conjugate: the posterior of (a, b) is normal with precision I + 4 X'X and mean its inverse times 4 X'y.
TEST(ManyDataSets, EveryFitHasItsOwnPosterior) {
  MCMCOptions options = quick();
  options.num_warmup = 300, options.num_samples = 4000;
  const Fit fits = MCMC(NUTS(store), options).run(Key(3), weeks(), each(sales()));
  const auto x = weeks().to_vector<double>(), y = sales().to_vector<double>();
  double xx = 0, sx = 0;
  for (const double v : x) xx += v * v, sx += v;
  const double p00 = 1 + 4 * kWeeks, p01 = 4 * sx, p11 = 1 + 4 * xx, det = p00 * p11 - p01 * p01;
  for (int s = 0; s < kStores; ++s) {
    double sy = 0, sxy = 0;
    for (int w = 0; w < kWeeks; ++w) sy += y[std::size_t(s * kWeeks + w)], sxy += x[std::size_t(w)] * y[std::size_t(s * kWeeks + w)];
    const double a = (p11 * 4 * sy - p01 * 4 * sxy) / det, sd = std::sqrt(p11 / det);
    const Tensor draws = fits.each("each", s).posterior["a"].tensor();
    EXPECT_LT(std::abs(mean(draws).item<double>() - a), 5.5 * mcse_mean(draws).item<double>()) << s;
    EXPECT_LT(std::abs(stddev(draws).item<double>() - sd), 5.5 * mcse_sd(draws).item<double>()) << s;
  }
}

TEST(ManyDataSets, StoppedAndResumed) {
  MCMCOptions options = quick();
  const Fit whole = MCMC(NUTS(store), options).run(Key(2), weeks(), each(sales()));
  options.max_gradients = 700;
  const Fit part = MCMC(NUTS(store), options).run(Key(2), weeks(), each(sales()));
  EXPECT_LT(part.posterior["a"].size("draw"), 150);
  options.max_gradients = 0;
  const Fit rest = MCMC(NUTS(store), options).resume(part.state(), weeks(), each(sales()));
  EXPECT_TRUE(same(whole.posterior["level"].tensor(), rest.posterior["level"].tensor()));
}

TEST(ManyDataSets, Errors) {
  MCMCOptions options = quick();
  const auto text = [&](const Kernel& kernel) {
    return text_of_error([&] { MCMC(kernel, options).run(Key(0), weeks(), each(sales())); });
  };
  options.each = Labels{"a", "b"};
  EXPECT_NE(text(NUTS(store)).find("2 labels for 9 data sets"), std::string::npos);
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(store), options).run(Key(0), weeks(), Tensor(sales()[0])); }).find("no argument is each"),
            std::string::npos);
  options.each = {};
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(store), options).run(Key(0), each(weeks()), each(sales())); })
                .find("each: 9 data sets, another argument has 12"),
            std::string::npos);
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(store), options).run(Key(0), weeks(), each(1.0)); }).find("along the first axis"),
            std::string::npos);
  EXPECT_NE(text(EllipticalSlice(store)).find("EllipticalSlice takes one data set"), std::string::npos);
  options.stream_to = "unused.zarr";
  EXPECT_NE(text(NUTS(store)).find("stream_to writes one fit"), std::string::npos);
}

// ---- starting points ----

void positive(const Observed& y) {
  Tensor scale = sample("scale", Gamma(4.0, 2.0));
  Tensor m = sample("m", Normal(3.0, 0.1));
  sample("y", Normal(m, scale), y);
}

/// The starting points themselves: what a kernel that never moves draws.
Fit starts(const Init& init, int chains = 200) {
  MCMCOptions options = quick();
  options.num_warmup = 0, options.num_samples = 1, options.num_chains = chains;
  return MCMC(HMC(positive, {.num_steps = 1, .step_size = 1e-12, .adapt_step_size = false, .adapt_mass_matrix = false,
                             .init = init}),
              options)
      .run(Key(4), Tensor{1.0, 5.0});
}
double mean_of(const Fit& fit, const char* name) { return mean(fit[name]).item<double>(); }
double sd_of(const Fit& fit, const char* name) { return stddev(fit[name]).item<double>(); }

TEST(Starts, AreWhereTheStrategySays) {
  // Uniform on (-r, r): standard deviation r / sqrt(3), of a sample of 200 within 20 %.
  EXPECT_NEAR(sd_of(starts(init_to_uniform(0.5)), "m"), 0.5 / std::sqrt(3.0), 0.06);
  const Fit prior = starts(init_to_sample());
  EXPECT_NEAR(mean_of(prior, "m"), 3.0, 5.5 * 0.1 / std::sqrt(200.0));
  EXPECT_NEAR(mean_of(prior, "scale"), 2.0, 5.5 * 1.0 / std::sqrt(200.0));  // Gamma(4, 2): mean 2, sd 1
  // Of 15 draws: sd 0.1 / sqrt(15) of the mean, about a quarter more of the median.
  const Fit mean_start = starts(init_to_mean(), 50), median_start = starts(init_to_median(), 50);
  EXPECT_NEAR(sd_of(mean_start, "m"), 0.1 / std::sqrt(15.0), 0.013);
  EXPECT_NEAR(sd_of(median_start, "m"), 1.25 * 0.1 / std::sqrt(15.0), 0.016);
  EXPECT_NEAR(mean_of(mean_start, "m"), 3.0, 0.02);
  const Fit feasible = starts(init_to_feasible());
  for (const double x : feasible["scale"].to_vector<double>()) EXPECT_NEAR(x, 1.0, 1e-6);
  for (const double x : feasible["m"].to_vector<double>()) EXPECT_NEAR(x, 0.0, 1e-6);
}

TEST(Starts, ValuesOfSomeSites) {
  const Fit fit = starts(init_to_value({{"scale", 7.0}}));
  for (const double x : fit["scale"].to_vector<double>()) EXPECT_NEAR(x, 7.0, 1e-6);
  EXPECT_NEAR(sd_of(fit, "m"), 2.0 / std::sqrt(3.0), 0.2);  // uniform on (-2, 2)
}

TEST(Starts, DrawsOfAnEarlierFit) {
  const Fit earlier = starts(init_to_sample());
  const Fit fit = starts(init_to_draws(earlier));
  const auto known = earlier["scale"].to_vector<double>(), m = earlier["m"].to_vector<double>();
  const auto now = fit["scale"].to_vector<double>(), now_m = fit["m"].to_vector<double>();
  std::size_t different = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    std::size_t nearest = 0;
    for (std::size_t k = 0; k < known.size(); ++k)
      if (std::abs(known[k] - now[i]) < std::abs(known[nearest] - now[i])) nearest = k;
    EXPECT_NEAR(known[nearest], now[i], 1e-6);
    EXPECT_NEAR(m[nearest], now_m[i], 1e-6);  // whole draws, not coordinates
    different += std::abs(now[i] - now[0]) > 1e-6;
  }
  EXPECT_GT(different, now.size() / 2);
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(store, {.init = init_to_draws(earlier)}), quick()).run(Key(0), weeks(), Tensor(sales()[0])); })
                .find("no draws of the latent site \"a\""),
            std::string::npos);
  EXPECT_NE(text_of_error([] { init_to_draws(InferenceData()); }).find("no posterior"), std::string::npos);
}

TEST(Starts, DrawsOfAGuide) {
  const SVIResult result = SVI(positive, AutoNormal(positive), Adam(0.05), {.num_steps = 200}).run(Key(1), Tensor{1.0, 5.0});
  const Fit guide = result.posterior(Key(2), 50);
  const auto known = guide["scale"].to_vector<double>(), m = guide["m"].to_vector<double>();
  const Fit fit = starts(init_to_draws(guide), 20);
  const auto now = fit["scale"].to_vector<double>(), now_m = fit["m"].to_vector<double>();
  for (std::size_t i = 0; i < now.size(); ++i) {
    double nearest = 1e9;
    for (std::size_t k = 0; k < known.size(); ++k)
      nearest = std::min(nearest, std::abs(known[k] - now[i]) + std::abs(m[k] - now_m[i]));
    EXPECT_LT(nearest, 1e-6) << i;
  }
}

}  // namespace
}  // namespace nuthatch
