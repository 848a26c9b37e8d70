// Linear regressions with flat and informative priors, logistic and Poisson regressions, a growth curve.
#include "tests/posteriordb/densities.h"

namespace nuthatch::posteriordb {
namespace {

enum class NoisePrior { flat, half_cauchy };

void linear_regression(const Tensor& X, NoisePrior prior, const Observed& y) {
  Tensor beta = sample("beta", ImproperUniform(constraints::real_vector(), {X.size(1)}));
  const Distribution noise = prior == NoisePrior::flat ? Distribution(ImproperUniform(constraints::positive))
                                                       : Distribution(HalfCauchy(2.5));
  Tensor sigma = sample("sigma", noise);
  Plate rows("row", X.size(0));
  sample("y", Normal(matmul(X, beta), sigma), y);
}

/// Columns after a constant one.
Tensor design(const std::vector<Tensor>& columns) {
  std::vector<Tensor> all{ones_like(columns.at(0))};
  all.insert(all.end(), columns.begin(), columns.end());
  return stack(all, 1);
}

Tensor indicator(const Tensor& x, double value) { return (x == value).cast(f64); }

struct LinearCase {
  std::string posterior, data;
  NoisePrior prior;
  std::function<std::pair<Tensor, Tensor>(const Data&)> make;  // X, y
};

std::pair<Tensor, Tensor> national_election_study(const Data& d) {
  Tensor age = d["age_discrete"];
  return {design({d["real_ideo"], d["race_adj"], indicator(age, 2), indicator(age, 3), indicator(age, 4), d["educ1"],
                  d["gender"], d["income"]}),
          d["partyid7"]};
}

std::vector<LinearCase> linear_cases() {
  const auto flat = NoisePrior::flat, cauchy = NoisePrior::half_cauchy;
  return {
      {"earnings-earn_height", "earnings", flat, [](const Data& d) { return std::pair{design({d["height"]}), d["earn"]}; }},
      {"earnings-logearn_height", "earnings", flat,
       [](const Data& d) { return std::pair{design({d["height"]}), log(d["earn"])}; }},
      {"earnings-logearn_height_male", "earnings", flat,
       [](const Data& d) { return std::pair{design({d["height"], d["male"]}), log(d["earn"])}; }},
      {"earnings-logearn_interaction", "earnings", flat,
       [](const Data& d) {
         return std::pair{design({d["height"], d["male"], d["height"] * d["male"]}), log(d["earn"])};
       }},
      {"mesquite-mesquite", "mesquite", flat,
       [](const Data& d) {
         return std::pair{design({d["diam1"], d["diam2"], d["canopy_height"], d["total_height"], d["density"], d["group"]}),
                          d["weight"]};
       }},
      {"mesquite-logmesquite", "mesquite", flat,
       [](const Data& d) {
         return std::pair{design({log(d["diam1"]), log(d["diam2"]), log(d["canopy_height"]), log(d["total_height"]),
                                  log(d["density"]), d["group"]}),
                          log(d["weight"])};
       }},
      {"mesquite-logmesquite_logva", "mesquite", flat,
       [](const Data& d) {
         Tensor area = d["diam1"] * d["diam2"];
         return std::pair{design({log(area * d["canopy_height"]), log(area), d["group"]}), log(d["weight"])};
       }},
      {"mesquite-logmesquite_logvash", "mesquite", flat,
       [](const Data& d) {
         Tensor area = d["diam1"] * d["diam2"];
         return std::pair{design({log(area * d["canopy_height"]), log(area), log(d["diam1"] / d["diam2"]),
                                  log(d["total_height"]), d["group"]}),
                          log(d["weight"])};
       }},
      {"kidiq-kidscore_momhs", "kidiq", cauchy,
       [](const Data& d) { return std::pair{design({d["mom_hs"]}), d["kid_score"]}; }},
      {"kidiq-kidscore_momiq", "kidiq", cauchy,
       [](const Data& d) { return std::pair{design({d["mom_iq"]}), d["kid_score"]}; }},
      {"kidiq-kidscore_interaction", "kidiq", cauchy,
       [](const Data& d) {
         return std::pair{design({d["mom_hs"], d["mom_iq"], d["mom_hs"] * d["mom_iq"]}), d["kid_score"]};
       }},
      {"kidiq_with_mom_work-kidscore_interaction_c", "kidiq_with_mom_work", flat,
       [](const Data& d) {
         Tensor school = d["mom_hs"] - mean(d["mom_hs"]), iq = d["mom_iq"] - mean(d["mom_iq"]);
         return std::pair{design({school, iq, school * iq}), d["kid_score"]};
       }},
      {"kidiq_with_mom_work-kidscore_mom_work", "kidiq_with_mom_work", flat,
       [](const Data& d) {
         Tensor work = d["mom_work"];
         return std::pair{design({indicator(work, 2), indicator(work, 3), indicator(work, 4)}), d["kid_score"]};
       }},
      {"nes1972-nes", "nes1972", flat, national_election_study},
      {"nes1980-nes", "nes1980", flat, national_election_study},
      {"nes1984-nes", "nes1984", flat, national_election_study},
      {"nes2000-nes", "nes2000", flat, national_election_study},
  };
}

class LinearRegression : public PosteriorDB, public ::testing::WithParamInterface<LinearCase> {};

TEST_P(LinearRegression, AgreesWithReference) {
  const LinearCase& c = GetParam();
  const auto [X, y] = c.make(Data(c.data));
  expect_agreement(c.posterior, linear_regression, X, c.prior, y);
}

INSTANTIATE_TEST_SUITE_P(All, LinearRegression, ::testing::ValuesIn(linear_cases()), [](const auto& info) {
  std::string name = info.param.posterior;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

class Regression : public PosteriorDB {};

void informative(const Tensor& X, const Observed& y) {
  Tensor beta = sample("beta", Normal(zeros(X.size(1)), 10.0).to_event());
  Tensor sigma = sample("sigma", HalfNormal(10.0));
  Plate rows("row", X.size(0));
  sample("y", Normal(matmul(X, beta), sigma), y);
}
TEST_F(Regression, InformativePriors) {
  const Data d("sblri");
  expect_agreement("sblri-blr", informative, d.matrix("X"), d["y"]);
}

void trend(const Tensor& x, const Tensor& prior, const Observed& y) {
  Tensor alpha = sample("alpha", Normal(prior[0], prior[1])), beta = sample("beta", Normal(prior[2], prior[3]));
  Tensor sigma = sample("sigma", ImproperUniform(constraints::positive));
  Plate years("year", x.size());
  sample("y", Normal(alpha + beta * x, sigma), y);
}
// Correlation -0.999988 between intercept and slope.
TEST_F(Regression, ExtremelyCorrelated) {
  const Data d("kilpisjarvi_mod");
  Tensor prior(std::vector<double>{d.number("pmualpha"), d.number("psalpha"), d.number("pmubeta"), d.number("psbeta")});
  expect_agreement("kilpisjarvi_mod-kilpisjarvi", trend, d["x"], prior, d["y"]);
}

void logistic(const Tensor& X, const Observed& y) {
  Tensor alpha = sample("alpha", ImproperUniform(constraints::real));
  Tensor beta = sample("beta", ImproperUniform(constraints::real_vector(), {X.size(1)}));
  Plate rows("row", X.size(0));
  sample("y", Bernoulli({.logits = alpha + matmul(X, beta)}), y);
}
TEST_F(Regression, LogisticWells) {
  const Data d("wells_data");
  expect_agreement("wells_data-wells_dist100ars_model", logistic, stack({d["dist"] / 100.0, d["arsenic"]}, 1), d["switched"]);
}
TEST_F(Regression, LogisticVote) {
  const Data d("nes_logit_data");
  expect_agreement("nes_logit_data-nes_logit_model", logistic, reshape(d["income"], {-1, 1}), d["vote"]);
}

void poisson(const Tensor& t, const Observed& counts) {
  Tensor alpha = sample("alpha", Uniform(-20.0, 20.0));
  Tensor b1 = sample("beta1", Uniform(-10.0, 10.0)), b2 = sample("beta2", Uniform(-10.0, 10.0)),
         b3 = sample("beta3", Uniform(-10.0, 10.0));
  Plate years("year", t.size());
  sample("C", Poisson(exp(alpha + b1 * t + b2 * square(t) + b3 * cube(t))), counts);
}
TEST_F(Regression, PoissonCounts) {
  const Data d("GLM_Poisson_Data");
  expect_agreement("GLM_Poisson_Data-GLM_Poisson_model", poisson, d["year"], d["C"]);
}

void growth(const Tensor& x, const Observed& length) {
  Tensor alpha = sample("alpha", Normal(0.0, 1000.0)), beta = sample("beta", Normal(0.0, 1000.0));
  Tensor lambda = sample("lambda", Uniform(0.5, 1.0));
  Tensor tau = sample("tau", Gamma(0.0001, 0.0001));
  Tensor sigma = deterministic("sigma", 1.0 / sqrt(tau));
  Plate animals("animal", x.size());
  sample("Y", Normal(alpha - beta * pow(lambda, x), sigma), length);
}
TEST_F(Regression, GrowthCurve) {
  const Data d("dugongs_data");
  expect_agreement("dugongs_data-dugongs_model", growth, d["x"], d["Y"]);
}

}  // namespace
}  // namespace nuthatch::posteriordb
