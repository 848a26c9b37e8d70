// Largest error of each special function against 113-bit arithmetic, over many
// random arguments: the figures of ir/math/README.md. Build with GCC:
//   g++ -std=gnu++20 -O2 -march=x86-64-v3 -ffp-contract=off -I. ir/math/tools/measure.cpp -lquadmath
// Usage: measure [millions of samples per row] [name]
#include "ir/math/math.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <quadmath.h>

namespace nh = nuthatch::math;
using quad = __float128;

namespace {

std::uint64_t counter = 0;
const nh::ThreefryKey<std::uint32_t> key{20, 26};
double uniform() {
  return nh::uniform_from_bits(nh::random_bits64(key, counter++));
}
double linear(double a, double b) { return a + (b - a) * uniform(); }
double logarithmic(double a, double b) {
  return std::exp(linear(std::log(a), std::log(b)));
}

double ulp_of(quad x, double at_least) {
  int e;
  frexpq(std::max<quad>(fabsq(x), at_least), &e);
  return std::ldexp(1.0, std::max(e - 53, -1074));
}

enum Spacing { kLinear, kLog, kNegativeLog };
double draw(Spacing s, double a, double b) {
  if (s == kLinear)
    return linear(a, b);
  const double x = logarithmic(a, b);
  return s == kLog ? x : -x;
}

long samples = 1000000;
const char *only = nullptr;

void report(const char *name, const char *domain, double worst, double at) {
  std::printf("%-10s %-28s %7.3f ulp at %.17g\n", name, domain, worst, at);
  std::fflush(stdout);
}

void row(const char *name, const char *domain, double (*f)(double),
         const std::function<quad(quad)> &exact, Spacing s, double a, double b,
         double at_least = 0.0) {
  if (only && std::strcmp(only, name))
    return;
  double worst = 0, at = a;
  for (long i = 0; i < samples; ++i) {
    const double x = draw(s, a, b);
    const quad want = exact(x);
    const double got = f(x);
    if (!std::isfinite(got) && std::isfinite(static_cast<double>(want))) {
      worst = nh::kInf, at = x;
      break;
    }
    const double error = static_cast<double>(fabsq(want - got)) / ulp_of(want, at_least);
    if (error > worst)
      worst = error, at = x;
  }
  report(name, domain, worst, at);
}

quad logistic_q(quad x) {
  return x > 0 ? 1 / (1 + expq(-x)) : expq(x) / (1 + expq(x));
}
quad erfcx_q(quad x) { return expq(x * x) * erfcq(x); }
quad softplus_q(quad x) { return log1pq(expq(-fabsq(x))) + (x > 0 ? x : 0); }

// Stirling's series after shifting to x >= 60; the reflection formulas below 0.
const double kBernoulli[][2] = {{1, 6},      {-1, 30},      {1, 42},     {-1, 30},
                                {5, 66},     {-691, 2730},  {7, 6},      {-3617, 510},
                                {43867, 798}, {-174611, 330}, {854513, 138}};
quad digamma_q(quad x) {
  if (x < 0)
    return digamma_q(1 - x) - M_PIq / tanq(M_PIq * (x - rintq(x)));
  quad sum = 0;
  for (; x < 60; x += 1)
    sum -= 1 / x;
  quad power = 1, series = 0;
  for (int k = 0; k < 11; ++k) {
    power /= x * x;
    series += quad(kBernoulli[k][0]) / kBernoulli[k][1] * power / (2 * k + 2);
  }
  return sum + logq(x) - 1 / (2 * x) - series;
}
quad trigamma_q(quad x) {
  if (x < 0) {
    const quad s = M_PIq / sinq(M_PIq * (x - rintq(x)));
    return s * s - trigamma_q(1 - x);
  }
  quad sum = 0;
  for (; x < 60; x += 1)
    sum += 1 / (x * x);
  quad power = 1 / x, series = 0;
  for (int k = 0; k < 11; ++k) {
    power /= x * x;
    series += quad(kBernoulli[k][0]) / kBernoulli[k][1] * power;
  }
  return sum + 1 / x + 1 / (2 * x * x) + series;
}

// Newton's method on the tail, from the double result.
quad erfc_inv_from(quad z, quad tail) {
  for (int i = 0; i < 3; ++i)
    z += (erfcq(z) - tail) * sqrtq(M_PIq) / 2 * expq(z * z);
  return z;
}
quad erf_inv_q(quad x) {
  const quad a = fabsq(x);
  quad z = fabsq(nh::erf_inv(static_cast<double>(x)));
  if (a < 0.5Q)
    for (int i = 0; i < 3; ++i)
      z -= (erfq(z) - a) * sqrtq(M_PIq) / 2 * expq(z * z);
  else
    z = erfc_inv_from(z, 1 - a);
  return x < 0 ? -z : z;
}
quad ndtri_q(quad p) {
  const quad tail = p < 0.5Q ? p : 1 - p;
  const quad z = tail > 0.25Q ? erf_inv_q(1 - 2 * tail)
                              : erfc_inv_from(fabsq(nh::ndtri(static_cast<double>(p))) * M_SQRT1_2q, 2 * tail);
  return (p < 0.5Q ? -1 : 1) * M_SQRT2q * z;
}
quad log_ndtr_q(quad x) {
  return x < 0 ? logq(erfcq(-x * M_SQRT1_2q) / 2)
               : log1pq(-erfcq(x * M_SQRT1_2q) / 2);
}

void pow_row(const char *domain, double x0, double x1, double size) {
  if (only && std::strcmp(only, "pow"))
    return;
  double worst = 0, at = 0, at_y = 0;
  for (long i = 0; i < samples; ++i) {
    const double x = logarithmic(x0, x1);
    const double y = linear(-size, size) / std::log(x);
    const quad want = powq(x, y);
    const double got = nh::pow(x, y);
    if (!(std::fabs(static_cast<double>(want)) < nh::kInf))
      continue;
    const double error =
        static_cast<double>(fabsq(want - got)) / ulp_of(want, 0);
    if (!(error <= worst))
      worst = error, at = x, at_y = y;
  }
  report("pow", domain, worst, at);
  std::printf("%40s y = %.17g\n", "", at_y);
}

void atan2_row() {
  if (only && std::strcmp(only, "atan2"))
    return;
  double worst = 0, at = 0;
  for (long i = 0; i < samples; ++i) {
    const double y = logarithmic(1e-3, 1e3) * (uniform() < 0.5 ? -1 : 1);
    const double x = logarithmic(1e-3, 1e3) * (uniform() < 0.5 ? -1 : 1);
    const quad want = atan2q(y, x);
    const double error =
        static_cast<double>(fabsq(want - nh::atan2(y, x))) / ulp_of(want, 0);
    if (!(error <= worst))
      worst = error, at = y;
  }
  report("atan2", "1e-3 .. 1e3, all quadrants", worst, at);
}

} // namespace

