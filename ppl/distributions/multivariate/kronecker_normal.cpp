#include "nuthatch/distributions/kronecker_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

using detail::transposed;

/// Applies f to the columns along each factor's dimension in turn: x [..., n_1 n_2 ...] becomes (A_1 x A_2 x ...) x when
/// f(i, X) is A_i X. Every step moves the leading factor to the end, so that after the last all are in place again.
template <class F>
Tensor along_factors(const Tensor& x, const std::vector<std::int64_t>& sizes, F&& f) {
  const Shape shape = x.shape(), batch = detail::leading(shape, 1);
  Tensor y = x;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Tensor rows = f(i, reshape(y, detail::join(batch, {sizes[i], shape.back() / sizes[i]})));
    y = reshape(transposed(rows), shape);
  }
  return y;
}

/// x - loc in the shape of all batches.
Tensor residual(const Tensor& x, const Tensor& loc, const Shape& batch) {
  const Shape common = *detail::try_broadcast(detail::leading(x.shape(), 1), batch);
  return detail::broadcast_if_needed(x - loc, detail::join(common, {x.shape().back()}));
}

std::int64_t product(const std::vector<std::int64_t>& sizes) {
  std::int64_t n = 1;
  for (std::int64_t s : sizes) n *= s;
  return n;
}

