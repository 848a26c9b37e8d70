// Constraints: values inside and outside, on the host and in programs; feasible values; descriptions.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/constraints.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

struct Case {
  std::string name;
  Constraint set;
  std::vector<Tensor> inside, outside;
};

std::vector<Case> cases() {
  using namespace constraints;
  const double third = 1.0 / 3.0, root = std::sqrt(0.5), nan = std::nan("");
  const Tensor R{{1.0, 0.6}, {0.6, 1.0}}, L{{1.0, 0.0}, {0.6, 0.8}};
  return {
      {"real", real, {0.0, -1e300}, {INFINITY, nan}},
      {"real_vector", real_vector(), {Tensor{0.0, 1.0}}, {Tensor{0.0, INFINITY}}},
      {"real_matrix", real_matrix(), {zeros({2, 2})}, {full({2, 2}, nan)}},
      {"positive", positive, {1e-300, 5.0}, {0.0, -1.0, nan}},
      {"nonnegative", nonnegative, {0.0, 5.0}, {-1e-300, nan}},
      {"softplus_positive", softplus_positive, {1e-300, 5.0}, {0.0, nan}},
      {"greater_than", greater_than(2.0), {2.1}, {2.0, 1.0, nan}},
      {"greater_than_eq", greater_than_eq(2.0), {2.0}, {1.9, nan}},
      {"less_than", less_than(2.0), {1.9}, {2.0, 3.0, nan}},
      {"less_than_eq", less_than_eq(2.0), {2.0}, {2.1, nan}},
      {"unit_interval", unit_interval, {0.0, 0.5, 1.0}, {-0.1, 1.1, nan}},
      {"interval", interval(-1.0, 2.0), {-1.0, 2.0}, {-1.1, 2.1}},
      {"open_interval", open_interval(-1.0, 2.0), {-0.9, 1.9}, {-1.0, 2.0}},
      {"circular", circular, {-3.141592653589793, 0.0, 3.0}, {3.2, -4.0}},
      {"simplex", simplex, {Tensor{third, third, third}, Tensor{0.0, 1.0}}, {Tensor{0.5, 0.6}, Tensor{-0.1, 1.1}}},
      {"ordered", ordered, {Tensor{-1.0, 0.0, 2.0}}, {Tensor{0.0, 0.0}, Tensor{1.0, 0.0}}},
      {"positive_ordered", positive_ordered, {Tensor{0.1, 0.2}}, {Tensor{0.0, 1.0}, Tensor{2.0, 1.0}}},
      {"l1_ball", l1_ball, {Tensor{0.5, -0.5}, Tensor{0.0, 0.0}}, {Tensor{0.6, -0.5}, Tensor{nan, 0.0}}},
      {"sphere", sphere, {Tensor{root, -root}, Tensor{0.0, 1.0}}, {Tensor{0.5, 0.5}, Tensor{1.0, 1.0}}},
      {"zero_sum", zero_sum(), {Tensor{1.0, -3.0, 2.0}, Tensor{0.0, 0.0}}, {Tensor{1.0, -3.0, 2.1}}},
      {"zero_sum(2)", zero_sum(2), {Tensor{{1.0, -1.0}, {-1.0, 1.0}}}, {Tensor{{1.0, -1.0}, {1.0, -1.0}}}},
      {"positive_definite_circulant_vector", positive_definite_circulant_vector,
       {Tensor{2.0, 0.5, 0.1, 0.5}, Tensor{1.0, 0.2, 0.2}}, {Tensor{1.0, 2.0, 2.0}, Tensor{2.0, 0.5, 0.1, 0.3}}},
      {"lower_cholesky", lower_cholesky, {L, Tensor{{3.0, 0.0}, {-1.0, 0.1}}},
       {Tensor{{1.0, 0.1}, {0.0, 1.0}}, Tensor{{-1.0, 0.0}, {0.0, 1.0}}}},
      {"softplus_lower_cholesky", softplus_lower_cholesky, {L}, {R}},
      {"scaled_unit_lower_cholesky", scaled_unit_lower_cholesky, {L}, {R}},
      {"corr_cholesky", corr_cholesky, {L}, {Tensor{{1.0, 0.0}, {0.6, 0.9}}, R}},
      {"corr_matrix", corr_matrix, {R}, {L, Tensor{{1.0, 1.2}, {1.2, 1.0}}, Tensor{{2.0, 0.6}, {0.6, 1.0}}}},
      {"positive_definite", positive_definite, {R, Tensor{{4.0, 1.0}, {1.0, 2.0}}},
       {Tensor{{1.0, 1.0}, {1.0, 1.0 - 1e-9}}, Tensor{{1.0, 0.2}, {0.3, 1.0}}}},
      {"positive_semi_definite", positive_semi_definite, {R, Tensor{{1.0, 1.0}, {1.0, 1.0}}, zeros({2, 2})},
       {Tensor{{1.0, 1.1}, {1.1, 1.0}}}},
      {"dependent", dependent, {nan, 1.0}, {}},
      {"boolean", boolean, {0.0, 1.0}, {0.5, 2.0, nan}},
      {"integer_interval", integer_interval(-1, 4), {-1.0, 4.0}, {-2.0, 0.5, 5.0}},
      {"integer_greater_than", integer_greater_than(2), {3.0}, {2.0, 3.5}},
      {"nonnegative_integer", nonnegative_integer, {0.0, 7.0}, {-1.0, 0.5}},
      {"positive_integer", positive_integer, {1.0, 7.0}, {0.0, 1.5}},
      {"multinomial", multinomial(5), {Tensor{2, 0, 3}, Tensor{5}}, {Tensor{2, 2}, Tensor{6, -1}, Tensor{2.5, 2.5}}},
  };
}

