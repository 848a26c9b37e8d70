// Primitives and handlers beyond the basic ones: options of sample, subsampled plates, missing data, states, keys, and
// how handlers compose.
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/scoped.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

double normal_log_density(double x, double loc, double scale) {
  double z = (x - loc) / scale;
  return -0.5 * z * z - std::log(scale) - 0.5 * std::log(2 * M_PI);
}
#define EXPECT_CONTAINS(text, part) EXPECT_NE(std::string(text).find(part), std::string::npos) << text

// ---- primitives ----

TEST(Sample, ShapeAndKey) {
  auto model = [] {
    sample("a", Normal(Tensor{0.0, 1.0}, 1.0), {.sample_shape = {3}});
    sample("b", Normal(0.0, 1.0), {.key = Key(7)});
  };
  Trace t = trace(seed(model, Key(0)))();
  EXPECT_EQ(t["a"].value.shape(), (Shape{3, 2}));
  EXPECT_EQ(t["b"].value.item(), Normal(0.0, 1.0).sample(Key(7)).item());
  EXPECT_NE(t["a"].value(0, 0).item(), t["a"].value(1, 0).item());
}

TEST(Sample, ObservationsWithAMask) {
  const Tensor mask = Tensor(std::vector<bool>{true, false, true});
  auto model = [&](const Observed& y) { return sample("y", Normal(1.0, 2.0), y, {.sample_shape = {3}, .obs_mask = mask}); };
  Trace t = trace(seed(model, Key(0)))(Tensor{0.5, 9.0, -1.0});
  EXPECT_EQ(t["y"].primitive, Primitive::deterministic);
  EXPECT_TRUE(t["y_observed"].observed);
  EXPECT_EQ(t["y"].value[0].item(), 0.5);
  EXPECT_EQ(t["y"].value[2].item(), -1.0);
  EXPECT_EQ(t["y"].value[1].item(), t["y_unobserved"].value[1].item());
  EXPECT_NEAR(t.log_density().item(),
              normal_log_density(0.5, 1, 2) + normal_log_density(-1, 1, 2) +
                  normal_log_density(t["y_unobserved"].value[1].item(), 1, 2),
              1e-13);
}

TEST(Sample, MissingDataBecomeLatent) {
  auto model = [](const Tensor& x, const Observed& y) {
    Tensor a = sample("a", Normal(0.0, 1.0));
    Plate rows("row", 4);
    Tensor full = sample("y", Normal(a * x, 0.5), y);
    sample("z", Normal(full, 2.0), Tensor{0.1, 0.2, 0.3, 0.4});
  };
  const Tensor x{1.0, 2.0, 3.0, 4.0}, y{0.5, NAN, 1.5, NAN};
  LogDensity d = log_density(model, x, y);
  ASSERT_EQ(d.dim(), 3);
  EXPECT_EQ(d.sites()[1].name, "y_missing");
  EXPECT_EQ(d.sites()[1].shape, (Shape{2}));
  const Tensor z{0.3, -0.7, 1.1};
  const double full[4] = {0.5, -0.7, 1.5, 1.1};
  double expected = normal_log_density(0.3, 0, 1);
  for (int i = 0; i < 4; ++i)
    expected += normal_log_density(full[i], 0.3 * (i + 1), 0.5) + normal_log_density(0.1 * (i + 1), full[i], 2);
  EXPECT_NEAR(d(z).item(), expected, 1e-12);
  EXPECT_NEAR(jit([&](Tensor v) { return d(v); })(z).item(), expected, 1e-12);
  Tensor g = grad(d)(z);
  for (int i = 0; i < 3; ++i) {
    const double h = 1e-6, slope = (d(z.at(i).add(h)).item() - d(z.at(i).add(-h)).item()) / (2 * h);
    EXPECT_NEAR(g[i].item(), slope, 1e-7);
  }
  // Only what was measured counts as data.
  Tensor by_observation = d.log_likelihood(z).at("y");
  EXPECT_EQ(by_observation[1].item(), 0.0);
  EXPECT_NEAR(by_observation[2].item(), normal_log_density(1.5, 0.9, 0.5), 1e-13);
  // As does a handler by hand, and with a prefix.
  Trace t = trace(seed(scope(model, "s"), Key(0)))(x, y);
  EXPECT_EQ(t["s/y"].value[1].item(), t["s/y_missing"].value[0].item());
  EXPECT_EQ(t["s/y"].value[0].item(), 0.5);
  auto vectors = [](const Observed& v) { sample("v", MultivariateNormal({.loc = zeros(2), .scale_tril = eye(2)}), v); };
  EXPECT_CONTAINS(text_of_error([&] { trace(vectors)(Tensor{NAN, 1.0}); }), "sample(\"v\")");
}