int main(int argc, char **argv) {
  if (argc > 1)
    samples = static_cast<long>(std::atof(argv[1]) * 1e6);
  if (argc > 2)
    only = argv[2];
#define ROW(name, exact, spacing, a, b)                                        \
  row(#name, #spacing " " #a " .. " #b, nh::name<double>, exact, spacing, a, b)
#define ROW_ABSOLUTE(name, exact, spacing, a, b)                               \
  row(#name, #spacing " " #a " .. " #b " abs", nh::name<double>, exact,        \
      spacing, a, b, 1.0)
  ROW(exp, expq, kLinear, -1, 1);
  ROW(exp, expq, kLinear, -745, 709.7);
  ROW(expm1, expm1q, kLinear, -1, 1);
  ROW(expm1, expm1q, kLinear, -45, 709.7);
  ROW(expm1, expm1q, kLog, 1e-20, 1);
  ROW(log, logq, kLinear, 0.5, 2);
  ROW(log, logq, kLog, 1e-320, 1e308);
  ROW(log1p, log1pq, kLinear, -0.999999, 3);
  ROW(log1p, log1pq, kLog, 1e-20, 1e300);
  ROW(log1p, log1pq, kNegativeLog, 1e-20, 1);
  ROW(tanh, tanhq, kLinear, -22, 22);
  ROW(tanh, tanhq, kLinear, -1, 1);
  ROW(tanh, tanhq, kLog, 1e-20, 1);
  ROW(logistic, logistic_q, kLinear, -3, 3);
  ROW(logistic, logistic_q, kLinear, -740, 40);
  ROW(softplus, softplus_q, kLinear, -3, 3);
  ROW(softplus, softplus_q, kLinear, -740, 40);
  ROW(sin, sinq, kLinear, -10, 10);
  ROW(sin, sinq, kLog, 1e-10, 1e9);
  ROW(sin, sinq, kLog, 1e9, 1e300);
  ROW(cos, cosq, kLinear, -10, 10);
  ROW(cos, cosq, kLog, 1, 1e9);
  ROW(cos, cosq, kLog, 1e9, 1e300);
  ROW(tan, tanq, kLinear, -10, 10);
  ROW(tan, tanq, kLog, 1e-10, 1e9);
  ROW(tan, tanq, kLog, 1e9, 1e300);
  ROW(atan, atanq, kLinear, -4, 4);
  ROW(atan, atanq, kLog, 1e-20, 1e20);
  atan2_row();
  ROW(asin, asinq, kLinear, -1, 1);
  ROW(acos, acosq, kLinear, -1, 1);
  ROW(sinh, sinhq, kLinear, -3, 3);
  ROW(sinh, sinhq, kLinear, -710, 710.4);
  ROW(sinh, sinhq, kLog, 1e-20, 1);
  ROW(cosh, coshq, kLinear, -3, 3);
  ROW(cosh, coshq, kLinear, -710, 710.4);
  ROW(asinh, asinhq, kLinear, -3, 3);
  ROW(asinh, asinhq, kLog, 1e-20, 1e300);
  ROW(acosh, acoshq, kLinear, 1, 3);
  ROW(acosh, acoshq, kLog, 1, 1e300);
  ROW(atanh, atanhq, kLinear, -1, 1);
  ROW(atanh, atanhq, kLog, 1e-20, 1);
  ROW(exp2, exp2q, kLinear, -1, 1);
  ROW(exp2, exp2q, kLinear, -1074, 1024);
  ROW(log2, log2q, kLinear, 0.5, 2);
  ROW(log2, log2q, kLog, 1e-320, 1e308);
  ROW(log10, log10q, kLinear, 0.5, 2);
  ROW(log10, log10q, kLog, 1e-320, 1e308);
  ROW(cbrt, cbrtq, kLinear, -10, 10);
  ROW(cbrt, cbrtq, kLog, 1e-320, 1e308);
  ROW(erfcx, erfcx_q, kLinear, -26, 50);
  ROW(erf, erfq, kLinear, -6, 6);
  ROW(erf, erfq, kLog, 1e-20, 1);
  ROW(erfc, erfcq, kLinear, -6, 6);
  ROW(erfc, erfcq, kLinear, 0, 26.5);
  ROW(erf_inv, erf_inv_q, kLinear, -1, 1);
  ROW(erf_inv, erf_inv_q, kLog, 1e-20, 1);
  ROW(ndtri, ndtri_q, kLinear, 0, 1);
  ROW(ndtri, ndtri_q, kLog, 1e-307, 0.5);
  ROW(log_ndtr, log_ndtr_q, kLinear, -5, 5);
  ROW(log_ndtr, log_ndtr_q, kLinear, -140, 37);
  ROW(lgamma, lgammaq, kLinear, 0, 5);
  ROW(lgamma, lgammaq, kLinear, 0.9, 1.1);
  ROW(lgamma, lgammaq, kLinear, 1.9, 2.1);
  ROW(lgamma, lgammaq, kLog, 1e-300, 1);
  ROW(lgamma, lgammaq, kLog, 4, 1e300);
  ROW_ABSOLUTE(lgamma, lgammaq, kLinear, -20, 0);
  ROW(digamma, digamma_q, kLinear, 0, 5);
  ROW(digamma, digamma_q, kLinear, 1.4, 1.5);
  ROW(digamma, digamma_q, kLog, 1e-300, 1e300);
  ROW_ABSOLUTE(digamma, digamma_q, kLinear, -20, 0);
  ROW(trigamma, trigamma_q, kLinear, 0, 5);
  ROW(trigamma, trigamma_q, kLog, 1e-150, 1e300);
  ROW(trigamma, trigamma_q, kLinear, -20, 0);
  pow_row("0.5 .. 2, |y log x| < 700", 0.5, 2, 700);
  pow_row("1e-300 .. 1e300, 700", 1e-300, 1e300, 700);
  pow_row("1e-300 .. 1e300, 1", 1e-300, 1e300, 1);
}
