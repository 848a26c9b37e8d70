// Sites in the body of a scan: one site with a leading axis of steps.
#include <cmath>

#include <gtest/gtest.h>

#include "scan_models.h"
#include "tests/errors/messages.h"

namespace {

void local_level_by_hand(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  Plate time("time", T);
  Tensor level = sample("level", ImproperUniform(constraints::real, Shape{}));
  Tensor previous = concat({reshape(level0, {1}), level[until(-1)]});
  factor("steps", Normal(previous, s_state).log_prob(level));
  sample("y", Normal(level, s_obs), y);
}

void expect_same_density(const LogDensity& a, const LogDensity& b, double tolerance = 1e-12) {
  ASSERT_EQ(a.dim(), b.dim());
  ASSERT_EQ(a.names(), b.names());
  for (std::uint64_t k = 0; k < 3; ++k) {
    Tensor z = normal(Key(k), {a.dim()});
    auto [va, ga] = jit(value_and_grad([&](Tensor x) { return a(x); }))(z);
    auto [vb, gb] = jit(value_and_grad([&](Tensor x) { return b(x); }))(z);
    EXPECT_NEAR(va.item(), vb.item(), tolerance * std::max(1.0, std::abs(vb.item())));
    EXPECT_LT(max(abs(ga - gb)).item(), tolerance * std::max(1.0, max(abs(gb)).item()));
    EXPECT_NEAR(a(z).item(), vb.item(), tolerance * std::max(1.0, std::abs(vb.item())));  // interpreted
  }
}

TEST(ScanSites, DensityAndGradientAreThoseOfTheModelWrittenOut) {
  expect_same_density(log_density(local_level, 5, kY), log_density(local_level_by_hand, 5, kY));
}

TEST(ScanSites, TheBodyIsOneLoop) {
  auto density = log_density(local_level, 5, kY);
  auto longer = log_density(local_level, 500, zeros(500));
  EXPECT_EQ(longer.dim(), 503);
  auto count = [](const LogDensity& d) { return compile([&](Tensor z) { return d(z); }, zeros(d.dim())).ir().size(); };
  EXPECT_LT(double(count(longer)), 1.1 * double(count(density)));
}

// ---- handlers reach into the body ----

const Values kHyper{{"level0", 0.5}, {"sigma_obs", 0.7}, {"sigma_state", 0.4}};

Values with(Values more) {
  more.insert(kHyper.begin(), kHyper.end());
  return more;
}

TEST(ScanSites, ConditionSlicesAPath) {
  Tensor path{0.1, 0.2, 0.4, 0.8, 1.6};
  Trace t = trace(seed(condition(local_level, with({{"level", path}})), Key(0)))(5);
  EXPECT_EQ(t["level"].value.to_vector(), path.to_vector());
  EXPECT_TRUE(t["level"].observed);
  const Tensor density = t["level"].log_prob();
  ASSERT_EQ(density.shape(), Shape{5});
  double previous = 0.5;
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(density[i].item(), normal_log_density(path[i].item(), previous, 0.4), 1e-13);
    previous = path[i].item();
  }
  EXPECT_TRUE(allclose(t["y"].distribution.parameters()[0].value, path));
  // A single number is the same at every step; a path of another length is an error.
  Trace constant = trace(seed(condition(local_level, with({{"level", 2.0}})), Key(0)))(5);
  EXPECT_EQ(constant["level"].value.to_vector(), std::vector<double>(5, 2.0));
  try {
    trace(seed(condition(local_level, with({{"level", zeros(4)}})), Key(0)))(5);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("level"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("[5]"), std::string::npos) << e.what();
  }
}

