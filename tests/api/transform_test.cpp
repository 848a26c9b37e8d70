// Derivatives, batching, custom rules, and their compositions, outside programs (the interpreter).
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
struct Line {
  Tensor slope, intercept;
  static constexpr auto fields = names("slope", "intercept");
};
Tensor scalar(double x) { return Tensor(x).cast(f64); }
const auto wave = [](Tensor x) { return sum(tanh(matmul(x, transpose(x)))); };
const auto product = [](Tensor v) { return prod(sin(v)); };
Tensor matrix() { return reshape(Tensor{0.3, -0.2, 0.5, 0.1, 0.9, -0.4}, {3, 2}); }
}  // namespace

TEST(Grad, Values) {
  EXPECT_EQ(grad([](Tensor x) { return x * x; })(3.0).item(), 6);
  EXPECT_EQ(grad([](Tensor x) { return x * x; })(3).item(), 6);
  EXPECT_CLOSE(grad(wave)(matrix()), differences(wave, matrix()), 1e-8);
  auto [value, slope] = value_and_grad(wave)(matrix());
  EXPECT_EQ(value.item(), wave(matrix()).item());
  EXPECT_TENSOR(slope, grad(wave)(matrix()));
  EXPECT_EQ(grad([](Tensor x) { return sum(x); })(ones(2, f32)).dtype(), f32);
  EXPECT_EQ(grad([](Tensor x) { return sum(x * ones(2)); })(ones(2, f32)).dtype(), f32);
  auto both = value_and_grad([](Tensor x) { return sum(x * ones(2)); })(ones(2, f32));
  EXPECT_EQ(both.first.dtype(), f64);
  EXPECT_EQ(grad([](Tensor x) { return sum(stop_gradient(x) * x); })(Tensor{2.0}).item(), 2);
  EXPECT_EQ(grad([](Tensor) { return Tensor(3.0); })(1.0).item(), 0);
}

TEST(Grad, Arguments) {
  auto loss = [](Tensor w, Tensor x, Tensor y) { return square(dot(w, x) - y); };
  Tensor w{1.0, 2.0, 3.0}, x{0.5, -1.0, 0.25};
  EXPECT_CLOSE(grad(loss)(w, x, 1.0), 2.0 * (dot(w, x) - 1.0) * x, 1e-15);
  EXPECT_CLOSE(grad<1>(loss)(w, x, 1.0), 2.0 * (dot(w, x) - 1.0) * w, 1e-15);
  auto [gw, gy] = grad<0, 2>(loss)(w, x, 1.0);
  EXPECT_EQ(gw.shape(), Shape({3}));
  EXPECT_CLOSE(gy, -2.0 * (dot(w, x) - 1.0), 1e-15);
  auto [v, slopes] = value_and_grad<0, 1>(loss)(w, x, 1.0);
  EXPECT_TENSOR(std::get<1>(slopes), grad<1>(loss)(w, x, 1.0));
  EXPECT_EQ(grad([](Tensor x, int n) { return pow(x, n); })(3.0, 2).item(), 6);
}

TEST(Grad, Trees) {
  Line g = grad([](Line l) { return l.slope * l.slope * 2.0 + 3.0 * l.intercept; })(Line{5.0, 1.0});
  EXPECT_EQ(g.slope.item(), 20);
  EXPECT_EQ(g.intercept.item(), 3);
  auto [a, b] = grad([](std::pair<Tensor, Tensor> p) { return sum(p.first[p.second]); })(std::pair{Tensor{1.0, 2.0}, Tensor{1, 1}});
  EXPECT_TENSOR(a, Tensor{0.0, 2.0});
  EXPECT_TENSOR(b, Tensor{0, 0});
}

TEST(Grad, Messages) {
  EXPECT_MESSAGE(grad([](Tensor x) { return x; })(Tensor{1.0, 2.0}), "grad: the function returns f64[2], not a float scalar; sum it, or use jacobian");
  EXPECT_MESSAGE(grad([](Tensor x) { return sum(x); })(Tensor{1, 2}), "grad: the argument is i64[2]; a derivative needs floats, cast(f64)");
  EXPECT_MESSAGE(grad([](Tensor x) { return argmax(x); })(Tensor{1.0, 2.0}), "the function returns i64[], not a float scalar");
  const int line = __LINE__ + 1;
  std::string text = message([] { grad([](Tensor x) { return x; })(ones(2)); });
  EXPECT_EQ(text.find("transform_test.cpp:" + std::to_string(line)), 0u) << text;
}

TEST(Vjp, PullsRepeatedly) {
  auto [z, pull] = vjp(wave, matrix());
  EXPECT_TENSOR(pull(1.0), grad(wave)(matrix()));
  EXPECT_CLOSE(pull(-2.0), -2.0 * grad(wave)(matrix()), 1e-15);
  auto [y, back] = vjp([](Tensor a, Tensor b) { return std::pair{a * b, sum(a)}; }, Tensor{1.0, 2.0}, Tensor{3.0, 4.0});
  auto [da, db] = back({Tensor{1.0, 10.0}, 100.0});
  EXPECT_TENSOR(da, Tensor{103.0, 140.0});
  EXPECT_TENSOR(db, Tensor{1.0, 20.0});
  EXPECT_MESSAGE(pull(zeros(3)), "vjp: a cotangent of shape [3] for a value f64[]");
}

