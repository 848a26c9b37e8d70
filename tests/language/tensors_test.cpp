// The tensor programs of the language, as a user writes them: arithmetic, transformations, control flow, linear algebra,
// random numbers.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

TEST(Tensors, ArithmeticBroadcastingIndexing) {
  Tensor x = arange(12).cast(f64);             // 0 .. 11
  Tensor a = reshape(x, {3, 4});
  Tensor col = a(all, 1);                       // [1 5 9]
  Tensor mid = a(slice(0, 2), from(-2));        // rows 0-1, last two columns
  Tensor rows = a[Tensor{2, 0, 2}];             // gather: rows 2, 0, 2
  Tensor c = a - mean(a, {.axis = 0, .keepdims = true});
  Tensor b = a.at(0, all).set(0.0).at(2, 3).add(1.5);
  Tensor lagged = x[until(-1)], next = x[from(1)];
  Tensor big = select(a > 5.0, a, -a);          // elementwise; & | ~ for logic
  Tensor groups{0, 1, 1, 0, 2};
  Tensor totals = segment_sum(Tensor{1.0, 2.0, 3.0, 4.0, 5.0}, groups, 3);   // [5 5 5]
  Tensor p = percentile(abs(diff(x)), 97.0);
  print("{}\n{}\n{} {} {}\n", c, totals, p, sum(big), a.shape());

  EXPECT_EQ(col.to_vector(), (std::vector<double>{1, 5, 9}));
  EXPECT_EQ(mid.to_vector(), (std::vector<double>{2, 3, 6, 7}));
  EXPECT_EQ(rows(all, 0).to_vector(), (std::vector<double>{8, 0, 8}));
  EXPECT_EQ(sum(c, 0).to_vector(), std::vector<double>(4, 0));
  EXPECT_EQ(b(2, 3).item(), 12.5);
  EXPECT_EQ(sum(b[0]).item(), 0);
  EXPECT_EQ((next - lagged).to_vector(), std::vector<double>(11, 1));
  EXPECT_EQ(sum(big).item(), 6 + 7 + 8 + 9 + 10 + 11 - 15);
  EXPECT_EQ(totals.to_vector(), (std::vector<double>{5, 5, 5}));
  EXPECT_EQ(p.item(), 1);
  EXPECT_TRUE(a.shape() == (Shape{3, 4}));
  try {
    a(all, 7);
    FAIL();
  } catch (const Error& e) {  // the axis, its size and the line
    const std::string text = e.what();
    EXPECT_NE(text.find("tensors_test.cpp:"), std::string::npos) << text;
    EXPECT_NE(text.find("7"), std::string::npos) << text;
    EXPECT_NE(text.find("axis 1"), std::string::npos) << text;
    EXPECT_NE(text.find("4"), std::string::npos) << text;
  }
  if (x[0] > 0.0) FAIL();
  try {
    jit([](Tensor t) {
      if (t > 0.0) return t;
      return -t;
    })(Tensor(1.0));
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("select"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("cond"), std::string::npos) << e.what();
  }
}

TEST(Tensors, Transformations) {
  auto f = [](Tensor x) { return sum(tanh(matmul(x, transpose(x)))); };
  Tensor x = normal(Key(0), {4, 3});
  Tensor g = jit(grad(f))(x);                     // traced per shape, compiled once, cached on disk
  auto [value, slope] = value_and_grad(f)(x);
  auto [y, dy] = jvp(f, x, ones_like(x));
  auto [z, pull] = vjp(f, x);
  Tensor same = pull(1.0);
  Tensor H = hessian([](Tensor v) { return prod(sin(v)); })(Tensor{0.1, 0.2, 0.3});
  auto loss = [](Tensor w, Tensor input, Tensor target) { return square(dot(w, input) - target); };
  auto per_example = vmap(grad(loss), {.in = {shared, 0, 0}});   // w is shared, data are mapped
  Tensor grads = jit(per_example)(Tensor{1.0, 2.0, 3.0}, x, ones(4));   // (4, 3)
  auto [w2, x2] = std::pair{grad<1>(loss)(Tensor{1.0, 2.0, 3.0}, x[0], 1.0), grads};
  auto compiled = compile(f, x);
  EXPECT_FALSE(compiled.ir().empty());

  EXPECT_TRUE(allclose(g, slope, {.rtol = 1e-13, .atol = 1e-13}));
  EXPECT_EQ(same.to_vector(), slope.to_vector());  // to the last bit
  EXPECT_NEAR(dy.item(), sum(slope).item(), 1e-12);
  EXPECT_EQ(y.item(), value.item());
  EXPECT_EQ(z.item(), value.item());
  EXPECT_NEAR(H(0, 1).item(), std::cos(0.1) * std::cos(0.2) * std::sin(0.3), 1e-15);
  const double residual = dot(Tensor{1.0, 2.0, 3.0}, x[0]).item() - 1.0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(w2[i].item(), 2 * residual * (i + 1), 1e-13);  // in the input
    EXPECT_NEAR(x2(0, i).item(), 2 * residual * x(0, i).item(), 1e-13);
  }
  EXPECT_NEAR(compiled(x).item(), value.item(), 1e-13);
}

struct Newton { Tensor x, step; static constexpr auto fields = names("x", "step"); };

