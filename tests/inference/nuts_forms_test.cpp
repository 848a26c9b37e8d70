// The two state machines and the textbook loops give the same draws, bit for bit.
#include <gtest/gtest.h>

#include "tests/inference/test_models.h"

namespace nuthatch {
namespace {

using namespace testing_models;

struct Case {
  std::string name;
  LogDensityFunction (*model)();
};

class NutsForms : public ::testing::TestWithParam<Case> {};

/// Every draw and statistic of `engine` equals the reference's; returns the number of draws compared.
std::int64_t compare_with_reference(const mcmc::Engine& engine, const LogDensityFunction& model, std::uint64_t seed,
                                    reference::Options options, bool interpret) {
  const auto& store = engine.draws();
  const auto density_function = density(model, interpret);
  const std::int64_t dim = model.dim, columns = store.stats.shape[2];
  std::int64_t compared = 0;
  for (std::int64_t chain = 0; chain < store.chains; ++chain) {
    reference::Sampler textbook(density_function, std::size_t(dim),
                                math::fold_in(math::seed_key(seed), std::uint32_t(chain)), options);
    const auto expected = textbook.run();
    for (std::size_t t = 0; t < expected.size(); ++t) {
      const reference::Draw& e = expected[t];
      const double* z = store.positions.as<double>() + (chain * store.capacity + std::int64_t(t)) * dim;
      const double* s = store.stats.as<double>() + (chain * store.capacity + std::int64_t(t)) * columns;
      for (std::int64_t i = 0; i < dim; ++i)
        EXPECT_EQ(z[i], e.position[std::size_t(i)]) << "chain " << chain << " draw " << t << " dimension " << i;
      EXPECT_EQ(s[0], e.acceptance_rate) << "chain " << chain << " draw " << t;
      EXPECT_EQ(s[1], e.step_size) << "chain " << chain << " draw " << t;
      EXPECT_EQ(s[2], e.energy) << "chain " << chain << " draw " << t;
      EXPECT_EQ(s[3], e.lp) << "chain " << chain << " draw " << t;
      EXPECT_EQ(s[4], e.tree_depth) << "chain " << chain << " draw " << t;
      EXPECT_EQ(s[5], double(e.n_steps)) << "chain " << chain << " draw " << t;
      EXPECT_EQ(s[6], double(e.diverging)) << "chain " << chain << " draw " << t;
      if (::testing::Test::HasFailure()) return compared;  // the rest is chaos
      ++compared;
    }
  }
  return compared;
}

TEST_P(NutsForms, InterpretedEqualsReference) {
  const LogDensityFunction model = GetParam().model();
  for (const Form form : {Form::paired, Form::plain}) {
    mcmc::EngineOptions options;
    options.num_warmup = 25, options.num_samples = 5, options.num_chains = 1;
    options.save_warmup = true, options.interpret = true;
    const auto engine = run(sampler(form), model, Key(7), options);
    reference::Options textbook;
    textbook.num_warmup = 25, textbook.num_samples = 5;
    EXPECT_EQ(compare_with_reference(engine, model, 7, textbook, true), 30);
  }
}

TEST_P(NutsForms, CompiledEqualsReference) {
  const LogDensityFunction model = GetParam().model();
  for (const Form form : {Form::paired, Form::plain})
    for (const int width : {1, 4, 8}) {
      mcmc::EngineOptions options;
      options.num_warmup = 300, options.num_samples = 200, options.num_chains = 5, options.threads = 2;
      options.save_warmup = true, options.lane_width = width;
      const auto engine = run(sampler(form), model, Key(11), options);
      reference::Options textbook;
      textbook.num_warmup = 300, textbook.num_samples = 200;
      EXPECT_EQ(compare_with_reference(engine, model, 11, textbook, false), 5 * 500) << "width " << width;
    }
}

TEST_P(NutsForms, FisherMetricEqualsReference) {
  const LogDensityFunction model = GetParam().model();
  mcmc::AdaptationRules rules;
  rules.source = mcmc::MetricSource::fisher;
  for (const Form form : {Form::paired, Form::plain}) {
    mcmc::EngineOptions options;
    options.num_warmup = 300, options.num_samples = 100, options.num_chains = 5, options.save_warmup = true;
    const auto engine = run(sampler(form, rules), model, Key(13), options);
    reference::Options textbook;
    textbook.num_warmup = 300, textbook.num_samples = 100, textbook.fisher = true;
    EXPECT_EQ(compare_with_reference(engine, model, 13, textbook, false), 5 * 400);
  }
}

/// A density that is NaN on half of the starting region: the search for a start, and divergences at its edge.
LogDensityFunction half_forbidden() {
  return {3, {}, [](const Tensor& z, const std::vector<Tensor>&) {
            return -0.5 * sum(square(z)) + log(select(z[0] < 0.5, 1.0, -1.0));
          },
          {}};
}

INSTANTIATE_TEST_SUITE_P(Models, NutsForms,
                         ::testing::Values(Case{"EightSchools", eight_schools},
                                           Case{"CorrelatedGaussian", correlated_gaussian},
                                           Case{"Logistic", small_logistic}, Case{"HalfForbidden", half_forbidden}),
                         [](const auto& info) { return info.param.name; });

TEST(NutsForms, DepthLimitIsRespected) {
  mcmc::EngineOptions options;
  options.num_warmup = 50, options.num_samples = 50, options.num_chains = 2, options.save_warmup = true;
  const LogDensityFunction model = correlated_gaussian();
  reference::Options textbook;
  textbook.num_warmup = textbook.num_samples = 50;
  for (const int depth : {1, 2, 3}) {
    textbook.max_tree_depth = depth;
    for (const Form form : {Form::paired, Form::plain}) {
      const auto engine = run(sampler(form, {}, depth), model, Key(5), options);
      EXPECT_EQ(compare_with_reference(engine, model, 5, textbook, false), 200) << "depth " << depth;
    }
  }
}

}  // namespace
}  // namespace nuthatch
