#pragma once
// What one core can do: each model's log density and gradient written out by hand in plain C++ for the compiler to
// vectorise, without a tape. The unknowns are Stan's, in Stan's order.
#include <functional>
#include <string>
#include <vector>

namespace nuthatch::benchmark {

struct Bound {
  std::int64_t dim = 0;
  /// The log density up to a constant; writes the gradient.
  std::function<double(const double* x, double* gradient)> evaluate;
};
/// None (dim 0) where nobody has written one.
Bound load_bound(const std::string& model, const std::string& folder);

namespace bounds {

struct EightSchools {
  std::vector<double> y, sigma;
  double operator()(const double* x, double* gradient) const;
};
struct Radon {
  bool centred;
  std::vector<std::int64_t> county;  // from 0, ascending
  std::int64_t counties;
  std::vector<double> x, y;
  double operator()(const double* at, double* gradient) const;
};
struct StochasticVolatility {
  std::vector<double> y;
  double operator()(const double* x, double* gradient) const;
};
struct GaussianMixture {
  std::vector<double> y;
  double operator()(const double* x, double* gradient) const;
};
struct HiddenMarkov {
  std::vector<double> y;
  double operator()(const double* x, double* gradient) const;
};
struct Logistic {
  std::int64_t rows, columns;
  std::vector<double> by_column, y;  // the matrix column after column
  double operator()(const double* x, double* gradient) const;
};
struct GaussianProcess {
  std::vector<double> x, y;
  double operator()(const double* at, double* gradient) const;
};

/// A simplex of three from two unconstrained numbers by stick breaking (Stan Reference Manual, 10.7), under
/// Dirichlet(2, 2, 2).
struct Simplex {
  double p[3], z[2];
  double log_density;  // prior and Jacobian
  explicit Simplex(const double* x);
  /// Of the log density, and of what else depends on p with derivative dp.
  void gradient(const double* dp, double* out) const;
};

/// Three ordered numbers, the first as it is, then logarithms of gaps, under Normal(0, 5).
struct Ordered {
  double m[3], gap[2];
  double log_density;
  explicit Ordered(const double* x);
  void gradient(const double* dm, double* out) const;
};

}  // namespace bounds
}  // namespace nuthatch::benchmark
