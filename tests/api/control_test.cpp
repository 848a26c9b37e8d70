// Trees, loops and branches: values, carry types, messages, derivatives through them.
#include <map>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
struct Newton {
  Tensor x, step;
  static constexpr auto fields = names("x", "step");
};
struct Nested {
  Newton inner;
  std::vector<Tensor> list;
  int count = 0;
};
class Hidden {
 public:
  explicit Hidden(Tensor x = {}) : x_(std::move(x)) {}
  auto tree_members() { return std::tie(x_); }
  const Tensor& x() const { return x_; }

 private:
  Tensor x_;
};
}  // namespace

TEST(Tree, FlattenAndUnflatten) {
  Nested n{{1.0, 2.0}, {Tensor{3.0}, Tensor(4)}, 7};
  EXPECT_EQ(tree::flatten(n).size(), 4u);
  EXPECT_EQ(tree::paths(n), (std::vector<std::string>{"[0].x", "[0].step", "[1][0]", "[1][1]"}));
  Nested doubled = tree::map([](Tensor x) { return 2 * x; }, n);
  EXPECT_EQ(doubled.inner.step.item(), 4);
  EXPECT_EQ(doubled.list[1].item(), 8);
  EXPECT_EQ(doubled.count, 7);
  EXPECT_EQ(tree::map([](Tensor x) { return 2 * x; }, Tensor{1.0, 3.0}).to_vector(), (std::vector<double>{2, 6}));
  std::map<std::string, Tensor> m{{"a", 1.0}, {"b", 2.0}};
  EXPECT_EQ(tree::paths(m), (std::vector<std::string>{".a", ".b"}));
  EXPECT_EQ(tree::unflatten(m, {Tensor(5.0), Tensor(6.0)}).at("b").item(), 6);
  EXPECT_EQ(tree::flatten(std::tuple{Tensor(1.0), std::array<Tensor, 2>{2.0, 3.0}, Key(1)}).size(), 4u);
  EXPECT_EQ(tree::flatten(Hidden(1.0)).size(), 1u);
  EXPECT_EQ(tree::flatten(std::optional<Tensor>()).size(), 0u);
  EXPECT_NE(tree::structure(Nested{{}, {}, 1}), tree::structure(Nested{{}, {}, 2}));
  EXPECT_EQ(tree::structure(std::pair{Tensor(1.0), 2}), tree::structure(std::pair{Tensor(9.0), 2}));
}

TEST(Control, While) {
  auto f = [](Tensor x) { return x * x * x - 2.0; };
  Newton root = while_loop(
      Newton{1.0, 1.0}, [](Newton s) { return abs(s.step) > 1e-12; },
      [&](Newton s) {
        Tensor d = f(s.x) / grad(f)(s.x);
        return Newton{s.x - d, d};
      });
  EXPECT_NEAR(root.x.item(), std::cbrt(2.0), 1e-15);
  EXPECT_EQ(while_loop(0, [](Tensor i) { return i < 5; }, [](Tensor i) { return i + 2; }).item(), 6);
  EXPECT_EQ(while_loop(1.0, [](Tensor) { return Tensor(true); }, [](Tensor x) { return 2.0 * x; }, {.max_trip = 3}).item(), 8);
}

TEST(Control, Fori) {
  EXPECT_EQ(fori_loop(1, 11, Tensor(1.0), [](Tensor i, Tensor acc) { return acc * i; }).item(), 3628800);
  EXPECT_EQ(fori_loop(3, 3, 5.0, [](Tensor, Tensor x) { return x + 1.0; }).item(), 5);
  EXPECT_EQ(fori_loop(5, 3, 5.0, [](Tensor, Tensor x) { return x + 1.0; }).item(), 5);
  EXPECT_EQ(fori_loop(-2, 3, 0, [](Tensor i, Tensor x) { return x + i; }).item(), 0);
  auto [a, b] = fori_loop(0, 5, std::pair{0, 1}, [](Tensor, std::pair<Tensor, Tensor> p) { return std::pair{p.second, p.first + p.second}; });
  EXPECT_EQ(a.item(), 5);
  Tensor traced = vmap([](Tensor n) { return fori_loop(0, n, Tensor(0), [](Tensor i, Tensor s) { return s + i; }); })(Tensor{0, 3, 5});
  EXPECT_TENSOR(traced, Tensor{0, 3, 10});
}

