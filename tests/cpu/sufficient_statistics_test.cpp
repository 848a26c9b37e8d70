// Sums over data in a loop that does not change the data: as short as they can be, and right to rounding. The truth is
// the sum itself, term by term in extended precision, with derivatives by dual numbers.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "nuthatch/nuthatch.h"

namespace nuthatch::test {
namespace {

using Reals = std::vector<double>;

/// A number and its derivatives with respect to up to eight parameters.
struct Dual {
  long double v = 0;
  std::array<long double, 8> d{};
  Dual() = default;
  Dual(long double value) : v(value) {}
};
Dual chain(long double value, std::initializer_list<std::pair<const Dual*, long double>> parts) {
  Dual out(value);
  for (auto [x, slope] : parts)
    for (std::size_t i = 0; i < out.d.size(); ++i) out.d[i] += slope * x->d[i];
  return out;
}
Dual operator+(const Dual& x, const Dual& y) { return chain(x.v + y.v, {{&x, 1}, {&y, 1}}); }
Dual operator-(const Dual& x, const Dual& y) { return chain(x.v - y.v, {{&x, 1}, {&y, -1}}); }
Dual operator*(const Dual& x, const Dual& y) { return chain(x.v * y.v, {{&x, y.v}, {&y, x.v}}); }
Dual operator/(const Dual& x, const Dual& y) { return chain(x.v / y.v, {{&x, 1 / y.v}, {&y, -x.v / (y.v * y.v)}}); }
Dual exp(const Dual& x) { return chain(std::exp(x.v), {{&x, std::exp(x.v)}}); }
Dual log(const Dual& x) { return chain(std::log(x.v), {{&x, 1 / x.v}}); }
Dual sqrt(const Dual& x) { return chain(std::sqrt(x.v), {{&x, 0.5L / std::sqrt(x.v)}}); }
Dual lgamma(const Dual& x) { return chain(std::lgamma(x.v), {{&x, 0}}); }
using Duals = std::vector<Dual>;

struct State {
  Tensor z, value, gradient;
  static constexpr auto fields = names("z", "value", "gradient");
};

/// Value and gradient at z as a sampler computes them: again and again in a loop.
auto program(const std::function<Tensor(Tensor)>& f, const Reals& z) {
  Tensor start(z);
  return compile(
      [f](Tensor z, Tensor times) {
        return fori_loop(Tensor(0), times, State{z, Tensor(0.0), zeros_like(z)}, [&](Tensor, const State& s) {
          auto [value, gradient] = value_and_grad(f)(s.z);
          return State{s.z + 1e-300 * gradient, value, gradient};
        });
      },
      start, Tensor(3));
}

/// How many arrays of `size` elements the loop computes.
int arraysInLoop(const std::string& ir, std::int64_t size) {
  const std::string array = "tensor<" + std::to_string(size);
  int found = 0;
  for (auto at = ir.find(array, ir.find("nh.while")); at != std::string::npos; at = ir.find(array, at + 1)) ++found;
  return found;
}

/// The program computes no array of the data's length in its loop, and agrees with the truth to `roundings` of the
/// magnitude given (of the value, and by each derivative).
void expectShortAndRight(const std::function<Tensor(Tensor)>& f, const std::function<Dual(const Duals&)>& truth, const Reals& z,
                         std::int64_t size, double roundings, double magnitude = 0) {
  auto compiled = program(f, z);
  EXPECT_EQ(arraysInLoop(compiled.dump("ir"), size), 0) << compiled.dump("ir");
  Duals parameters;
  for (std::size_t i = 0; i < z.size(); ++i) parameters.emplace_back(z[i]), parameters[i].d[i] = 1;
  const Dual exact = truth(parameters);
  const State got = compiled(Tensor(z), Tensor(3));
  auto check = [&](double value, long double wanted, const char* what, std::size_t i) {
    const double allowed = roundings * 2.3e-16 * std::max({std::abs(double(wanted)), magnitude, 1e-30});
    EXPECT_NEAR(value, double(wanted), allowed) << what << " " << i;
  };
  check(got.value.item(), exact.v, "value", 0);
  const auto gradient = got.gradient.to_vector();
  for (std::size_t i = 0; i < z.size(); ++i) check(gradient[i], exact.d[i], "derivative", i);
}

Reals numbers(std::size_t n, double scale, double frequency, double offset = 0) {
  Reals out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = offset + scale * std::sin(frequency * double(i * i + 1));
  return out;
}

TEST(SufficientStatistics, NormalWithScalars) {
  for (std::size_t n : {17, 700, 5000}) {
    const Reals y = numbers(n, 2, 0.7, 3);
    Tensor data(y);
    expectShortAndRight([&](Tensor z) { return sum(-0.5 * square((data - z[0]) / exp(z[1]))) - double(n) * z[1]; },
                        [&](const Duals& z) {
                          Dual total = Dual(-1.0L * n) * z[1];
                          for (double v : y) {
                            Dual r = (Dual(v) - z[0]) / exp(z[1]);
                            total = total - Dual(0.5L) * r * r;
                          }
                          return total;
                        },
                        {1.1, 0.4}, std::int64_t(n), 40);
  }
}

/// A mean of 1e9 and a deviation of 1: sums of squares about zero would have no digit left.
TEST(SufficientStatistics, DataFarFromZero) {
  const Reals y = numbers(4000, 1, 1.3, 1e9);
  Tensor data(y);
  expectShortAndRight([&](Tensor z) { return sum(square(data - (z[0] + 1e9))); },
                      [&](const Duals& z) {
                        Dual total;
                        for (double v : y) {
                          Dual r = Dual(v) - (z[0] + Dual(1e9L));
                          total = total + r * r;
                        }
                        return total;
                      },
                      {0.125}, 4000, 40);
}

/// Exponential families: sums of functions of the data, with log factorials computed once.
TEST(SufficientStatistics, CountsWithOneRate) {
  Reals y(300);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = double((i * 7) % 11);
  Tensor data(y);
  expectShortAndRight([&](Tensor z) { return sum(data * z[0] - exp(z[0]) - lgamma(data + 1.0)); },
                      [&](const Duals& z) {
                        Dual total;
                        for (double v : y) total = total + Dual(v) * z[0] - exp(z[0]) - lgamma(Dual(v + 1));
                        return total;
                      },
                      {1.4}, 300, 60, 3000);
}

TEST(SufficientStatistics, StraightLine) {
  const Reals x = numbers(900, 1, 0.31, 40), e = numbers(900, 1e-3, 2.1);
  Reals y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = 2 - 3 * x[i] + e[i];
  Tensor u(x), v(y);
  // Residuals are a thousandth of the data's deviation: S_yy - 2 b S_xy + b^2 S_xx would lose six digits.
  expectShortAndRight([&](Tensor z) { return sum(square((v - z[0] - z[1] * u) * exp(-z[2]))); },
                      [&](const Duals& z) {
                        Dual total;
                        for (std::size_t i = 0; i < x.size(); ++i) {
                          Dual r = (Dual(y[i]) - z[0] - z[1] * Dual(x[i])) * exp(Dual(0) - z[2]);
                          total = total + r * r;
                        }
                        return total;
                      },
                      {2.0005, -3.00001, -6.9}, 900, 2e5);
}

TEST(SufficientStatistics, MatrixOfPredictors) {
  constexpr std::size_t n = 800, k = 4;
  std::vector<Reals> columns{Reals(n, 1.0), numbers(n, 1, 0.3), numbers(n, 2, 0.9, 5), numbers(n, 1, 1.7)};
  Reals flat, y = numbers(n, 1, 0.11, -4);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < k; ++j) flat.push_back(columns[j][i]);
  Tensor X = reshape(Tensor(flat), {n, k}), data(y);
  expectShortAndRight([&](Tensor z) { return sum(square(data - z[4] - matmul(X, z[until(4)]))); },
                      [&](const Duals& z) {
                        Dual total;
                        for (std::size_t i = 0; i < n; ++i) {
                          Dual r = Dual(y[i]) - z[4];
                          for (std::size_t j = 0; j < k; ++j) r = r - Dual(columns[j][i]) * z[j];
                          total = total + r * r;
                        }
                        return total;
                      },
                      {0.4, -0.2, 0.7, 0.1, 0.3}, n, 200);
}

/// Group means and one slope: cells are groups, one of them empty, and one index beyond the last is read as the last.
TEST(SufficientStatistics, ParametersOfGroups) {
  constexpr std::size_t n = 500;
  const Reals y = numbers(n, 1, 0.7, 2), x = numbers(n, 1, 0.4);
  std::vector<std::int64_t> group(n);
  for (std::size_t i = 0; i < n; ++i) group[i] = std::int64_t((i * i) % 4 == 3 ? 1 : (i * i + i / 3) % 5);
  for (auto& g : group) g = g == 2 ? 0 : g;
  Tensor data(y), u(x), g(group);
  expectShortAndRight([&](Tensor z) { return sum(-0.5 * square((data - z[until(5)][g] - z[5] * u) / exp(z[6]))); },
                      [&](const Duals& z) {
                        Dual total;
                        for (std::size_t i = 0; i < n; ++i) {
                          Dual r = (Dual(y[i]) - z[std::size_t(group[i])] - z[5] * Dual(x[i])) / exp(z[6]);
                          total = total - Dual(0.5L) * r * r;
                        }
                        return total;
                      },
                      {2.1, 1.8, 0.3, 2.2, 1.9, 0.4, -0.2}, n, 200, 100);
}

/// Parameters along one axis of a table.
TEST(SufficientStatistics, ParametersOfColumns) {
  const Reals y = numbers(120 * 3, 1, 0.9, 1);
  Tensor table = reshape(Tensor(y), {120, 3});
  expectShortAndRight([&](Tensor z) { return sum(-0.5 * square((table - z[until(3)]) / exp(z[slice(3, 6)]))); },
                      [&](const Duals& z) {
                        Dual total;
                        for (std::size_t i = 0; i < y.size(); ++i) {
                          Dual r = (Dual(y[i]) - z[i % 3]) / exp(z[3 + i % 3]);
                          total = total - Dual(0.5L) * r * r;
                        }
                        return total;
                      },
                      {0.8, 1.3, 1.1, 0.1, -0.4, 0.2}, 120, 60);
}

/// Known standard errors of the observations, and a product of two different residuals.
TEST(SufficientStatistics, WeightsAndProducts) {
  constexpr std::size_t n = 400;
  const Reals y = numbers(n, 1, 0.7, 2), x = numbers(n, 1, 0.4, -1), s = numbers(n, 0.4, 0.23, 1);
  Tensor u(x), v(y), error(s);
  expectShortAndRight([&](Tensor z) { return sum(square((v - z[0]) / error)) + sum((v - z[0]) * (u - z[1])) / z[2]; },
                      [&](const Duals& z) {
                        Dual total;
                        for (std::size_t i = 0; i < n; ++i) {
                          Dual r = (Dual(y[i]) - z[0]) / Dual(s[i]);
                          total = total + r * r + (Dual(y[i]) - z[0]) * (Dual(x[i]) - z[1]) / z[2];
                        }
                        return total;
                      },
                      {1.7, -0.6, 2.5}, n, 200, 500);
}

constexpr std::int64_t kPlaces = 24;
double correlation(std::int64_t i, std::int64_t j) { return std::exp(-0.3 * std::abs(double(i - j))) + (i == j ? 0.1 : 0.0); }
Tensor correlations() {
  Reals r;
  for (std::int64_t i = 0; i < kPlaces * kPlaces; ++i) r.push_back(correlation(i / kPlaces, i % kPlaces));
  return reshape(Tensor(r), {kPlaces, kPlaces});
}

/// A multivariate normal whose covariance is a parameter times data: no factorisation, solve or vector in the loop. The
/// truth factorises anew, with derivatives through every step.
TEST(SufficientStatistics, ScaledCovariance) {
  const Reals y = numbers(kPlaces, 1, 0.7, 2);
  Tensor R = correlations(), data(y);
  expectShortAndRight(
      [&](Tensor z) { return MultivariateNormal({.loc = z[0] * ones({kPlaces}), .covariance = exp(z[1]) * R}).log_prob(data); },
      [&](const Duals& z) {
        constexpr std::size_t n = kPlaces;
        std::vector<Duals> l(n, Duals(n));
        Duals x(n);
        Dual total(-0.5L * n * std::log(2 * std::acos(-1.0L)));
        for (std::size_t i = 0; i < n; ++i) {
          for (std::size_t j = 0; j <= i; ++j) {
            Dual sum = exp(z[1]) * Dual(correlation(std::int64_t(i), std::int64_t(j)));
            for (std::size_t k = 0; k < j; ++k) sum = sum - l[i][k] * l[j][k];
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
          }
          x[i] = Dual(y[i]) - z[0];
          for (std::size_t k = 0; k < i; ++k) x[i] = x[i] - l[i][k] * x[k];
          x[i] = x[i] / l[i][i];
          total = total - Dual(0.5L) * x[i] * x[i] - log(l[i][i]);
        }
        return total;
      },
      {1.2, 0.3}, kPlaces, 200, 40);
}

/// A negative multiple of a covariance has no factor, as without the rewrite.
TEST(SufficientStatistics, NegativeScaleOfACovariance) {
  Tensor R = correlations();
  auto compiled = program([&](Tensor z) { return sum(diag(cholesky(z[0] * R))); }, {-1.0});
  EXPECT_EQ(compiled.dump("ir").find("nh.cholesky", compiled.dump("ir").find("nh.while")), std::string::npos);
  EXPECT_TRUE(std::isnan(compiled(Tensor(Reals{-1.0}), Tensor(2)).value.item()));
  EXPECT_TRUE(std::isnan(compiled(Tensor(Reals{0.0}), Tensor(2)).value.item()));
}

/// A quadratic form with a constant matrix, and an inner product.
TEST(SufficientStatistics, QuadraticForms) {
  const Reals y = numbers(kPlaces, 1, 0.7, 2);
  Tensor P = correlations(), data(y);
  expectShortAndRight([&](Tensor z) { return exp(z[1]) * dot(data - z[0], matmul(P, data - z[0])) + dot(data - z[0], data - z[0]); },
                      [&](const Duals& z) {
                        Dual total;
                        for (std::int64_t i = 0; i < kPlaces; ++i)
                          for (std::int64_t j = 0; j < kPlaces; ++j) {
                            Dual both = (Dual(y[std::size_t(i)]) - z[0]) * (Dual(y[std::size_t(j)]) - z[0]);
                            total = total + exp(z[1]) * Dual(correlation(i, j)) * both + (i == j ? both : Dual());
                          }
                        return total;
                      },
                      {1.2, 0.3}, kPlaces, 200, 40);
}

/// x log p + (n - x) log(1 - p) where 0 log 0 is 0, and a choice between logarithms; by group.
TEST(SufficientStatistics, CountsAndTruthValues) {
  constexpr std::size_t n = 90;
  std::vector<std::int64_t> x(n), group(n);
  std::vector<bool> truth(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::int64_t((i * 7) % 11), group[i] = std::int64_t(i % 3), truth[i] = i % 7 < 3;
  Tensor counts(x), g(group), which(truth);
  auto log_likelihood = [&](Tensor z) {
    Tensor p = sigmoid(z), r = p[g];
    return sum(Binomial(10, p[0]).log_prob(counts)) + sum(log(select(which, r, 1.0 - r))) + sum(Poisson(exp(z[1])).log_prob(counts));
  };
  expectShortAndRight(log_likelihood,
                      [&](const Duals& z) {
                        Dual total;
                        Duals p;
                        for (std::size_t k = 0; k < 3; ++k) p.push_back(Dual(1) / (Dual(1) + exp(Dual(0) - z[k])));
                        for (std::size_t i = 0; i < n; ++i) {
                          const long double v = (long double)(x[i]);
                          const long double ways = std::lgamma(11.0L) - std::lgamma(v + 1) - std::lgamma(11 - v);
                          total = total + Dual(v) * log(p[0]) + Dual(10 - v) * log(Dual(1) - p[0]) + Dual(ways);
                          const Dual& r = p[std::size_t(group[i])];
                          total = total + log(truth[i] ? r : Dual(1) - r);
                          total = total + Dual(v) * z[1] - exp(z[1]) - Dual(std::lgamma(v + 1));
                        }
                        return total;
                      },
                      {0.3, 1.1, -0.7}, n, 200, 1500);
}

/// At the boundary: counts that are all zero have density one at rate zero, and truth values that are all true at
/// probability one; their derivatives are those of the terms that are there.
TEST(SufficientStatistics, BoundariesOfParameters) {
  Tensor none = zeros({40}), all(std::vector<bool>(40, true));
  auto compiled = program([&](Tensor z) { return sum(xlogy(none, z[0]) - z[0]) + sum(log(select(all, z[1], 1.0 - z[1]))); }, {0.0, 1.0});
  EXPECT_EQ(arraysInLoop(compiled.dump("ir"), 40), 0) << compiled.dump("ir");
  const State at = compiled(Tensor(Reals{0.0, 1.0}), Tensor(2));
  EXPECT_NEAR(at.value.item(), 0, 1e-290);  // the parameters move by 1e-300
  EXPECT_EQ(at.gradient.to_vector(), (Reals{-40, 40}));
}

/// What is not a polynomial in data stays a sum over them; log factorials leave it.
TEST(SufficientStatistics, OtherSumsStay) {
  const Reals y = numbers(64, 1, 0.7, 2);
  Tensor data(y), counts = floor(abs(data)), X = reshape(Tensor(numbers(128, 1, 0.5)), {64, 2});
  auto robust = program([&](Tensor z) { return -sum(log1p(square(data - z[0]))); }, {0.1});
  EXPECT_GT(arraysInLoop(robust.dump("ir"), 64), 0);
  auto poisson = program(
      [&](Tensor z) {
        Tensor eta = matmul(X, z);
        return sum(counts * eta - exp(eta) - lgamma(counts + 1.0));
      },
      {0.1, 0.2});
  const std::string ir = poisson.dump("ir");
  EXPECT_LT(ir.find("lgamma"), ir.find("nh.while"));
  EXPECT_LT(ir.find("nh.reduce sum"), ir.find("nh.while"));
}

/// A sum with an infinite term is infinite; its statistics are NaN, which is not a number to be accepted either.
TEST(SufficientStatistics, InfiniteDataAreNoDensity) {
  Reals y = numbers(32, 1, 0.7);
  y[5] = INFINITY;
  Tensor data(y);
  auto compiled = program([&](Tensor z) { return -sum(square(data - z[0])); }, {0.25});
  EXPECT_TRUE(std::isnan(compiled(Tensor(Reals{0.25}), Tensor(2)).value.item()));
}

}  // namespace
}  // namespace nuthatch::test