TEST(ScanSites, SubstituteReplaySeed) {
  auto model = substitute(local_level, kHyper);
  Trace a = trace(seed(model, Key(1)))(5), b = trace(seed(model, Key(1)))(5), c = trace(seed(model, Key(2)))(5);
  EXPECT_EQ(a["level"].value.to_vector(), b["level"].value.to_vector());
  EXPECT_NE(a["level"].value.to_vector(), c["level"].value.to_vector());
  EXPECT_EQ(trace(seed(replay(model, a), Key(2)))(5)["level"].value.to_vector(), a["level"].value.to_vector());
  Trace s = trace(seed(substitute(model, {{"level", kY}}), Key(0)))(5);
  EXPECT_EQ(s["level"].value.to_vector(), kY.to_vector());
  EXPECT_FALSE(s["level"].observed);
  // A step's key comes from the site's name and the number of the step: a longer run starts with the same draws.
  Trace longer = trace(seed(model, Key(1)))(9);
  EXPECT_EQ(longer["level"].value[until(5)].to_vector(), a["level"].value.to_vector());
  // The first draw, by hand.
  const Tensor noise = Normal(0.0, 1.0).sample(fold_in(site_key(Key(1), "level"), 0));
  EXPECT_NEAR(a["level"].value[0].item(), 0.5 + 0.4 * noise.item(), 1e-14);
}

TEST(ScanSites, BlockMaskScaleScope) {
  auto model = substitute(local_level, with({{"level", kY}}));
  const Trace plain = trace(seed(model, Key(0)))(5);
  EXPECT_FALSE(trace(block(seed(model, Key(0)), {.hide = {"level"}}))(5).contains("level"));
  EXPECT_FALSE(trace(seed(block(local_level, {.hide = {"level"}}), Key(0)))(5).contains("level"));
  const Tensor density = plain["level"].log_prob();
  const Tensor keep{true, false, true, true, false};
  const Tensor masked = trace(seed(mask(model, keep), Key(0)))(5)["level"].log_prob();
  EXPECT_TRUE(allclose(masked, select(keep, density, 0.0)));
  EXPECT_TRUE(allclose(trace(seed(scale(model, 0.25), Key(0)))(5)["level"].log_prob(), 0.25 * density));
  const Trace renamed = trace(seed(scope(model, "a"), Key(0)))(5);
  EXPECT_TRUE(renamed.contains("a/level"));
  EXPECT_EQ(renamed["a/level"].plates[0].name, "a/time");
  EXPECT_EQ(plain["level"].plates[0].name, "time");
  EXPECT_EQ(plain["level"].plates[0].dim, -1);
}

TEST(ScanSites, WhatIsMaskedDoesNotReachDerivatives) {
  auto model = [](const Tensor& y, const Tensor& known) {
    Tensor mu = sample("mu", Normal(0.0, 1.0));
    Mask active(known);
    scan(mu, y, [&](Tensor previous, Tensor now) {
      sample("y", Normal(previous, 1.0), now);
      return std::pair{previous, Tensor(0.0)};
    });
  };
  const Tensor y{1.0, double(NAN), 3.0};
  auto density = log_density(model, y, Tensor{true, false, true});
  auto [value, slope] = value_and_grad([&](Tensor z) { return density(z); })(Tensor{0.5});
  EXPECT_NEAR(value.item(), normal_log_density(0.5, 0, 1) + normal_log_density(1, 0.5, 1) + normal_log_density(3, 0.5, 1), 1e-13);
  EXPECT_NEAR(slope[0].item(), -0.5 + 0.5 + 2.5, 1e-13);
  // The same inside of the body, and the error without a mask.
  auto body = [](const Tensor& y, bool masked) {
    Tensor mu = sample("mu", Normal(0.0, 1.0));
    scan(mu, y, [&](Tensor previous, Tensor now) {
      Mask active(masked ? isfinite(now) : Tensor(true));
      sample("y", Normal(previous, 1.0), now);
      return std::pair{previous, Tensor(0.0)};
    });
  };
  auto inside = log_density(body, y, true);
  auto [same, same_slope] = value_and_grad([&](Tensor z) { return inside(z); })(Tensor{0.5});
  EXPECT_NEAR(same.item(), value.item(), 1e-13);
  EXPECT_NEAR(same_slope[0].item(), slope[0].item(), 1e-13);
  auto plain = [](const Tensor& y) {
    scan(Tensor(0.0), y, [&](Tensor previous, Tensor now) {
      sample("y", Normal(previous, 1.0), now);
      return std::pair{previous, Tensor(0.0)};
    });
  };
  EXPECT_THROW(log_density(plain, y), Error);
}

