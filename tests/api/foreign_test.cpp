// Foreign code as an operation: eager, compiled, mapped, differentiated, in chains; what goes wrong with it.
#include <nuthatch/foreign.h>

#include <stdexcept>

#include "nuthatch/detail/executor.h"
#include "tests/api/helpers.h"

using namespace nuthatch;

extern "C" {
static void foreign_cosine(const double* const* in, double* out, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = std::cos(in[0][i]);
}
static void foreign_horner(const double* const* in, double* out, std::int64_t n) {  // in[1][0..2] polynomial at in[0]
  for (std::int64_t i = 0; i < n; ++i) out[i] = in[1][0] + in[0][i] * (in[1][1] + in[0][i] * in[1][2]);
}
static void foreign_ranges(const ForeignCall* c) {  // smallest and largest element, and their number
  const auto* x = static_cast<const float*>(c->inputs[0]);
  auto* range = static_cast<float*>(c->results[0]);
  range[0] = range[1] = x[0];
  for (std::int64_t i = 1; i < c->input_sizes[0]; ++i) {
    range[0] = std::min(range[0], x[i]);
    range[1] = std::max(range[1], x[i]);
  }
  *static_cast<std::int64_t*>(c->results[1]) = c->input_sizes[0];
}
static void foreign_throws(const double* const* in, double* out, std::int64_t) {
  if (in[0][0] < 0) throw std::runtime_error("negative input");
  out[0] = in[0][0];
}
}

namespace {
Foreign cosine(bool elementwise) {
  return foreign({.name = elementwise ? "test_cosine_elementwise" : "test_cosine",
                  .shape = [](std::vector<Shape> in) { return in[0]; },
                  .cpu = foreign_cosine,
                  .vjp = [](std::vector<Tensor> in, Tensor ct) { return std::vector<Tensor>{-sin(in[0]) * ct}; },
                  .elementwise = elementwise});
}
}  // namespace

TEST(Foreign, CompiledMappedAndDifferentiated) {
  const Tensor x{0.1, 0.5, 3.0}, many = normal(Key(1), {4, 3});
  for (bool elementwise : {false, true}) {
    const Foreign op = cosine(elementwise);
    EXPECT_CLOSE(op(x), cos(x), 1e-15);
    EXPECT_CLOSE(jit([&](Tensor x) { return op(x) * 2.0; })(x), 2.0 * cos(x), 1e-15);
    EXPECT_CLOSE(jit(vmap([&](Tensor x) { return op(sin(x)); }))(many), cos(sin(many)), 1e-15);
    EXPECT_CLOSE(vmap(vmap([&](Tensor x) { return op(x); }))(many), cos(many), 1e-15);
    auto total = [&](Tensor x) { return sum(op(x) * x); };
    EXPECT_CLOSE(jit(grad(total))(x), cos(x) - x * sin(x), 1e-15);
    EXPECT_CLOSE(jit(vmap(grad(total)))(many), cos(many) - many * sin(many), 1e-15);
    EXPECT_CLOSE(jvp([&](Tensor x) { return op(x); }, x, ones_like(x)).second, -sin(x), 1e-15);
    EXPECT_CLOSE(jit([&](Tensor x) { return fori_loop(0, 3, x, [&](Tensor, Tensor x) { return op(x); }); })(x), cos(cos(cos(x))), 1e-15);
  }
}

TEST(Foreign, InputsOfDifferentShapes) {
  const Foreign op = foreign({.name = "test_horner", .cpu = foreign_horner});
  const Tensor x{1.0, 2.0, 3.0}, c{1.0, -2.0, 0.5}, cs = reshape(Tensor{1.0, -2.0, 0.5, 0.0, 1.0, 0.0}, {2, 3});
  auto polynomial = [](Tensor x, Tensor c) { return c[0] + x * (c[1] + x * c[2]); };
  EXPECT_CLOSE(jit([&](Tensor x, Tensor c) { return op(x, c); })(x, c), polynomial(x, c), 1e-15);
  EXPECT_CLOSE(jit(vmap([&](Tensor x, Tensor c) { return op(x, c); }, {.in = {shared, 0}}))(x, cs),
               vmap(polynomial, {.in = {shared, 0}})(x, cs), 1e-15);
  // Integers and literals become f64.
  EXPECT_CLOSE(op(Tensor{1, 2}, c), polynomial(Tensor{1.0, 2.0}, c), 1e-15);
}

