#include "nuthatch/inference_data.h"

#include <gtest/gtest.h>

#include "example_fit.h"

namespace nuthatch {
namespace {

using testing::example_fit;
using testing::filled;

template <class F> std::string message_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}
#define EXPECT_ERROR(statement, text)                                                                                  \
  EXPECT_NE(message_of([&] { (void)(statement); }).find(text), std::string::npos)                                      \
      << message_of([&] { (void)(statement); })

TEST(DataArray, SelectsByLabel) {
  const Fit fit = example_fit();
  const DataArray& theta = fit.posterior["theta"];
  EXPECT_EQ(theta.shape(), (Shape{2, 5, 3}));
  const DataArray choate = theta.at("school", "Choate");
  EXPECT_EQ(choate.dims(), (std::vector<std::string>{"chain", "draw"}));
  EXPECT_EQ(choate.name(), "theta");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(choate.to_doubles()[static_cast<std::size_t>(i)], std::sin(3.0 * i));
  EXPECT_EQ(theta.at("chain", 1).at("draw", "4").at("school", "Zürich").to_doubles(),
            std::vector<double>{std::sin(28.0)});
  EXPECT_EQ(fit.observed_data["y"].at("year", "2000.25").to_doubles(), std::vector<double>{-1});
  EXPECT_ERROR(theta.at("school", "Eton"), "no label `Eton` in dimension `school`; its labels are Choate, Zürich");
  EXPECT_ERROR(theta.at("pupil", "Eton"), "`theta` has no dimension `pupil`; its dimensions are (chain, draw, school)");
  EXPECT_ERROR(theta.at("pupil", "Eton"), "inference_data_test.cpp");
}

TEST(DataArray, BringsDimensionsToTheFront) {
  const DataArray x({"a", "b", "c"}, filled(i32, {2, 3, 4}, [](auto i) { return i; }));
  const DataArray y = x.with_leading({"c", "a"});
  EXPECT_EQ(y.dims(), (std::vector<std::string>{"c", "a", "b"}));
  EXPECT_EQ(y.shape(), (Shape{4, 2, 3}));
  for (int a = 0; a < 2; ++a)
    for (int b = 0; b < 3; ++b)
      for (int c = 0; c < 4; ++c)
        EXPECT_EQ(y.to_doubles()[static_cast<std::size_t>((c * 2 + a) * 3 + b)], (a * 3 + b) * 4 + c);
  EXPECT_EQ(y.with_leading({"a", "b", "c"}).to_doubles(), x.to_doubles());
}

TEST(DataArray, ConvertsToATensorWithoutCopying) {
  const DataArray x({"a"}, filled(f64, {4}, [](auto i) { return i; }));
  const Tensor t = x;
  EXPECT_EQ(t.shape(), (Shape{4}));
  EXPECT_EQ(DataArray({"b"}, t).values().data, x.values().data);
}

TEST(DataArray, RefusesNamesThatDoNotFit) {
  EXPECT_ERROR(DataArray({"a"}, filled(f64, {2, 2}, [](auto i) { return i; })),
               "1 dimension names (a) for shape [2, 2]");
  EXPECT_ERROR(DataArray({"a", "a"}, filled(f64, {2, 2}, [](auto i) { return i; })), "occurs twice");
}

TEST(Dataset, NamesUnnamedDimensionsAndSharesLabels) {
  Dataset d;
  const DataArray draws({"x", "y", "z"}, filled(f64, {2, 5, 3}, [](auto i) { return i; }));
  d.set_draws("theta", draws.tensor());
  EXPECT_EQ(d["theta"].dims(), (std::vector<std::string>{"chain", "draw", "theta_dim_0"}));
  d.set_draws("eta", draws.tensor(), {"school"});
  d.set_coord("school", std::vector<std::string>{"a", "b", "c"});
  d.set_draws("zeta", draws.tensor(), {"school"});
  EXPECT_EQ(d["zeta"].at("school", "c").to_doubles()[0], 2);
  EXPECT_EQ(d.names(), (std::vector<std::string>{"theta", "eta", "zeta"}));
}

TEST(Dataset, RefusesContradictions) {
  Fit fit = example_fit();
  Dataset& d = fit.posterior;
  const auto count = [](auto i) { return i; };
  EXPECT_ERROR(d.set("x", DataArray({"chain", "draw"}, filled(f64, {2, 6}, count))),
               "variable `x` has extent 6 in dimension `draw`, the group has 5");
  DataArray other({"school"}, filled(f64, {3}, count));
  other.set_coord("school", std::vector<std::string>{"a", "b", "c"});
  EXPECT_ERROR(d.set("x", other), "variable `x` labels dimension `school` differently");
  EXPECT_ERROR(d.set("school", DataArray({"school"}, filled(f64, {3}, count))), "name of one of its dimensions");
  EXPECT_ERROR(d.set_coord("school", std::vector<std::string>{"a"}), "1 labels for dimension `school` of extent 3");
  EXPECT_ERROR(d["nu"], "no variable `nu`; the group has tau, mu, theta, b");
  EXPECT_FALSE(d.contains("x"));
}

TEST(InferenceData, JoinsChains) {
  Fit fit = example_fit();
  EXPECT_EQ(fit["theta"].shape(), (Shape{10, 3}));
  EXPECT_EQ(fit["mu"].to_vector<double>(), (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(fit["y"].shape(), (Shape{2}));
  // Draws first, whatever the order in a file.
  const DataArray backwards = fit.posterior["theta"].with_leading({"school", "draw"});
  fit.posterior_predictive.set("z", backwards);
  EXPECT_EQ(fit["z"].to_vector<double>(), fit["theta"].to_vector<double>());
  EXPECT_ERROR(fit["nu"], "no draws of `nu`; there are\n  posterior: tau, mu, theta, b");
}

TEST(InferenceData, KnowsItsGroups) {
  Fit fit = example_fit();
  EXPECT_EQ(fit.groups(), (std::vector<std::string>{"posterior", "sample_stats", "observed_data", "constant_data"}));
  fit.group("notes").set("x", DataArray({"i"}, filled(f64, {1}, [](auto i) { return i; })));
  EXPECT_TRUE(fit.has("notes"));
  EXPECT_EQ(&fit.group("posterior"), &fit.posterior);
  const InferenceData& constant = fit;
  EXPECT_ERROR(constant.group("prior"), "no group `prior`; there are posterior, sample_stats");
}

TEST(InferenceData, ExtendsAndSelects) {
  Fit fit = example_fit();
  InferenceData predictive;
  predictive.posterior_predictive.set("y", fit.posterior["mu"]);
  fit.extend(predictive);
  EXPECT_EQ(fit["y"].shape(), (Shape{10}));
  const InferenceData one = fit.each("school", "Zürich");
  EXPECT_EQ(one.posterior["theta"].shape(), (Shape{2, 5}));
  EXPECT_EQ(one.posterior["mu"].shape(), (Shape{2, 5}));
  EXPECT_EQ(one.posterior["theta"].to_doubles()[1], std::sin(4.0));
  EXPECT_ERROR(fit.each("pupil", 1), "no variable has a dimension `pupil`");
}

} // namespace
} // namespace nuthatch
