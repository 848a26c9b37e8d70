// Optimisers against steps computed in high precision by tools/optimiser_steps.py.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nuthatch/optim.h"
#include "nuthatch/nuthatch.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

#include "optimiser_steps.inc"

const Tensor A{{3.0, 0.5, 0.0}, {0.5, 1.0, -0.25}, {0.0, -0.25, 20.0}}, b{1.0, -0.75, 2.0}, start{1.0, -2.0, 0.5};

Tensor quadratic(const Tensor& x) { return 0.5 * vdot(x, matmul(A, x)) + vdot(b, x); }

void expect_path(const std::string& name, const Optimiser& optimiser) {
  SCOPED_TRACE(name);
  const std::vector<double> expected = kPaths.at(name);
  auto state = optimiser.init(start);
  for (int i = 0; i < 5; ++i) {
    state = optimiser.update(grad(quadratic)(optimiser.params(state)), state);
    for (int k = 0; k < 3; ++k) {
      const double right = expected[std::size_t(3 * i + k)];
      EXPECT_NEAR(state.params[k].item(), right, 2e-14 * (1 + std::abs(right))) << "step " << i << ", element " << k;
    }
  }
  EXPECT_EQ(state.step.item<std::int64_t>(), 5);
}

void expect_schedule(const std::string& name, const Schedule& schedule) {
  SCOPED_TRACE(name);
  for (std::size_t i = 0; i < kScheduleSteps.size(); ++i)
    EXPECT_NEAR(schedule(Tensor(kScheduleSteps[i])).item(), kSchedules.at(name)[i], 1e-16) << kScheduleSteps[i];
}

}  // namespace

TEST(Optimisers, TakeTheStepsOfTheirPapers) {
  expect_path("sgd", SGD(0.1));
  expect_path("momentum", Momentum({.step_size = 0.1, .mass = 0.8}));
  expect_path("adagrad", Adagrad(0.1));
  expect_path("rmsprop", RMSProp(0.1));
  expect_path("rmsprop_momentum", RMSProp({.step_size = 0.1, .momentum = 0.7}));
  expect_path("adam", Adam(0.1));
  expect_path("clipped_adam", ClippedAdam({.step_size = 0.1, .clip_norm = 3.0}));
  expect_path("adamw", AdamW({.step_size = 0.1, .weight_decay = 0.05}));
}

TEST(Optimisers, StepSizesMayDependOnTheStep) {
  expect_path("adam_decaying", Adam(exponential_decay({.init = 0.1, .rate = 0.5, .steps = 2})));
  expect_path("adam_decaying", Adam([](const Tensor& step) { return 0.1 * exp2(-0.5 * step.cast(f64)); }));
  expect_schedule("exponential", exponential_decay({.init = 0.02, .rate = 0.3, .steps = 40}));
  expect_schedule("exponential_staircase", exponential_decay({.init = 0.02, .rate = 0.3, .steps = 40, .staircase = true}));
  expect_schedule("inverse_time", inverse_time_decay({.init = 0.02, .rate = 0.5, .steps = 40}));
  expect_schedule("polynomial", polynomial_decay({.init = 0.02, .steps = 100, .final = 0.001, .power = 3.0}));
  expect_schedule("cosine", cosine_decay({.init = 0.02, .steps = 100, .final = 0.001}));
  const Schedule pieces = piecewise_constant({{0, 1e-2}, {3000, 1e-3}});
  EXPECT_EQ(pieces(Tensor(2999)).item(), 1e-2);
  EXPECT_EQ(pieces(Tensor(3000)).item(), 1e-3);
}

TEST(Optimisers, WorkOnTreesInCompiledLoops) {
  const Optimiser adam = Adam(0.1);
  const Values params{{"x", start}, {"scale", Tensor(2.0)}};
  const auto loss = [](const Values& p) { return quadratic(p.at("x")) + square(p.at("scale") - 1.0); };
  auto by_hand = adam.init(params);
  for (int i = 0; i < 5; ++i) by_hand = adam.update(grad(loss)(by_hand.params), by_hand);
  const auto compiled = jit([&](const Values& p) {
    return fori_loop(0, 5, adam.init(p), [&](const Tensor&, const OptimiserState<Values>& s) {
      return adam.update(grad(loss)(s.params), s);
    });
  })(params);
  for (int k = 0; k < 3; ++k)
    EXPECT_NEAR(compiled.params.at("x")[k].item(), kPaths.at("adam")[std::size_t(12 + k)], 1e-13);
  EXPECT_EQ(compiled.params.at("scale").item(), by_hand.params.at("scale").item());
}

TEST(Optimisers, KeepTheDtypeOfTheirParameters) {
  const Optimiser adam = Adam(cosine_decay({.init = 0.1, .steps = 10}));
  auto state = adam.init(start.cast(f32));
  state = adam.update(ones({3}, f32), state);
  EXPECT_EQ(state.params.dtype(), f32);
  EXPECT_EQ(state.memory[1].dtype(), f32);
}

TEST(Optimisers, RejectWhatTheyCannotDo) {
  EXPECT_NE(text_of_error([] { Adam(-0.1); }).find("step size must be positive, but it is -0.1"), std::string::npos);
  EXPECT_NE(text_of_error([] { Adam({.beta1 = 1.0}); }).find("Adam: beta1 and beta2 must lie in [0, 1)"), std::string::npos);
  EXPECT_NE(text_of_error([] { ClippedAdam({.clip_norm = 0.0}); }).find("ClippedAdam: clip_norm must be positive"), std::string::npos);
  EXPECT_NE(text_of_error([] { exponential_decay({.rate = 0.0}); }).find("exponential_decay: rate must be positive"), std::string::npos);
  EXPECT_NE(text_of_error([] { piecewise_constant({{5, 0.1}}); }).find("piecewise_constant: the first step must be 0"), std::string::npos);
  const Optimiser sgd = SGD(0.1);
  EXPECT_NE(text_of_error([&] { sgd.update(zeros(2), sgd.init(start)); }).find("a gradient of shape [2] for a parameter of shape [3]"),
            std::string::npos);
}
