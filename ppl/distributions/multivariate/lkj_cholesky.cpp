#include "nuthatch/distributions/lkj_cholesky.h"

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/constraints/triangular.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class LKJCholeskyDensity final : public detail::DistributionImpl {
 public:
  LKJCholeskyDensity(std::int64_t dimension, const Tensor& concentration, Where where)
      : DistributionImpl("LKJCholesky", {{"concentration", concentration, constraints::positive}},
                         {dimension, dimension}, where),
        n_(dimension) {}
  Constraint support() const override { return constraints::corr_cholesky; }

  detail::Terms terms(const Tensor& L) const override {
    // Exponents n - i + 2 eta - 2 of rows i = 2 .. n.
    Tensor order = arange(n_ - 2, -1, -1).cast(f64);
    Tensor exponents = order + 2.0 * expand_dims(eta() - 1.0, -1);
    Tensor log_diagonal = log(diagonal(L))(ellipsis, from(1));
    return {{sum(exponents * log_diagonal, -1)}, {log_normaliser(), -1.0}};
  }

  /// Partial correlation of row i with column j given the columns before j is 2 Beta(b, b) - 1 with
  /// b = eta + (n - 2 - j) / 2, j counted from 0.
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [ka, kb] = split<2>(key);
    Tensor b = expand_dims(expand_dims(eta(), -1), -1) + 0.5 * maximum(double(n_ - 2) - arange(n_).cast(f64), 0.0);
    Tensor difference = detail::log_standard_gamma(ka, b, shape) - detail::log_standard_gamma(kb, b, shape);
    // 2 sigmoid(d) - 1 = tanh(d / 2); 1 - tanh(x)^2 = 4 sigmoid(2 x) sigmoid(-2 x).
    Tensor log1mt2 = 2.0 * detail::kLog2 - softplus(difference) - softplus(-difference);
    return detail::correlation_cholesky(tril(tanh(0.5 * difference), -1), tril(log1mt2, -1)).first;
  }

 private:
  const Tensor& eta() const { return p(0); }
  Tensor log_normaliser() const {
    Tensor total = 0.0;
    for (std::int64_t k = 1; k < n_; ++k) {
      const double rest = double(n_ - k);
      Tensor b = eta() + 0.5 * (rest - 1.0);
      total = total + rest * ((2.0 * eta() + (rest - 2.0)) * detail::kLog2 + betaln(b, b));
    }
    return total;
  }
  std::int64_t n_;
};

}  // namespace

Distribution LKJCholesky::make(std::int64_t dimension, const Tensor& concentration, Where where) {
  if (dimension < 2)
    throw Error("LKJCholesky: dimension must be 2 or more, but it is " + std::to_string(dimension), where);
  return Distribution(std::make_shared<LKJCholeskyDensity>(dimension, concentration, where));
}

}  // namespace nuthatch
