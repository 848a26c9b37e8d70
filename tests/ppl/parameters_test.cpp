// Parameters outside of their constraint, contradictory or missing options, values of any legal magnitude.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"

using namespace nuthatch;

namespace {

/// What a distribution says about itself, empty when nothing is wrong.
template <class F>
std::string complaint(F&& make) {
  try {
    make().validate();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Parameters, OutsideOfTheirConstraintAreNamed) {
  for (const auto& e : detail::distribution_registry()) {
    const auto& example = e.examples[0];
    Distribution d = e.make(example);
    for (std::size_t k = 0; k < example.size(); ++k) {
      if (!example[k].shape().empty() || k >= d.parameters().size() || d.parameters()[k].name != e.parameters[k]) continue;
      for (double bad : {-1.0, 1.5, double(NAN)}) {
        auto values = example;
        values[k] = bad;
        if (!d.parameters()[k].constraint.violation(bad, "")) continue;
        const std::string text = complaint([&] { return e.make(values); });
        EXPECT_NE(text.find(d.parameters()[k].name + " must be "), std::string::npos)
            << e.name << " with " << e.parameters[k] << " = " << bad << ": \"" << text << '"';
        if (e.group == "continuous")  // what is made of other distributions may name those
          EXPECT_NE(text.find(e.name.substr(0, e.name.find('('))), std::string::npos) << e.name << ": \"" << text << '"';
      }
    }
  }
}

TEST(Parameters, OfNamedFormsAreChecked) {
  auto expect = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << '"' << text << "\" does not contain \"" << part << '"';
  };
  expect(complaint([] { return Normal({.scale = 1.0, .precision = 1.0}); }),
         "Normal: give exactly one of .scale, .precision, not several");
  expect(complaint([] { return Normal({.loc = 1.0}); }), "Normal: give exactly one of .scale, .precision; none is given");
  expect(complaint([] { return Normal({.precision = -1.0}); }), "Normal: precision must be positive, but precision = -1");
  expect(complaint([] { return StudentT({.scale = 1.0}); }), "StudentT: .df is missing");
  expect(complaint([] { return Gamma({.mean = 1.0}); }), "Gamma: .sd is missing");
  expect(complaint([] { return Gamma({.concentration = 1.0}); }), "Gamma: give exactly one of .rate, .scale; none is given");
  expect(complaint([] { return Beta({.mean = 1.5, .sd = 0.1}); }), "Beta: mean must be in (0, 1)");
  expect(complaint([] { return Beta({.mean = 0.5, .sd = 0.6}); }), "Beta: .sd must be less than sqrt(mean (1 - mean))");
  expect(complaint([] { return LogNormal({.loc = 1.0, .mean = 1.0, .sd = 1.0}); }), ".loc does not go with .mean");
  expect(complaint([] { return InverseGaussian({.mean = 1.0}); }), "give two of .mean, .concentration, .phi");
  expect(complaint([] { return Uniform(2.0, 1.0); }), "Uniform: high must be greater than low, but high = 1 and low = 2");
  expect(complaint([] { return LogUniform(2.0, 1.0); }), "LogUniform: high must be greater than low");
  expect(complaint([] { return Triangular(0.0, 3.0, 2.0); }), "Triangular: high must be at least peak");
  expect(complaint([] { return DoublyTruncatedPowerLaw(1.0, 3.0, 2.0); }), "high must be greater than low");
  expect(complaint([] { return Interpolated(Tensor{0.0, 1.0}, Tensor{1.0}); }), "vectors of the same length");
}

TEST(Parameters, OfEveryFormGiveTheSameDistribution) {
  const Tensor x{0.1, 0.4, 0.8};
  auto same = [&](const Distribution& a, const Distribution& b) {
    EXPECT_TRUE(all_of(abs(a.log_prob(x) - b.log_prob(x)) < 1e-12).item<bool>()) << a.name();
  };
  same(Normal(0.0, 0.5), Normal({.precision = 4.0}));
  same(HalfNormal(0.5), HalfNormal({.precision = 4.0}));
  same(LogNormal(0.3, 0.5), LogNormal({.loc = 0.3, .precision = 4.0}));
  same(LogitNormal(0.3, 0.5), LogitNormal({.loc = 0.3, .precision = 4.0}));
  same(StudentT(3.0, 0.0, 0.5), StudentT({.df = 3.0, .precision = 4.0}));
  same(HalfStudentT(3.0, 0.5), HalfStudentT({.df = 3.0, .precision = 4.0}));
  same(SkewNormal(0.0, 0.5, 2.0), SkewNormal({.precision = 4.0, .skewness = 2.0}));
  same(SkewStudentT(3.0, 2.0, 0.0, 0.5), SkewStudentT({.a = 3.0, .b = 2.0, .precision = 4.0}));
  same(Exponential(4.0), Exponential({.scale = 0.25}));
  same(Gamma(3.0, 4.0), Gamma({.concentration = 3.0, .scale = 0.25}));
  same(Gamma(16.0, 8.0), Gamma({.mean = 2.0, .sd = 0.5}));
  same(InverseGamma(18.0, 34.0), InverseGamma({.mean = 2.0, .sd = 0.5}));
  same(Beta(2.0, 3.0), Beta({.mean = 0.4, .concentration = 5.0}));
  same(Beta(2.0, 3.0), Beta({.mean = 0.4, .sd = 0.2}));
  same(Beta(2.0, 3.0), BetaProportion(0.4, 5.0));
  same(InverseGaussian(1.5, 3.0), InverseGaussian({.mean = 1.5, .phi = 2.0}));
  same(InverseGaussian(1.5, 3.0), InverseGaussian({.concentration = 3.0, .phi = 2.0}));
  same(ExGaussian(0.0, 0.5, 0.25), ExGaussian({.scale = 0.5, .rate = 4.0}));
  same(Rice(1.0, 0.5), Rice({.b = 2.0, .sigma = 0.5}));
  same(AsymmetricLaplace(0.0, 1.0, 2.0), AsymmetricLaplace({.quantile = 0.8}));
  same(Normal(), Normal(0.0, 1.0));
  same(StudentT(4.0), StudentT(4.0, 0.0, 1.0));
  // Limits that are distributions of another name.
  same(SkewStudentT(2.0, 2.0), StudentT(4.0));
  same(GeneralizedPareto(0.0, 2.0, 0.0), Exponential(0.5));
  same(GeneralizedPareto(0.0, 0.5, 0.25), Lomax(2.0, 4.0));
  same(GeneralizedExtremeValue(0.5, 2.0, 0.0), Gumbel(0.5, 2.0));
  same(Maxwell(1.0), Chi(3.0));
  same(Rayleigh(1.0), Rice(0.0, 1.0));
  same(Dagum(1.0, 3.0, 2.0), LogLogistic(2.0, 3.0));
  same(ScaledInverseChi2(4.0, 0.5), InverseGamma(2.0, 0.5));
  // Very many degrees of freedom.
  EXPECT_NEAR(StudentT(1e15).log_prob(1.3).item(), Normal().log_prob(1.3).item(), 1e-13);
}

}  // namespace
