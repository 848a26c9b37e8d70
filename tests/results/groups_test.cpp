// Selecting, combining and handing out groups.
#include <gtest/gtest.h>

#include <set>

#include "example_fit.h"
#include "nuthatch/random.h"

namespace nuthatch {
namespace {

using testing::example_fit;
using testing::filled;

std::string error_of(auto f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Groups, SelectByLabelsAndPositions) {
  const Fit fit = example_fit();
  const InferenceData part = fit.sel({{"school", {"Ōsaka 𝛉", "Choate"}}, {"chain", {1}}});
  const DataArray& theta = part.posterior["theta"];
  ASSERT_EQ(theta.shape(), (Shape{1, 5, 2}));
  EXPECT_EQ(theta.to_doubles()[0], std::sin(17.0)); // chain 1, draw 0, school 2
  EXPECT_EQ(theta.to_doubles()[1], std::sin(15.0));
  EXPECT_EQ(part.posterior.coords().at("chain"), Coordinate(std::vector<std::int64_t>{1}));
  EXPECT_EQ(part.posterior["mu"].to_doubles(), (std::vector<double>{5, 6, 7, 8, 9}));
  EXPECT_EQ(part.sample_stats["tree_depth"].shape(), (Shape{1, 5}));
  EXPECT_EQ(part.observed_data["y"].shape(), (Shape{2}));
  EXPECT_EQ(part.attrs, fit.attrs);

  const InferenceData last = fit.isel({{"draw", {-1, 0}}});
  EXPECT_EQ(last.posterior["mu"].to_doubles(), (std::vector<double>{4, 0, 9, 5}));
  EXPECT_EQ(last.posterior.coords().at("draw").text(0), "4");
  EXPECT_EQ(fit.thin(2).posterior["mu"].to_doubles(), (std::vector<double>{0, 2, 4, 5, 7, 9}));

  EXPECT_NE(error_of([&] { fit.sel({{"school", {"Eton"}}}); }).find("no label `Eton`"), std::string::npos);
  EXPECT_NE(error_of([&] {
              fit.sel({{"pupil", {1}}});
            }).find("no variable has a dimension `pupil`"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              fit.isel({{"draw", {5}}});
            }).find("position 5 in dimension `draw` of extent 5"),
            std::string::npos);
  EXPECT_NE(error_of([&] { fit.thin(0); }).find("step 0"), std::string::npos);
}

TEST(Groups, AddAndRemove) {
  InferenceData data = example_fit();
  Dataset prior;
  prior.set("mu", data.posterior["mu"]);
  data.add_groups({{"prior", prior}, {"warmup_log_likelihood", prior}});
  EXPECT_TRUE(data.has("prior"));
  EXPECT_EQ(data.others.count("warmup_log_likelihood"), 1u);
  EXPECT_NE(error_of([&] { data.add_groups({{"prior", prior}}); }).find("a group `prior` already"), std::string::npos);
  data.remove_groups({"prior", "warmup_log_likelihood"});
  EXPECT_FALSE(data.has("prior"));
  EXPECT_NE(error_of([&] { data.remove_groups({"posterior", "prior"}); }).find("no group `prior`"), std::string::npos);
  EXPECT_TRUE(data.has("posterior")); // nothing happened
}

TEST(Groups, StackChainsAndMaps) {
  const Fit fit = example_fit();
  const InferenceData stacked = fit.stack_chains();
  EXPECT_EQ(stacked.posterior["theta"].dims(), (std::vector<std::string>{"sample", "school"}));
  EXPECT_EQ(stacked.posterior["theta"].shape(), (Shape{10, 3}));
  EXPECT_EQ(stacked.posterior["theta"].to_doubles(), fit.posterior["theta"].to_doubles());
  EXPECT_EQ(stacked.observed_data["y"].dims(), std::vector<std::string>{"year"});
  const auto draws = fit.to_map();
  EXPECT_EQ(draws.size(), 4u);
  EXPECT_EQ(draws.at("b").shape(), (Shape{10, 1, 2}));
  EXPECT_EQ(fit.to_map("observed_data").at("y").shape(), (Shape{2}));
  EXPECT_NE(error_of([&] { fit.to_map("prior"); }).find("no group `prior`"), std::string::npos);

  const auto some = fit.extract(4, Key(1));
  ASSERT_EQ(some.at("theta").shape(), (Shape{4, 3}));
  const auto mu = some.at("mu").to_vector<double>(), theta = some.at("theta").to_vector<double>();
  EXPECT_EQ(std::set<double>(mu.begin(), mu.end()).size(), 4u);
  for (std::size_t s = 0; s < 4; ++s) EXPECT_EQ(theta[3 * s + 1], std::sin(3 * mu[s] + 1)); // of the same draw
  EXPECT_NE(error_of([&] { fit.extract(11, Key(1)); }).find("11 of 10 draws"), std::string::npos);
}

TEST(Groups, Concatenate) {
  const Fit fit = example_fit();
  const InferenceData chains = concatenate({fit, fit, fit}), draws = concatenate({fit, fit}, "draw");
  EXPECT_EQ(chains.posterior["theta"].shape(), (Shape{6, 5, 3}));
  EXPECT_EQ(chains.posterior["theta"].coords().at("school"), fit.posterior["theta"].coords().at("school"));
  EXPECT_EQ(draws.posterior["theta"].shape(), (Shape{2, 10, 3}));
  EXPECT_EQ(draws.posterior["mu"].to_doubles(),
            (std::vector<double>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 6, 7, 8, 9}));
  EXPECT_EQ(draws.posterior.coords().at("draw"), Coordinate::range(10));
  EXPECT_EQ(draws.constant_data["n"].item<std::int64_t>(), 7);
  EXPECT_NE(error_of([&] { concatenate({fit, fit}, "school"); }).find("neither chain nor draw"), std::string::npos);
  EXPECT_NE(error_of([&] { concatenate(std::vector<InferenceData>()); }).find("no parts"), std::string::npos);
  InferenceData other = fit;
  other.posterior = Dataset();
  other.posterior.set("mu", DataArray({"chain", "draw"}, filled(f64, {2, 4}, [](auto i) { return i; })));
  EXPECT_NE(error_of([&] { concatenate({fit, other}); }).find("no variable `tau`"), std::string::npos);
  InferenceData only = other;
  only.sample_stats = fit.sample_stats;
  only.posterior.set("mu", DataArray({"chain", "draw"}, filled(f64, {2, 4}, [](auto i) { return i; })));
  InferenceData longer = fit.sel({{"chain", {0}}});
  longer.posterior = fit.posterior;
  longer.posterior.erase("tau"), longer.posterior.erase("theta"), longer.posterior.erase("b");
  EXPECT_NE(error_of([&] { concatenate({only, longer}); }).find("`mu` has shape [2, 4]"), std::string::npos);
}

TEST(Groups, Text) {
  const std::string text = to_string(example_fit());
  EXPECT_NE(text.find("\nposterior (b_dim_0 1, b_dim_1 2, chain 2, draw 5, school 3)\n  tau (chain, draw) f64\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n  diverging (chain, draw) bool\n"), std::string::npos) << text;
}

} // namespace
} // namespace nuthatch