TEST(Sample, MissingCountsBecomeLatent) {
  auto model = [](const Observed& y) {
    Tensor rate = sample("rate", Exponential(1.0));
    Plate rows("row", 3);
    return sample("y", Poisson(rate), y);
  };
  const Tensor y{2.0, NAN, 4.0};
  const LogDensity d(Model(model).bind({Argument(y)}), Latents::any);
  ASSERT_EQ(d.dim(), 2);
  EXPECT_EQ(d.sites()[1].name, "y_missing");
  EXPECT_TRUE(d.sites()[1].discrete);
  // z = (log rate, the missing count).
  const double rate = std::exp(0.3);
  auto poisson = [&](double k) { return k * 0.3 - rate - std::lgamma(k + 1); };
  EXPECT_NEAR(d(Tensor{0.3, 5.0}).item(), -rate + 0.3 + poisson(2) + poisson(4) + poisson(5), 1e-12);
  const Trace t = trace(seed(model, Key(0)))(y);
  EXPECT_EQ(t["y"].value.to_vector()[1], double(t["y_missing"].value[0].item()));
  EXPECT_EQ(t["y"].log_prob()[1].item(), 0.0);
}

TEST(Plates, ExplicitDimensionsAndStacks) {
  auto model = [] {
    Plate outer("outer", 3, {.dim = -2});
    Plate inner("inner", 4);
    sample("a", Normal(0.0, 1.0));
  };
  Trace t = trace(seed(model, Key(0)))();
  EXPECT_EQ(t["a"].value.shape(), (Shape{3, 4}));
  auto stacked = [] { return plate_stack("p", {2, 3, 4}, [] { return sample("a", Normal(0.0, 1.0)); }); };
  Trace s = trace(seed(stacked, Key(0)))();
  EXPECT_EQ(s["a"].value.shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(s["a"].plates[0].name, "p_0");
  EXPECT_EQ(s["a"].plates[0].size, 4);
  auto shifted = [] { return plate_stack("p", {2, 3}, [] { return sample("a", Normal(0.0, 1.0)); }, -2); };
  EXPECT_EQ(trace(seed(shifted, Key(0)))()["a"].value.shape(), (Shape{2, 3, 1}));
  EXPECT_CONTAINS(text_of_error([] { Plate p("p", 2, {.dim = 1}); }), "the dimension must be negative, but it is 1");
  EXPECT_CONTAINS(text_of_error([] {
                    Plate p("p", 2, {.dim = -1});
                    Plate q("q", 2, {.dim = -1});
                  }),
                  "another active plate has dimension -1");
}

void minibatch(const Tensor& x, const Observed& y) {
  Tensor m = sample("m", Normal(0.0, 1.0));
  Plate rows("row", 10, {.subsample_size = 4});
  sample("y", Normal(m * rows.take(x), 1.0), rows.take(y));
  factor("f", ones(4));
}

TEST(Plates, SubsampleWithScaling) {
  const Tensor x = arange(10).cast(f64), y = 0.5 * x;
  Trace t = trace(seed(substitute(minibatch, {{"m", 0.2}}), Key(3)))(x, y);
  const auto chosen = t["row"].value.to_vector<std::int64_t>();
  EXPECT_EQ(std::set<std::int64_t>(chosen.begin(), chosen.end()).size(), 4u);
  double expected = normal_log_density(0.2, 0, 1) + 2.5 * 4;
  for (std::int64_t i : chosen) expected += 2.5 * normal_log_density(0.5 * double(i), 0.2 * double(i), 1);
  EXPECT_NEAR(t.log_density().item(), expected, 1e-11);
  // Given indices, and those of another trace.
  Trace given = trace(seed(substitute(minibatch, {{"row", Tensor{1, 2, 3, 4}}}), Key(4)))(x, y);
  EXPECT_EQ(given["row"].value.to_vector<std::int64_t>(), (std::vector<std::int64_t>{1, 2, 3, 4}));
  Trace again = trace(seed(replay(minibatch, t), Key(5)))(x, y);
  EXPECT_EQ(again["row"].value.to_vector<std::int64_t>(), chosen);
  // Every member is equally likely.
  std::vector<int> count(10);
  for (int k = 0; k < 2000; ++k)
    for (std::int64_t i : trace(seed(minibatch, Key(std::uint64_t(k))))(x, y)["row"].value.to_vector<std::int64_t>())
      ++count[std::size_t(i)];
  for (int c : count) EXPECT_NEAR(c, 800, 4.5 * std::sqrt(2000 * 0.4 * 0.6));
  EXPECT_CONTAINS(text_of_error([&] { log_density(minibatch, x, y); }), "plate \"row\" uses 4 of 10 members, but there is no random key");
  EXPECT_CONTAINS(text_of_error([&] { trace(seed(minibatch, Key(0)))(zeros(7), y); }), "plate \"row\" has 10 members, but the data have shape [7]");
}

TEST(Plates, SubsampleOfDataAndParams) {
  const Tensor data = reshape(arange(20).cast(f64), {10, 2});
  auto model = [&] {
    Plate rows("row", 10, {.subsample_size = 3});
    Tensor per_member = param("w", arange(10).cast(f64), {.event_dim = 0});
    Tensor vectors = param("v", data, {.event_dim = 1});
    return std::pair{std::pair{per_member, vectors}, subsample(data, 1)};
  };
  auto run = substitute(model, {{"row", Tensor{7, 0, 2}}});
  auto [params, rows] = seed(run, Key(0))();
  EXPECT_EQ(params.first.to_vector(), (std::vector<double>{7, 0, 2}));
  EXPECT_EQ(params.second.to_vector(), (std::vector<double>{14, 15, 0, 1, 4, 5}));
  EXPECT_EQ(rows.to_vector(), params.second.to_vector());
  auto wrong = [] {
    Plate rows("row", 10, {.subsample_size = 3});
    param("w", zeros(9), {.event_dim = 0});
  };
  EXPECT_CONTAINS(text_of_error([&] { seed(wrong, Key(0))(); }), "extent 9 at the dimension of plate \"row\" of size 10");
}

TEST(Primitives, ParamsWithRandomInitialValues) {
  auto model = [] { return param("w", [](const Key& key) { return normal(key, {3}); }); };
  Tensor w = seed(model, Key(1))();
  EXPECT_EQ(w.to_vector(), nuthatch::normal(site_key(Key(1), "w"), {3}).to_vector());
  EXPECT_CONTAINS(text_of_error([&] { model(); }), "no random key for the initial value");
}

TEST(Primitives, MutableStates) {
  auto model = [](const Tensor& x) {
    MutableState average("average", 0.0);
    average.set(0.9 * average.value() + 0.1 * mean(x));
    return average.value();
  };
  EXPECT_NEAR(model(Tensor{1.0, 3.0}).item(), 0.2, 1e-15);
  Trace t = trace(substitute(model, {{"average", 5.0}}))(Tensor{1.0, 3.0});
  EXPECT_NEAR(t["average"].value.item(), 4.7, 1e-15);
  EXPECT_EQ(t.log_density().item(), 0.0);
}

TEST(Primitives, KeysAndMasks) {
  auto keys = [] { return prng_key("noise"); };
  EXPECT_EQ(seed(keys, Key(2))().tensor().to_vector(), site_key(Key(2), "noise").tensor().to_vector());
  EXPECT_FALSE(keys().tensor().defined());
  EXPECT_FALSE(get_mask().defined());
  const Tensor a = Tensor(std::vector<bool>{true, true, false}), b = Tensor(std::vector<bool>{true, false, true});
  auto inner = [&] {
    Mask m(a);
    return get_mask();
  };
  EXPECT_EQ(mask(inner, b)().to_vector<bool>(), (std::vector<bool>{true, false, false}));
}

// ---- handlers ----

Tensor world() {
  Tensor x = sample("x", Normal(0.0, 1.0));
  Tensor y = sample("y", Normal(10.0 * x, 1e-6));
  return sample("z", Normal(y, 1e-6), Observed());
}

TEST(Effects, FunctionsInPlaceOfValues) {
  auto by_name = [](const Message& m) { return m.name == "x" ? Tensor(0.5) : Tensor(); };
  Trace t = trace(seed(substitute(world, by_name), Key(0)))();
  EXPECT_EQ(t["x"].value.item(), 0.5);
  EXPECT_FALSE(t["x"].observed);
  EXPECT_TRUE(trace(seed(condition(world, by_name), Key(0)))()["x"].observed);
}

TEST(Effects, UnconditionKeepsTheData) {
  Trace t = trace(seed(uncondition(condition(world, {{"x", 0.5}})), Key(0)))();
  EXPECT_TRUE(t["x"].infer.was_observed);
  EXPECT_EQ(t["x"].infer.observation.item(), 0.5);
  EXPECT_FALSE(t["y"].infer.was_observed);
}

TEST(Effects, ReplayRefusesObservations) {
  Trace t = trace(seed(condition(world, {{"x", 0.5}}), Key(0)))();
  EXPECT_CONTAINS(text_of_error([&] { trace(seed(replay(world, t), Key(1)))(); }), "is latent, but observed in the trace");
}

TEST(Effects, BlockedSitesStillGetKeys) {
  Trace t = trace(seed(block(world, {.hide = {"x"}}), Key(1)))();
  EXPECT_FALSE(t.contains("x"));
  EXPECT_NEAR(t["y"].value.item(), trace(seed(world, Key(1)))()["y"].value.item(), 1e-12);
  EXPECT_EQ(trace(block(seed(world, Key(1)), {.hide_if = [](const Message& m) { return m.name != "z"; }}))().size(), 1u);
  auto mixed = [] {
    param("w", 1.0);
    sample("x", Normal(0.0, 1.0));
  };
  Trace params = trace(block(seed(mixed, Key(0)), {.expose_kinds = {Primitive::param}}))();
  EXPECT_EQ(params.size(), 1u);
  EXPECT_TRUE(params.contains("w"));
}

TEST(Effects, MasksAndScalesAreChecked) {
  EXPECT_CONTAINS(text_of_error([] { mask(world, Tensor{1.0, 0.0}); }), "a mask must be of dtype bool_, but it is f64");
  EXPECT_CONTAINS(text_of_error([] { scale(world, -1.0); }), "the factor must be positive, but it is -1");
  EXPECT_CONTAINS(text_of_error([] { Mask m(Tensor{1.0}); }), "Mask: a mask must be of dtype bool_");
  EXPECT_CONTAINS(text_of_error([] { Scale s(0.0); }), "Scale: the factor must be positive");
  // Nested scales multiply, a false mask gives exactly 0 however infinite the density.
  auto outside = [] { sample("x", Uniform(0.0, 1.0), 2.0); };
  EXPECT_EQ(trace(mask(outside, false))().log_density().item(), 0.0);
  auto unit = [] { sample("x", Normal(0.0, 1.0), 0.0); };
  EXPECT_NEAR(trace(scale(scale(unit, 2.0), 3.0))().log_density().item(), 6 * normal_log_density(0, 0, 1), 1e-13);
}

TEST(Effects, ScopeNamesPlatesAndTakesADivider) {
  auto model = [] {
    Plate p("p", 2);
    sample("a", Normal(0.0, 1.0));
  };
  Trace t = trace(seed(scope(scope(model, "in"), "out", {.divider = "."}), Key(0)))();
  EXPECT_EQ(t["out.in/a"].plates[0].name, "out.in/p");
}

TEST(Effects, LiftOnePriorForAllParams) {
  auto model = [] {
    Tensor w = param("w", zeros(3)), v = param("v", 0.0);
    return sum(w) + v;
  };
  Trace t = trace(seed(lift(model, Normal(0.0, 2.0)), Key(0)))();
  EXPECT_EQ(t["w"].primitive, Primitive::sample);
  EXPECT_EQ(t["w"].value.shape(), (Shape{3}));
  EXPECT_EQ(t["v"].value.shape(), (Shape{}));
}

TEST(Effects, InterventionsByFunctionAndCounterfactuals) {
  auto model = [] {
    Tensor u = sample("u", Normal(0.0, 1.0));
    Tensor x = sample("x", Normal(u, 1.0));
    return sample("y", Normal(x, 1e-6));
  };
  Trace t = trace(seed(do_(model, "x", [](const Trace& before) { return before["u"].value + 1.0; }), Key(0)))();
  EXPECT_NE(t["x"].value.item(), t["u"].value.item() + 1.0);
  EXPECT_NEAR(t["y"].value.item(), t["u"].value.item() + 1.0, 1e-4);
  // Observed at 3 and set to 7: the site keeps its observation, what follows sees 7.
  Trace both = trace(seed(condition(do_(model, {{"x", 7.0}}), {{"x", 3.0}}), Key(0)))();
  EXPECT_TRUE(both["x"].observed);
  EXPECT_EQ(both["x"].value.item(), 3.0);
  EXPECT_NEAR(both["y"].value.item(), 7.0, 1e-4);
  EXPECT_CONTAINS(text_of_error([&] { seed(do_(model, "w", [](const Trace&) { return Tensor(0.0); }), Key(0))(); }),
                  "do_: the model has no sample site \"w\"");
}

TEST(Effects, InferConfig) {
  auto model = [] { sample("c", Bernoulli(0.5)); };
  Trace t = trace(seed(infer_config(model, [](const Message& m) {
    Infer i = m.infer;
    i.enumerate = m.name == "c";
    return i;
  }), Key(0)))();
  EXPECT_TRUE(t["c"].infer.enumerate);
}

TEST(Effects, KindsHiddenFromSeedAndScope) {
  auto model = [] {
    Plate p("rows", 100, {.subsample_size = 5});
    sample("a", Normal(0.0, 1.0));
    Scope inner("in", "/", {Primitive::deterministic, Primitive::plate});
    deterministic("d", Tensor(1.0));
    sample("b", Normal(0.0, 1.0));
  };
  // A kind without a key from the inner seed gets it from the outer one; the others keep the inner one's.
  const Trace one = trace(seed(seed(model, Key(1), {.hide_kinds = {Primitive::plate}}), Key(2)))(),
              inside = trace(seed(model, Key(1)))(), outside = trace(seed(model, Key(2)))();
  EXPECT_EQ(one["rows"].value.to_vector(), outside["rows"].value.to_vector());
  EXPECT_EQ(one["a"].value.to_vector(), inside["a"].value.to_vector());
  EXPECT_NE(one["a"].value.to_vector(), outside["a"].value.to_vector());
  try {
    trace(seed(model, Key(1), {.hide_kinds = {Primitive::sample}}))();
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("sample(\"a\"): no random key"), std::string::npos) << e.what();
  }
  // Names of hidden kinds stay; so do plates, in all that is inside of them, when their kind is hidden.
  EXPECT_TRUE(one.contains("d") && one.contains("in/b"));
  EXPECT_EQ(one["in/b"].plates[0].name, "rows");
  const Trace all = trace(seed(scope(model, "out"), Key(1)))(),
              some = trace(seed(scope(model, "out", {.hide_kinds = {Primitive::sample}}), Key(1)))();
  EXPECT_TRUE(all.contains("out/rows") && all.contains("out/a") && all.contains("out/d") && all.contains("out/in/b"));
  EXPECT_EQ(all["out/a"].plates[0].name, "out/rows");
  EXPECT_TRUE(some.contains("out/rows") && some.contains("a") && some.contains("out/d") && some.contains("in/b"));
  EXPECT_EQ(some["a"].plates[0].name, "rows");
}

TEST(Effects, AsScopes) {
  TraceHandler recorder;
  {
    Active record(recorder);
    Seeded seeded(Key(1));
    {
      Conditioned given({{"x", 0.25}});
      world();
    }
    {
      Scope other("other");
      Substituted given({{"x", 0.5}});
      world();
    }
    {
      Scope third("third");
      Intervened forced({{"x", 2.0}});
      world();
    }
  }
  const Trace& t = recorder.trace;
  EXPECT_TRUE(t["x"].observed);
  EXPECT_NEAR(t["y"].value.item(), 2.5, 1e-4);
  EXPECT_FALSE(t["other/x"].observed);
  EXPECT_NEAR(t["other/y"].value.item(), 5.0, 1e-4);
  EXPECT_NEAR(t["third/y"].value.item(), 20.0, 1e-4);
}

}  // namespace
