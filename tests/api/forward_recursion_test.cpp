// The forward recursion of a hidden Markov model, written with logsumexp in a scan: values and gradients against the
// forward-backward algorithm with logarithms in extended precision, where probabilities underflow too.
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "nuthatch/nuthatch.h"

namespace nuthatch {
namespace {

using Real = long double;
constexpr Real kNever = -INFINITY;

Real log_add(Real a, Real b) {
  const Real m = std::max(a, b);
  return m == kNever ? m : m + std::log(std::exp(a - m) + std::exp(b - m));
}

struct Chain {
  int states, steps;
  std::vector<double> start, transition, emission;  // [states], [from][to], [steps][state]

  Chain(int states, int steps, unsigned seed, double spread = 2) : states(states), steps(steps) {
    std::mt19937 g(seed);
    std::normal_distribution<double> normal(0, spread);
    for (int i = 0; i < states; ++i) start.push_back(normal(g));
    for (int i = 0; i < states * states; ++i) transition.push_back(normal(g));
    for (int i = 0; i < steps * states; ++i) emission.push_back(normal(g));
  }
};

/// log sum over paths, and its derivatives in the start, the transitions and the emissions.
struct Answer {
  Real total;
  std::vector<Real> start, transition, emission;

  explicit Answer(const Chain& c) {
    const int k = c.states;
    std::vector<Real> a(std::size_t(k * c.steps), kNever), b(a.size(), 0);
    for (int j = 0; j < k; ++j) a[j] = Real(c.start[j]) + c.emission[j];
    for (int t = 1; t < c.steps; ++t)
      for (int j = 0; j < k; ++j) {
        Real sum = kNever;
        for (int i = 0; i < k; ++i) sum = log_add(sum, a[(t - 1) * k + i] + c.transition[i * k + j]);
        a[t * k + j] = sum + c.emission[t * k + j];
      }
    for (int t = c.steps - 2; t >= 0; --t)
      for (int i = 0; i < k; ++i) {
        Real sum = kNever;
        for (int j = 0; j < k; ++j)
          sum = log_add(sum, c.transition[i * k + j] + Real(c.emission[(t + 1) * k + j]) + b[(t + 1) * k + j]);
        b[t * k + i] = sum;
      }
    total = kNever;
    for (int j = 0; j < k; ++j) total = log_add(total, a[(c.steps - 1) * k + j]);
    for (std::size_t i = 0; i < a.size(); ++i) emission.push_back(std::exp(a[i] + b[i] - total));
    start.assign(emission.begin(), emission.begin() + k);
    transition.assign(std::size_t(k * k), 0);
    for (int t = 1; t < c.steps; ++t)
      for (int i = 0; i < k; ++i)
        for (int j = 0; j < k; ++j)
          transition[i * k + j] += std::exp(a[(t - 1) * k + i] + c.transition[i * k + j] + Real(c.emission[t * k + j]) + b[t * k + j] - total);
  }
};

Tensor forward(const Tensor& start, const Tensor& transition, const Tensor& emission) {
  auto [last, unused] = scan(start + emission[0], emission[from(1)], [&](const Tensor& before, const Tensor& now) {
    Tensor next = logsumexp(before(all, newaxis) + transition, 0) + now;
    return std::pair{next, next[0]};
  });
  return logsumexp(last);
}

void expect_near(const Tensor& got, const std::vector<Real>& want, Real scale) {
  const auto values = got.to_vector();
  ASSERT_EQ(values.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(values[i], double(want[i]), double(1e-12L * scale)) << i;
}

template <class F> void expect_answer(const Chain& c, F&& f) {
  const Answer answer(c);
  Tensor start(c.start), transition = reshape(Tensor(c.transition), {c.states, c.states}),
         emission = reshape(Tensor(c.emission), {c.steps, c.states});
  auto derivative = jit([&](Tensor s, Tensor t, Tensor e) {
    auto [value, g] = value_and_grad<0, 1, 2>([&](Tensor x, Tensor y, Tensor z) { return f(x, y, z); })(s, t, e);
    return std::tuple{value, std::get<0>(g), std::get<1>(g), std::get<2>(g)};
  });
  const std::tuple<Tensor, Tensor, Tensor, Tensor> got = derivative(start, transition, emission);
  const auto& [value, ds, dt, de] = got;
  EXPECT_NEAR(value.template item<double>(), double(answer.total), 1e-12 * std::abs(double(answer.total)));
  expect_near(ds, answer.start, 1);
  expect_near(dt, answer.transition, c.steps);
  expect_near(de, answer.emission, 1);
}

std::string program(int states, int steps) {
  return compile(forward, zeros(states), zeros({states, states}), zeros({steps, states})).dump("plan");
}

TEST(ForwardRecursion, IsScaledAndKeepsTheLogarithmsForTheRest) {
  const std::string ir = program(3, 50);
  EXPECT_NE(ir.find("nh.case"), std::string::npos);
  EXPECT_NE(ir.find("nh.dot_general"), std::string::npos);
  EXPECT_EQ(program(3, 5).find("nh.case"), std::string::npos);    // few steps
  EXPECT_EQ(program(80, 50).find("nh.case"), std::string::npos);  // many states
}

TEST(ForwardRecursion, ValueAndGradient) {
  for (unsigned seed : {1u, 2u, 3u}) expect_answer(Chain(3, 200, seed), forward);
  expect_answer(Chain(2, 12, 4, 20), forward);
  expect_answer(Chain(7, 60, 5, 0.1), forward);
}

TEST(ForwardRecursion, OtherWaysToWriteIt) {
  const Chain c(4, 30, 6);
  expect_answer(c, [](Tensor start, Tensor transition, Tensor emission) {  // summed over the second dimension
    auto [last, unused] = scan(start + emission[0], emission[from(1)], [&](const Tensor& before, const Tensor& now) {
      Tensor next = now + logsumexp(before + transpose(transition), 1);
      return std::pair{next, next[0]};
    });
    return logsumexp(last);
  });
  expect_answer(c, [](Tensor start, Tensor transition, Tensor emission) {  // emissions made in the loop
    auto [last, unused] = scan(start + emission[0], emission[from(1)], [&](const Tensor& before, const Tensor& now) {
      Tensor next = logsumexp(before(all, newaxis) + transition, 0) + 2.0 * (0.25 * now) + 0.5 * now;
      return std::pair{next, next[0]};
    });
    return logsumexp(last);
  });
}

/// Transitions that cannot happen, and states that cannot have been.
TEST(ForwardRecursion, ImpossibleTransitions) {
  Chain left_to_right(4, 40, 7);
  for (int i = 0; i < 4; ++i) {
    if (i) left_to_right.start[i] = -INFINITY;
    for (int j = 0; j < 4; ++j)
      if (j != i && j != i + 1) left_to_right.transition[i * 4 + j] = -INFINITY;
  }
  expect_answer(left_to_right, forward);
}

/// State 1 is e^-2000 times less likely for half of the time, and the only one that explains the other half.
TEST(ForwardRecursion, WhatUnderflowsIsFoundAgain) {
  Chain c(2, 30, 8);
  c.transition = {std::log(0.9), -INFINITY, -INFINITY, std::log(0.8)};
  for (int t = 0; t < c.steps; ++t) c.emission[2 * t + (t < 15 ? 1 : 0)] = t < 15 ? -2000 : -INFINITY;
  expect_answer(c, forward);
  for (int t = 0; t < c.steps; ++t) c.emission[2 * t + (t < 15 ? 1 : 0)] = t < 15 ? -130 : -140;
  expect_answer(c, forward);
}

TEST(ForwardRecursion, NoPathAtAll) {
  Chain c(3, 20, 9);
  for (int j = 0; j < 3; ++j) c.emission[3 * 10 + j] = -INFINITY;
  Tensor value = jit(forward)(Tensor(c.start), reshape(Tensor(c.transition), {3, 3}), reshape(Tensor(c.emission), {20, 3}));
  EXPECT_EQ(value.item<double>(), -INFINITY);
}

/// A Hessian times a vector, two ways, against a difference quotient of gradients.
TEST(ForwardRecursion, SecondDerivatives) {
  const Chain c(3, 40, 15, 1);
  const Tensor start(c.start), emission = reshape(Tensor(c.emission), {40, 3}), transition = reshape(Tensor(c.transition), {3, 3}),
               v = reshape(cos(2.0 * arange(0, 9).cast(f64)), {3, 3});
  auto gradient = [&](Tensor t) { return grad([&](Tensor x) { return forward(start, x, emission); })(t); };
  const Tensor reverse = jit([&](Tensor t) { return grad([&](Tensor x) { return sum(gradient(x) * v); })(t); })(transition);
  const Tensor along = jit([&](Tensor t) { return jvp(gradient, std::tuple{t}, std::tuple{v}).second; })(transition);
  auto compiled = jit(gradient);
  const double h = 1e-5;
  const Tensor quotient = (compiled(transition + h * v) - compiled(transition - h * v)) / (2 * h);
  EXPECT_LT(max(abs(reverse - along)).item<double>(), 1e-11 * max(abs(along)).item<double>());
  EXPECT_LT(max(abs(along - quotient)).item<double>(), 1e-8 * max(abs(along)).item<double>());
}

/// Chains of which some underflow, side by side.
TEST(ForwardRecursion, Mapped) {
  std::vector<Chain> chains;
  for (unsigned seed = 10; seed < 14; ++seed) chains.emplace_back(3, 40, seed, seed == 12 ? 500 : 2);
  std::vector<Tensor> starts, transitions, emissions;
  for (const Chain& c : chains) {
    starts.push_back(Tensor(c.start));
    transitions.push_back(reshape(Tensor(c.transition), {3, 3}));
    emissions.push_back(reshape(Tensor(c.emission), {40, 3}));
  }
  Tensor values = jit(vmap(forward))(stack(starts), stack(transitions), stack(emissions));
  for (std::size_t k = 0; k < chains.size(); ++k) {
    const Real want = Answer(chains[k]).total;
    EXPECT_NEAR(values[std::int64_t(k)].item<double>(), double(want), 1e-12 * std::abs(double(want)));
  }
}

}  // namespace
}  // namespace nuthatch
