// Leave-one-out predictions, folds, refits and subsampling.
#include "nuthatch/cross_validation.h"

#include <gtest/gtest.h>

#include <map>

#include "nuthatch/array.h"
#include "nuthatch/compare.h"
#include "nuthatch/detail/emit.h"
#include "reference_models.h"

namespace nuthatch {
namespace {

using testing::filled;
using testing::reference;
using testing::reference_model;

std::string error_of(auto f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

Tensor tensor(Shape shape, auto f) { return detail::wrap(detail::concrete(filled(f64, std::move(shape), f))); }

class Predicted : public ::testing::TestWithParam<const char*> {};

TEST_P(Predicted, PitAndExpectations) {
  const InferenceData data = reference_model(GetParam());
  const auto& theirs = reference()["predictions"][GetParam()];
  EXPECT_ALL_CLOSE(loo_pit(data).to_doubles(), theirs["pit"]);
  EXPECT_ALL_CLOSE(loo_expectation(data).to_doubles(), theirs["mean"]);
  EXPECT_ALL_CLOSE(loo_expectation(data, "sd").to_doubles(), theirs["sd"]);
  EXPECT_ALL_CLOSE(loo_expectation(data, "median").to_doubles(), theirs["median"]);
  EXPECT_ALL_CLOSE(loo_expectation(data, "quantile", 0.1).to_doubles(), theirs["quantile"]);
  const auto sd = loo_expectation(data, "sd").to_doubles(), var = loo_expectation(data, "var").to_doubles();
  for (std::size_t i = 0; i < sd.size(); ++i) EXPECT_NEAR(sd[i] * sd[i], var[i], 1e-12);
}

TEST_P(Predicted, PitWithTies) {
  InferenceData data = reference_model(GetParam());
  const auto round = [](const DataArray& x) {
    const auto values = x.to_doubles();
    return DataArray(x.dims(), filled(f64, x.shape(), [&](std::int64_t i) {
                       return std::nearbyint(values[static_cast<std::size_t>(i)]);
                     }));
  };
  data.posterior_predictive.set("y", round(data.posterior_predictive["y"]));
  data.observed_data.set("y", round(data.observed_data["y"]));
  const auto half = loo_pit(data).to_doubles(), all = loo_pit(data, {.ties = "all"}).to_doubles();
  const auto random = loo_pit(data, {.ties = "random", .key = Key(4)}).to_doubles();
  EXPECT_ALL_CLOSE(half, reference()["predictions"][GetParam()]["rounded"]);
  for (std::size_t i = 0; i < half.size(); ++i) {
    const double below = 2 * half[i] - all[i];
    EXPECT_GE(random[i], below - 1e-14);
    EXPECT_LE(random[i], all[i] + 1e-14);
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, Predicted, ::testing::Values("normal", "shifted", "student"),
                         [](const auto& info) { return std::string(info.param); });

TEST(LooPredictions, MistakesNameTheGroup) {
  InferenceData data = reference_model("normal");
  EXPECT_NE(error_of([&] { loo_pit(data, {.ties = "none"}); }).find(".ties = \"none\""), std::string::npos);
  EXPECT_NE(error_of([&] { loo_expectation(data, "mode"); }).find("kind \"mode\""), std::string::npos);
  EXPECT_NE(error_of([&] { loo_expectation(data, "quantile", 2); }).find("probability 2"), std::string::npos);
  data.observed_data = Dataset();
  EXPECT_NE(error_of([&] { loo_pit(data); }).find("observed_data has no variable `y`"), std::string::npos);
  data.posterior_predictive.set("y", data.posterior_predictive["y"].at_position("obs", 0));
  EXPECT_NE(error_of([&] { loo_expectation(data); }).find("1000 samples of 1 observations, log_likelihood 1000 of 60"),
            std::string::npos);
}

TEST(Folds, RandomFoldsAreAPartition) {
  const Folds folds = random_folds(23, 5, Key(1));
  std::vector<int> seen(23, 0), sizes;
  for (int fold = 0; fold < 5; ++fold) {
    const auto out = folds.held_out(fold).to_vector<std::int64_t>(), in = folds.kept(fold).to_vector<std::int64_t>();
    EXPECT_EQ(out.size() + in.size(), 23u);
    sizes.push_back(static_cast<int>(out.size()));
    for (auto i : out) ++seen[static_cast<std::size_t>(i)];
  }
  EXPECT_EQ(seen, std::vector<int>(23, 1));
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(sizes, (std::vector<int>{4, 4, 5, 5, 5}));
  EXPECT_NE(random_folds(23, 5, Key(2)).fold_of(), folds.fold_of());
}

TEST(Folds, StrataAreSpreadAndGroupsStayTogether) {
  std::vector<std::int64_t> labels, groups;
  for (int i = 0; i < 60; ++i) labels.push_back(i % 4 == 0), groups.push_back(i / 7);
  const Folds strata = stratified_folds(Tensor(labels), 5, Key(3));
  for (int fold = 0; fold < 5; ++fold) {
    const auto at = strata.held_out(fold).to_vector<std::int64_t>();
    EXPECT_EQ(at.size(), 12u);
    EXPECT_EQ(std::count_if(at.begin(), at.end(), [](auto i) { return i % 4 == 0; }), 3);
  }
  const Folds grouped = grouped_folds(Tensor(groups), 4, Key(3));
  std::map<std::int64_t, std::int64_t> fold_of_group;
  for (std::size_t i = 0; i < 60; ++i)
    EXPECT_EQ(fold_of_group.try_emplace(groups[i], grouped.fold_of()[i]).first->second, grouped.fold_of()[i]);
}

TEST(Folds, MistakesAreErrors) {
  EXPECT_NE(error_of([] { random_folds(3, 4, Key(0)); }).find("4 folds for 3 observations"), std::string::npos);
  EXPECT_NE(error_of([] { random_folds(3, 1, Key(0)); }).find("1 folds"), std::string::npos);
  EXPECT_NE(error_of([] { Folds({0, 0, 2}, 3); }).find("fold 1 has no observation"), std::string::npos);
  EXPECT_NE(error_of([] { Folds({0, 1, 3}, 3); }).find("fold 3 is not in 0 ... 2"), std::string::npos);
  EXPECT_NE(error_of([] { stratified_folds(Tensor{0.5, 1.0}, 2, Key(0)); }).find("real numbers"), std::string::npos);
  EXPECT_NE(error_of([] {
              grouped_folds(Tensor{0, 0, 1}, 3, Key(0));
            }).find("3 folds for 2 groups"),
            std::string::npos);
}

TEST(KFold, SumsTheLogPredictiveDensitiesOfTheFolds) {
  // "Fits" whose log likelihood of observation i is log(i + 1) in one draw and log(3 (i + 1)) in the other: the mean
  // of their exponentials is 2 (i + 1).
  const auto refit = [](const Tensor& kept, const Tensor& held_out) {
    EXPECT_EQ(kept.size() + held_out.size(), 10);
    const auto at = held_out.to_vector<double>();
    return tensor({1, 2, held_out.size()}, [&](std::int64_t i) {
      const double y = at[static_cast<std::size_t>(i) % at.size()] + 1;
      return std::log(i < held_out.size() ? y : 3 * y);
    });
  };
  const Elpd result = k_fold(random_folds(10, 3, Key(5)), refit);
  double sum = 0, square = 0;
  const auto elpd_i = result.elpd_i.to_doubles();
  for (std::size_t i = 0; i < 10; ++i) {
    const double expected = std::log(2.0 * static_cast<double>(i + 1));
    EXPECT_NEAR(elpd_i[i], expected, 1e-14);
    sum += expected, square += expected * expected;
  }
  EXPECT_NEAR(result.elpd, sum, 1e-12);
  EXPECT_NEAR(result.se, std::sqrt(10 * (square / 10 - sum * sum / 100)), 1e-12);
  EXPECT_TRUE(std::isnan(result.p));
  EXPECT_EQ(result.method, "kfold");
  EXPECT_EQ(result.num_samples, 2);
  EXPECT_NE(error_of([] {
              k_fold(random_folds(10, 3, Key(5)), [](const Tensor&, const Tensor&) { return zeros(Shape{1, 2, 7}); });
            }).find("of fold 0 have shape [1, 2, 7]; needed is (chain, draw, "),
            std::string::npos);
}

TEST(Reloo, ReplacesInfluentialObservations) {
  const Elpd before = loo(reference_model("normal"));
  ASSERT_EQ(influential_observations(before), std::vector<std::int64_t>{7});
  const Elpd after = reloo(before, [](std::int64_t i) {
    EXPECT_EQ(i, 7);
    return tensor({2, 3}, [](auto) { return -20.0; });
  });
  const auto old_i = before.elpd_i.to_doubles(), new_i = after.elpd_i.to_doubles();
  EXPECT_NEAR(new_i[7], -20, 1e-14);
  EXPECT_NEAR(after.elpd - before.elpd, -20 - old_i[7], 1e-11);
  EXPECT_NEAR(after.p - before.p, 20 + old_i[7], 1e-11);
  EXPECT_EQ(after.pareto_k.to_doubles()[7], 0);
  EXPECT_TRUE(before.warning);
  EXPECT_FALSE(after.warning);
  EXPECT_TRUE(influential_observations(after).empty());
  // With the estimate of the whole fit, k-fold knows the optimism as well.
  const Elpd folds = k_fold(
      random_folds(60, 10, Key(1)),
      [](const Tensor&, const Tensor& out) {
        return tensor({1, 2, out.size()}, [](auto) { return -1.0; });
      },
      &before);
  EXPECT_NEAR(folds.elpd, -60, 1e-12);
  EXPECT_NEAR(folds.elpd + folds.p, before.elpd + before.p, 1e-10);
}

TEST(LooSubsample, IsTheDifferenceEstimator) {
  const InferenceData data = reference_model("normal");
  const auto& theirs = reference()["subsample"];
  const Elpd ours = loo_subsample(data, 0, {.observations = theirs["observations"].get<std::vector<std::int64_t>>()});
  EXPECT_CLOSE(ours.elpd, theirs["elpd"].get<double>());
  EXPECT_CLOSE(ours.subsampling_se, theirs["subsampling_se"].get<double>());
  EXPECT_CLOSE(ours.se, theirs["se"].get<double>());
  EXPECT_CLOSE(ours.p, theirs["p"].get<double>());
  EXPECT_TRUE(std::isnan(ours.elpd_i.to_doubles()[1]));
  EXPECT_EQ(ours.elpd_i.to_doubles()[4], loo(data).elpd_i.to_doubles()[4]);
  const Elpd whole = loo_subsample(data, 60), exact = loo(data);
  EXPECT_NEAR(whole.elpd, exact.elpd, 1e-10);
  EXPECT_NEAR(whole.se, exact.se, 1e-10);
  EXPECT_NEAR(whole.p, exact.p, 1e-10);
  EXPECT_EQ(whole.subsampling_se, 0);
  EXPECT_NE(to_string(loo_subsample(data, 20)).find("SE of subsampling alone"), std::string::npos);
  EXPECT_NE(error_of([&] { loo_subsample(data, 61); }).find("61 of 60 observations"), std::string::npos);
  EXPECT_NE(error_of([&] {
              loo_subsample(data, 1, {.observations = {3, 3}});
            }).find("occurs twice"),
            std::string::npos);
  EXPECT_NE(error_of([&] { compare({{"a", loo_subsample(data, 20)}}); }).find("from a subsample"), std::string::npos);
}

} // namespace
} // namespace nuthatch
