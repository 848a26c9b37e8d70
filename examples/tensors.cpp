// Arrays, derivatives, compilation and loops, without any statistics.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

struct Newton {
  Tensor x, step;
  static constexpr auto fields = names("x", "step");
};

int main() {
  example::Outcome outcome;

  // Arithmetic, broadcasting, indexing.
  Tensor x = arange(12).cast(f64);
  Tensor a = reshape(x, {3, 4});
  Tensor centred = a - mean(a, {.axis = 0, .keepdims = true});
  Tensor rows = a[Tensor{2, 0, 2}], corner = a(slice(0, 2), from(-2));
  Tensor changed = a.at(0, all).set(0.0).at(2, 3).add(1.5);
  Tensor totals = segment_sum(Tensor{1.0, 2.0, 3.0, 4.0, 5.0}, Tensor{0, 1, 1, 0, 2}, 3);
  print("{}\n{}\n{}\n{}\n{}\n", centred, rows, corner, changed, totals);
  outcome.near("sum of columns less their means", sum(abs(sum(centred, 0))).item(), 0.0, 0.0);
  outcome.near("changed", sum(changed).item(), 66.0 - 6.0 + 1.5, 0.0);
  outcome.require("totals by group", sum(abs(totals - Tensor{5.0, 5.0, 5.0})).item() == 0.0);

  // Derivatives: reverse, forward, second; they agree with each other and with finite differences.
  auto f = [](Tensor m) { return sum(tanh(matmul(m, transpose(m)))); };
  Tensor m = 0.3 * normal(Key(0), {4, 3}), direction = normal(Key(1), {4, 3});
  Tensor gradient = jit(grad(f))(m);
  auto [value, slope] = value_and_grad(f)(m);
  auto [y, dy] = jvp(f, m, direction);
  auto [z, pull] = vjp(f, m);
  const double h = 1e-5;
  outcome.near("jit and not", max(abs(gradient - slope)).item(), 0.0, 1e-13);
  outcome.near("vjp and grad", max(abs(pull(1.0) - slope)).item(), 0.0, 1e-13);
  outcome.near("jvp and grad", dy.item(), sum(gradient * direction).item(), 1e-12);
  outcome.near("difference quotient", ((f(m + h * direction) - f(m - h * direction)) / (2.0 * h)).item(), dy.item(), 1e-7);
  Tensor H = hessian([](Tensor v) { return prod(sin(v)); })(Tensor{0.1, 0.2, 0.3});
  outcome.near("second derivative", H(0, 1).item(), std::cos(0.1) * std::cos(0.2) * std::sin(0.3), 1e-14);

  // One gradient per example.
  auto loss = [](Tensor w, Tensor input, Tensor target) { return square(dot(w, input) - target); };
  Tensor w{1.0, 2.0, 3.0};
  Tensor per_example = jit(vmap(grad(loss), {.in = {shared, 0, 0}}))(w, m, ones(4));
  Tensor by_hand = 2.0 * (matmul(m, w) - 1.0)(all, newaxis) * m;
  outcome.near("gradients per example", max(abs(per_example - by_hand)).item(), 0.0, 1e-13);

  // Loops are loops in the compiled program, and differentiable.
  auto cubic = [](Tensor t) { return t * t * t - 2.0; };
  Newton root = while_loop(
      Newton{1.0, 1.0}, [](Newton s) { return abs(s.step) > 1e-12; },
      [&](Newton s) {
        Tensor d = cubic(s.x) / grad(cubic)(s.x);
        return Newton{s.x - d, d};
      });
  Tensor factorial = fori_loop(1, 11, Tensor(1.0), [](Tensor i, Tensor product) { return product * i; });
  auto [last, path] = scan(Tensor(0.0), normal(Key(1), {500}), [](Tensor level, Tensor e) {
    Tensor now = 0.9 * level + e;
    return std::pair{now, now};
  });
  Tensor either = cond(last > 0.0, [&] { return sqrt(last); }, [&] { return -last; });
  Tensor sensitivity = grad([](Tensor s) { return fori_loop(0, 5, s, [](Tensor, Tensor u) { return sin(u); }); })(Tensor(0.3));
  double s = 0.3, chain = 1.0;
  for (int i = 0; i < 5; ++i) chain *= std::cos(s), s = std::sin(s);
  print("{:.12f} {} {:.3f} {:.3f}\n", root.x, factorial, mean(path), either);
  outcome.near("cube root of two", root.x.item(), std::cbrt(2.0), 1e-15);
  outcome.near("ten factorial", factorial.item(), 3628800.0, 0.0);
  outcome.near("derivative of a loop", sensitivity.item(), chain, 1e-15);

  // Linear algebra and randomness.
  Tensor X = normal(Key(3), {200, 3});
  Tensor target = matmul(X, Tensor{1.5, -2.0, 0.5});
  Tensor beta = cho_solve(cholesky(matmul(transpose(X), X)), matmul(transpose(X), target));
  outcome.near("least squares", max(abs(beta - Tensor{1.5, -2.0, 0.5})).item(), 0.0, 1e-12);
  return outcome.status();
}
