// Primitives, plates and every handler.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

double normal_log_density(double x, double loc, double scale) {
  double z = (x - loc) / scale;
  return -0.5 * z * z - std::log(scale) - 0.5 * std::log(2 * M_PI);
}

void inner(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), w = param("w", 0.5, constraints::unit_interval);
  deterministic("twice", 2.0 * a);
  {
    Mask active(isfinite(x));
    Scale weight(w);
    factor("penalty", -0.01 * sum(square(x)));
  }
  sample("y", Normal(a * x, 1.0), y);
}
const Tensor kX{1.0, 2.0, 3.0}, kY{0.0, 1.0, 2.0};

TEST(Handlers, TraceRecordsEverySite) {
  Trace t = trace(seed(inner, Key(0)))(kX, kY);
  ASSERT_EQ(t.size(), 5u);
  EXPECT_EQ(t["twice"].value.item(), 2 * t["a"].value.item());
  EXPECT_TRUE(t["y"].observed);
  EXPECT_FALSE(t["a"].observed);
  EXPECT_THROW(t["nothing"], Error);
}

TEST(Handlers, LogDensityOfATraceAddsSites) {
  Trace t = trace(condition(inner, {{"a", 0.5}}))(kX, kY);
  double expected = normal_log_density(0.5, 0, 1);
  for (int i = 0; i < 3; ++i) expected += normal_log_density(double(i), 0.5 * (i + 1), 1);
  expected += 3 * 0.5 * -0.01 * 14;  // the factor, masked over three elements and scaled by w
  EXPECT_NEAR(t.log_density().item(), expected, 1e-12);
}

TEST(Handlers, DrawsDependOnNamesOnly) {
  auto ab = [] { sample("a", Normal(0.0, 1.0)); sample("b", Normal(0.0, 1.0)); };
  auto ba = [] { sample("b", Normal(0.0, 1.0)); sample("new", Normal(0.0, 1.0)); sample("a", Normal(0.0, 1.0)); };
  Trace first = trace(seed(ab, Key(3)))(), second = trace(seed(ba, Key(3)))();
  EXPECT_EQ(first["a"].value.item(), second["a"].value.item());
  EXPECT_EQ(first["b"].value.item(), second["b"].value.item());
  EXPECT_NE(first["a"].value.item(), first["b"].value.item());
  EXPECT_NE(first["a"].value.item(), trace(seed(ab, Key(4)))()["a"].value.item());
}

TEST(Handlers, SubstituteConditionUncondition) {
  Trace fixed = trace(seed(substitute(inner, {{"a", 0.25}, {"w", 0.9}}), Key(0)))(kX);
  EXPECT_EQ(fixed["a"].value.item(), 0.25);
  EXPECT_FALSE(fixed["a"].observed);
  EXPECT_EQ(fixed["w"].value.item(), 0.9);
  auto conditioned = condition(inner, {{"a", 0.25}});
  EXPECT_TRUE(trace(seed(conditioned, Key(0)))(kX)["a"].observed);
  EXPECT_FALSE(trace(seed(uncondition(conditioned), Key(0)))(kX)["a"].observed);
  Trace free = trace(seed(uncondition(inner), Key(0)))(kX, kY);
  EXPECT_NE(free["y"].value.to_vector(), kY.to_vector());
}

TEST(Handlers, ReplayBlockScopeLiftDo) {
  Trace t = trace(seed(inner, Key(1)))(kX);
  EXPECT_EQ(trace(seed(replay(inner, t), Key(9)))(kX)["a"].value.item(), t["a"].value.item());
  Trace hidden = trace(block(seed(inner, Key(1)), {.hide = {"a", "twice"}}))(kX);
  EXPECT_FALSE(hidden.contains("a"));
  EXPECT_TRUE(hidden.contains("y"));
  EXPECT_EQ(trace(block(seed(inner, Key(1)), {.expose = {"y"}}))(kX).size(), 1u);
  EXPECT_EQ(trace(block(seed(inner, Key(1))))(kX).size(), 0u);
  auto both = [&](const Tensor& x) { scope(inner, "l")(x); scope(inner, "r")(x); };
  Trace scoped = trace(seed(both, Key(3)))(kX);
  EXPECT_NE(scoped["l/a"].value.item(), scoped["r/a"].value.item());
  Trace lifted = trace(seed(lift(inner, {{"w", Beta(2.0, 2.0)}}), Key(1)))(kX);
  EXPECT_EQ(lifted["w"].primitive, Primitive::sample);
  auto world = [] {
    Tensor x = sample("x", Normal(0.0, 1.0));
    sample("y", Normal(100.0 * x, 1e-3));
  };
  Trace forced = trace(seed(do_(world, {{"x", 2.0}}), Key(5)))();
  EXPECT_NE(forced["x"].value.item(), 2.0);
  EXPECT_NEAR(forced["y"].value.item(), 200.0, 0.1);
}

