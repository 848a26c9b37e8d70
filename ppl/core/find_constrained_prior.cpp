#include "nuthatch/find_constrained_prior.h"

#include <cmath>
#include <optional>
#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {
namespace {

using Vector = std::vector<double>;

double norm(const Vector& r) {
  double sum = 0;
  for (double x : r) sum += x * x;
  return std::sqrt(sum);
}

/// Newton's step for one or two equations; a singular matrix gives none.
std::optional<Vector> solve(const std::vector<Vector>& columns, const Vector& r) {
  if (r.size() == 1) return columns[0][0] != 0 ? std::optional<Vector>({r[0] / columns[0][0]}) : std::nullopt;
  const double a = columns[0][0], b = columns[1][0], c = columns[0][1], d = columns[1][1], det = a * d - b * c;
  if (det == 0 || !std::isfinite(det)) return std::nullopt;
  return Vector{(d * r[0] - b * r[1]) / det, (a * r[1] - c * r[0]) / det};
}

class Search {
 public:
  Search(FunctionRef<Distribution(const Tensor&)> family, const Tensor& initial, double lower, double upper, double mass)
      : family_(family), shape_(initial.shape()), lower_(lower), upper_(upper), mass_(mass) {}

  Distribution at(const Vector& p) const { return family_(shape_.empty() ? Tensor(p[0]) : Tensor(p)); }

  /// By how much the probabilities miss; infinite where the parameters are not allowed.
  Vector residual(const Vector& p) const {
    try {
      const Distribution d = at(p);
      const double below = d.cdf(lower_).item(), above = d.survival(upper_).item();
      if (!std::isfinite(below) || !std::isfinite(above)) return Vector(p.size(), INFINITY);
      if (p.size() == 1) return {1 - below - above - mass_};
      return {below - (1 - mass_) / 2, above - (1 - mass_) / 2};
    } catch (const Error&) {
      return Vector(p.size(), INFINITY);
    }
  }

  /// Newton's method with derivatives from central differences and steps halved until they help.
  Vector run(Vector p) const {
    Vector r = residual(p);
    for (int k = 0; k < 200 && norm(r) > 1e-14; ++k) {
      std::vector<Vector> columns;
      for (std::size_t i = 0; i < p.size(); ++i) {
        const double h = 1e-6 * std::max(1e-3, std::abs(p[i]));
        Vector up = p, down = p;
        up[i] += h;
        down[i] -= h;
        const Vector a = residual(up), b = residual(down);
        Vector column;
        for (std::size_t j = 0; j < p.size(); ++j) column.push_back((a[j] - b[j]) / (2 * h));
        columns.push_back(column);
      }
      const auto step = solve(columns, r);
      if (!step) break;
      double fraction = 1;
      bool better = false;
      for (; fraction > 1e-12 && !better; fraction /= 2) {
        Vector next = p;
        for (std::size_t i = 0; i < p.size(); ++i) next[i] -= fraction * (*step)[i];
        const Vector there = residual(next);
        if (!(norm(there) < norm(r))) continue;
        p = next;
        r = there;
        better = true;
      }
      if (!better) break;
    }
    return p;
  }

 private:
  FunctionRef<Distribution(const Tensor&)> family_;
  Shape shape_;
  double lower_, upper_, mass_;
};

}  // namespace

Distribution find_constrained_prior(FunctionRef<Distribution(const Tensor&)> family, const Tensor& initial, double lower,
                                    double upper, double mass, Where where) {
  const std::string title = "find_constrained_prior: ";
  if (initial.ndim() > 1 || initial.size() < 1 || initial.size() > 2)
    throw Error(title + "the family must have one parameter, or a vector of two, but the initial value has shape " +
                    to_string(initial.shape()),
                where);
  if (!(mass > 0 && mass < 1)) throw Error(title + "mass must be between 0 and 1, but it is " + number(mass), where);
  if (!(lower < upper)) throw Error(title + "lower " + number(lower) + " is not below upper " + number(upper), where);
  const Search search(family, initial, lower, upper, mass);
  search.at(flatten(initial).cast(f64).to_vector()).cdf(lower);  // throws what is wrong with it
  const Vector p = search.run(flatten(initial).cast(f64).to_vector());
  const double miss = norm(search.residual(p));
  if (!(miss < 1e-8))
    throw Error(title + "no parameters with probability " + number(mass) + " between " + number(lower) + " and " +
                    number(upper) + " found; the closest miss it by " + number(miss),
                where);
  return search.at(p);
}

}  // namespace nuthatch::detail