/// Covariance L_1 L_1^T x L_2 L_2^T x ...
class KroneckerNormalDensity final : public detail::DistributionImpl {
 public:
  KroneckerNormalDensity(const Tensor& loc, const std::vector<Tensor>& factors, Where where)
      : DistributionImpl("KroneckerNormal", named(loc, factors), {loc.shape().back()}, where) {
    for (const Tensor& L : factors) sizes_.push_back(L.shape().back());
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor r = residual(x, p(0), batch_shape);
    Tensor z = along_factors(r, sizes_, [&](std::size_t i, const Tensor& X) { return detail::solve_columns(L(i), X); });
    return {{sum(square(z), -1), -0.5}, {-normaliser()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return p(0) + along_factors(normal(key, shape), sizes_, [&](std::size_t i, const Tensor& X) { return matmul(L(i), X); });
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return p(0); }
  Tensor mode() const override { return p(0); }
  Tensor variance() const override {
    Tensor v = ones(event_shape);
    return along_factors(broadcast_to(v, detail::join(batch_shape, event_shape)), sizes_, [&](std::size_t i, const Tensor& X) {
      return expand_dims(sum(square(L(i)), -1), -1) * X;
    });
  }
  Tensor entropy() const override { return normaliser() + 0.5 * double(event_shape[0]); }

 private:
  static std::vector<detail::Parameter> named(const Tensor& loc, const std::vector<Tensor>& factors) {
    std::vector<detail::Parameter> result{{"loc", loc, constraints::real_vector()}};
    for (std::size_t i = 0; i < factors.size(); ++i)
      result.push_back({"scale_trils[" + std::to_string(i) + "]", factors[i], constraints::lower_cholesky});
    return result;
  }
  const Tensor& L(std::size_t i) const { return p(i + 1); }
  Tensor normaliser() const {
    Tensor total = double(event_shape[0]) * detail::kHalfLogTwoPi;
    for (std::size_t i = 0; i < sizes_.size(); ++i)
      total = total + double(event_shape[0] / sizes_[i]) * detail::half_log_det(L(i));
    return total;
  }
  std::vector<std::int64_t> sizes_;
};

/// Covariance K_1 x K_2 x ... + sigma^2 I: in the basis of the eigenvectors it is diagonal.
class NoisyKroneckerNormalDensity final : public detail::DistributionImpl {
 public:
  NoisyKroneckerNormalDensity(const Tensor& loc, const std::vector<Tensor>& covariances, const Tensor& sigma, Where where)
      : DistributionImpl("KroneckerNormal", named(loc, covariances, sigma), {loc.shape().back()}, where) {
    for (const Tensor& K : covariances) {
      sizes_.push_back(K.shape().back());
      spectra_.push_back(eigh(K));
    }
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor r = residual(x, p(0), batch_shape);
    Tensor z = along_factors(r, sizes_, [&](std::size_t i, const Tensor& X) { return matmul(transposed(V(i)), X); });
    Tensor l = eigenvalues();
    return {{sum(square(z) / l, -1), -0.5}, {-normaliser(l)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return p(0) + along_factors(sqrt(eigenvalues()) * normal(key, shape), sizes_,
                                [&](std::size_t i, const Tensor& X) { return matmul(V(i), X); });
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return p(0); }
  Tensor mode() const override { return p(0); }
  Tensor variance() const override {
    Tensor v = broadcast_to(ones(event_shape), detail::join(batch_shape, event_shape));
    Tensor own = along_factors(v, sizes_, [&](std::size_t i, const Tensor& X) { return expand_dims(diagonal(p(i + 1)), -1) * X; });
    return own + expand_dims(square(sigma()), -1);
  }
  Tensor entropy() const override { return normaliser(eigenvalues()) + 0.5 * double(event_shape[0]); }

 private:
  static std::vector<detail::Parameter> named(const Tensor& loc, const std::vector<Tensor>& covariances, const Tensor& sigma) {
    std::vector<detail::Parameter> result{{"loc", loc, constraints::real_vector()}};
    for (std::size_t i = 0; i < covariances.size(); ++i)
      result.push_back({"covariances[" + std::to_string(i) + "]", covariances[i], constraints::positive_semi_definite});
    result.push_back({"sigma", sigma, constraints::positive});
    return result;
  }
  const Tensor& sigma() const { return parameters.back().value; }
  const Tensor& V(std::size_t i) const { return spectra_[i].vectors; }
  Tensor eigenvalues() const {
    Tensor l = along_factors(broadcast_to(ones(event_shape), detail::join(batch_shape, event_shape)), sizes_,
                             [&](std::size_t i, const Tensor& X) { return expand_dims(spectra_[i].values, -1) * X; });
    return maximum(l, 0.0) + expand_dims(square(sigma()), -1);
  }
  Tensor normaliser(const Tensor& l) const {
    return 0.5 * sum(log(l), -1) + double(event_shape[0]) * detail::kHalfLogTwoPi;
  }
  std::vector<std::int64_t> sizes_;
  std::vector<Eigh> spectra_;
};

std::vector<std::int64_t> checked_sizes(const std::vector<Tensor>& matrices, const char* name, Where where) {
  std::vector<std::int64_t> sizes;
  for (const Tensor& K : matrices) {
    if (K.ndim() < 2 || K.size(-1) != K.size(-2))
      throw Error(std::string("KroneckerNormal: ") + name + " must be square matrices, but one has shape " + to_string(K.shape()), where);
    sizes.push_back(K.size(-1));
  }
  return sizes;
}

}  // namespace

KroneckerNormal::KroneckerNormal(const KroneckerNormalOptions& o, Where where) {
  const std::string prefix = "KroneckerNormal: ";
  const bool by_covariance = !o.covariances.empty();
  if (by_covariance == !o.scale_trils.empty()) throw Error(prefix + "give one of .covariances and .scale_trils", where);
  const auto& given = by_covariance ? o.covariances : o.scale_trils;
  const std::int64_t n = product(checked_sizes(given, by_covariance ? "covariances" : "scale_trils", where));
  const Tensor loc = detail::location_vector(o.loc, n);
  if (loc.shape().back() != n)
    throw Error(prefix + "loc of shape " + to_string(loc.shape()) + " does not fit matrices for " + std::to_string(n) +
                    " elements",
                where);
  std::vector<Tensor> matrices;
  for (const Tensor& x : given) {
    // Noise needs the covariances, no noise their factors.
    if (by_covariance == o.sigma.defined()) matrices.push_back(x);
    else if (by_covariance) matrices.push_back(detail::scale_matrix("KroneckerNormal", {}, x, {}, where).scale_tril);
    else matrices.push_back(matmul(x, transposed(x)));
  }
  if (o.sigma.defined())
    static_cast<Distribution&>(*this) =
        Distribution(share<NoisyKroneckerNormalDensity>(loc, matrices, o.sigma, where));
  else
    static_cast<Distribution&>(*this) = Distribution(share<KroneckerNormalDensity>(loc, matrices, where));
}

}  // namespace nuthatch