TEST(ScanSites, LocScaleReparam) {
  auto offset = reparam(local_level, {{"level", LocScaleReparam(0.0)}});
  auto density = log_density(offset, 5, kY);
  EXPECT_EQ(density.names()[1], "level_decentered[0]");
  EXPECT_EQ(density.sites()[1].dims, std::vector<std::string>{"time"});
  auto by_hand = [](int T, const Observed& y) {
    Tensor level0 = sample("level0", Normal(0.0, 10.0));
    Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
    Plate time("time", T);
    Tensor step = sample("level_decentered", Normal(0.0, 1.0));
    sample("y", Normal(deterministic("level", level0 + s_state * cumsum(step)), s_obs), y);
  };
  expect_same_density(density, log_density(by_hand, 5, kY), 1e-11);
  // The site is still there, computed.
  Trace t = trace(seed(offset, Key(0)))(5);
  EXPECT_EQ(t["level"].primitive, Primitive::deterministic);
  EXPECT_EQ(t["level"].value.shape(), Shape{5});
  Trace given = trace(seed(condition(offset, with({{"level_decentered", ones(5)}})), Key(0)))(5);
  EXPECT_NEAR(given["level"].value[4].item(), 0.5 + 5 * 0.4, 1e-14);
  // Half way.
  expect_same_density(log_density(reparam(local_level, {{"level", LocScaleReparam(1.0)}}), 5, kY),
                      log_density(local_level, 5, kY));
  EXPECT_NO_THROW(log_density(reparam(local_level, {{"level", LocScaleReparam(0.3)}}), 5, kY)(zeros(8)));
  EXPECT_THROW(trace(seed(reparam(condition(local_level, {{"level", kY}}), {{"level", LocScaleReparam(0.0)}}), Key(0)))(5), Error);
}

TEST(ScanSites, InterventionChangesWhatFollows) {
  auto forced = do_(substitute(local_level, kHyper), {{"level", kY}});
  Trace t = trace(seed(forced, Key(0)))(5);
  EXPECT_TRUE(allclose(t["y"].distribution.parameters()[0].value, kY));
  // The site itself is a draw around the forced predecessor.
  const Tensor noise = Normal(0.0, 1.0).sample(fold_in(site_key(Key(0), "level"), 3));
  EXPECT_NEAR(t["level"].value[3].item(), kY[2].item() + 0.4 * noise.item(), 1e-14);
}

// ---- what may be in a body ----

// An autoregression with observations, a deterministic and a factor in the body.
void filtered(const Tensor& x, const Observed& y) {
  Tensor rho = sample("rho", Uniform(-1.0, 1.0)), s = sample("s", HalfNormal(1.0));
  scan(Tensor(0.0), std::pair{x, y}, [&](Tensor state, std::pair<Tensor, Observed> now) {
    Tensor next = sample("state", Normal(rho * state + now.first, 1.0));
    Tensor mean = deterministic("mean", 2.0 * next);
    factor("penalty", -0.1 * square(next));
    sample("y", Normal(mean, s), now.second);
    return std::pair{next, next};
  }, {.dim = "t"});
}
const Tensor kX{0.5, -0.2, 0.1};

