#include "ppl/distributions/quadrature.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch::detail {
namespace {

constexpr int kNodes = 64;

struct Rule {
  std::vector<double> node, weight; // on [0, 1]
};

/// Roots of the Legendre polynomial by Newton's method from Tricomi's approximation.
Rule gauss_legendre() {
  Rule rule;
  for (int i = 0; i < kNodes; ++i) {
    double x = std::cos(kPi * (i + 0.75) / (kNodes + 0.5)), slope = 0;
    for (int step = 0; step < 50; ++step) {
      double previous = 1, value = x;
      for (int n = 2; n <= kNodes; ++n) {
        const double next = ((2 * n - 1) * x * value - (n - 1) * previous) / n;
        previous = value;
        value = next;
      }
      slope = kNodes * (x * value - previous) / (x * x - 1);
      const double change = value / slope;
      x -= change;
      if (std::abs(change) < 1e-15) break;
    }
    rule.node.push_back(0.5 * (1 - x));
    rule.weight.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

} // namespace

Tensor integral(FunctionRef<Tensor(const Tensor&)> f, const Tensor& from, const Tensor& length) {
  static const Rule rule = gauss_legendre();
  Tensor t = expand_dims(from, -1) + expand_dims(length, -1) * Tensor(rule.node);
  return length * sum(Tensor(rule.weight) * f(t), -1);
}

} // namespace nuthatch::detail
