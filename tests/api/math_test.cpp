// Elementwise and special functions and reductions: hand values, edge cases, gradients against differences.
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
constexpr double inf = INFINITY;
using Function = Tensor (*)(const Tensor&, Where);

void check(const char* what, Function f, double (*reference)(double), std::vector<double> at, double tolerance = 1e-14) {
  SCOPED_TRACE(what);
  for (double x : at) EXPECT_CLOSE(f(Tensor(x), Where()).cast(f64), Tensor(reference(x)).cast(f64), tolerance);
  auto total = [&](Tensor x) { return sum(f(x, Where())); };
  Tensor x(at);
  EXPECT_CLOSE(grad(total)(x), differences(total, x, 1e-6), 2e-7);
}
}  // namespace

TEST(Math, FunctionsAndTheirGradients) {
  check("exp", exp, [](double x) { return std::exp(x); }, {-2, 0, 1});
  check("expm1", expm1, [](double x) { return std::expm1(x); }, {-2, 1e-8, 1});
  check("exp2", exp2, [](double x) { return std::exp2(x); }, {-2, 0.5, 3});
  check("log", log, [](double x) { return std::log(x); }, {0.1, 1, 7});
  check("log1p", log1p, [](double x) { return std::log1p(x); }, {-0.5, 1e-8, 7});
  check("log2", log2, [](double x) { return std::log2(x); }, {0.1, 8});
  check("log10", log10, [](double x) { return std::log10(x); }, {0.1, 1000});
  check("sqrt", sqrt, [](double x) { return std::sqrt(x); }, {0.25, 2});
  check("rsqrt", rsqrt, [](double x) { return 1 / std::sqrt(x); }, {0.25, 2});
  check("reciprocal", reciprocal, [](double x) { return 1 / x; }, {-0.25, 2});
  check("square", square, [](double x) { return x * x; }, {-3, 2});
  check("cube", cube, [](double x) { return x * x * x; }, {-3, 2});
  check("abs", abs, [](double x) { return std::abs(x); }, {-3, 2});
  check("sin", sin, [](double x) { return std::sin(x); }, {-3, 0, 2});
  check("cos", cos, [](double x) { return std::cos(x); }, {-3, 0, 2});
  check("tan", tan, [](double x) { return std::tan(x); }, {-1, 0, 1.2});
  check("asin", asin, [](double x) { return std::asin(x); }, {-0.9, 1e-9, 0.5});
  check("acos", acos, [](double x) { return std::acos(x); }, {-0.9, 0.1, 0.5});
  check("atan", atan, [](double x) { return std::atan(x); }, {-9, 0, 0.5});
  check("sinh", sinh, [](double x) { return std::sinh(x); }, {-3, 1e-9, 2});
  check("cosh", cosh, [](double x) { return std::cosh(x); }, {-3, 0.1, 2});
  check("tanh", tanh, [](double x) { return std::tanh(x); }, {-3, 0, 0.2});
  check("asinh", asinh, [](double x) { return std::asinh(x); }, {-3, 1e-9, 20});
  check("acosh", acosh, [](double x) { return std::acosh(x); }, {1.2, 3, 20});
  check("atanh", atanh, [](double x) { return std::atanh(x); }, {-0.9, 1e-9, 0.5});
  check("sigmoid", sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, {-3, 0, 2});
  check("logit", logit, [](double x) { return std::log(x / (1 - x)); }, {0.1, 0.7});
  check("softplus", softplus, [](double x) { return std::log1p(std::exp(x)); }, {-3, 0, 2});
  check("log_sigmoid", log_sigmoid, [](double x) { return -std::log1p(std::exp(-x)); }, {-3, 0, 2});
  check("log1mexp", log1mexp, [](double x) { return std::log(-std::expm1(-x)); }, {0.05, 0.5, 1, 3});
  check("erf", erf, [](double x) { return std::erf(x); }, {-1, 0, 2});
  check("erfc", erfc, [](double x) { return std::erfc(x); }, {-1, 0, 2});
  check("ndtr", ndtr, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }, {-3, 0, 2});
  check("log_ndtr", log_ndtr, [](double x) { return std::log(0.5 * std::erfc(-x / std::sqrt(2.0))); }, {-12, -5.5, -1, 0.5, 3});
  check("lgamma", lgamma, [](double x) { return std::lgamma(x); }, {0.3, 2.5, 9}, 1e-13);
}

TEST(Math, FarOut) {
  EXPECT_EQ(sinh(Tensor(800.0)).item(), inf);
  EXPECT_CLOSE(sinh(Tensor(710.0)).cast(f64), Tensor(std::sinh(710.0)).cast(f64), 1e-13);
  EXPECT_CLOSE(asinh(Tensor(1e300)).cast(f64), Tensor(std::asinh(1e300)).cast(f64), 1e-14);
  EXPECT_CLOSE(acosh(Tensor(1e300)).cast(f64), Tensor(std::acosh(1e300)).cast(f64), 1e-14);
  EXPECT_CLOSE(log_ndtr(Tensor(-40.0)).cast(f64), Tensor(-804.6084420137538).cast(f64), 1e-14);
  EXPECT_EQ(log_ndtr(Tensor(40.0)).item(), 0);
  EXPECT_CLOSE(ndtri(ndtr(Tensor(-1.25))).cast(f64), Tensor(-1.25).cast(f64), 1e-13);
  EXPECT_EQ(softplus(Tensor(1000.0)).item(), 1000);
}