TEST(ScanSites, ObservationsDeterministicsAndFactors) {
  const Tensor y{1.0, 0.0, -1.0}, state{0.3, 0.1, -0.4};
  auto density = log_density(filtered, kX, y);
  EXPECT_EQ(density.dim(), 5);
  ASSERT_EQ(density.observations().size(), 1u);
  EXPECT_EQ(density.observations()[0].dims, std::vector<std::string>{"t"});
  const Values at{{"rho", 0.2}, {"s", 0.9}, {"state", state}};
  const Tensor z = density.unconstrain(at);
  double expected = -std::log(2.0), previous = 0;
  for (int i = 0; i < 3; ++i) {
    const double v = state[i].item();
    expected += normal_log_density(v, 0.2 * previous + kX[i].item(), 1) - 0.1 * v * v + normal_log_density(y[i].item(), 2 * v, 0.9);
    previous = v;
  }
  expected += normal_log_density(0.9, 0, 1) + std::log(2.0);
  const double jacobian = std::log(2.0) + std::log(0.6) + std::log(0.4) + std::log(0.9);  // of rho = -1 + 2 sigmoid, s = exp
  EXPECT_NEAR(density(z).item(), expected + jacobian, 1e-12);
  EXPECT_TRUE(allclose(density.constrain(z)["mean"], 2.0 * state));
  EXPECT_EQ(density.log_likelihood(z)["y"].shape(), Shape{3});
  EXPECT_NEAR(density.log_likelihood(z)["y"][1].item(), normal_log_density(0, 0.2, 0.9), 1e-13);
  Trace t = trace(seed(filtered, Key(0)))(kX);  // without data: predicted
  EXPECT_EQ(t["y"].value.shape(), Shape{3});
  EXPECT_FALSE(t["y"].observed);
  EXPECT_TRUE(t["y"].observation);
  Trace free = trace(seed(uncondition(filtered), Key(0)))(kX, y);
  EXPECT_NE(free["y"].value.to_vector(), y.to_vector());
  EXPECT_EQ(free["y"].infer.observation.to_vector(), y.to_vector());
  EXPECT_THROW(log_density(filtered, kX, Tensor{1.0, 0.0}), Error);
}

TEST(ScanSites, PlatesAroundAndInside) {
  auto around = [](const Tensor& y) {
    Plate series("series", 3);
    Tensor s = sample("s", HalfNormal(1.0));
    scan(zeros(3), y, [&](Tensor previous, Tensor now) {
      Tensor level = sample("level", Normal(previous, s));
      sample("y", Normal(level, 1.0), now);
      return std::pair{level, level};
    }, {.dim = "time"});
  };
  auto inside = [](const Tensor& y) {
    Tensor s = plate("series", 3, [] { return sample("s", HalfNormal(1.0)); });
    scan(zeros(3), y, [&](Tensor previous, Tensor now) {
      Plate series("series", 3);
      Tensor level = sample("level", Normal(previous, s));
      sample("y", Normal(level, 1.0), now);
      return std::pair{level, level};
    }, {.dim = "time"});
  };
  auto by_hand = [](const Tensor& y) {
    Plate series("series", 3);
    Tensor s = sample("s", HalfNormal(1.0));
    Plate time("time", 4);
    Tensor level = sample("level", ImproperUniform(constraints::real, Shape{}));
    Tensor previous = concat({zeros({1, 3}), level[until(-1)]}, 0);
    factor("steps", Normal(previous, s).log_prob(level));
    sample("y", Normal(level, 1.0), y);
  };
  const Tensor y = normal(Key(3), {4, 3});
  expect_same_density(log_density(around, y), log_density(by_hand, y));
  expect_same_density(log_density(inside, y), log_density(by_hand, y));
  const auto density = log_density(around, y);
  EXPECT_EQ(density.sites()[0].dims, (std::vector<std::string>{"time", "series"}));
  EXPECT_EQ(density.sites()[0].shape, (Shape{4, 3}));
}

