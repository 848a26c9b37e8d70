// Distribution functions, quantiles and moments against values from 40-digit arithmetic (tools/*.py), and what must hold
// between them for every entry of the registry.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "tests/ppl/reference_rows.h"

using namespace nuthatch;

namespace {

using Row = test::ReferenceRow;

const std::vector<Row>& rows() {
  static const std::vector<Row> all =
      test::reference_rows("functions", {"continuous", "discrete", "multivariate", "modified"});
  return all;
}

Distribution make(const Row& row) {
  for (const auto& e : detail::distribution_registry())
    if (e.name == row.name) return e.make(row.parameters);
  throw Error("no distribution " + row.name);
}

std::string show(const std::string& name, const std::vector<Tensor>& parameters) {
  std::string text = name + "(";
  for (const auto& p : parameters) text += to_string(p) + " ";
  return text + ")";
}

Tensor evaluate(const Distribution& d, const std::string& function, const Tensor& x) {
  if (function == "cdf") return d.cdf(x);
  if (function == "log_cdf") return d.log_cdf(x);
  if (function == "survival") return d.survival(x);
  if (function == "log_survival") return d.log_survival(x);
  if (function == "icdf") return d.icdf(x);
  if (function == "mean") return d.mean();
  if (function == "variance") return d.variance();
  if (function == "mode") return d.mode();
  if (function == "entropy") return d.entropy();
  if (function == "support_point") return d.support_point();
  throw Error("no function " + function);
}

/// Probabilities are compared relatively, however small; what crosses zero absolutely near it.
double tolerance(const std::string& function, double expected) {
  const double floor = function == "cdf" || function == "survival" ? 0.0
                       : function.starts_with("log")               ? 1e-15
                                                                   : 1e-13;
  return 1e-11 * std::abs(expected) + floor;
}

TEST(Functions, AgreeWithHighPrecision) {
  for (const Row& row : rows()) {
    Tensor got = evaluate(make(row), row.function, row.argument);
    const std::string what = show(row.name, row.parameters) + "." + row.function + " at " +
                             (row.argument.defined() ? to_string(row.argument) : "");
    ASSERT_EQ(got.shape(), row.value.shape()) << what;
    auto g = got.to_vector<double>(), e = row.value.to_vector<double>();
    for (std::size_t i = 0; i < e.size(); ++i) {
      if (!std::isfinite(e[i]))
        EXPECT_TRUE(g[i] == e[i] || (std::isnan(g[i]) && std::isnan(e[i]))) << what << ": " << g[i] << ", not " << e[i];
      else
        EXPECT_NEAR(g[i], e[i], tolerance(row.function, e[i])) << what;
    }
  }
}

/// Calls f(name, distribution) for distributions of one number that have a distribution function.
template <class F>
void for_each_univariate(bool discrete, F&& f) {
  for (const auto& e : detail::distribution_registry())
    for (const auto& example : e.examples) {
      Distribution d = e.make(example);
      if (d.shape().empty() && d.has_cdf() && d.support().discrete() == discrete) f(show(e.name, example), d);
    }
}

TEST(Functions, QuantilesInvertInTheFarTails) {
  const Tensor q{1e-250, 1e-100, 1e-20, 1e-9, 1e-3, 0.2, 0.5, 0.8, 0.999, 1 - 1e-9, 1 - 1e-14};
  for_each_univariate(false, [&](const std::string& name, const Distribution& d) {
    if (!d.has_icdf() || d.impl()->has_atoms()) return;
    Tensor x = d.icdf(q);
    auto xs = x.to_vector<double>(), back = d.cdf(x).to_vector<double>(), density = exp(d.log_prob(x)).to_vector<double>();
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const double p = q[std::int64_t(i)].item();
      // Quantiles that no double can tell from the end of the support, or that overflow, have no way back.
      if (!(std::abs(xs[i]) > 1e-290 && std::abs(xs[i]) < 1e290) || d.cdf(xs[i]).item() == 0.0 ||
          d.survival(xs[i]).item() == 0.0)
        continue;
      // The rounding of x moves the distribution function by |x| f(x) eps.
      EXPECT_NEAR(back[i], p, 1e-11 * std::min(p, 1.0) + 4e-16 * std::abs(xs[i]) * density[i]) << name << " at " << p;
    }
    EXPECT_TRUE(std::isnan(d.icdf(-0.1).item()) && std::isnan(d.icdf(1.1).item())) << name;
  });
}