TEST(Math, GammaFamily) {
  EXPECT_CLOSE(digamma(Tensor(1.0)).cast(f64), Tensor(-0.57721566490153286).cast(f64), 1e-14);
  EXPECT_CLOSE(trigamma(Tensor(1.0)).cast(f64), Tensor(1.6449340668482264).cast(f64), 1e-14);
  EXPECT_CLOSE(betaln(2.0, 3.0).cast(f64), Tensor(std::log(1.0 / 12)).cast(f64), 1e-14);
  EXPECT_CLOSE(log_binomial(10, 3).cast(f64), Tensor(std::log(120.0)).cast(f64), 1e-14);
  EXPECT_CLOSE(multigammaln(3.0, 2).cast(f64), Tensor(0.5 * std::log(M_PI) + std::lgamma(3.0) + std::lgamma(2.5)).cast(f64), 1e-14);
  EXPECT_MESSAGE(multigammaln(3.0, 0), "multigammaln: dimension 0 is below 1");
}

TEST(Math, TwoOperands) {
  EXPECT_TENSOR(maximum(Tensor{1.0, 5.0}, 3.0), Tensor{3.0, 5.0});
  EXPECT_TENSOR(minimum(Tensor{1, 5}, 3), Tensor{1, 3});
  EXPECT_TENSOR(clamp(Tensor{-2.0, 0.5, 9.0}, -1.0, 1.0), Tensor{-1.0, 0.5, 1.0});
  EXPECT_TENSOR(grad([](Tensor x) { return sum(clamp(x, -1.0, 1.0)); })(Tensor{-2.0, 0.5, 9.0}), Tensor{0.0, 1.0, 0.0});
  EXPECT_CLOSE(atan2(Tensor{1.0, -1.0}, Tensor{-1.0, 1.0}), Tensor{3 * M_PI / 4, -M_PI / 4}, 1e-15);
  EXPECT_TENSOR(pow(Tensor{2.0, 3.0}, 3), Tensor{8.0, 27.0});
  EXPECT_TENSOR(pow(Tensor{4.0, 9.0}, 0.5), Tensor{2.0, 3.0});
  EXPECT_CLOSE(pow(Tensor{2.0, 3.0}, Tensor{1.5, -2.0}), Tensor{std::pow(2, 1.5), 1.0 / 9}, 1e-15);
  EXPECT_EQ(fma(Tensor(3.0), 4.0, 5.0).item(), 17);
  EXPECT_EQ(relu(Tensor(-2.0)).item(), 0);
}

TEST(Math, SelectAndPredicates) {
  Tensor x{1.0, NAN, inf};
  EXPECT_TENSOR(isnan(x), Tensor{false, true, false});
  EXPECT_TENSOR(isinf(x), Tensor{false, false, true});
  EXPECT_TENSOR(isfinite(x), Tensor{true, false, false});
  EXPECT_TENSOR(select(x > 2.0, 1.0, x), Tensor{1.0, double(NAN), 1.0});
  EXPECT_EQ(where(Tensor{true, false}, ones(2, f32), 0.0).dtype(), f32);
  EXPECT_MESSAGE(select(x, 1.0, 2.0), "select: the condition is f64[3], not bool");
  EXPECT_TENSOR(logical_and(Tensor{1.0, 0.0}, Tensor{true, true}), Tensor{true, false});
  EXPECT_TENSOR(logical_not(Tensor{1, 0}), Tensor{false, true});
}

TEST(Math, GradientsStayFinite) {
  auto at = [](auto f, double x) { return grad(f)(Tensor(x)).item(); };
  EXPECT_EQ(at([](Tensor x) { return xlogy(0.0, x); }, 0.0), 0);
  EXPECT_EQ(grad<1>([](Tensor x, Tensor y) { return xlogy(x, y); })(Tensor(2.0), Tensor(4.0)).item(), 0.5);
  EXPECT_EQ(at([](Tensor x) { return xlog1py(x, -1.0); }, 0.0), 0);
  EXPECT_TRUE(std::isfinite(at([](Tensor x) { return log1mexp(x); }, 50.0)));
  EXPECT_TRUE(std::isfinite(at([](Tensor x) { return log_ndtr(x); }, -200.0)));
  EXPECT_EQ(at([](Tensor x) { return logaddexp(x, -inf); }, 2.0), 1);
  EXPECT_EQ(at([](Tensor x) { return logaddexp(x, x); }, -inf), 0);
  EXPECT_EQ(logaddexp(-inf, -inf).item(), -inf);
  EXPECT_EQ(logaddexp(inf, 3.0).item(), inf);
  EXPECT_CLOSE(logaddexp(1000.0, 1001.0).cast(f64), Tensor(1001 + std::log1p(std::exp(-1.0))).cast(f64), 1e-15);
}