TEST(ScanSites, VectorsReverseAndConstrainedValues) {
  auto model = [](int T) {
    scan(Tensor{1.0, 2.0}, T, [&](Tensor previous, Tensor) {
      Tensor p = sample("p", Dirichlet(previous));
      Tensor r = sample("r", Gamma(2.0, 1.0));
      Tensor v = sample("v", MultivariateNormal({.loc = r * p, .covariance = eye(2)}));
      return std::pair{exp(0.1 * v), r};
    }, {.reverse = true});
  };
  auto density = log_density(model, 4);
  EXPECT_EQ(density.dim(), 4 * (1 + 1 + 2));
  Tensor z = 0.3 * normal(Key(0), {density.dim()});
  Values at = density.constrain(z);
  EXPECT_EQ(at["p"].shape(), (Shape{4, 2}));
  EXPECT_TRUE(allclose(density.unconstrain(at), z, {.rtol = 1e-10, .atol = 1e-10}));
  Trace t = trace(substitute(model, at))(4);
  Tensor previous{1.0, 2.0};
  double expected = 0;
  for (int i = 3; i >= 0; --i) {
    expected += Dirichlet(previous).log_prob(at["p"][i]).item() + Gamma(2.0, 1.0).log_prob(at["r"][i]).item();
    expected += MultivariateNormal({.loc = at["r"][i] * at["p"][i], .covariance = eye(2)}).log_prob(at["v"][i]).item();
    previous = exp(0.1 * at["v"][i]);
  }
  EXPECT_NEAR(t.log_density().item(), expected, 1e-12);
}

TEST(ScanSites, Nested) {
  auto model = [](const Tensor& y) {
    scan(Tensor(0.0), y, [&](Tensor a, Tensor row) {
      Tensor next = sample("a", Normal(a, 1.0));
      auto [last, path] = scan(next, row, [&](Tensor b, Tensor now) {
        Tensor inner = sample("b", Normal(b, 0.5));
        sample("y", Normal(inner, 0.1), now);
        return std::pair{inner, inner};
      }, {.dim = "inner"});
      return std::pair{last, last};
    }, {.dim = "outer"});
  };
  const Tensor y = normal(Key(5), {3, 2});
  auto density = log_density(model, y);
  EXPECT_EQ(density.dim(), 3 + 6);
  const Tensor z = normal(Key(6), {9});
  double expected = 0, state = 0;
  for (int i = 0; i < 3; ++i) {
    const double a = z[i].item();
    expected += normal_log_density(a, state, 1);
    state = a;
    for (int j = 0; j < 2; ++j) {
      const double b = z[3 + 2 * i + j].item();
      expected += normal_log_density(b, state, 0.5) + normal_log_density(y(i, j).item(), b, 0.1);
      state = b;
    }
  }
  EXPECT_NEAR(density(z).item(), expected, 1e-11);
  for (const auto& site : density.sites())
    if (site.name == "b") EXPECT_EQ(site.dims, (std::vector<std::string>{"outer", "inner"}));
  EXPECT_EQ(trace(seed(model, Key(0)))(y)["b"].value.shape(), (Shape{3, 2}));
}

TEST(ScanSites, DistributionsWithLoopsOfTheirOwn) {
  auto model = [](int T) {
    scan(Tensor(0.1), T, [&](Tensor previous, Tensor) {
      Tensor path = sample("path", GaussianRandomWalk({.scale = exp(previous), .num_steps = 3}));
      return std::pair{0.1 * path[2], path};
    });
  };
  Trace t = trace(seed(model, Key(0)))(4);
  EXPECT_EQ(t["path"].value.shape(), (Shape{4, 3}));
  EXPECT_TRUE(std::isfinite(t.log_density().item()));
}

TEST(ScanSites, ToolsThatLookAtModels) {
  const std::string shapes = format_shapes(trace(seed(local_level, Key(0)))(5));
  EXPECT_NE(shapes.find("level"), std::string::npos) << shapes;
  const auto density = log_density(local_level, 5, kY);
  EXPECT_NE(model_table(Model(local_level)(5, kY)).find("level"), std::string::npos);
  const std::string graph = model_graph(Model(local_level)(5, kY));
  EXPECT_NE(graph.find("level"), std::string::npos) << graph;
  const DensityReport fine = debug(density, zeros(8));
  EXPECT_TRUE(fine.ok) << to_string(fine);
  auto broken = [](int T) {
    Tensor a = sample("a", Normal(0.0, 1.0));
    scan(a, T, [](Tensor x, Tensor) {
      Tensor next = sample("x", Normal(log(x), 1.0));
      return std::pair{next, next};
    });
  };
  const DensityReport report = debug(log_density(broken, 3), Tensor{-1.0, 0.5, 0.5, 0.5});
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.site, "x");
}

