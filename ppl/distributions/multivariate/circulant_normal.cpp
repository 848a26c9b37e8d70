#include "nuthatch/distributions/circulant_normal.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

/// angle of row j and column k of an n-point transform, from exact integers.
double angle(std::int64_t j, std::int64_t k, std::int64_t n) {
  return 2.0 * detail::kPi * double(j * k % n) / double(n);
}

/// (cos + sin) / sqrt(n): orthonormal, symmetric, its own inverse. It diagonalises every symmetric circulant matrix.
Tensor hartley(std::int64_t n) {
  std::vector<double> entries;
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t k = 0; k < n; ++k)
      entries.push_back((std::cos(angle(j, k, n)) + std::sin(angle(j, k, n))) / std::sqrt(double(n)));
  return reshape(entries, {n, n});
}

/// Eigenvalues 0 .. n/2 of the symmetric circulant matrix with this first row.
Tensor spectrum_of_row(const Tensor& row) {
  const std::int64_t n = row.shape().back(), m = n / 2 + 1;
  std::vector<double> cosines;
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t k = 0; k < m; ++k) cosines.push_back(std::cos(angle(j, k, n)));
  return matmul(row, reshape(cosines, {n, m}));
}

class CirculantNormalDensity final : public detail::Family<CirculantNormalDensity, 2> {
 public:
  CirculantNormalDensity(const Tensor& loc, const Tensor& spectrum, Where where)
      : Family("CirculantNormal",
               {{"loc", loc, constraints::real_vector()},
                {"covariance_rfft", spectrum, Constraint(constraints::positive).independent(1)}},
               detail::trailing(loc.shape(), 1), where) {
    if (!problem && spectrum.shape().back() != loc.shape().back() / 2 + 1)
      problem = "CirculantNormal: covariance_rfft " + to_string(spectrum.shape()) + " does not fit vectors of " +
                std::to_string(loc.shape().back()) + "; it has n / 2 + 1 elements";
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor eigenvalues = spectrum(), z = matmul(x - loc(), hartley(n()));
    return {{sum(square(z) / eigenvalues, -1), -0.5}, {-normaliser(eigenvalues)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + matmul(sqrt(spectrum()) * normal(key, shape), hartley(n()));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor mode() const override { return loc(); }
  Tensor variance() const override { return nuthatch::mean(spectrum(), {.axis = -1, .keepdims = true}); }
  Tensor entropy() const override { return normaliser(spectrum()) + 0.5 * double(n()); }

 private:
  const Tensor& loc() const { return p(0); }
  std::int64_t n() const { return event_shape[0]; }
  /// All n eigenvalues: k and n - k are the same.
  Tensor spectrum() const {
    std::vector<std::int64_t> source;
    for (std::int64_t k = 0; k < n(); ++k) source.push_back(std::min(k, n() - k));
    return take(p(1), source, -1);
  }
  Tensor normaliser(const Tensor& eigenvalues) const {
    return 0.5 * sum(log(eigenvalues), -1) + double(n()) * detail::kHalfLogTwoPi;
  }
};

}  // namespace

CirculantNormal::CirculantNormal(const CirculantNormalOptions& o, Where where) {
  const char* name = "CirculantNormal";
  const bool by_row =
      detail::one_of(name, {{"covariance_row", o.covariance_row}, {"covariance_rfft", o.covariance_rfft}}, where) == 0;
  const Tensor& given = by_row ? o.covariance_row : o.covariance_rfft;
  if (given.ndim() == 0) throw Error(std::string(name) + ": the covariance must be a vector", where);
  if (by_row)
    detail::checked(name, {"covariance_row", given}, constraints::positive_definite_circulant_vector, where);
  std::int64_t n = by_row ? given.shape().back() : 2 * (given.shape().back() - 1);
  if (o.loc.defined() && o.loc.ndim() > 0) n = o.loc.shape().back();
  static_cast<Distribution&>(*this) = Distribution(share<CirculantNormalDensity>(
      detail::location_vector(o.loc, n), by_row ? spectrum_of_row(given) : given, where));
}

}  // namespace nuthatch