TEST(Tensors, ControlFlowAndTrees) {
  auto f = [](Tensor x) { return x * x * x - 2.0; };
  Newton root = while_loop(
      Newton{1.0, 1.0},
      [](Newton s) { return abs(s.step) > 1e-12; },
      [&](Newton s) { Tensor d = f(s.x) / grad(f)(s.x); return Newton{s.x - d, d}; });
  Tensor factorial = fori_loop(1, 11, Tensor(1.0), [](Tensor i, Tensor acc) { return acc * i; });
  auto [last, path] = scan(Tensor(0.0), normal(Key(1), {500}),            // AR(1) filter
                           [](Tensor level, Tensor e) {
                             Tensor now = 0.9 * level + e;
                             return std::pair{now, now};
                           });
  Tensor y = cond(last > 0.0, [&] { return sqrt(last); }, [&] { return -last; });
  Tensor sensitivity = grad([](Tensor a) {
    return fori_loop(0, 5, a, [](Tensor, Tensor s) { return sin(s); });
  })(Tensor(0.3));
  print("{:.12f} {} {} {} {}\n", root.x, factorial, mean(path), y, sensitivity);

  EXPECT_NEAR(root.x.item(), 1.259921049895, 1e-12);
  EXPECT_EQ(factorial.item(), 3628800);
  double level = 0, s = 0.3, chain = 1;
  const Tensor e = normal(Key(1), {500});
  for (int i = 0; i < 500; ++i) level = 0.9 * level + e[i].item();
  EXPECT_NEAR(last.item(), level, 1e-12);
  EXPECT_NEAR(y.item(), level > 0 ? std::sqrt(level) : -level, 1e-12);
  for (int i = 0; i < 5; ++i) chain *= std::cos(s), s = std::sin(s);
  EXPECT_NEAR(sensitivity.item(), chain, 1e-15);
  auto halve = [](Tensor a) { return while_loop(a, [](Tensor t) { return t > 1.0; }, [](Tensor t) { return t / 2.0; }); };
  auto [value, slope] = jvp(halve, Tensor(5.0), Tensor(1.0));  // forward
  EXPECT_EQ(slope.item(), 0.125);
  try {
    grad(halve)(Tensor(5.0));  // in reverse only with a bound
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("bounded"), std::string::npos) << error.what();
  }
}

TEST(Tensors, LinearAlgebraAndRandomness) {
  auto [kx, ke, kp] = split<3>(Key(42));
  Tensor X = normal(kx, {200, 3});
  Tensor y = matmul(X, Tensor{1.5, -2.0, 0.5}) + 0.8 * normal(ke, {200});
  Tensor XtX = matmul(transpose(X), X);
  Tensor L = cholesky(XtX);
  Tensor beta = triangular_solve(transpose(L), triangular_solve(L, matmul(transpose(X), y)), false);
  auto [lambda, U] = eigh(XtX);
  auto [u, s, vt] = svd(X);
  Tensor check = einsum("ij,j,kj->ik", {U, lambda, U}) - XtX;
  Key keys = split(kp, 4);                        // one per purpose; a key is never used twice
  Tensor shuffled = permutation(keys[0], 200);
  Tensor z = categorical(keys[1], log(Tensor{0.3, 0.5, 0.2}), {500});
  Tensor coins = bernoulli(keys[2], 0.3, {10});
  Key per_chain = fold_in(keys[3], 7);
  print("{} {:.1e} {}\n", beta, max(abs(check)), uniform(per_chain, {2}));

  const Tensor error = beta - Tensor{1.5, -2.0, 0.5};
  EXPECT_LT(max(abs(error)).item(), 5 * 0.8 / std::sqrt(200.0) * 1.3);
  EXPECT_LT(max(abs(matmul(XtX, beta) - matmul(transpose(X), y))).item(), 1e-10);  // the normal equations
  EXPECT_LT(max(abs(check)).item(), 1e-11);
  EXPECT_TRUE(allclose(sort(square(s)), lambda, {.rtol = 1e-12, .atol = 0}));
  EXPECT_TRUE(allclose(matmul(u * s, vt), X, {.rtol = 1e-12, .atol = 1e-13}));
  EXPECT_EQ(sort(shuffled).to_vector(), arange(200).to_vector());
  // Every place is as likely for a given number; rows stay together.
  Tensor places = vmap([](Key k) { return permutation(k, 5); })(split(Key(1), 4000));
  for (int i = 0; i < 5; ++i)
    EXPECT_NEAR(mean((places(all, i) == 2).cast(f64)).item(), 0.2, 5 * 0.4 / std::sqrt(4000.0));
  Tensor moved = permutation(keys[0], X);
  EXPECT_EQ(moved.to_vector(), X[shuffled].to_vector());
  Tensor ends{-1.0, 3.0};
  EXPECT_EQ(linspace(ends[0], ends[1], 5).to_vector(), (std::vector<double>{-1, 0, 1, 2, 3}));
  EXPECT_EQ(grad([](Tensor b) { return sum(linspace(0.0, b, 5)); })(Tensor(2.0)).item(), 2.5);
  EXPECT_NEAR(mean((z == 1).cast(f64)).item(), 0.5, 5 * 0.5 / std::sqrt(500.0));
  EXPECT_EQ(coins.shape(), Shape{10});
}
