// checkpoint: values and derivatives are those of the function, and less is kept for them.
#include <nuthatch/checkpoint.h>
#include <nuthatch/explain.h>

#include <cstdlib>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
Tensor weights() { return normal(Key(1), {5, 5}) / 2.0; }
/// Some work on a vector.
Tensor block(const Tensor& x, const Tensor& w) { return tanh(matmul(w, sin(matmul(w, x)))) + x; }

/// "buffers: 3, 1.2 MB" in bytes.
double buffer_bytes(const std::string& text) {
  const auto line = text.find("buffers: "), comma = text.find(", ", line);
  char* unit = nullptr;
  const double amount = std::strtod(text.c_str() + comma + 2, &unit);
  return amount * (unit[1] == 'k' ? 1e3 : unit[1] == 'M' ? 1e6 : unit[1] == 'G' ? 1e9 : 1);
}
}  // namespace

TEST(Checkpoint, DerivativesAreThoseOfTheFunction) {
  const Tensor w = weights(), x = normal(Key(2), {5});
  auto plain = [](Tensor x, Tensor w) { return sum(block(block(x, w), w)); };
  auto kept = [](Tensor x, Tensor w) {
    auto step = checkpoint([](Tensor x, Tensor w) { return block(x, w); });
    return sum(step(step(x, w), w));
  };
  EXPECT_CLOSE(jit(kept)(x, w), plain(x, w), 1e-14);
  auto [gx, gw] = jit(grad<0, 1>(kept))(x, w);
  auto [px, pw] = grad<0, 1>(plain)(x, w);
  EXPECT_CLOSE(gx, px, 1e-13);
  EXPECT_CLOSE(gw, pw, 1e-13);
  EXPECT_CLOSE(grad(kept)(x, w), px, 1e-13);
  EXPECT_CLOSE(jit(hessian(kept))(x, w), hessian(plain)(x, w), 1e-12);
  EXPECT_CLOSE(jit(jacobian(grad(grad([&](Tensor s) { return kept(s * x, w); })))) (Tensor(0.7)),
               jacobian(grad(grad([&](Tensor s) { return plain(s * x, w); })))(Tensor(0.7)), 1e-11);
  EXPECT_CLOSE(jvp([&](Tensor x) { return kept(x, w); }, x, ones_like(x)).second,
               jvp([&](Tensor x) { return plain(x, w); }, x, ones_like(x)).second, 1e-13);
}

TEST(Checkpoint, CapturedTensorsAreDifferentiated) {
  const Tensor x = normal(Key(2), {5});
  auto f = [&](Tensor w) { return sum(checkpoint([&](Tensor x) { return block(x, w); })(x)); };
  EXPECT_CLOSE(jit(grad(f))(weights()), grad([&](Tensor w) { return sum(block(x, w)); })(weights()), 1e-13);
}

TEST(Checkpoint, UnderVmapAndInLoops) {
  const Tensor w = weights(), xs = normal(Key(3), {7, 5});
  auto plain = [](Tensor x, Tensor w) {
    return sum(fori_loop(0, 6, x, [&](Tensor i, Tensor x) { return block(x, w) / (1.0 + i); }));
  };
  auto kept = [](Tensor x, Tensor w) {
    return sum(fori_loop(0, 6, x, [&](Tensor i, Tensor x) {
      return checkpoint([&](Tensor x, Tensor i) { return block(x, w) / (1.0 + i); })(x, i);
    }));
  };
  EXPECT_CLOSE(jit(vmap(grad(kept), {.in = {0, shared}}))(xs, w), vmap(grad(plain), {.in = {0, shared}})(xs, w), 1e-13);
  EXPECT_CLOSE(jit(grad<1>([&](Tensor x, Tensor w) { return sum(vmap(kept, {.in = {0, shared}})(x, w)); }))(xs, w),
               grad<1>([&](Tensor x, Tensor w) { return sum(vmap(plain, {.in = {0, shared}})(x, w)); })(xs, w), 1e-13);
}

