#include "nuthatch/constraints.h"

#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {

using Kind = Constraint::Kind;

int Constraint::own_event_dim() const {
  switch (kind_) {
    case Kind::simplex: case Kind::ordered: case Kind::positive_ordered: return 1;
    case Kind::corr_cholesky: case Kind::lower_cholesky: case Kind::positive_definite: return 2;
    default: return 0;
  }
}

Constraint Constraint::independent(int dims) const {
  Constraint result = *this;
  result.extra_ += dims;
  return result;
}

bool Constraint::concrete() const {
  return (!lower_.defined() || lower_.is_concrete()) && (!upper_.defined() || upper_.is_concrete());
}

Tensor Constraint::check(const Tensor& value) const {
  // Sums of squares of a row, and of a simplex, are 1 up to rounding.
  constexpr double tolerance = 1e-6;
  auto test = [&]() -> Tensor {
    const Tensor& x = value;
    switch (kind_) {
      case Kind::real: return isfinite(x);
      case Kind::positive: return x > 0.0;
      case Kind::nonnegative: return x >= 0.0;
      case Kind::greater_than: return x > lower_;
      case Kind::less_than: return x < upper_;
      case Kind::interval: return (x >= lower_) & (x <= upper_);
      case Kind::simplex: return all_of(x >= 0.0, -1) & (abs(sum(x, -1) - 1.0) < tolerance);
      case Kind::ordered: return all_of(diff(x) > 0.0, -1);
      case Kind::positive_ordered: return all_of(diff(x) > 0.0, -1) & all_of(x > 0.0, -1);
      case Kind::lower_cholesky: return all_of(diagonal(x) > 0.0, -1) & all_of(triu(x, 1) == 0.0, {.axis = {-2, -1}});
      case Kind::corr_cholesky:
        return all_of(diagonal(x) > 0.0, -1) & all_of(triu(x, 1) == 0.0, {.axis = {-2, -1}}) &
               all_of(abs(sum(square(x), -1) - 1.0) < tolerance, -1);
      case Kind::positive_definite:
        return all_of(abs(x - swapaxes(x, -1, -2)) <= tolerance * abs(x), {.axis = {-2, -1}}) &
               all_of(isfinite(diagonal(cholesky(x))), -1);
      case Kind::boolean: return (x == 0.0) | (x == 1.0);
      case Kind::integer_interval: return (x >= lower_) & (x <= upper_) & (floor(x) == x);
      case Kind::nonnegative_integer: return (x >= 0.0) & (floor(x) == x);
    }
    return {};
  };
  Tensor ok = test();
  if (extra_ == 0) return ok;
  std::vector<int> axes;
  for (int i = 1; i <= extra_; ++i) axes.push_back(-i);
  return all_of(ok, {.axis = Axes(axes)});
}

Tensor Constraint::feasible() const {
  switch (kind_) {
    case Kind::positive: case Kind::nonnegative: return 1.0;
    case Kind::greater_than: return lower_ + 1.0;
    case Kind::less_than: return upper_ - 1.0;
    case Kind::interval: return 0.5 * (lower_ + upper_);
    case Kind::integer_interval: return lower_;
    default: return 0.0;
  }
}

namespace constraints {
Constraint interval(const Tensor& lower, const Tensor& upper) { return Constraint(Kind::interval, lower, upper); }
Constraint greater_than(const Tensor& lower) { return Constraint(Kind::greater_than, lower, {}); }
Constraint less_than(const Tensor& upper) { return Constraint(Kind::less_than, {}, upper); }
Constraint integer_interval(const Tensor& lower, const Tensor& upper) {
  return Constraint(Kind::integer_interval, lower, upper);
}
}  // namespace constraints

}  // namespace nuthatch
