#pragma once
/// Sets that parameters and values of distributions live in. A constraint knows how many trailing dimensions form one
/// value (`event_dim`), can test values, gives a value inside, and has a bijector from unconstrained space (bijectors.h)
/// where a smooth one exists.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "nuthatch/detail/shared.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

class Bijector;

class Constraint {
 public:
  enum class Kind : std::uint8_t {
    real,
    positive,
    nonnegative,
    softplus_positive,  // positive; softplus instead of exp leads there
    greater_than,       // of lower()
    greater_than_eq,
    less_than,  // of upper()
    less_than_eq,
    interval,                            // [lower(), upper()]
    open_interval,                       // (lower(), upper())
    circular,                            // angles, [-pi, pi]
    simplex,                             // n numbers >= 0 that sum to one
    ordered,                             // x[0] < x[1] < ...
    positive_ordered,                    // 0 < x[0] < x[1] < ...
    l1_ball,                             // sum |x_i| <= 1
    sphere,                              // sum x_i^2 = 1
    zero_sum,                            // sums along each of the last `dims` dimensions are 0
    positive_definite_circulant_vector,  // first row of a circulant positive definite matrix
    corr_cholesky,                       // lower triangular, positive diagonal, rows of unit length
    lower_cholesky,                      // lower triangular, positive diagonal
    softplus_lower_cholesky,             // the same set; the diagonal comes from softplus instead of exp
    scaled_unit_lower_cholesky,          // the same set; as a row scale times a unit lower triangular matrix
    corr_matrix,                         // positive definite with unit diagonal
    positive_definite,                   // symmetric with positive eigenvalues
    positive_semi_definite,              // symmetric with nonnegative eigenvalues
    dependent,                           // depends on other parameters: tested by who knows them
    custom,                              // a Rule
    // Discrete sets from here on.
    boolean,           // 0 or 1
    integer_interval,  // lower(), lower() + 1, ..., upper()
    integer_greater_than,
    nonnegative_integer,
    positive_integer,
    multinomial  // vectors of integers >= 0 that sum to upper()
  };

  /// What a set made by a user provides: derive from it and hand it to Constraint's constructor.
  class Rule {
   public:
    virtual ~Rule() = default;
    /// Completes the sentence "scale must be ...".
    virtual std::string description() const = 0;
    virtual int event_dim() const { return 0; }
    virtual bool discrete() const { return false; }
    virtual Tensor check(const Tensor& value) const = 0;
    /// A value inside the set of that shape, event dimensions included.
    virtual Tensor feasible(const Shape& shape) const = 0;
    /// Onto the set; throws when not overridden.
    virtual Bijector bijector() const;
  };

  Constraint(Kind kind = Kind::real) : kind_(kind) {}
  Constraint(Kind kind, Tensor lower, Tensor upper) : kind_(kind), lower_(std::move(lower)), upper_(std::move(upper)) {}
  explicit Constraint(Shared<const Rule> rule) : kind_(Kind::custom), rule_(std::move(rule)) {}
  /// Arrays whose sums along each of the last `dims` dimensions vanish.
  static Constraint zero_sum(int dims, Where where = Where::current());

  Kind kind() const { return kind_; }
  /// Bounds may be traced values: the support of Uniform(a, b) depends on its parameters. Undefined where there is none.
  const Tensor& lower() const { return lower_; }
  const Tensor& upper() const { return upper_; }
  /// Of a custom constraint.
  const Shared<const Rule>& rule() const { return rule_; }
  bool discrete() const { return kind_ >= Kind::boolean || (rule_ && rule_->discrete()); }
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
  /// A value of that shape, event dimensions included, inside the set.
  Tensor feasible(const Shape& shape) const;
  /// Tests a concrete value on the host. Empty when it holds, else the offending element: "value[3] = -1".
  std::optional<std::string> violation(const Tensor& value, const std::string& name) const;

 private:
  Kind kind_;
  int extra_ = 0, dims_ = 1;
  Tensor lower_, upper_;
  Shared<const Rule> rule_;
};

namespace constraints {

/// A constraint without bounds, usable as `static constexpr auto support = constraints::positive`.
struct Named {
  Constraint::Kind kind;
  operator Constraint() const { return Constraint(kind); }
};

inline constexpr Named real{Constraint::Kind::real}, positive{Constraint::Kind::positive},
    nonnegative{Constraint::Kind::nonnegative}, softplus_positive{Constraint::Kind::softplus_positive},
    simplex{Constraint::Kind::simplex}, ordered{Constraint::Kind::ordered}, ordered_vector{Constraint::Kind::ordered},
    positive_ordered{Constraint::Kind::positive_ordered}, positive_ordered_vector{Constraint::Kind::positive_ordered},
    l1_ball{Constraint::Kind::l1_ball}, sphere{Constraint::Kind::sphere},
    positive_definite_circulant_vector{Constraint::Kind::positive_definite_circulant_vector},
    corr_cholesky{Constraint::Kind::corr_cholesky}, corr_matrix{Constraint::Kind::corr_matrix},
    lower_cholesky{Constraint::Kind::lower_cholesky},
    softplus_lower_cholesky{Constraint::Kind::softplus_lower_cholesky},
    scaled_unit_lower_cholesky{Constraint::Kind::scaled_unit_lower_cholesky},
    positive_definite{Constraint::Kind::positive_definite},
    positive_semi_definite{Constraint::Kind::positive_semi_definite}, dependent{Constraint::Kind::dependent},
    boolean{Constraint::Kind::boolean}, nonnegative_integer{Constraint::Kind::nonnegative_integer},
    positive_integer{Constraint::Kind::positive_integer};

/// [0, 1].
struct UnitInterval {
  operator Constraint() const { return Constraint(Constraint::Kind::interval, Tensor(0.0), Tensor(1.0)); }
};
inline constexpr UnitInterval unit_interval{};
/// Angles, [-pi, pi], whose ends are the same point.
struct Circular {
  operator Constraint() const {
    constexpr double pi = 3.141592653589793;
    return Constraint(Constraint::Kind::circular, Tensor(-pi), Tensor(pi));
  }
};
inline constexpr Circular circular{};
/// Unconstrained vectors and matrices as one value.
inline Constraint real_vector() { return Constraint().independent(1); }
inline Constraint real_matrix() { return Constraint().independent(2); }

/// [lower, upper] and (lower, upper); bounds may be parameters of the model.
Constraint interval(const Tensor& lower, const Tensor& upper);
Constraint open_interval(const Tensor& lower, const Tensor& upper);
Constraint greater_than(const Tensor& lower);
Constraint greater_than_eq(const Tensor& lower);
Constraint less_than(const Tensor& upper);
Constraint less_than_eq(const Tensor& upper);
Constraint integer_interval(const Tensor& lower, const Tensor& upper);
/// lower + 1, lower + 2, ...
Constraint integer_greater_than(const Tensor& lower);
/// Vectors of counts with this sum.
Constraint multinomial(const Tensor& total_count);
/// Arrays whose sums along each of the last `dims` dimensions vanish.
inline Constraint zero_sum(int dims = 1, Where where = Where::current()) { return Constraint::zero_sum(dims, where); }

}  // namespace constraints
}  // namespace nuthatch
