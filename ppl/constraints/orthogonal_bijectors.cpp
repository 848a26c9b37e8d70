// Orthonormal changes of basis for series: wavelets and cosines. Neighbouring values of a smooth series are strongly
// correlated, their coefficients hardly.
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

/// A map along one dimension, given as a negative number.
class AlongAxis : public Bijector::Impl {
 public:
  AlongAxis(const char* name, int dim, const Where& where) : dim_(dim) {
    if (dim >= 0) throw Error(std::string(name) + ": dim must be negative, but it is " + std::to_string(dim), where);
  }
  int event_dim() const override { return -dim_; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), 0.0}; }
  Tensor forward(const Tensor& x) const override { return back(analyse(last(x))); }
  Tensor inverse(const Tensor& y) const override { return back(synthesise(last(y))); }

 protected:
  virtual Tensor analyse(const Tensor& x) const = 0;
  virtual Tensor synthesise(const Tensor& y) const = 0;

 private:
  Tensor last(const Tensor& x) const { return dim_ == -1 ? x : swapaxes(x, dim_, -1); }
  Tensor back(const Tensor& x) const { return last(x); }
  int dim_;
};

constexpr double kRootHalf = 0.7071067811865476;

class Haar final : public AlongAxis {
 public:
  Haar(int dim, bool flip, const Where& where) : AlongAxis("haar", dim, where), flip_(flip) {}

 protected:
  /// Sums and differences of pairs; the sums again, until one is left. An odd last element is passed on with the sums.
  Tensor analyse(const Tensor& x) const override {
    Tensor sums = flip_ ? flip(x, -1) : x;
    std::vector<Tensor> parts;
    while (sums.shape().back() > 1) {
      const std::int64_t n = sums.shape().back(), pairs = n / 2;
      Tensor even = sums(ellipsis, Slice{0, 2 * pairs, 2}), odd = sums(ellipsis, Slice{1, 2 * pairs, 2});
      parts.insert(parts.begin(), kRootHalf * (even - odd));
      Tensor next = kRootHalf * (even + odd);
      sums = n % 2 ? concat({next, sums(ellipsis, from(-1))}, -1) : next;
    }
    parts.insert(parts.begin(), sums);
    return parts.size() == 1 ? sums : concat(parts, -1);
  }
  Tensor synthesise(const Tensor& y) const override {
    std::vector<std::int64_t> lengths;
    for (std::int64_t n = y.shape().back(); n > 1; n = (n + 1) / 2) lengths.insert(lengths.begin(), n);
    Tensor sums = y(ellipsis, until(1));
    std::int64_t read = 1;
    for (std::int64_t n : lengths) {
      const std::int64_t pairs = n / 2;
      Tensor total = sums(ellipsis, until(pairs)), difference = y(ellipsis, slice(read, read + pairs));
      Tensor even = kRootHalf * (total + difference), odd = kRootHalf * (total - difference);
      Shape flat = even.shape();
      flat.back() = 2 * pairs;
      Tensor both = reshape(concat({expand_dims(even, -1), expand_dims(odd, -1)}, -1), flat);
      sums = n % 2 ? concat({both, sums(ellipsis, from(-1))}, -1) : both;
      read += pairs;
    }
    return flip_ ? flip(sums, -1) : sums;
  }

 private:
  bool flip_;
};

class DiscreteCosine final : public AlongAxis {
 public:
  DiscreteCosine(int dim, double smooth, const Where& where) : AlongAxis("discrete_cosine", dim, where), smooth_(smooth) {}

 protected:
  Tensor analyse(const Tensor& x) const override { return weights(x) * matmul(x, swapaxes(basis(x), -1, -2)); }
  Tensor synthesise(const Tensor& y) const override { return matmul(y / weights(y), basis(y)); }

 private:
  /// Row k: cos(pi k (2 i + 1) / (2 n)), normalised.
  static Tensor basis(const Tensor& x) {
    const std::int64_t n = x.shape().back();
    std::vector<double> rows;
    rows.reserve(std::size_t(n * n));
    for (std::int64_t k = 0; k < n; ++k)
      for (std::int64_t i = 0; i < n; ++i) {
        // The angle modulo a whole turn, exactly.
        const double turn = double(k * (2 * i + 1) % (4 * n)) / double(2 * n);
        rows.push_back(std::sqrt((k == 0 ? 1.0 : 2.0) / double(n)) * std::cos(3.141592653589793 * turn));
      }
    return reshape(rows, {n, n});
  }
  /// (k + 1/2)^smooth over its geometric mean.
  Tensor weights(const Tensor& x) const {
    if (smooth_ == 0.0) return 1.0;
    const std::size_t n = std::size_t(x.shape().back());
    std::vector<double> w(n);
    double mean = 0;
    for (std::size_t k = 0; k < n; ++k) mean += (w[k] = smooth_ * std::log(double(k) + 0.5)) / double(n);
    for (double& v : w) v = std::exp(v - mean);
    return w;
  }
  double smooth_;
};

}  // namespace

namespace transforms {
Bijector haar(int dim, bool flip, Where where) { return Bijector(share<Haar>(dim, flip, where)); }
Bijector discrete_cosine(int dim, double smooth, Where where) {
  return Bijector(share<DiscreteCosine>(dim, smooth, where));
}
}  // namespace transforms

}  // namespace nuthatch
