// NUTHATCH_VALIDATE=1, which a process reads once: the tests run themselves anew with it.
#include <cmath>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/detail/registry.h"
#include "nuthatch/distributions.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"

using namespace nuthatch;

namespace {

double density_with_a_negative_scale() {
  auto model = [](const Observed& y) {
    Tensor s = sample("s", Normal(0.0, 1.0));
    Plate rows("row", 2);
    sample("y", Cauchy(0.0, s), y);
  };
  return log_density(model, Tensor{0.1, 0.2})(Tensor{-1.0}).item();
}

void check_in_this_process() {
  EXPECT_TRUE(std::isnan(density_with_a_negative_scale()));
  auto fine = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0)), s = sample("s", HalfNormal(1.0));
    Tensor w = sample("w", Dirichlet(ones(3)));
    Plate rows("row", 2);
    sample("y", Normal(m + w[0], s), y);
  };
  EXPECT_TRUE(std::isfinite(log_density(fine, Tensor{0.1, 0.2})(Tensor{0.1, -0.2, 0.3, 0.4}).item()));
  // Data outside a support that depends on a latent variable: NaN, not -infinity.
  auto bounded = [](const Observed& y) {
    Tensor high = sample("high", Exponential(1.0));
    sample("y", Uniform(0.0, high), y);
  };
  EXPECT_TRUE(std::isnan(log_density(bounded, Tensor{0.5, 0.7})(Tensor{std::log(0.6)}).item()));
  EXPECT_TRUE(std::isfinite(log_density(bounded, Tensor{0.5, 0.7})(Tensor{std::log(0.8)}).item()));
}

TEST(Validate, TracedParametersAreTestedOnRequest) {
  if (std::getenv("NUTHATCH_VALIDATE")) return check_in_this_process();
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  ASSERT_GT(n, 0);
  path[n] = 0;
  const std::string command = "NUTHATCH_VALIDATE=1 '" + std::string(path) + "' --gtest_filter='Validate.Traced*' > /dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

/// A number outside of a set of single numbers; empty when there is none, or it is not known.
Tensor outside(const Constraint& set) {
  using Kind = Constraint::Kind;
  switch (set.kind()) {
    case Kind::positive: case Kind::nonnegative: case Kind::softplus_positive: return -1.0;
    case Kind::nonnegative_integer: case Kind::positive_integer: case Kind::boolean: return 2.5;
    case Kind::greater_than: case Kind::greater_than_eq: return set.lower() - 1.0;
    case Kind::interval: case Kind::open_interval: case Kind::less_than: case Kind::less_than_eq: return set.upper() + 1.0;
    case Kind::real: return INFINITY;
    default: return {};
  }
}

TEST(Validate, EveryConcreteParameterOfEveryDistributionIsTested) {
  int tested = 0;
  for (const auto& entry : detail::distribution_registry())
    for (const auto& example : entry.examples) {
      const Distribution d = entry.make(example);
      const auto& parameters = d.parameters();
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto& p = parameters[i];
        for (Tensor wrong : {outside(p.constraint), Tensor(NAN)}) {
          if (!wrong.defined() || p.value.dtype() == bool_) continue;
          // A factor may be any number, also minus infinity, and so may be the point that Delta stands for.
          if (p.constraint.kind() == Constraint::Kind::dependent || (p.name == "value" && !isnan(wrong).item<bool>())) continue;
          std::vector<Tensor> values;
          for (const auto& q : parameters) values.push_back(q.value);
          values[i] = broadcast_to(wrong, p.value.shape());
          detail::DistributionPtr changed;
          try {
            changed = d.impl()->with_parameters(values);
          } catch (const Error&) {
            continue;  // refused by the constructor: as good
          }
          if (!changed) continue;  // made of other distributions, which have the parameters
          EXPECT_TRUE(changed->problem.has_value()) << entry.name << ": " << p.name << " = " << to_string(values[i]);
          if (changed->problem) EXPECT_NE(changed->problem->find(p.name), std::string::npos) << *changed->problem;
          EXPECT_THROW(Distribution(changed).log_prob(d.support_point()), Error);
          EXPECT_THROW(Distribution(changed).sample(Key(0)), Error);
          ++tested;
        }
      }
    }
  EXPECT_GT(tested, 300);
}

}  // namespace