TEST(ScanSites, MasksOfPlates) {
  auto m = [](const Tensor& keep, const Tensor& y) {
    Plate p("p", 2);
    Mask k(keep);
    scan(zeros(2), y, [](Tensor x, Tensor now) {
      Tensor n = sample("x", Normal(x, 1.0));
      sample("y", Normal(n, 1.0), now);
      return std::pair{n, n};
    }, {.dim = "t"});
  };
  const Tensor y = normal(Key(0), {3, 2});
  Trace full = trace(seed(m, Key(1)))(Tensor{true, true}, y);
  Trace half = trace(seed(m, Key(1)))(Tensor{true, false}, y);
  EXPECT_EQ(half["x"].log_prob()(all, 0).to_vector(), full["x"].log_prob()(all, 0).to_vector());
  EXPECT_EQ(sum(abs(half["x"].log_prob()(all, 1))).item(), 0);
  Trace timed = trace(seed(m, Key(1)))(Tensor{{true, true}, {false, true}, {true, false}}, y);
  EXPECT_EQ(timed["y"].log_prob()(1, 0).item(), 0);
  EXPECT_EQ(timed["y"].log_prob()(1, 1).item(), full["y"].log_prob()(1, 1).item());
}
TEST(ScanSites, FunctionsAndTransformations) {
  auto m = [](int T) { scan(Tensor(0.0), T, [](Tensor x, Tensor) { Tensor n = sample("x", Normal(x, 1.0)); return std::pair{n, n}; }); };
  auto f = condition(m, [](const Message& s) { return s.name == "x" ? arange(s.distribution.shape()[0]).cast(f64) : Tensor(); });
  Trace t = trace(f)(4);
  EXPECT_EQ(t["x"].value.to_vector(), (std::vector<double>{0, 1, 2, 3}));
  auto g = infer_config(m, [](const Message& s) { Infer i = s.infer; i.auxiliary = true; return i; });
  EXPECT_TRUE(trace(seed(g, Key(0)))(3)["x"].infer.auxiliary);
  EXPECT_EQ(trace(seed(m, Key(0)))(1)["x"].value.shape(), Shape{1});
  Tensor keys = vmap([&](Key k) { return trace(seed(m, k))(3)["x"].value; })(split(Key(0), 5));
  EXPECT_EQ(keys.shape(), (Shape{5, 3}));
  auto whole = jit([&](Tensor v) { return trace(substitute(m, {{"x", v}}))(3).log_density(); })(Tensor{1.0, 2.0, 4.0});
  EXPECT_NEAR(whole.item(), normal_log_density(1, 0, 1) + normal_log_density(2, 1, 1) + normal_log_density(4, 2, 1), 1e-13);
  auto h = grad([&](Tensor v) { return trace(substitute(m, {{"x", v}}))(3).log_density(); })(Tensor{1.0, 2.0, 4.0});
  EXPECT_NEAR(h[2].item(), -2, 1e-13);
}
TEST(ScanSites, PureScansInModels) {
  auto m = [] {
    Tensor a = sample("a", Normal(0.0, 1.0));
    auto [last, path] = scan(a, 5, [](Tensor x, Tensor) { return std::pair{0.5 * x, x}; });
    deterministic("last", last);
    Tensor w = while_loop(a, [](Tensor x) { return abs(x) > 1.0; }, [](Tensor x) { return 0.5 * x; }, {.max_trip = 20});
    deterministic("w", w);
  };
  auto d = log_density(m);
  EXPECT_NEAR(d.constrain(Tensor{3.2})["last"].item(), 0.1, 1e-15);
  EXPECT_NEAR(d.constrain(Tensor{3.2})["w"].item(), 0.8, 1e-15);
}
// ---- errors ----