TEST(Handlers, MaskAndScaleByKindOfSite) {
  auto log_density = [&](auto model) { return trace(condition(model, {{"a", 0.5}}))(kX, kY).log_density().item(); };
  auto latent_only = [](const Tensor& x, const Observed& y) {
    Tensor a = sample("a", Normal(0.0, 1.0));
    sample("y", Normal(a * x, 1.0), y);
  };
  auto at = [&](auto model) { return trace(substitute(model, {{"a", 0.5}}))(kX, kY).log_density().item(); };
  double prior = normal_log_density(0.5, 0, 1), whole = at(latent_only);
  EXPECT_NEAR(at(scale(latent_only, 0.1, {.only = SiteKind::latent})), whole - 0.9 * prior, 1e-13);
  EXPECT_NEAR(at(mask(latent_only, false, {.only = SiteKind::observed})), prior, 1e-13);
  EXPECT_NEAR(log_density(mask(latent_only, false)), 0.0, 0.0);
}

TEST(Handlers, MaskedNaNDoesNotReachTheGradient) {
  Tensor data{1.0, NAN, 2.0};
  auto f = [&](Tensor m) {
    auto model = [&](const Observed& y) {
      Mask known(~isnan(data));
      sample("y", Normal(m, 1.0), y);
    };
    return trace(model)(data).log_density();
  };
  EXPECT_NEAR(f(1.0).item(), normal_log_density(1, 1, 1) + normal_log_density(2, 1, 1), 1e-13);
  EXPECT_NEAR(grad(f)(Tensor(1.0)).item(), 1.0, 1e-13);
  auto g = [&](Tensor m) { return sum(Normal(m, 1.0).mask(~isnan(data)).log_prob(data)); };
  EXPECT_NEAR(grad(g)(Tensor(1.0)).item(), 1.0, 1e-13);
}

TEST(Plates, NestOneDimensionToTheLeft) {
  auto model = [] {
    Plate features("feature", 2);
    Tensor m = sample("m", Normal(0.0, 1.0));
    Plate groups("group", {"a", "b", "c"});
    return sample("beta", Normal(m, 1.0));
  };
  Trace t = trace(seed(model, Key(0)))();
  EXPECT_EQ(t["m"].value.shape(), (Shape{2}));
  EXPECT_EQ(t["beta"].value.shape(), (Shape{3, 2}));
  ASSERT_EQ(t["beta"].plates.size(), 2u);
  EXPECT_EQ(t["beta"].plates[0].name, "feature");
  EXPECT_EQ(t["beta"].plates[1].dim, -2);
  EXPECT_EQ(t["beta"].plates[1].labels, (Labels{"a", "b", "c"}));
}

TEST(Plates, ReturnValuesAndAreEnteredAgain) {
  auto model = [] {
    auto [a, b] = plate("g", 4, [] {
      return std::pair{sample("a", Normal(0.0, 1.0)), sample("b", Dirichlet(Tensor{1.0, 1.0, 1.0}))};
    });
    Tensor c = plate("g", 4, [a = a] { return sample("c", Normal(a, 1.0)); });
    return c;
  };
  Trace t = trace(seed(model, Key(0)))();
  EXPECT_EQ(t["b"].value.shape(), (Shape{4, 3}));
  EXPECT_EQ(t["c"].value.shape(), (Shape{4}));
}

TEST(Models, ReturnValuesThroughHandlers) {
  auto component = [](const Tensor& x) { return sample("a", Normal(x, 1.0)); };
  Tensor value = seed(scope(component, "centre"), Key(1))(Tensor{1.0, 2.0});
  EXPECT_EQ(value.shape(), (Shape{2}));
}

enum class Kind { linear, quadratic };
struct Design {
  Tensor x, z;
  int degree = 1;
  static constexpr auto fields = names("x", "z", "degree");
};
void typed(const Design& d, Kind kind, int n, double s, bool flag, const Labels& labels, const Observed& y) {
  Plate p("p", labels);
  Tensor mean = kind == Kind::linear ? d.x : square(d.z);
  sample("y", Normal(mean * double(n * d.degree), flag ? s : 1.0), y);
}

