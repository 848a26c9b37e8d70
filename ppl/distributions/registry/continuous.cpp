// Continuous distributions of one number.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {
namespace {

Entries on_the_line() {
  return {
      three<AsymmetricLaplace>("AsymmetricLaplace", "loc", "scale", "asymmetry", {{1.0, 2.0, 1.5}}),
      {"AsymmetricLaplace(quantile)",
       {"loc", "scale", "quantile"},
       [](P p) { return AsymmetricLaplace({.loc = p[0], .scale = p[1], .quantile = p[2]}); },
       {{1.0, 2.0, 0.8}}},
      three<AsymmetricLaplaceQuantile>("AsymmetricLaplaceQuantile", "loc", "scale", "quantile", {{1.0, 2.0, 0.2}}),
      two<Cauchy>("Cauchy", "loc", "scale", {{0.5, 2.0}}),
      three<ExGaussian>("ExGaussian", "loc", "scale", "nu", {{1.0, 0.5, 2.0}, {1.0, 2.0, 0.3}}),
      {"ExGaussian(rate)",
       {"loc", "scale", "rate"},
       [](P p) { return ExGaussian({.loc = p[0], .scale = p[1], .rate = p[2]}); },
       {{1.0, 0.5, 0.5}}},
      {"Flat", {}, [](P) { return Flat(); }, {{}}, false},
      three<GeneralizedExtremeValue>("GeneralizedExtremeValue", "loc", "scale", "shape",
                                     {{0.5, 2.0, 0.2}, {0.5, 2.0, -0.3}, {0.5, 2.0, 0.0}}),
      two<Gumbel>("Gumbel", "loc", "scale", {{0.5, 2.0}}),
      {"ImproperUniform", {}, [](P) { return ImproperUniform(constraints::real); }, {{}}, false},
      two<Laplace>("Laplace", "loc", "scale", {{1.0, 2.0}}),
      two<Logistic>("Logistic", "loc", "scale", {{1.0, 2.0}}),
      two<Moyal>("Moyal", "loc", "scale", {{0.5, 2.0}}),
      two<Normal>("Normal", "loc", "scale", {{1.0, 2.0}}),
      {"Normal(precision)",
       {"loc", "precision"},
       [](P p) { return Normal({.loc = p[0], .precision = p[1]}); },
       {{1.0, 0.3}}},
      three<SkewNormal>("SkewNormal", "loc", "scale", "skewness", {{0.5, 2.0, 3.0}, {0.5, 2.0, -1.0}}),
      {"SkewStudentT",
       {"a", "b", "loc", "scale"},
       [](P p) { return SkewStudentT(p[0], p[1], p[2], p[3]); },
       {{4.0, 2.5, 1.0, 2.0}}},
      two<SoftLaplace>("SoftLaplace", "loc", "scale", {{1.0, 2.0}}),
      three<StudentT>("StudentT", "df", "loc", "scale", {{3.0, 1.0, 2.0}, {30.0, 0.0, 1.0}}),
      {"StudentT(precision)",
       {"df", "loc", "precision"},
       [](P p) { return StudentT({.df = p[0], .loc = p[1], .precision = p[2]}); },
       {{3.0, 1.0, 0.3}}},
  };
}

Entries positive() {
  return {
      one<Chi>("Chi", "df", {{3.5}}),
      one<Chi2>("Chi2", "df", {{3.0}, {1.0}}),
      three<Dagum>("Dagum", "concentration", "sharpness", "scale", {{2.0, 3.0, 1.5}, {0.3, 1.5, 2.0}}),
      one<Exponential>("Exponential", "rate", {{2.0}, {0.1}}),
      {"Exponential(scale)", {"scale"}, [](P p) { return Exponential({.scale = p[0]}); }, {{2.0}}},
      {"ExtendedGeneralizedPareto",
       {"loc", "scale", "shape", "kappa"},
       [](P p) { return ExtendedGeneralizedPareto(p[0], p[1], p[2], p[3]); },
       {{0.5, 2.0, 0.2, 1.7}, {0.5, 2.0, -0.3, 0.6}}},
      two<Frechet>("Frechet", "scale", "concentration", {{2.0, 2.5}}),
      two<Gamma>("Gamma", "concentration", "rate", {{2.5, 1.5}, {0.3, 2.0}, {50.0, 0.5}}),
      {"Gamma(mean)", {"mean", "sd"}, [](P p) { return Gamma({.mean = p[0], .sd = p[1]}); }, {{2.0, 0.5}}},
      {"Gamma(scale)",
       {"concentration", "scale"},
       [](P p) { return Gamma({.concentration = p[0], .scale = p[1]}); },
       {{2.5, 0.4}}},
      three<GeneralizedPareto>("GeneralizedPareto", "loc", "scale", "shape",
                               {{0.5, 2.0, 0.2}, {0.5, 2.0, -0.3}, {0.5, 2.0, 0.0}}),
      two<Gompertz>("Gompertz", "concentration", "rate", {{0.5, 1.2}, {4.0, 0.7}}),
      one<HalfCauchy>("HalfCauchy", "scale", {{1.5}}),
      {"HalfFlat", {}, [](P) { return HalfFlat(); }, {{}}, false},
      one<HalfNormal>("HalfNormal", "scale", {{2.0}}),
      {"HalfNormal(precision)", {"precision"}, [](P p) { return HalfNormal({.precision = p[0]}); }, {{0.3}}},
      two<HalfStudentT>("HalfStudentT", "df", "scale", {{5.0, 2.0}}),
      one<InverseChi2>("InverseChi2", "df", {{7.0}}),
      two<InverseGamma>("InverseGamma", "concentration", "rate", {{2.5, 1.5}, {8.0, 3.0}}),
      {"InverseGamma(mean)",
       {"mean", "sd"},
       [](P p) { return InverseGamma({.mean = p[0], .sd = p[1]}); },
       {{2.0, 0.5}}},
      two<InverseGaussian>("InverseGaussian", "mean", "concentration", {{1.5, 2.0}}),
      {"InverseGaussian(phi)",
       {"mean", "phi"},
       [](P p) { return InverseGaussian({.mean = p[0], .phi = p[1]}); },
       {{1.5, 2.0}}},
      two<Levy>("Levy", "loc", "scale", {{-0.5, 2.0}}),
      two<LogLogistic>("LogLogistic", "scale", "concentration", {{2.0, 3.5}}),
      two<LogNormal>("LogNormal", "loc", "scale", {{1.0, 0.5}}),
      {"LogNormal(mean)", {"mean", "sd"}, [](P p) { return LogNormal({.mean = p[0], .sd = p[1]}); }, {{2.0, 0.5}}},
      two<Lomax>("Lomax", "scale", "alpha", {{2.0, 3.5}}),
      two<LowerTruncatedPowerLaw>("LowerTruncatedPowerLaw", "alpha", "low", {{-4.5, 1.2}}),
      one<Maxwell>("Maxwell", "scale", {{1.5}}),
      two<PolyaGamma>("PolyaGamma", "h", "z", {{1.0, 0.0}, {2.5, -1.5}, {0.3, 4.0}, {30.0, 0.7}}),
      two<Pareto>("Pareto", "scale", "alpha", {{1.2, 3.0}}),
      one<Rayleigh>("Rayleigh", "scale", {{1.5}}),
      two<Rice>("Rice", "nu", "sigma", {{1.5, 2.0}}),
      {"Rice(b)", {"b", "sigma"}, [](P p) { return Rice({.b = p[0], .sigma = p[1]}); }, {{3.0, 0.5}}},
      two<ScaledInverseChi2>("ScaledInverseChi2", "df", "scale", {{9.0, 1.5}}),
      two<Weibull>("Weibull", "scale", "concentration", {{2.0, 1.5}, {0.5, 0.7}}),
  };
}

Entries bounded() {
  return {
      two<Beta>("Beta", "concentration1", "concentration0", {{2.0, 3.0}, {0.4, 0.6}, {1.0, 1.0}, {20.0, 0.5}}),
      {"Beta(mean)", {"mean", "sd"}, [](P p) { return Beta({.mean = p[0], .sd = p[1]}); }, {{0.3, 0.2}}},
      two<BetaProportion>("BetaProportion", "mean", "concentration", {{0.4, 5.0}}),
      three<DoublyTruncatedPowerLaw>("DoublyTruncatedPowerLaw", "alpha", "low", "high",
                                     {{-1.5, 1.0, 10.0}, {2.0, 0.0, 3.0}, {-1.0, 0.5, 4.0}}),
      two<Interpolated>("Interpolated", "x_points", "pdf_points",
                        {{Tensor{-1.0, 0.0, 0.5, 2.0}, Tensor{0.2, 1.0, 0.3, 0.8}}}),
      two<Kumaraswamy>("Kumaraswamy", "concentration1", "concentration0", {{2.0, 3.0}, {0.5, 0.7}}),
      two<LogUniform>("LogUniform", "low", "high", {{0.5, 3.0}}),
      two<LogitNormal>("LogitNormal", "loc", "scale", {{0.5, 1.5}}),
      two<RelaxedBernoulli>("RelaxedBernoulli", "temperature", "probs", {{0.7, 0.3}}),
      {"RelaxedBernoulli(logits)",
       {"temperature", "logits"},
       [](P p) { return RelaxedBernoulli({.temperature = p[0], .logits = p[1]}); },
       {{2.0, -0.7}}},
      three<Triangular>("Triangular", "low", "peak", "high", {{-1.0, 0.5, 3.0}, {0.0, 0.0, 2.0}}),
      {"TruncatedPolyaGamma", {}, [](P) { return TruncatedPolyaGamma(); }, {{}}},
      two<Uniform>("Uniform", "low", "high", {{-1.0, 3.0}}),
      two<VonMises>("VonMises", "loc", "concentration", {{0.3, 2.0}, {-2.5, 40.0}}),
  };
}

} // namespace

Entries continuous_entries() {
  Entries all;
  for (auto* group : {on_the_line, positive, bounded})
    for (auto& entry : group()) all.push_back(std::move(entry));
  return all;
}

} // namespace nuthatch::detail
