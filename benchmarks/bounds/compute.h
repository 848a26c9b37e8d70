#pragma once
// The programs of compute.cpp written by hand with Eigen, row-major throughout, one core.
#include <cstdint>
#include <vector>

namespace nuthatch::benchmark::bounds {

/// Gradients of a network tanh(x W1 + b1) W2 + b2 under squared error against y, for every example apart:
/// W1 [in, hidden], W2 [hidden, out]; gradients [examples, ...] in that order.
struct Network {
  std::int64_t examples, in, hidden, out;
  std::vector<double> x, y, w1, b1, w2, b2;
  void gradients(std::vector<double>& g1, std::vector<double>& gb1, std::vector<double>& g2, std::vector<double>& gb2) const;
};
/// a b c d, each [n, n].
void product_of_four(std::int64_t n, const double* a, const double* b, const double* c, const double* d, double* out);
/// softmax(q k^T / sqrt(width)) v, each [length, width].
void attention(std::int64_t length, std::int64_t width, const double* q, const double* k, const double* v, double* out);
/// Lower factors of `count` matrices [n, n].
void factors(std::int64_t count, std::int64_t n, const double* a, double* out);
/// The sum of all numbers: reading them once.
double read_once(const std::vector<double>& x);

}  // namespace nuthatch::benchmark::bounds