TEST(Foreign, GeneralKernelsOfAnyTypes) {
  register_kernel("test_ranges", foreign_ranges);
  auto f = [](Tensor x) {
    auto r = custom_call("test_ranges", {x}, {{f32, {2}}, {i64, {}}});
    return std::tuple{r[0], r[1]};
  };
  const Tensor x = Tensor{3.0, -1.0, 2.0}.cast(f32);
  auto [range, count] = jit(f)(x);
  EXPECT_TENSOR(range, (Tensor{-1.0, 3.0}.cast(f32)));
  EXPECT_TENSOR(count, Tensor(3).cast(i64));
  auto [ranges, counts] = jit(vmap(f))(reshape(Tensor{3.0, -1.0, 2.0, 9.0, 8.0, 7.0}.cast(f32), {2, 3}));
  EXPECT_TENSOR(ranges, reshape(Tensor{-1.0, 3.0, 7.0, 9.0}.cast(f32), {2, 2}));
  EXPECT_TENSOR(counts, (Tensor{3, 3}));
}

TEST(Foreign, InLanesOfChains) {
  for (bool elementwise : {false, true}) {
    const Foreign op = cosine(elementwise);
    auto program = detail::trace_program(
        {{f64, {3}}, {f64, {3}}},
        [&](const detail::Values& v) {
          return detail::Values{detail::value(op(detail::wrap(v[0]) * 2.0)), detail::value(op(detail::wrap(v[1])))};
        },
        std::source_location::current());
    const Tensor x = normal(Key(2), {6, 3}), y = normal(Key(3), {3});
    for (int width : {1, 4, 8}) {
      auto code = detail::executor().compile_lanes(program, {.width = width, .varying_argument = {true, false}, .varying_result = {true, true}});
      auto out = code->run({detail::value(x)->array, detail::value(y)->array}, 6, 2, {});
      EXPECT_CLOSE(detail::wrap(detail::concrete(out[0])), cos(2.0 * x), 1e-15);
      EXPECT_CLOSE(detail::wrap(detail::concrete(out[1])), broadcast_to(cos(y), {6, 3}), 1e-15);
    }
  }
}

TEST(Foreign, WhatGoesWrong) {
  auto contains = [](const std::string& text, const std::string& part) { return text.find(part) != text.npos; };
  const int line = __LINE__ + 1;
  const std::string unknown = message([] { custom_call("test_nobody", {Tensor(1.0)}, {{f64, {}}}); });
  EXPECT_EQ(unknown, "foreign_test.cpp:" + std::to_string(line) + ": custom_call: no function is registered under the name 'test_nobody'");
  EXPECT_TRUE(contains(message([] { foreign({.name = "test_cosine", .cpu = foreign_horner}); }), "is registered already"));
  EXPECT_TRUE(contains(message([] { foreign({.name = "test_empty"}); }), "has no code"));
  const Foreign plain = foreign({.name = "test_no_derivative", .cpu = foreign_cosine});
  EXPECT_TRUE(contains(message([&] { jit(grad([&](Tensor x) { return plain(x); }))(1.0); }),
                       "the foreign function 'test_no_derivative' has no derivative"));
  EXPECT_TRUE(contains(message([&] { jvp([&](Tensor x) { return plain(x); }, Tensor(1.0), Tensor(1.0)); }), "has no derivative"));
  EXPECT_CLOSE(jit(grad([&](Tensor x) { return x * plain(stop_gradient(x)); }))(0.5), cos(Tensor(0.5)), 1e-15);
  const Foreign throws = foreign({.name = "test_throws", .cpu = foreign_throws});
  auto f = jit([&](Tensor x) { return throws(x); });
  EXPECT_EQ(f(2.0).item(), 2.0);
  EXPECT_TRUE(contains(message([&] { f(-2.0); }), "foreign function 'test_throws': negative input"));
  EXPECT_TRUE(contains(message([&] { throws(Tensor(-2.0)); }), "negative input"));
}
