#include "benchmarks/bounds/compute.h"

#include <Eigen/Dense>
#include <cmath>

namespace nuthatch::benchmark::bounds {
namespace {
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using In = Eigen::Map<const Matrix>;
using Out = Eigen::Map<Matrix>;
}  // namespace

void Network::gradients(std::vector<double>& g1, std::vector<double>& gb1, std::vector<double>& g2,
                        std::vector<double>& gb2) const {
  const In X(x.data(), examples, in), W1(w1.data(), in, hidden), W2(w2.data(), hidden, out), Y(y.data(), examples, out);
  const Eigen::Map<const Eigen::RowVectorXd> B1(b1.data(), hidden), B2(b2.data(), out);
  const Matrix H = ((X * W1).rowwise() + B1).array().tanh().matrix();
  const Matrix R = 2 * ((H * W2).rowwise() + B2 - Y);
  const Matrix D = (R * W2.transpose()).cwiseProduct((1 - H.array().square()).matrix());
  Out(gb2.data(), examples, out) = R;
  Out(gb1.data(), examples, hidden) = D;
  for (std::int64_t e = 0; e < examples; ++e) {
    Out(&g2[std::size_t(e * hidden * out)], hidden, out).noalias() = H.row(e).transpose() * R.row(e);
    Out(&g1[std::size_t(e * in * hidden)], in, hidden).noalias() = X.row(e).transpose() * D.row(e);
  }
}

void product_of_four(std::int64_t n, const double* a, const double* b, const double* c, const double* d, double* out) {
  Matrix t = In(a, n, n) * In(b, n, n);
  Matrix u = t * In(c, n, n);
  Out(out, n, n).noalias() = u * In(d, n, n);
}

void attention(std::int64_t length, std::int64_t width, const double* q, const double* k, const double* v, double* out) {
  Matrix s = In(q, length, width) * In(k, length, width).transpose() / std::sqrt(double(width));
  s.colwise() -= s.rowwise().maxCoeff().eval();
  s = s.array().exp().matrix();
  const Eigen::VectorXd total = s.rowwise().sum();
  Out(out, length, width).noalias() = total.cwiseInverse().asDiagonal() * (s * In(v, length, width));
}

void factors(std::int64_t count, std::int64_t n, const double* a, double* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Eigen::LLT<Matrix> factor(In(a + i * n * n, n, n));
    Out(out + i * n * n, n, n) = factor.matrixL();
  }
}

double read_once(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum;
}

}  // namespace nuthatch::benchmark::bounds
