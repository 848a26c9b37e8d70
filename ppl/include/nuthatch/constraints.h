#pragma once
/// Sets that parameters and values of distributions live in. A constraint knows how many trailing dimensions form one
/// value (`event_dim`), can test values, and has a bijector from unconstrained space (bijectors.h) unless it is
/// discrete.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch {

class Constraint {
 public:
  enum class Kind : std::uint8_t {
    real,
    positive,
    nonnegative,
    greater_than,       // of lower()
    less_than,          // of upper()
    interval,           // [lower(), upper()]
    simplex,            // n numbers >= 0 that sum to one
    ordered,            // x[0] < x[1] < ...
    positive_ordered,   // 0 < x[0] < x[1] < ...
    corr_cholesky,      // lower triangular, positive diagonal, rows of unit length
    lower_cholesky,     // lower triangular, positive diagonal
    positive_definite,  // symmetric with positive eigenvalues
    boolean,            // 0 or 1
    integer_interval,   // lower(), lower() + 1, ..., upper()
    nonnegative_integer
  };

  Constraint(Kind kind = Kind::real) : kind_(kind) {}
  Constraint(Kind kind, Tensor lower, Tensor upper) : kind_(kind), lower_(std::move(lower)), upper_(std::move(upper)) {}

  Kind kind() const { return kind_; }
  /// Bounds may be traced values: the support of Uniform(a, b) depends on its parameters. Undefined where there is none.
  const Tensor& lower() const { return lower_; }
  const Tensor& upper() const { return upper_; }
  bool discrete() const { return kind_ >= Kind::boolean; }
  /// Trailing dimensions of one value: 0 for positive, 1 for simplex, 2 for lower_cholesky, plus those made dependent
  /// by `independent`.
  int event_dim() const { return own_event_dim() + extra_; }
  int own_event_dim() const;
  /// The same set for `dims` more trailing dimensions taken together as one value.
  Constraint independent(int dims) const;
  /// True when no bound is a traced value, so that data can be checked before anything runs.
  bool concrete() const;

  /// "positive", "in [0, 1]": completes the sentence "scale must be ...".
  std::string description() const;
  /// Elementwise test of shape value.shape() without the event dimensions.
  Tensor check(const Tensor& value) const;
  /// Some number inside the set; for sets of single numbers.
  Tensor feasible() const;
  /// Tests a concrete value on the host. Empty when it holds, else the offending element: "value[3] = -1".
  std::optional<std::string> violation(const Tensor& value, const std::string& name) const;

 private:
  Kind kind_;
  int extra_ = 0;
  Tensor lower_, upper_;
};

namespace constraints {

/// A constraint without bounds, usable as `static constexpr auto support = constraints::positive`.
struct Named {
  Constraint::Kind kind;
  operator Constraint() const { return Constraint(kind); }
};

inline constexpr Named real{Constraint::Kind::real}, positive{Constraint::Kind::positive},
    nonnegative{Constraint::Kind::nonnegative}, simplex{Constraint::Kind::simplex}, ordered{Constraint::Kind::ordered},
    positive_ordered{Constraint::Kind::positive_ordered}, corr_cholesky{Constraint::Kind::corr_cholesky},
    lower_cholesky{Constraint::Kind::lower_cholesky}, positive_definite{Constraint::Kind::positive_definite},
    boolean{Constraint::Kind::boolean}, nonnegative_integer{Constraint::Kind::nonnegative_integer};

/// [0, 1].
struct UnitInterval {
  operator Constraint() const { return Constraint(Constraint::Kind::interval, Tensor(0.0), Tensor(1.0)); }
};
inline constexpr UnitInterval unit_interval{};

Constraint interval(const Tensor& lower, const Tensor& upper);
Constraint greater_than(const Tensor& lower);
Constraint less_than(const Tensor& upper);
Constraint integer_interval(const Tensor& lower, const Tensor& upper);
/// Vectors and matrices of unconstrained numbers as one value.
inline Constraint real_vector() { return Constraint().independent(1); }

}  // namespace constraints
}  // namespace nuthatch
