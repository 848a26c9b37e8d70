#include "nuthatch/distributions/matrix_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch {
namespace {

using detail::half_log_det;
using detail::solve_columns;
using detail::transposed;

class MatrixNormalDensity final : public detail::Family<MatrixNormalDensity, 3> {
 public:
  MatrixNormalDensity(const Tensor& loc, const Tensor& row, const Tensor& column, Where where)
      : Family("MatrixNormal",
               {{"loc", loc, constraints::real_matrix()},
                {"scale_tril_row", row, constraints::lower_cholesky},
                {"scale_tril_column", column, constraints::lower_cholesky}},
               {row.shape().empty() ? 1 : row.shape().back(), column.shape().empty() ? 1 : column.shape().back()}, where) {
    if (!problem && detail::trailing(loc.shape(), 2) != event_shape)
      problem = "MatrixNormal: loc " + to_string(loc.shape()) + " does not fit matrices for " +
                std::to_string(event_shape[0]) + " rows and " + std::to_string(event_shape[1]) + " columns";
  }
  Constraint support() const override { return constraints::real_matrix(); }
  detail::Terms terms(const Tensor& X) const override {
    Tensor Z = solve_columns(V(), transposed(solve_columns(U(), X - loc())));
    return {{sum(square(Z), {.axis = {-2, -1}}), -0.5}, {-normaliser()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + matmul(U(), matmul(normal(key, shape), transposed(V())));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor mode() const override { return loc(); }
  Tensor variance() const override {
    return expand_dims(sum(square(U()), -1), -1) * expand_dims(sum(square(V()), -1), -2);
  }
  Tensor entropy() const override { return normaliser() + 0.5 * double(event_shape.num_elements()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& U() const { return p(1); }
  const Tensor& V() const { return p(2); }
  Tensor normaliser() const {
    return double(event_shape[1]) * half_log_det(U()) + double(event_shape[0]) * half_log_det(V()) +
           double(event_shape.num_elements()) * detail::kHalfLogTwoPi;
  }
};

Tensor factor(const char* which, const Tensor& scale_tril, const Tensor& covariance, Where where) {
  if (scale_tril.defined() == covariance.defined())
    throw Error(std::string("MatrixNormal: give one of .scale_tril_") + which + " and ." + which + "_covariance", where);
  return detail::scale_matrix("MatrixNormal", scale_tril, covariance, {}, where).scale_tril;
}

}  // namespace

Distribution MatrixNormal::make(const Tensor& loc, const Tensor& scale_tril_row, const Tensor& scale_tril_column,
                                Where where) {
  return Distribution(share<MatrixNormalDensity>(loc, scale_tril_row, scale_tril_column, where));
}

MatrixNormal::MatrixNormal(const MatrixNormalOptions& o, Where where) {
  Tensor U = factor("row", o.scale_tril_row, o.row_covariance, where);
  Tensor V = factor("column", o.scale_tril_column, o.column_covariance, where);
  Tensor loc = o.loc.defined() ? o.loc : zeros({U.shape().back(), V.shape().back()});
  static_cast<Distribution&>(*this) = make(loc, U, V, where);
}

}  // namespace nuthatch