TEST(Functions, QuantilesOfDiscreteDistributionsAreTheSmallestValues) {
  for_each_univariate(true, [&](const std::string& name, const Distribution& d) {
    if (!d.has_icdf()) return;
    for (double q : {1e-12, 0.01, 0.3, 0.5, 0.77, 0.999, 1 - 1e-12}) {
      const double k = d.icdf(q).item();
      EXPECT_GE(d.cdf(k).item(), q * (1 - 1e-13)) << name << " at " << q;
      EXPECT_LT(d.cdf(k - 1).item(), q * (1 + 1e-13)) << name << " at " << q;
    }
    EXPECT_TRUE(std::isnan(d.icdf(-0.1).item()) && std::isnan(d.icdf(1.1).item())) << name;
  });
}

TEST(Functions, BelongTogether) {
  auto check = [&](const std::string& name, const Distribution& d) {
    const double centre = d.support_point().item(), lowest = d.cdf(-INFINITY).item(), highest = d.cdf(INFINITY).item();
    EXPECT_EQ(lowest, 0.0) << name;
    EXPECT_EQ(highest, 1.0) << name;
    EXPECT_EQ(d.survival(-INFINITY).item(), 1.0) << name;
    EXPECT_EQ(d.survival(INFINITY).item(), 0.0) << name;
    Tensor x = centre + Tensor{-1e4, -30.0, -2.0, -1.0, 0.0, 1.0, 2.0, 30.0, 1e4};
    auto F = d.cdf(x).to_vector<double>(), S = d.survival(x).to_vector<double>(), lF = d.log_cdf(x).to_vector<double>(),
         lS = d.log_survival(x).to_vector<double>();
    for (std::size_t i = 0; i < F.size(); ++i) {
      const std::string what = name + " at " + to_string(x[std::int64_t(i)]);
      EXPECT_TRUE(F[i] >= 0 && F[i] <= 1 && (i == 0 || F[i] >= F[i - 1])) << what << ": " << F[i];
      EXPECT_NEAR(F[i] + S[i], 1.0, 1e-13) << what;
      if (F[i] > 1e-300) EXPECT_NEAR(lF[i], std::log(F[i]), 1e-12 * std::max(1.0, -std::log(F[i]))) << what;
      if (S[i] > 1e-300 && S[i] != 1) EXPECT_NEAR(lS[i], std::log(S[i]), 1e-12 * std::max(1.0, -std::log(S[i]))) << what;
      if (F[i] == 0) EXPECT_TRUE(lF[i] < -700) << what << ": " << lF[i];
    }
  };
  for_each_univariate(false, check);
  for_each_univariate(true, check);
}

TEST(Functions, HaveTheShapeOfTheBatch) {
  const Distribution d = Normal(0.0, 1.0).expand({3});
  EXPECT_EQ(d.cdf(0.5).shape(), Shape{3});
  EXPECT_EQ(d.log_survival(0.5).shape(), Shape{3});
  EXPECT_EQ(d.icdf(0.5).shape(), Shape{3});
  EXPECT_EQ(d.cdf(zeros({2, 1})).shape(), (Shape{2, 3}));
  EXPECT_NEAR(d.cdf(0.0)[2].item(), 0.5, 1e-15);
  try {
    Normal(zeros({3}), 1.0).to_event().cdf(zeros({3}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("Normal has no distribution function for values of shape [3]"), std::string::npos) << e.what();
  }
}

}  // namespace