TEST(Models, BindArguments) {
  Design d{kX, kY, 2};
  BoundModel bound = Model(typed).bind({d, Kind::quadratic, 3, 0.5, true, Labels{"u", "v", "w"}, kY});
  ASSERT_EQ(bound.data().size(), 3u);
  Trace t = trace(bound);
  EXPECT_NEAR(t.log_density().item(),
              normal_log_density(0, 0, 0.5) + normal_log_density(1, 6, 0.5) + normal_log_density(2, 24, 0.5), 1e-10);
  TraceHandler handler;
  {
    Active active(handler);
    bound.run({kX, zeros(3), kY});
  }
  EXPECT_NE(handler.trace.log_density().item(), t.log_density().item());
  // Literals are data: they would otherwise be constants of the program.
  auto coin = [](const Tensor& n, const Observed& k) { sample("k", Binomial(n, 0.5), k); };
  for (const Tensor& x : Model(coin)(50, 15).data()) EXPECT_FALSE(x.is_weak());
}

TEST(Models, HandledModelsAreModels) {
  auto conditioned = condition(Model(inner), {{"a", 0.5}});
  EXPECT_TRUE(trace(conditioned(kX, kY))["a"].observed);
  BoundModel bound = condition(Model(inner)(kX, kY), {{"a", 0.25}});
  EXPECT_EQ(trace(bound)["a"].value.item(), 0.25);
}

TEST(Reparam, LocScaleIsADeterministicFunctionOfAStandardDraw) {
  auto model = [] {
    Tensor m = sample("m", Normal(3.0, 1.0)), s = sample("s", HalfNormal(1.0));
    Plate p("p", 4);
    sample("t", Normal(m, s));
    sample("u", StudentT(5.0, m, s));
  };
  Trace t = trace(seed(reparam(model, {{"t", LocScaleReparam(0.0)}, {"u", LocScaleReparam(0.3)}}), Key(2)))();
  EXPECT_EQ(t["t"].primitive, Primitive::deterministic);
  double m = t["m"].value.item(), s = t["s"].value.item();
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(t["t"].value[i].item(), m + s * t["t_decentered"].value[i].item(), 1e-13);
    EXPECT_NEAR(t["u"].value[i].item(),
                m + std::pow(s, 0.7) * (t["u_decentered"].value[i].item() - 0.3 * m), 1e-12);
    EXPECT_NEAR(t["t_decentered"].distribution.log_prob(t["t_decentered"].value)[i].item(),
                normal_log_density(t["t_decentered"].value[i].item(), 0, 1), 1e-13);
  }
  EXPECT_EQ(trace(seed(reparam(model, {{"t", LocScaleReparam(1.0)}}), Key(2)))()["t"].primitive, Primitive::sample);
}

TEST(Reparam, TransformOfAMultivariateNormal) {
  auto model = [] {
    Plate p("p", 5);
    sample("z", MultivariateNormal({.loc = Tensor{1.0, 2.0}, .scale_tril = Tensor{{2.0, 0.0}, {1.0, 0.5}}}));
  };
  Trace t = trace(seed(reparam(model, {{"z", TransformReparam()}}), Key(2)))();
  Tensor e = t["z_base"].value, z = t["z"].value;
  ASSERT_EQ(z.shape(), (Shape{5, 2}));
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(z(i, 1).item(), 2 + e(i, 0).item() + 0.5 * e(i, 1).item(), 1e-13);
}

struct DoubleExponential {
  Tensor loc = 0.0, scale = 1.0;
  static constexpr auto fields = names("loc", "scale");
  static constexpr auto support = constraints::real;
  Tensor log_prob(const Tensor& x) const { return -log(2.0 * scale) - abs(x - loc) / scale; }
  Tensor sample(const Key& key, const Shape& shape) const {
    Tensor u = uniform(key, shape) - 0.5;
    return loc - scale * sign(u) * log1p(-2.0 * abs(u));
  }
  Tensor mean() const { return loc; }
};

TEST(UserDistributions, AreDistributions) {
  auto model = [](const Observed& y) {
    Tensor m = sample("m", DoubleExponential{0.0, 5.0});
    Plate rows("obs", 3);
    Tensor s = sample("s", Distribution(DoubleExponential{1.0, 1.0}).restricted(constraints::positive));
    sample("y", DoubleExponential{m, s}, y);
  };
  Trace t = trace(seed(model, Key(0)))(Tensor{0.1, 0.4, -2.0});
  EXPECT_EQ(t["s"].value.shape(), (Shape{3}));
  EXPECT_TRUE(std::isfinite(t.log_density().item()));
  Distribution d = DoubleExponential{Tensor{1.0, 2.0}, 3.0};
  EXPECT_EQ(d.name(), "DoubleExponential");
  EXPECT_EQ(d.batch_shape(), (Shape{2}));
  EXPECT_EQ(d.mean()[1].item(), 2.0);
  EXPECT_NEAR(d.log_prob(0.0)[0].item(), Laplace(1.0, 3.0).log_prob(0.0).item(), 1e-14);
  EXPECT_THROW(d.variance(), Error);
}

}  // namespace