// A loop and a condition inside what is computed again.
TEST(Checkpoint, ControlFlowInside) {
  auto body = [](Tensor x) {
    Tensor y = fori_loop(0, 3, x, [](Tensor, Tensor y) { return sin(y) * 1.5; });
    return cond(sum(y) > 0.0, [&] { return exp(y); }, [&] { return y * y * y; });
  };
  for (double sign : {1.0, -1.0}) {
    const Tensor x = Tensor{0.3, 0.9, 0.2} * sign;
    EXPECT_CLOSE(jit(grad([&](Tensor x) { return sum(checkpoint(body)(x)); }))(x), grad([&](Tensor x) { return sum(body(x)); })(x), 1e-13);
  }
}

TEST(Checkpoint, TreesAndIntegersGoThrough) {
  struct Pair {
    Tensor a, b;
  };
  auto f = [](Pair p, Tensor n) { return Pair{p.a * n, exp(p.b)}; };
  auto total = [&](Tensor x) {
    Pair r = checkpoint(f)(Pair{x, x + 1.0}, Tensor(3));
    return sum(r.a) + sum(r.b);
  };
  EXPECT_CLOSE(jit(grad(total))(Tensor{0.1, 0.2}), 3.0 + exp(Tensor{1.1, 1.2}), 1e-14);
}

// The same random numbers, drawn twice rather than kept.
TEST(Checkpoint, RandomNumbersAreDrawnAgain) {
  auto noisy = [](Key k, Tensor x) { return sin(x * normal(k, {8})); };
  auto f = [&](Tensor x) { return sum(checkpoint(noisy)(Key(5), x)); };
  EXPECT_CLOSE(jit(grad(f))(ones(8)), grad([&](Tensor x) { return sum(noisy(Key(5), x)); })(ones(8)), 1e-14);
}

// 40 steps of a state of 200 numbers, with 50 times as much on the way.
TEST(Checkpoint, ALoopKeepsOneStatePerStep) {
  const Tensor w = normal(Key(1), {10000, 200}) / 200.0, v = normal(Key(2), {200, 10000}) / 200.0, x = normal(Key(3), {200});
  auto step = [&](Tensor x) { return tanh(matmul(v, sin(exp(matmul(w, x))))) + x; };
  auto loss = [&](auto f) {
    return [=](Tensor x) { return sum(fori_loop(0, 40, x, [&](Tensor, Tensor x) { return f(x); })); };
  };
  const double all = buffer_bytes(explain(grad(loss(step)), x)), again = buffer_bytes(explain(grad(loss(checkpoint(step))), x));
  const double wide = 40.0 * 10000 * 8, state = 40.0 * 200 * 8;
  EXPECT_GT(all, wide);
  EXPECT_LT(again, 3 * state + 10.0 * 10000 * 8);
  EXPECT_CLOSE(jit(grad(loss(checkpoint(step))))(x), jit(grad(loss(step)))(x), 1e-12);
}

// Without a loop: nothing of the first computation may be kept for the second one, which must not move in front of it.
TEST(Checkpoint, StraightCodeKeepsNothingBetween) {
  const Tensor w = normal(Key(1), {4000, 100}) / 100.0, v = normal(Key(2), {100, 4000}) / 100.0, x = normal(Key(3), {100});
  auto step = [&](Tensor x) { return tanh(matmul(v, sin(exp(matmul(w, x))))) + x; };
  auto six = [&](auto f) {
    return [=](Tensor x) {
      for (int k = 0; k < 6; ++k) x = f(x);
      return sum(x * x);
    };
  };
  const double all = buffer_bytes(explain(grad(six(step)), x)), again = buffer_bytes(explain(grad(six(checkpoint(step))), x));
  EXPECT_GT(all, 6 * 4000 * 8.0);
  EXPECT_LT(again, all / 2);
}