TEST(Control, Scan) {
  Tensor e{1.0, 2.0, 3.0};
  auto step = [](Tensor level, Tensor x) {
    Tensor now = 0.5 * level + x;
    return std::pair{now, now};
  };
  auto [last, path] = scan(Tensor(0.0), e, step);
  EXPECT_TENSOR(path, Tensor{1.0, 2.5, 4.25});
  EXPECT_EQ(last.item(), 4.25);
  auto [first, back] = scan(Tensor(0.0), e, step, {.reverse = true});
  EXPECT_TENSOR(back, Tensor{2.75, 3.5, 3.0});
  auto [n, steps] = scan(Tensor(0), 4, [](Tensor c, Tensor i) { return std::pair{c + 1, i * i}; });
  EXPECT_EQ(n.item(), 4);
  EXPECT_TENSOR(steps, Tensor{0, 1, 4, 9});
  auto [both, ys] = scan(Newton{0.0, 1.0}, std::pair{e, reshape(arange(6), {3, 2})}, [](Newton c, std::pair<Tensor, Tensor> x) {
    return std::pair{Newton{c.x + x.first, c.step * 2.0}, std::tuple{x.second, 1.5}};
  });
  EXPECT_EQ(both.x.item(), 6);
  EXPECT_EQ(both.step.item(), 8);
  EXPECT_TENSOR(std::get<0>(ys), reshape(arange(6), {3, 2}));
  EXPECT_TENSOR(std::get<1>(ys), Tensor{1.5, 1.5, 1.5});
}

TEST(Control, Cond) {
  Tensor x = 4.0;
  EXPECT_EQ(cond(x > 0.0, [&] { return sqrt(x); }, [&] { return -x; }).item(), 2);
  EXPECT_EQ(cond(x < 0.0, [&] { return sqrt(x); }, [&] { return -x; }).item(), -4);
  EXPECT_EQ(cond(Tensor(true), [] { return 1; }, [] { return 2.5; }).dtype(), f64);
  Newton n = cond(Tensor(false), [&] { return Newton{x, 1.0}; }, [&] { return Newton{2.0, x}; });
  EXPECT_EQ(n.step.item(), 4);
}

TEST(Control, LiteralCarriesFollowTheBody) {
  EXPECT_EQ(fori_loop(0, 2, Tensor(0), [](Tensor, Tensor s) { return s + Tensor{0.5}[0]; }).dtype(), f64);
  Tensor single = ones(3, f32);
  auto [total, none] = scan(Tensor(0.0), single, [](Tensor s, Tensor x) { return std::pair{s + x, s}; });
  EXPECT_EQ(total.dtype(), f32);
  EXPECT_EQ(none.dtype(), f32);
  EXPECT_EQ(while_loop(Tensor(1.0), [](Tensor x) { return x < 4.0; }, [](Tensor x) { return x + Tensor{1}[0]; }).dtype(), f64);
  EXPECT_EQ(fori_loop(0, 2, ones(1)[0], [](Tensor, Tensor) { return 7; }).item(), 7);
}