TEST(Constraint, TellsInsideFromOutside) {
  for (const Case& c : cases()) {
    for (const auto& [values, expected] : {std::pair(c.inside, true), std::pair(c.outside, false)})
      for (const Tensor& x : values) {
        EXPECT_EQ(c.set.check(x).item<bool>(), expected) << c.name << " " << to_string(x);
        EXPECT_EQ(!c.set.violation(x, "x").has_value(), expected) << c.name << " " << to_string(x);
      }
    EXPECT_FALSE(c.set.description().empty()) << c.name;
  }
}

TEST(Constraint, BatchesAreTestedEventByEvent) {
  for (const Case& c : cases()) {
    if (c.inside.empty() || c.outside.empty() || c.inside[0].shape() != c.outside[0].shape()) continue;
    Tensor both = stack({c.inside[0].cast(f64), c.outside[0].cast(f64)});
    EXPECT_EQ(c.set.check(both).to_vector<bool>(), (std::vector<bool>{true, false})) << c.name;
    EXPECT_FALSE(c.set.independent(1).check(both).item<bool>()) << c.name;
    auto problem = c.set.violation(both, "x");
    ASSERT_TRUE(problem) << c.name;
    EXPECT_EQ(problem->substr(0, 3), "x[1") << c.name << " " << *problem;
  }
}

TEST(Constraint, FeasibleValuesAreInside) {
  for (const Case& c : cases()) {
    if (c.name == "dependent") continue;
    const Shape event = c.inside[0].shape();
    for (Shape batch : {Shape{}, Shape{2, 3}}) {
      Shape shape = batch;
      shape.insert(shape.end(), event.begin(), event.end());
      Tensor x = c.set.feasible(shape);
      EXPECT_EQ(x.shape(), shape) << c.name;
      EXPECT_TRUE(all_of(c.set.check(x)).item<bool>()) << c.name << " " << to_string(x);
    }
  }
}

TEST(Constraint, NamesOfVectors) {
  EXPECT_EQ(Constraint(constraints::ordered_vector).kind(), Constraint::Kind::ordered);
  EXPECT_EQ(constraints::real_matrix().event_dim(), 2);
  EXPECT_EQ(constraints::zero_sum(2).event_dim(), 2);
  EXPECT_EQ(Constraint(constraints::corr_matrix).independent(1).event_dim(), 3);
  EXPECT_TRUE(constraints::multinomial(3).discrete());
  EXPECT_FALSE(Constraint(constraints::dependent).discrete());
  EXPECT_THROW(constraints::zero_sum(0), Error);
}

}  // namespace
