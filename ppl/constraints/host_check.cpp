// Concrete parameters and data are tested on the host while a model is traced: what is wrong with them is reported with
// the element and its value, before anything is compiled.
#include <cmath>
#include <limits>
#include <vector>

#include "nuthatch/constraints.h"
#include "nuthatch/detail/shapes.h"
#include "ppl/constraints/tolerance.h"

namespace nuthatch {
namespace {

using Kind = Constraint::Kind;
using detail::kTolerance;

/// Elements of a tensor read as if broadcast to a larger shape.
class Broadcast {
 public:
  Broadcast(const Tensor& x, const Shape& shape) : strides_(shape.size(), 0), shape_(shape) {
    if (!x.defined()) return;
    values_ = x.to_vector<double>();
    std::int64_t stride = 1;
    for (std::size_t i = 0; i < x.shape().size(); ++i) {
      std::int64_t extent = x.shape()[x.shape().size() - 1 - i];
      if (extent != 1) strides_[strides_.size() - 1 - i] = stride;
      stride *= extent;
    }
  }
  double operator()(std::int64_t flat) const {
    if (values_.empty()) return 0;
    std::int64_t at = 0;
    for (std::size_t i = shape_.size(); i-- > 0; flat /= shape_[i]) at += flat % shape_[i] * strides_[i];
    return values_[std::size_t(at)];
  }

 private:
  std::vector<double> values_;
  std::vector<std::int64_t> strides_;
  Shape shape_;
};

bool scalar_holds(Kind kind, double x, double lower, double upper) {
  switch (kind) {
    case Kind::real: return std::isfinite(x);
    case Kind::positive: case Kind::softplus_positive: return x > 0 && std::isfinite(x);
    case Kind::nonnegative: return x >= 0 && std::isfinite(x);
    case Kind::greater_than: return x > lower;
    case Kind::greater_than_eq: return x >= lower;
    case Kind::less_than: return x < upper;
    case Kind::less_than_eq: return x <= upper;
    case Kind::interval: case Kind::circular: return x >= lower && x <= upper;
    case Kind::open_interval: return x > lower && x < upper;
    case Kind::boolean: return x == 0 || x == 1;
    case Kind::integer_interval: return x >= lower && x <= upper && std::floor(x) == x;
    case Kind::integer_greater_than: return x > lower && std::floor(x) == x && std::isfinite(x);
    case Kind::nonnegative_integer: return x >= 0 && std::floor(x) == x && std::isfinite(x);
    case Kind::positive_integer: return x >= 1 && std::floor(x) == x && std::isfinite(x);
    default: return true;
  }
}

/// `slack` is added to the diagonal.
bool positive_definite(const double* x, std::int64_t n, double slack = 0) {
  std::vector<double> L(std::size_t(n * n), 0.0);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j <= i; ++j) {
      if (std::abs(x[i * n + j] - x[j * n + i]) > kTolerance * std::abs(x[i * n + j])) return false;
      double s = x[i * n + j] + (i == j ? slack : 0);
      for (std::int64_t k = 0; k < j; ++k) s -= L[i * n + k] * L[j * n + k];
      if (i == j && !(s > 0)) return false;
      L[i * n + j] = i == j ? std::sqrt(s) : s / L[j * n + j];
    }
  return true;
}

bool triangular_holds(const double* x, std::int64_t n, bool unit_rows) {
  for (std::int64_t i = 0; i < n; ++i) {
    double square = 0;
    for (std::int64_t j = 0; j < n; ++j) {
      double v = x[i * n + j];
      if (!std::isfinite(v) || (j > i && v != 0) || (j == i && !(v > 0))) return false;
      square += v * v;
    }
    if (unit_rows && std::abs(square - 1) > kTolerance) return false;
  }
  return true;
}

bool unit_diagonal(const double* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    if (!(std::abs(x[i * n + i] - 1) < kTolerance)) return false;
  return true;
}

/// The sum of f(x_i) is 1; `at_most`: or less.
template <class F>
bool sums_to_one(const double* x, std::int64_t n, F f, bool at_most) {
  double total = 0;
  for (std::int64_t i = 0; i < n; ++i) total += f(x[i]);
  return total <= 1 + kTolerance && (at_most || total >= 1 - kTolerance);
}

double largest(const double* x, std::int64_t count) {
  double result = 0;
  for (std::int64_t i = 0; i < count; ++i) result = std::max(result, std::abs(x[i]));
  return result;
}

/// The row is even and the eigenvalues, its cosine transform, are positive.
bool circulant_holds(const double* x, std::int64_t n) {
  const double slack = kTolerance * largest(x, n);
  for (std::int64_t k = 0; k < n; ++k) {
    double eigenvalue = 0;
    for (std::int64_t i = 0; i < n; ++i)
      eigenvalue += x[i] * std::cos(6.283185307179586 * double(i * k % n) / double(n));
    if (!(eigenvalue > 0) || !(std::abs(x[k] - x[(n - k) % n]) <= slack)) return false;
  }
  return true;
}

/// Sums along each dimension of an array of this shape vanish.
bool zero_sum_holds(const double* x, const Shape& shape) {
  const std::int64_t count = shape.num_elements();
  const double slack = kTolerance * largest(x, count) + 1e-300;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    std::int64_t stride = 1;
    for (std::size_t i = axis + 1; i < shape.size(); ++i) stride *= shape[i];
    for (std::int64_t start = 0; start < count; ++start) {
      if (start / stride % shape[axis] != 0) continue;
      double total = 0;
      for (std::int64_t i = 0; i < shape[axis]; ++i) total += x[start + i * stride];
      if (!(std::abs(total) <= double(shape[axis]) * slack)) return false;
    }
  }
  return true;
}

