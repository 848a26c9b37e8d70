#pragma once
/// Products, factorisations, solves; leading dimensions are batches and broadcast. Everything is differentiable and runs
/// inside compiled programs; bad data (a singular matrix, one that is not positive definite) give NaN or infinities, not
/// exceptions. Factorisations take floating-point matrices; integers become f64.
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch {

// ---- products ----
/// As NumPy: matrix product of the last two dimensions, batches broadcast, vectors are rows on the left and columns on
/// the right and lose that dimension again.
Tensor matmul(const Tensor& a, const Tensor& b, Where where = Where::current());
/// Inner product of the last dimension of a with the last but one (or only) dimension of b.
Tensor dot(const Tensor& a, const Tensor& b, Where where = Where::current());
/// Inner product of the last dimensions of both; scalars multiply.
Tensor inner(const Tensor& a, const Tensor& b, Where where = Where::current());
/// Sum of the products of all elements; shapes have equally many.
Tensor vdot(const Tensor& a, const Tensor& b, Where where = Where::current());
/// Sums over the last `axes` dimensions of a and the first of b, or over the listed ones, pair by pair.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes = 2, Where where = Where::current());
Tensor tensordot(const Tensor& a, const Tensor& b, const std::pair<std::vector<int>, std::vector<int>>& axes,
                 Where where = Where::current());
/// Einstein summation as in NumPy: einsum("ij,jk->ik", {a, b}). Without an arrow the result has the labels that occur
/// once, in alphabetical order; "..." stands for dimensions that broadcast; a label repeated within an operand takes its
/// diagonal. Operands are multiplied from the left.
Tensor einsum(const std::string& equation, const std::vector<Tensor>& operands, Where where = Where::current());
/// Kronecker product.
Tensor kron(const Tensor& a, const Tensor& b, Where where = Where::current());
/// x^n of square matrices by repeated squaring; a negative n inverts.
Tensor matrix_power(const Tensor& x, int n, Where where = Where::current());
/// The matrix exponential: scaling, a Pade approximant of order 13, squaring. Higham (2005), SIAM J. Matrix Anal. 26.
Tensor expm(const Tensor& x, Where where = Where::current());
/// Matrices [m_i, n_i] along the diagonal of one, zeros elsewhere; vectors are rows.
Tensor block_diag(const std::vector<Tensor>& blocks, Where where = Where::current());

// ---- Cholesky factorisation, triangular systems ----
/// Lower L with L L^T = x [..., n, n]; reads the lower triangle; NaN where x is not positive definite.
Tensor cholesky(const Tensor& x, Where where = Where::current());
/// Solves L y = b, or L^T y = b; L lower unless stated. b is [..., n] (a vector) or [..., n, k] with the batch of L.
Tensor triangular_solve(const Tensor& L, const Tensor& b, bool lower = true, bool transpose = false,
                        Where where = Where::current());
/// Solves (L L^T) y = b.
Tensor cho_solve(const Tensor& L, const Tensor& b, Where where = Where::current());
/// log det(L L^T) = 2 sum(log(diagonal(L))).
Tensor cholesky_logdet(const Tensor& L, Where where = Where::current());

// ---- general square systems, by LU factorisation with partial pivoting ----
/// Solves a y = b for a [..., n, n]; b is one vector [n], or matrices [..., n, k].
Tensor solve(const Tensor& a, const Tensor& b, Where where = Where::current());
Tensor inv(const Tensor& x, Where where = Where::current());
/// The determinant [...]. Its derivative needs an invertible matrix.
Tensor det(const Tensor& x, Where where = Where::current());
/// Sign and logarithm of the magnitude of the determinant; 0 and -inf for a singular matrix.
std::pair<Tensor, Tensor> slogdet(const Tensor& x, Where where = Where::current());
/// `factors` [..., n, n]: U on and above the diagonal, the unit lower L below. Row i of L U is row `permutation`[..., i]
/// of the matrix (SciPy lists interchanges instead).
struct LuFactors {
  Tensor factors, permutation;
};
LuFactors lu_factor(const Tensor& x, Where where = Where::current());
/// Solves with a factored matrix, or with its transpose.
Tensor lu_solve(const LuFactors& lu, const Tensor& b, bool transpose = false, Where where = Where::current());
/// P, L, U with x = P L U.
std::tuple<Tensor, Tensor, Tensor> lu(const Tensor& x, Where where = Where::current());

// ---- orthogonal factorisations; m x n matrices, k = min(m, n) ----
/// x = q r, q [..., m, k] with orthonormal columns, r [..., k, n] upper triangular, signs as LAPACK's. The derivative
/// needs full rank of the first k columns.
struct QR {
  Tensor q, r;
};
QR qr(const Tensor& x, Where where = Where::current());
/// Eigenvalues [..., n], ascending, and eigenvectors, the columns of [..., n, n], of symmetric matrices; reads the lower
/// triangle. By Jacobi rotations, about 50 n^3 operations: for n up to some hundred. Equal eigenvalues have no
/// eigenvectors of their own: symmetric functions of them and projections on their space have the right derivative, what
/// tells their vectors apart does not.
struct Eigh {
  Tensor values, vectors;
};
Eigh eigh(const Tensor& x, Where where = Where::current());
Tensor eigvalsh(const Tensor& x, Where where = Where::current());
/// x = u diag(s) vt with u [..., m, k], s [..., k] descending, vt [..., k, n] (NumPy's full_matrices=False). By Jacobi
/// rotations, about 50 m k^2 operations: for k up to some hundred. Derivatives as those of eigh.
struct SVD {
  Tensor u, s, vt;
};
SVD svd(const Tensor& x, Where where = Where::current());
Tensor svdvals(const Tensor& x, Where where = Where::current());
/// The Moore-Penrose inverse; singular values up to rcond times the largest count as 0.
Tensor pinv(const Tensor& x, double rcond = 1e-15, Where where = Where::current());
/// Number of singular values above tol; by default max(m, n) roundings of the largest. i64 [...].
Tensor matrix_rank(const Tensor& x, std::optional<double> tol = std::nullopt, Where where = Where::current());
/// The y of smallest norm that minimises |a y - b|, for a [m, n] and b [m] or [m, k]. `residuals`: |a y - b|^2 of each
/// column (NumPy leaves them out when a has no full column rank). Singular values up to rcond times the largest count as
/// 0; by default max(m, n) roundings.
struct LeastSquares {
  Tensor solution, residuals, rank, singular_values;
};
LeastSquares lstsq(const Tensor& a, const Tensor& b, std::optional<double> rcond = std::nullopt, Where where = Where::current());

// ---- norms, traces ----
/// A number p: sum(|x|^p)^(1/p) of vectors, with the limits 0 (the number of nonzero elements), inf and -inf; of matrices
/// 1 and -1 (largest and smallest column sum of magnitudes), inf and -inf (rows), 2 and -2 (singular values). "fro":
/// square root of the sum of squares; "nuc": sum of the singular values.
struct NormOrder {
  enum class Kind { standard, number, frobenius, nuclear } kind = Kind::standard;
  double p = 2;
  NormOrder() = default;
  NormOrder(double p) : kind(Kind::number), p(p) {}
  NormOrder(int p) : NormOrder(double(p)) {}
  NormOrder(const char* name, Where where = Where::current());
};
struct NormOptions {
  OnlyNamed only_named{};
  NormOrder ord{};
  Axes axis{};
  bool keepdims = false;
};
/// As NumPy: without options the 2-norm of all elements; with an order alone, x is one vector or one matrix; with one
/// axis norms of vectors, with two of matrices.
Tensor norm(const Tensor& x, const NormOptions& options = {}, Where where = Where::current());
/// Sum of the diagonal of [..., n, n].
Tensor trace_of(const Tensor& x, Where where = Where::current());

}  // namespace nuthatch