TEST(Jvp, Directions) {
  auto [y, dy] = jvp(product, Tensor{0.1, 0.2, 0.3}, Tensor{1.0, 0.0, 2.0});
  EXPECT_EQ(y.item(), product(Tensor{0.1, 0.2, 0.3}).item());
  EXPECT_CLOSE(dy, sum(grad(product)(Tensor{0.1, 0.2, 0.3}) * Tensor{1.0, 0.0, 2.0}), 1e-15);
  auto [v, t] = jvp([](Tensor a, Tensor b) { return a * b; }, std::tuple{Tensor(2.0), Tensor(3.0)}, std::tuple{Tensor(1.0), Tensor(0.0)});
  EXPECT_EQ(t.item(), 3);
  auto [l, dl] = jvp([](Line s) { return Line{s.slope * s.intercept, s.slope}; }, Line{2.0, 3.0}, Line{1.0, 0.0});
  EXPECT_EQ(dl.slope.item(), 3);
  EXPECT_EQ(dl.intercept.item(), 1);
  auto [k, dk] = jvp([](Tensor a) { return std::pair{argmax(a), max(a)}; }, Tensor{1.0, 5.0}, Tensor{1.0, 2.0});
  EXPECT_EQ(k.first.item(), 1);
  EXPECT_EQ(dk.second.item(), 2);
  EXPECT_MESSAGE((jvp(product, ones(3), zeros(2))), "jvp");
}

TEST(Hessian, Values) {
  Tensor x{0.1, 0.2, 0.3};
  Tensor h = hessian(product)(x);
  for (int i = 0; i < 3; ++i)
    EXPECT_CLOSE(h[i], differences([&](Tensor v) { return grad(product)(v)[i]; }, x), 1e-8);
  EXPECT_EQ(hessian(wave)(matrix()).shape(), Shape({3, 2, 3, 2}));
  EXPECT_CLOSE(hessian([](Tensor v) { return cube(v); })(2.0), scalar(12), 1e-15);
  Tensor j = jacobian([](Tensor v) { return stack({v[0] * v[1], v[1], square(v[2])}); })(Tensor{2.0, 3.0, 4.0});
  EXPECT_TENSOR(j, Tensor{{3.0, 2.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 8.0}});
  EXPECT_EQ(jacobian([](Tensor v) { return sum(v, 0); })(ones({2, 3})).shape(), Shape({3, 2, 3}));
  EXPECT_MESSAGE(jacobian([](Tensor v) { return v; })(Tensor{1, 2}), "jacobian: the argument is i64[2]");
}

TEST(Vmap, Axes) {
  Tensor x = matrix();
  EXPECT_CLOSE(vmap([](Tensor v) { return sum(square(v)); })(x), sum(square(x), 1), 1e-15);
  EXPECT_CLOSE(vmap([](Tensor v) { return sum(square(v)); }, {.in = {1}})(x), sum(square(x), 0), 1e-15);
  EXPECT_TENSOR(vmap([](Tensor v) { return 2.0 * v; }, {.in = {-1}, .out = 1})(x), 2.0 * x);
  EXPECT_TENSOR(vmap([](Tensor v, Tensor w) { return v * w; }, {.in = {0, shared}})(x, Tensor{1.0, 10.0}), x * Tensor{1.0, 10.0});
  EXPECT_TENSOR(vmap([](Tensor v, double s) { return v * s; })(x, 2.0), 2.0 * x);
  EXPECT_TENSOR(vmap([](Tensor) { return Tensor(1.5); })(x), full(3, 1.5));
  Line many = vmap([](Line l) { return Line{l.slope + l.intercept, l.slope}; })(Line{Tensor{1.0, 2.0}, Tensor{3.0, 4.0}});
  EXPECT_TENSOR(many.slope, Tensor{4.0, 6.0});
  EXPECT_TENSOR(vmap(vmap([](Tensor a, Tensor b) { return a * b; }, {.in = {shared, 0}}), {.in = {0, shared}})(Tensor{1.0, 2.0}, Tensor{3.0, 4.0}),
                outer(Tensor{1.0, 2.0}, Tensor{3.0, 4.0}));
}

TEST(Vmap, Messages) {
  auto add = [](Tensor a, Tensor b) { return a + b; };
  EXPECT_MESSAGE(vmap(add)(ones(3), ones(4)), "vmap: argument 0 has 3 slices, argument 1 has 4");
  EXPECT_MESSAGE(vmap(add)(ones(3), ones(3)[0]), "argument 1 of shape [] has no axis 0; mark it shared");
  EXPECT_MESSAGE((vmap(add, {.in = {0}})(ones(3), ones(3))), ".in has 1 axes for 2 arguments");
  EXPECT_MESSAGE((vmap(add, {.in = {shared, shared}})(ones(3), ones(3))), "vmap: no argument is mapped");
  EXPECT_MESSAGE(vmap([](Line l) { return l.slope; })(Line{ones(3), ones(2)}), "argument 0.slope has 3 slices, argument 0.intercept has 2");
}