TEST(ScanSites, OtherLoopsAndBranchesSayWhatToDo) {
  auto in_while = [] {
    while_loop(Tensor(0.0), [](Tensor x) { return x < 3.0; }, [](Tensor x) { return x + sample("jump", Exponential(1.0)); });
  };
  auto in_fori = [] { fori_loop(0, 3, Tensor(0.0), [](Tensor, Tensor x) { return x + sample("jump", Exponential(1.0)); }); };
  auto in_cond = [] {
    Tensor u = sample("u", Normal(0.0, 1.0));
    cond(u > 0.0, [] { return sample("v", Normal(0.0, 1.0)); }, [] { return Tensor(0.0); });
  };
  const std::string loop = text_of_error([&] { trace(seed(in_while, Key(0)))(); });
  for (const char* part : {"sample(\"jump\") is in the body of the while_loop at ", "use scan"})
    EXPECT_NE(loop.find(part), std::string::npos) << loop;
  const std::string counted = text_of_error([&] { log_density(in_fori); });
  for (const char* part : {"sample(\"jump\") is in the body of the fori_loop at ", "use scan"})
    EXPECT_NE(counted.find(part), std::string::npos) << counted;
  const std::string branch = text_of_error([&] { trace(seed(in_cond, Key(0)))(); });
  for (const char* part : {"sample(\"v\") is in a branch of the cond at ", "select"})
    EXPECT_NE(branch.find(part), std::string::npos) << branch;
}

TEST(ScanSites, WhatABodyCannotHave) {
  auto with = [](auto statement) {
    return [statement] {
      scan(Tensor(0.0), 3, [&](Tensor x, Tensor) {
        Tensor y = statement(x);
        return std::pair{y, y};
      });
    };
  };
  auto run = [](auto model) { return text_of_error([&] { trace(seed(model, Key(0)))(); }); };
  const std::string param_error = run(with([](Tensor x) { return x + param("w", 1.0); }));
  EXPECT_NE(param_error.find("param(\"w\") is in the body of a scan; declare it before the loop"), std::string::npos) << param_error;
  const std::string twice = run(with([](Tensor x) { return sample("a", Normal(x, 1.0)) + sample("a", Normal(x, 1.0)); }));
  EXPECT_NE(twice.find("this name is used twice"), std::string::npos) << twice;
  const std::string keyless = text_of_error([&] { trace(with([](Tensor x) { return sample("a", Normal(x, 1.0)); }))(); });
  EXPECT_NE(keyless.find("no random key"), std::string::npos) << keyless;
  auto varying = with([](Tensor x) { return sample("a", Uniform(x, x + 1.0)); });
  const std::string support = text_of_error([&] { log_density(varying); });
  EXPECT_NE(support.find("sample(\"a\"): the support of Uniform differs from step to step"), std::string::npos) << support;
  EXPECT_EQ(run(varying), "(no error)");  // draws need no bijector
  const std::string enumerated = text_of_error([&] {
    log_density(marginalize(with([](Tensor x) { return x + sample("z", Bernoulli(0.3)).cast(f64); }), {"z"}));
  });
  EXPECT_NE(enumerated.find("a carry of the scan depends on \"z\" at more than one step"), std::string::npos) << enumerated;
  const std::string nested = text_of_error([&] {
    log_density(marginalize(with([](Tensor x) {
      return scan(x, arange(2), [](Tensor y, Tensor) {
        return std::pair{y + sample("z", Bernoulli(0.3)).cast(f64), y};
      }).first;
    }), {"z"}));
  });
  EXPECT_NE(nested.find("sample(\"z\") is in the body of a scan, where it cannot be enumerated; marginalize sums out the sites of "
                        "one scan, not of nested ones"), std::string::npos) << nested;
  const std::string data = text_of_error([] {
    auto model = [](const Tensor& y) {
      scan(Tensor(0.0), y, [](Tensor x, Tensor now) {
        sample("y", HalfNormal(1.0), now);
        return std::pair{x, x};
      });
    };
    log_density(model, Tensor{1.0, -2.0});
  });
  EXPECT_NE(data.find("must be nonnegative"), std::string::npos) << data;
  EXPECT_NE(data.find("y[1] = -2"), std::string::npos) << data;
}

}  // namespace