bool multinomial_holds(const double* x, std::int64_t n, double total) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    if (!(x[i] >= 0) || std::floor(x[i]) != x[i]) return false;
    sum += x[i];
  }
  return sum == total;
}

bool event_holds(Kind kind, const double* x, std::int64_t n) {
  switch (kind) {
    case Kind::positive_semi_definite: return positive_definite(x, n, kTolerance * largest(x, n * n) + 1e-300);
    case Kind::positive_definite_circulant_vector: return circulant_holds(x, n);
    case Kind::l1_ball: return sums_to_one(x, n, [](double v) { return std::abs(v); }, true);
    case Kind::sphere: return sums_to_one(x, n, [](double v) { return v * v; }, false);
    case Kind::simplex:
      for (std::int64_t i = 0; i < n; ++i)
        if (!(x[i] >= 0)) return false;
      return sums_to_one(x, n, [](double v) { return v; }, false);
    case Kind::ordered: case Kind::positive_ordered:
      for (std::int64_t i = 0; i < n; ++i)
        if (!std::isfinite(x[i]) || (i > 0 && x[i] <= x[i - 1]) || (kind == Kind::positive_ordered && x[i] <= 0))
          return false;
      return true;
    case Kind::lower_cholesky: case Kind::softplus_lower_cholesky: case Kind::scaled_unit_lower_cholesky:
      return triangular_holds(x, n, false);
    case Kind::corr_cholesky: return triangular_holds(x, n, true);
    case Kind::positive_definite: return positive_definite(x, n);
    case Kind::corr_matrix: return unit_diagonal(x, n) && positive_definite(x, n);
    default: return true;
  }
}

std::string indexed(const std::string& name, std::int64_t flat, const Shape& shape) {
  if (shape.empty()) return name;
  std::string index;
  for (std::size_t i = shape.size(); i-- > 0; flat /= shape[i])
    index = std::to_string(flat % shape[i]) + (index.empty() ? "" : ", " + index);
  return name + "[" + index + "]";
}