TEST(Control, Messages) {
  EXPECT_MESSAGE((fori_loop(0, 2, Newton{1.0, 1.0}, [](Tensor, Newton s) { return Newton{s.x, zeros(3)}; })),
                 "fori_loop: the carry .step starts as f64[] and comes back as f64[3]");
  EXPECT_MESSAGE((scan(zeros(2, f32), ones(2), [](Tensor c, Tensor x) { return std::pair{c + x, x}; })),
                 "scan: the carry starts as f32[2] and comes back as f64[2]");
  EXPECT_MESSAGE((scan(0.0, std::pair{ones(2), ones(3)}, [](Tensor c, std::pair<Tensor, Tensor>) { return std::pair{c, c}; })),
                 "scan: leading extents differ: xs[0] has 2, xs[1] has 3");
  EXPECT_MESSAGE((scan(0.0, Tensor(1.0), [](Tensor c, Tensor) { return std::pair{c, c}; })), "xs is a scalar and has no leading axis");
  EXPECT_MESSAGE((while_loop(1.0, [](Tensor x) { return x; }, [](Tensor x) { return x; })),
                 "while_loop: the condition is f64[], not a bool scalar");
  EXPECT_MESSAGE((cond(Tensor{true, false}, [] { return 1; }, [] { return 2; })), "use select(p, a, b) elementwise");
  EXPECT_MESSAGE((cond(Tensor(true), [] { return zeros(2); }, [] { return zeros(3); })),
                 "cond: the branches return f64[2] and f64[3] for the result");
  EXPECT_MESSAGE((fori_loop(0.5, 2, 1.0, [](Tensor, Tensor x) { return x; })), "indices are integers, not f64[]");
  EXPECT_MESSAGE((fori_loop(0, 2, Nested{{1.0, 1.0}, {}, 1}, [](Tensor, Nested n) { return Nested{n.inner, {}, n.count + 1}; })),
                 "the static parts of a tree (numbers, enums, sizes) changed");
  Tensor kept;
  fori_loop(0, 2, 1.0, [&](Tensor, Tensor x) { return kept = x; });
  EXPECT_THROW(kept + 1.0, EscapedTracer);
  EXPECT_MESSAGE((grad([&](Tensor x) {
                   fori_loop(0, 2, x, [&](Tensor, Tensor y) { return kept = y * 2.0; });
                   return kept;
                 })(1.0)),
                 "outside the loop body or branch it was made in");
  const int line = __LINE__ + 1;
  std::string text = message([] { fori_loop(0, 2, 1.0, [](Tensor, Tensor) { return zeros(2); }); });
  EXPECT_EQ(text.find("control_test.cpp:" + std::to_string(line)), 0u) << text;
}

TEST(Control, ErrorsLeaveTheThreadUsable) {
  for (int bad = 0; bad < 3; ++bad)
    EXPECT_MESSAGE((fori_loop(0, 3, 1.0, [](Tensor, Tensor x) { return x + zeros(2) + zeros(3); })), "cannot broadcast [2] with [3]");
  EXPECT_FALSE(detail::tracing_now());
  EXPECT_EQ(fori_loop(0, 3, 1.0, [](Tensor, Tensor x) { return x * 2.0; }).item(), 8);
}

TEST(Control, Derivatives) {
  Tensor slope = grad([](Tensor a) { return fori_loop(0, 5, a, [](Tensor, Tensor s) { return sin(s); }); })(Tensor(0.3));
  double s = 0.3, expected = 1;
  for (int i = 0; i < 5; ++i) expected *= std::cos(s), s = std::sin(s);
  EXPECT_NEAR(slope.item(), expected, 1e-15);

  auto ar = [](Tensor x) {
    auto [last, path] = scan(x[0], x, [](Tensor level, Tensor e) {
      Tensor now = 0.9 * tanh(level) + e;
      return std::pair{now, square(now)};
    });
    return last + sum(path);
  };
  Tensor x{0.3, -1.0, 2.0, 0.1};
  EXPECT_CLOSE(grad(ar)(x), differences(ar, x), 1e-8);
  auto branch = [](Tensor v) { return cond(sum(v) > 0.0, [&] { return sum(exp(v)); }, [&] { return prod(v); }); };
  EXPECT_CLOSE(grad(branch)(x), exp(x), 1e-15);
  EXPECT_CLOSE(grad(branch)(-x), differences(branch, -x), 1e-8);
  auto power = [](Tensor a) { return while_loop(a, [](Tensor v) { return v < 10.0; }, [](Tensor v) { return v * v; }, {.max_trip = 8}); };
  EXPECT_CLOSE(grad(power)(Tensor(1.5)), Tensor(8 * std::pow(1.5, 7)).cast(f64), 1e-13);
  auto [v, t] = jvp([](Tensor a) { return while_loop(a, [](Tensor u) { return u < 10.0; }, [](Tensor u) { return u * u; }); }, Tensor(1.5), 1.0);
  EXPECT_NEAR(t.item(), 8 * std::pow(1.5, 7), 1e-12);
  EXPECT_MESSAGE((grad([](Tensor a) { return while_loop(a, [](Tensor u) { return u < 10.0; }, [](Tensor u) { return u * u; }); })(1.5)), "while");
}
