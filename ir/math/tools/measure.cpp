// Largest error of each special function against 113-bit arithmetic, over many
// random arguments: the figures of ir/math/README.md. Build with GCC:
//   g++ -std=c++20 -O2 -march=x86-64-v3 -ffp-contract=off -I. ir/math/tools/measure.cpp -lquadmath
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

double ulp_of(quad x) {
  int e;
  frexpq(fabsq(x), &e);
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
         double scale = 1.0) {
  if (only && std::strcmp(only, name))
    return;
  double worst = 0, at = a;
  const long count = static_cast<long>(static_cast<double>(samples) * scale);
  for (long i = 0; i < count; ++i) {
    const double x = draw(s, a, b);
    const quad want = exact(x);
    const double got = f(x);
    if (!std::isfinite(got) && std::isfinite(static_cast<double>(want))) {
      worst = nh::kInf, at = x;
      break;
    }
    const double error = static_cast<double>(fabsq(want - got)) / ulp_of(want);
    if (error > worst)
      worst = error, at = x;
  }
  report(name, domain, worst, at);
}

quad logistic_q(quad x) {
  return x > 0 ? 1 / (1 + expq(-x)) : expq(x) / (1 + expq(x));
}
quad softplus_q(quad x) { return log1pq(expq(-fabsq(x))) + (x > 0 ? x : 0); }

} // namespace

int main(int argc, char **argv) {
  if (argc > 1)
    samples = static_cast<long>(std::atof(argv[1]) * 1e6);
  if (argc > 2)
    only = argv[2];
#define ROW(name, exact, spacing, a, b)                                        \
  row(#name, #spacing " " #a " .. " #b, nh::name<double>, exact, spacing, a, b)
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
  ROW(sin, sinq, kLog, 1e9, 0x1p45);
  ROW(cos, cosq, kLinear, -10, 10);
  ROW(cos, cosq, kLog, 1, 1e9);
  ROW(cos, cosq, kLog, 1e9, 0x1p45);
  ROW(tan, tanq, kLinear, -10, 10);
  ROW(tan, tanq, kLog, 1e-10, 1e9);
  ROW(tan, tanq, kLog, 1e9, 0x1p45);
}