/// A rule is tested with tensor operations; while a program is traced, they would belong to it.
std::optional<std::string> rule_violation(const Constraint::Rule& rule, const Tensor& value, const std::string& name) {
  if (int(value.shape().size()) < rule.event_dim()) return name + " has shape " + to_string(value.shape());
  const Tensor ok = rule.check(value);
  if (!ok.is_concrete()) return std::nullopt;
  const std::vector<bool> each = ok.to_vector<bool>();
  for (std::size_t at = 0; at < each.size(); ++at)
    if (!each[at]) return indexed(name, std::int64_t(at), ok.shape()) + " is not";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Constraint::violation(const Tensor& value, const std::string& name) const {
  if (!value.is_concrete() || !concrete() || kind_ == Kind::dependent) return std::nullopt;
  const std::size_t event = std::size_t(own_event_dim());
  const Shape& shape = value.shape();
  if (kind_ == Kind::custom) return rule_violation(*rule_, value, name);
  if (event > 0) {
    if (shape.size() < event) return name + " has shape " + to_string(shape);
    const Shape one = detail::trailing(shape, event), batch = detail::leading(shape, event);
    if (event == 2 && kind_ != Kind::zero_sum && one[0] != one[1]) return name + " has shape " + to_string(shape);
    const std::int64_t n = shape.back(), step = one.num_elements();
    std::vector<double> x = value.to_vector<double>();
    if (upper_.defined()) {
      const auto both = detail::try_broadcast(batch, upper_.shape());
      if (!both) return name + " of shape " + to_string(shape) + " and a total of shape " + to_string(upper_.shape());
      if (*both != batch) return std::nullopt;  // one value for several totals: left to the density
    }
    const Broadcast total(upper_, batch);
    auto holds = [&](std::int64_t event_number) {
      const double* at = x.data() + event_number * step;
      if (kind_ == Kind::zero_sum) return zero_sum_holds(at, one);
      if (kind_ == Kind::multinomial) return multinomial_holds(at, n, total(event_number));
      return event_holds(kind_, at, n);
    };
    for (std::int64_t at = 0; step > 0 && at < std::int64_t(x.size()); at += step)
      if (!holds(at / step)) {
        std::string text;
        for (std::int64_t i = 0; i < std::min<std::int64_t>(step, 6); ++i)
          text += (i ? ", " : "") + detail::number(x[std::size_t(at + i)]);
        return indexed(name, at / step, batch) + " = [" + text + (step > 6 ? ", ...]" : "]");
      }
    return std::nullopt;
  }
  Shape common = shape;
  for (const Tensor& bound : {lower_, upper_})
    if (bound.defined()) {
      auto both = detail::try_broadcast(common, bound.shape());
      if (!both) return name + " of shape " + to_string(shape) + " and bounds of shape " + to_string(bound.shape());
      common = *both;
    }
  Broadcast x(value, common), lower(lower_, common), upper(upper_, common);
  for (std::int64_t i = 0; i < common.num_elements(); ++i)
    if (!scalar_holds(kind_, x(i), lower(i), upper(i))) {
      const bool infinite = x(i) > 0 && std::isinf(x(i)) && scalar_holds(kind_, std::numeric_limits<double>::max(), lower(i), upper(i));
      return indexed(name, i, common) + " = " + detail::number(x(i)) + (infinite && kind_ != Kind::real ? ", which is not finite" : "");
    }
  return std::nullopt;
}

std::string Constraint::description() const {
  auto bound = [](const Tensor& b, const char* otherwise) {
    return b.is_concrete() && b.size() == 1 ? detail::number(b.to_vector<double>()[0]) : std::string(otherwise);
  };
  switch (kind_) {
    case Kind::real: return "finite";
    case Kind::positive: case Kind::softplus_positive: return "positive";
    case Kind::nonnegative: return "nonnegative";
    case Kind::greater_than: return "greater than " + bound(lower_, "its lower bound");
    case Kind::greater_than_eq: return "at least " + bound(lower_, "its lower bound");
    case Kind::less_than: return "less than " + bound(upper_, "its upper bound");
    case Kind::less_than_eq: return "at most " + bound(upper_, "its upper bound");
    case Kind::open_interval: return "in (" + bound(lower_, "low") + ", " + bound(upper_, "high") + ")";
    case Kind::circular: return "an angle in [-pi, pi]";
    case Kind::l1_ball: return "numbers whose absolute values sum to at most 1";
    case Kind::sphere: return "a vector of length 1";
    case Kind::zero_sum: return "numbers that sum to 0";
    case Kind::positive_definite_circulant_vector: return "the first row of a positive definite circulant matrix";
    case Kind::interval: return "in [" + bound(lower_, "low") + ", " + bound(upper_, "high") + "]";
    case Kind::simplex: return "nonnegative numbers that sum to 1";
    case Kind::ordered: return "increasing";
    case Kind::positive_ordered: return "positive and increasing";
    case Kind::corr_cholesky: return "lower triangular with positive diagonal and rows of length 1";
    case Kind::lower_cholesky: case Kind::softplus_lower_cholesky: case Kind::scaled_unit_lower_cholesky:
      return "lower triangular with positive diagonal";
    case Kind::corr_matrix: return "a correlation matrix";
    case Kind::positive_definite: return "symmetric positive definite";
    case Kind::positive_semi_definite: return "symmetric positive semi-definite";
    case Kind::dependent: return "consistent with the other parameters";
    case Kind::custom: return rule_->description();
    case Kind::boolean: return "0 or 1";
    case Kind::integer_interval:
      return "an integer in [" + bound(lower_, "low") + ", " + bound(upper_, "high") + "]";
    case Kind::integer_greater_than: return "an integer greater than " + bound(lower_, "its lower bound");
    case Kind::nonnegative_integer: return "a nonnegative integer";
    case Kind::positive_integer: return "a positive integer";
    case Kind::multinomial: return "counts that sum to " + bound(upper_, "their total");
  }
  return "";
}

}  // namespace nuthatch