TEST(Custom, Jvp) {
  auto f = custom_jvp([](Tensor x) { return select(x < 0.693, log(-expm1(-x)), log1p(-exp(-x))); },
                      [](Tensor x, Tensor dx) { return dx / expm1(x); });
  Tensor x{1e-10, 0.5, 3.0};
  EXPECT_CLOSE(f(x), log1mexp(x), 1e-15);
  EXPECT_CLOSE(grad([&](Tensor v) { return sum(f(v)); })(x), 1.0 / expm1(x), 1e-15);
  EXPECT_CLOSE(vmap(grad(f))(x), 1.0 / expm1(x), 1e-15);
  EXPECT_CLOSE(grad(grad(f))(0.5), -exp(scalar(0.5)) / square(expm1(scalar(0.5))), 1e-14);
  EXPECT_EQ(jvp(f, Tensor(0.5), 2.0).second.item(), 2 / std::expm1(0.5));
}

TEST(Custom, Vjp) {
  auto clip = custom_vjp([](Tensor x) { return x; }, [](Tensor x) { return std::pair{x, x}; },
                         [](Tensor, Tensor ct) { return clamp(ct, -1.0, 1.0); });
  Tensor x{1.0, 2.0};
  EXPECT_TENSOR(clip(x), x);
  EXPECT_TENSOR(grad([&](Tensor v) { return sum(5.0 * clip(v)); })(x), Tensor{1.0, 1.0});
  EXPECT_TENSOR(vmap(grad([&](Tensor v) { return -0.5 * clip(v); }))(x), Tensor{-0.5, -0.5});
  auto two = custom_vjp([](Tensor a, Tensor b) { return a * b; },
                        [](Tensor a, Tensor b) { return std::pair{a * b, std::tuple{a, b}}; },
                        [](std::tuple<Tensor, Tensor> r, Tensor ct) { return std::tuple{10.0 * std::get<1>(r) * ct, std::get<0>(r) * ct}; });
  auto [da, db] = grad<0, 1>(two)(2.0, 3.0);
  EXPECT_EQ(da.item(), 30);
  EXPECT_EQ(db.item(), 2);
  auto wrong = custom_vjp([](Tensor a) { return sum(a); }, [](Tensor a) { return std::pair{sum(a), a}; }, [](Tensor, Tensor ct) { return ones(7) * ct; });
  EXPECT_MESSAGE(grad(wrong)(ones(3)), "custom_vjp: ");
}

TEST(Compositions, EveryOrder) {
  Tensor x{0.1, 0.2, 0.3};
  Tensor h = hessian(product)(x);
  EXPECT_CLOSE(jacobian(grad(product))(x), h, 1e-15);
  for (int i = 0; i < 3; ++i) EXPECT_CLOSE(grad([&](Tensor v) { return grad(product)(v)[i]; })(x), h[i], 1e-14);
  // grad(vmap) and vmap(grad)
  Tensor rows = matrix();
  auto per_row = [](Tensor v) { return prod(exp(v)) * v[0]; };
  EXPECT_CLOSE(grad([&](Tensor m) { return sum(vmap(per_row)(m)); })(rows), vmap(grad(per_row))(rows), 1e-14);
  // jvp of vjp
  auto pulled = [&](Tensor v) { return vjp(product, v).second(1.0); };
  EXPECT_CLOSE(jvp(pulled, x, Tensor{0.0, 1.0, 0.0}).second, h[1], 1e-14);
  // vjp of jvp
  EXPECT_CLOSE(grad([&](Tensor v) { return jvp(product, v, Tensor{1.0, 0.0, 0.0}).second; })(x), h[0], 1e-14);
  // vmap of hessian
  Tensor many = stack({x, 2.0 * x});
  EXPECT_CLOSE(vmap(hessian(product))(many)[1], hessian(product)(2.0 * x), 1e-14);
  // loops inside
  auto filter = [](Tensor v) {
    return scan(Tensor(0.0), v, [](Tensor s, Tensor e) { return std::pair{tanh(s + e), s}; }).first;
  };
  EXPECT_CLOSE(grad(filter)(x), differences(filter, x), 1e-8);
  EXPECT_CLOSE(vmap(grad(filter))(many)[0], grad(filter)(x), 1e-14);
  EXPECT_CLOSE(hessian(filter)(x)[0], differences([&](Tensor v) { return grad(filter)(v)[0]; }, x), 1e-7);
  auto step = [](Tensor v) { return cond(v > 0.0, [&] { return v * v; }, [&] { return exp(v); }); };
  EXPECT_CLOSE(vmap(grad(step))(Tensor{-1.0, 3.0}), Tensor{std::exp(-1.0), 6.0}, 1e-15);
  EXPECT_CLOSE(grad([&](Tensor v) { return sum(vmap(step)(v)); })(Tensor{-1.0, 3.0}), Tensor{std::exp(-1.0), 6.0}, 1e-15);
}