TEST(Reductions, HandValues) {
  Tensor x{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}};
  EXPECT_EQ(sum(x).item(), 21);
  EXPECT_TENSOR(sum(x, 0), Tensor{5.0, 7.0, 9.0});
  EXPECT_TENSOR(sum(x, -1), Tensor{6.0, 15.0});
  EXPECT_TENSOR(sum(x, {.axis = 1, .keepdims = true}), reshape(Tensor{6.0, 15.0}, {2, 1}));
  EXPECT_EQ(sum(x, {.axis = {0, 1}, .keepdims = true}).shape(), Shape({1, 1}));
  EXPECT_TENSOR(mean(x, 0), Tensor{2.5, 3.5, 4.5});
  EXPECT_EQ(mean(arange(4)).item(), 1.5);
  EXPECT_EQ(prod(x).item(), 720);
  EXPECT_TENSOR(max(x, 1), Tensor{3.0, 6.0});
  EXPECT_EQ(min(x).item(), 1);
  EXPECT_TENSOR(all_of(x > 1.0, 1), Tensor{false, true});
  EXPECT_TENSOR(any_of(x > 5.0, 1), Tensor{false, true});
  EXPECT_EQ(count_nonzero(x > 2.0).item(), 4);
  EXPECT_EQ(sum(Tensor{true, true}).dtype(), i64);
  EXPECT_EQ(variance(Tensor{1.0, 2.0, 3.0, 4.0}).item(), 1.25);
  EXPECT_CLOSE(stddev(x, {.axis = 1, .ddof = 1}), Tensor{1.0, 1.0}, 1e-15);
  EXPECT_EQ(argmax(x).item(), 5);
  EXPECT_TENSOR(argmin(x, 1), Tensor{0, 0});
  EXPECT_TENSOR(cumsum(x, 1), Tensor{{1.0, 3.0, 6.0}, {4.0, 9.0, 15.0}});
  EXPECT_TENSOR(cumsum(Tensor{1, 2, 3}, {.reverse = true}), Tensor{6, 5, 3});
  EXPECT_TENSOR(cumprod(Tensor{1, 2, 3}), Tensor{1, 2, 6});
  EXPECT_TENSOR(cummax(Tensor{1, 3, 2}), Tensor{1, 3, 3});
  EXPECT_TENSOR(cummin(Tensor{3, 1, 2}), Tensor{3, 1, 1});
  EXPECT_CLOSE(cumlogsumexp(log(Tensor{1.0, 2.0, 3.0})), log(Tensor{1.0, 3.0, 6.0}), 1e-15);
}

TEST(Reductions, Logsumexp) {
  EXPECT_CLOSE(logsumexp(Tensor{1000.0, 1000.0}), Tensor(1000 + std::log(2.0)).cast(f64), 1e-15);
  EXPECT_EQ(logsumexp(Tensor{-inf, -inf}).item(), -inf);
  EXPECT_TENSOR(logsumexp(Tensor{{-inf, 0.0}, {-inf, -inf}}, 1), Tensor{0.0, -inf});
  EXPECT_TENSOR(grad([](Tensor x) { return logsumexp(x); })(Tensor{-inf, -inf}), Tensor{0.0, 0.0});
  EXPECT_EQ(logsumexp(zeros({2, 3}), {.axis = 1, .keepdims = true}).shape(), Shape({2, 1}));
  Tensor x{0.3, -1.0, 2.0};
  EXPECT_CLOSE(grad([](Tensor v) { return logsumexp(v); })(x), softmax(x), 1e-15);
  EXPECT_CLOSE(exp(log_softmax(x)), softmax(x), 1e-15);
  auto f = [](Tensor v) { return sum(softmax(v) * Tensor{1.0, 2.0, 4.0}) + stddev(v) + sum(cumlogsumexp(v)); };
  EXPECT_CLOSE(grad(f)(x), differences(f, x), 1e-8);
}

TEST(Reductions, Messages) {
  EXPECT_MESSAGE((sum(zeros({2, 3}), 2)), "sum: axis 2 is not an axis of shape [2, 3]");
  EXPECT_MESSAGE((sum(zeros({2, 3}), {.axis = {0, -2}})), "axis -2 is given twice");
  EXPECT_MESSAGE(max(zeros(0)), "max: no elements in shape [0]");
  EXPECT_MESSAGE(mean(zeros(0)), "mean: no elements in shape [0]");
  EXPECT_MESSAGE((variance(zeros(1), {.ddof = 1})), "too few elements in shape [1] with ddof 1");
  EXPECT_MESSAGE(argmax(zeros(0)), "argmax: axis 0 of shape [0] is empty");
  const int line = __LINE__ + 1;
  EXPECT_EQ(message([] { variance(zeros(0)); }).find("math_test.cpp:" + std::to_string(line)), 0u);
}
