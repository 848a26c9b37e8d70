// Linear algebra against NumPy and SciPy, its identities, and its derivatives against differences.
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
#include "tests/api/linalg.inc"

const Tensor rhs{1.0, -2.0, 0.5, 3.0, 1.5};
Tensor t(const Tensor& x) { return swapaxes(x, -1, -2); }

/// The gradient of the weighted sum of f's results against differences, interpreted and compiled.
void check_gradient(const std::function<Tensor(Tensor)>& f, const Tensor& x, double tolerance = 1e-6) {
  auto total = [&](Tensor v) {
    Tensor y = flatten(f(v));
    return sum(y * cos(arange(y.size()).cast(f64)));
  };
  Tensor slope = grad(total)(x);
  EXPECT_CLOSE(slope, differences(total, x), tolerance);
  EXPECT_CLOSE(jit(grad(total))(x), slope, 1e-11);
}
}  // namespace

TEST(LinearAlgebra, SolvesAsNumPy) {
  EXPECT_CLOSE(solve(a, b), solved, 1e-13);
  EXPECT_CLOSE(solve(a, b(all, 0)), solved(all, 0), 1e-13);
  EXPECT_CLOSE(solve(batch, b[until(3)]), solved_batch, 1e-13);
  EXPECT_CLOSE(inv(a), inverse, 1e-13);
  EXPECT_CLOSE(det(batch), determinant, 1e-14);
  EXPECT_CLOSE(slogdet(batch).first, determinant_sign, 0);
  EXPECT_CLOSE(slogdet(batch).second, log_determinant, 1e-13);
  EXPECT_CLOSE(matrix_power(a, 5), power, 1e-13);
  EXPECT_CLOSE(matrix_power(a, -2), inverse_power, 1e-12);
  EXPECT_TENSOR(matrix_power(a, 0), eye(4));
  auto [pp, ll, uu] = lu(a);
  EXPECT_TENSOR(pp, p);
  EXPECT_CLOSE(ll, l, 1e-14);
  EXPECT_CLOSE(uu, u, 1e-14);
  EXPECT_CLOSE(lu_solve(lu_factor(a), b), solved, 1e-13);
  EXPECT_CLOSE(matmul(t(a), lu_solve(lu_factor(a), b, true)), b, 1e-13);
}

TEST(LinearAlgebra, SingularMatrices) {
  Tensor x{{1.0, 2.0}, {2.0, 4.0}};
  EXPECT_TENSOR(det(x), Tensor(0.0).cast(f64));
  EXPECT_TENSOR(slogdet(x).first, Tensor(0.0).cast(f64));
  EXPECT_TENSOR(slogdet(x).second, Tensor(-INFINITY).cast(f64));
  EXPECT_FALSE(all_of(isfinite(inv(x))).item<bool>());
  EXPECT_TENSOR(det(zeros({3, 3})), Tensor(0.0).cast(f64));
}

TEST(LinearAlgebra, Factorisations) {
  EXPECT_CLOSE(qr(tall).q, q, 1e-14);
  EXPECT_CLOSE(qr(tall).r, r, 1e-14);
  EXPECT_CLOSE(qr(t(tall)).q, wide_q, 1e-14);
  EXPECT_CLOSE(qr(t(tall)).r, wide_r, 1e-14);
  EXPECT_CLOSE(eigvalsh(sym), eigenvalues, 1e-13);
  auto [w, v] = eigh(sym);
  EXPECT_CLOSE(matmul(v * w, t(v)), sym, 1e-13);
  EXPECT_CLOSE(matmul(t(v), v), eye(4), 1e-14);
  EXPECT_CLOSE(svdvals(tall), singular_values, 1e-14);
  for (const Tensor& x : {tall, t(tall), a, batch, rank_two, zeros({3, 2})}) {
    auto [u, s, vt] = svd(x);
    EXPECT_CLOSE(matmul(u * expand_dims(s, -2), vt), x, 1e-14);
    const std::int64_t k = s.shape().back();
    EXPECT_CLOSE(matmul(t(u), u), broadcast_to(eye(k), matmul(t(u), u).shape()), 1e-14);
    EXPECT_CLOSE(matmul(vt, t(vt)), broadcast_to(eye(k), matmul(vt, t(vt)).shape()), 1e-14);
  }
  EXPECT_TRUE(all_of(isnan(eigvalsh(Tensor{{1.0, 0.0}, {NAN, 2.0}}))).item<bool>());
  EXPECT_TRUE(all_of(isnan(svdvals(Tensor{{1.0, INFINITY}, {0.0, 2.0}}))).item<bool>());
}

TEST(LinearAlgebra, LeastSquares) {
  EXPECT_CLOSE(pinv(rank_two), pseudo_inverse, 1e-14);
  EXPECT_TENSOR(matrix_rank(rank_two), Tensor(2).cast(i64));
  EXPECT_TENSOR(matrix_rank(stack({eye(3), zeros({3, 3})})), Tensor{3, 0});
  auto [x, square_sums, rank, s] = lstsq(tall, rhs);
  EXPECT_CLOSE(x, least_squares, 1e-14);
  EXPECT_CLOSE(square_sums, residuals[0], 1e-13);
  EXPECT_TENSOR(rank, Tensor(3).cast(i64));
  EXPECT_CLOSE(s, singular_values, 1e-14);
  EXPECT_CLOSE(lstsq(rank_two, rhs[until(4)]).solution, low_rank_solution, 1e-14);
}

TEST(LinearAlgebra, Norms) {
  EXPECT_CLOSE(norm(tall), matrix_norm_fro, 1e-15);
  for (auto [order, value] : {std::pair{NormOrder("fro"), matrix_norm_fro}, {"nuc", matrix_norm_nuc}, {1, matrix_norm_one}, {-1, matrix_norm_minus_one},
                              {2, matrix_norm_two}, {-2, matrix_norm_minus_two}, {INFINITY, matrix_norm_inf}, {-INFINITY, matrix_norm_minus_inf}})
    EXPECT_CLOSE(norm(tall, {.ord = order}), value, 1e-14);
  for (auto [order, value] : {std::pair{NormOrder(0), vector_norm_zero}, {1, vector_norm_one}, {2, vector_norm_two}, {3, vector_norm_three},
                              {0.5, vector_norm_half}, {INFINITY, vector_norm_inf}, {-INFINITY, vector_norm_minus_inf}})
    EXPECT_CLOSE(norm(rhs, {.ord = order}), value, 1e-14);
  EXPECT_CLOSE(norm(tall, {.axis = 1}), norm_of_rows, 1e-15);
  EXPECT_CLOSE(norm(tall, {.axis = 1, .keepdims = true}), expand_dims(norm_of_rows, 1), 1e-15);
  EXPECT_CLOSE(norm(batch, {.ord = 2, .axis = {1, 2}}), norm_of_batch, 1e-14);
  EXPECT_MESSAGE(norm(rhs, {.ord = "max"}), "norm: the order \"max\" is not \"fro\", \"nuc\" or a number");
  EXPECT_MESSAGE(norm(tall, {.ord = 3}), "norm: order 3.000000 is not one of");
  EXPECT_MESSAGE(norm(batch, {.ord = 2}), "norm: an order needs vectors or matrices");
}

TEST(LinearAlgebra, Products) {
  EXPECT_CLOSE(expm(a), matrix_exponential, 1e-13);
  EXPECT_CLOSE(expm(10.0 * batch), matrix_exponential_large, 1e-10);
  EXPECT_TENSOR(expm(zeros({2, 2})), eye(2));
  EXPECT_CLOSE(kron(b, tall[until(2)]), kronecker, 1e-15);
  EXPECT_CLOSE(kron(rhs, b[0]), kronecker_vector, 1e-15);
  EXPECT_CLOSE(tensordot(batch, tall[until(3)], {{2, 1}, {0, 1}}), tensor_dot, 1e-14);
  EXPECT_CLOSE(tensordot(a, b, 1), matmul(a, b), 0);
  EXPECT_CLOSE(inner(a, rhs[until(4)]), matmul(a, rhs[until(4)]), 0);
  EXPECT_CLOSE(vdot(a, a), sum(square(a)), 1e-14);
  EXPECT_TENSOR(block_diag({eye(2), Tensor{{3.0, 4.0}}, Tensor{5.0}}),
                Tensor{{1.0, 0.0, 0.0, 0.0, 0.0}, {0.0, 1.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 3.0, 4.0, 0.0}, {0.0, 0.0, 0.0, 0.0, 5.0}});
}

TEST(LinearAlgebra, EinsumAsNumPy) {
  EXPECT_CLOSE(einsum("ii", {a}), einsum_trace, 1e-15);
  EXPECT_CLOSE(einsum("ji,jk", {a, b}), einsum_implicit, 1e-14);
  EXPECT_CLOSE(einsum("...ij,...jk->...ik", {batch, batch[until(1)]}), einsum_ellipsis, 1e-14);
  EXPECT_CLOSE(einsum("...ij , ...jk", {batch, batch[until(1)]}), einsum_ellipsis, 1e-14);
  EXPECT_CLOSE(einsum("kii->ki", {batch}), einsum_diagonal, 0);
  EXPECT_CLOSE(einsum("ba", {b}), einsum_order, 0);
  EXPECT_CLOSE(einsum("ij,ij->i", {a, b(all, until(1))}), einsum_broadcast, 1e-15);
  EXPECT_CLOSE(einsum("ij,jk,kl->il", {a, sym, b}), einsum_three, 1e-13);
  EXPECT_CLOSE(einsum("...ii->...", {batch}), einsum_batch_trace, 1e-15);
  EXPECT_MESSAGE(einsum("...i->i", {a}), "the output lacks the dimensions of the ellipsis");
  EXPECT_MESSAGE(einsum("ij->k", {a}), "output label k");
  EXPECT_MESSAGE(einsum("i.j", {a}), "unexpected '.'");
  EXPECT_MESSAGE(einsum("ij,jk->ik", {a, tall}), "label j has extents 4 and 5");
}

TEST(LinearAlgebra, MessagesNameTheShapes) {
  EXPECT_MESSAGE(solve(tall, rhs), "solve: needs square matrices, not shape [5, 3]");
  EXPECT_MESSAGE(solve(a, rhs), "solve: a right-hand side of shape [5] does not fit matrices of shape [4, 4]");
  EXPECT_MESSAGE(det(rhs), "det: needs square matrices, not shape [5]");
  EXPECT_MESSAGE(svd(rhs), "svd: needs matrices, not shape [5]");
  EXPECT_MESSAGE(lstsq(batch, rhs), "lstsq: needs one matrix, not shape [2, 3, 3]");
  EXPECT_MESSAGE(tensordot(a, tall, 1), "tensordot: axis 1 of shape [4, 4] and axis 0 of shape [5, 3] differ");
  EXPECT_MESSAGE(block_diag({}), "block_diag: no blocks");
}

TEST(LinearAlgebra, Gradients) {
  check_gradient([](Tensor x) { return solve(x, b); }, a);
  check_gradient([](Tensor y) { return solve(a, y); }, b);
  check_gradient([](Tensor x) { return lu_solve(lu_factor(x), b, true); }, a);
  check_gradient([](Tensor x) { return inv(x); }, a);
  check_gradient([](Tensor x) { return det(x); }, batch);
  check_gradient([](Tensor x) { return slogdet(x).second; }, batch);
  check_gradient([](Tensor x) { auto [q, r] = qr(x); return concat({flatten(q), flatten(r)}); }, tall);
  check_gradient([](Tensor x) { auto [q, r] = qr(x); return concat({flatten(q), flatten(r)}); }, t(tall));
  check_gradient([](Tensor x) { return eigvalsh(x); }, sym);
  check_gradient([](Tensor x) { auto [u, s, vt] = svd(x); return concat({flatten(u), s, flatten(vt)}); }, t(tall));
  check_gradient([](Tensor x) { return pinv(x); }, tall);
  check_gradient([](Tensor x) { return lstsq(x, rhs).solution; }, tall);
  check_gradient([](Tensor x) { return expm(x); }, a);
  check_gradient([](Tensor x) { return norm(x, {.ord = 2}) + norm(x, {.ord = "nuc"}) + norm(x, {.ord = 1}) + norm(x); }, tall);
  check_gradient([](Tensor x) { return norm(x, {.ord = 3}) + norm(x, {.ord = 1}); }, rhs);
  check_gradient([](Tensor x) { return einsum("...ij,...kj->...ik", {x, x}); }, batch);
  check_gradient([](Tensor x) { return kron(x, b); }, b);
}

// Symmetric functions of equal values, projections on their space, and the orthogonal factor are differentiable.
TEST(LinearAlgebra, GradientsAtEqualValues) {
  const Tensor twice = diag(Tensor{1.0, 1.0, 3.0});
  check_gradient([](Tensor x) { return sum(exp(eigvalsh(x))); }, twice);
  check_gradient([](Tensor x) { Tensor v = eigh(x).vectors(all, from(2)); return matmul(v, t(v)); }, twice);
  check_gradient([](Tensor x) { auto [u, s, vt] = svd(x); return matmul(u, vt); }, 2.0 * eye(3));
  check_gradient([](Tensor x) { return sum(square(svdvals(x))); }, eye(3));
}

TEST(LinearAlgebra, SinglePrecision) {
  auto total = [](Tensor x) {
    auto [q, r] = qr(x);
    return sum(svdvals(x)) + sum(square(eigvalsh(x))) + sum(solve(x, b.cast(x.dtype()))) + slogdet(x).second + sum(q) + sum(r);
  };
  EXPECT_CLOSE(total(a.cast(f32)), total(a).cast(f32), 1e-5);
  EXPECT_EQ(grad(total)(a.cast(f32)).dtype(), f32);
  EXPECT_CLOSE(grad(total)(a.cast(f32)), grad(total)(a).cast(f32), 1e-4);
  EXPECT_CLOSE(jit(grad(total))(a.cast(f32)), grad(total)(a.cast(f32)), 1e-5);
}

TEST(LinearAlgebra, ExtremeScales) {
  const Tensor tiny = 1e-140 * a, large = 1e140 * a;
  EXPECT_CLOSE(solve(tiny, 1e-140 * b), solved, 1e-13);
  EXPECT_CLOSE(1e-140 * qr(large).r, qr(a).r, 1e-13);
  EXPECT_CLOSE(1e-140 * svdvals(large), svdvals(a), 1e-13);
  EXPECT_CLOSE(1e140 * eigvalsh(tiny), eigvalsh(a), 1e-13);
  for (double scale : {1e-250, 1e250}) {
    EXPECT_CLOSE(qr(scale * a).q, qr(a).q, 1e-13);
    EXPECT_CLOSE(qr(scale * a).r / scale, qr(a).r, 1e-13);
    EXPECT_CLOSE(svdvals(scale * a) / scale, svdvals(a), 1e-13);
    EXPECT_CLOSE(jit([](Tensor x) { return svd(x).s; })(scale * a), svdvals(scale * a), 0);
    EXPECT_CLOSE(eigvalsh(scale * a) / scale, eigvalsh(a), 1e-13);
  }
  EXPECT_CLOSE(svdvals((1e-30 * a).cast(f32)).cast(f64) * 1e30, svdvals(a), 1e-6);
  EXPECT_CLOSE(eigvalsh(diag(Tensor{1e300, -1e-300, 0.0})), Tensor{-1e-300, 0.0, 1e300}, 0);
}

TEST(LinearAlgebra, MapsOverBatches) {
  EXPECT_CLOSE(vmap([](Tensor x) { return solve(x, b[until(3)]); })(batch), solve(batch, b[until(3)]), 0);
  EXPECT_CLOSE(vmap([](Tensor x) { return det(x); })(batch), det(batch), 0);
  EXPECT_CLOSE(jit(vmap([](Tensor x) { return svdvals(x); }))(batch), svdvals(batch), 0);
  EXPECT_CLOSE(jit([](Tensor x) { return expm(x); })(a), expm(a), 1e-14);
  EXPECT_CLOSE(expm(stack({a, 3.0 * a}))[1], expm(3.0 * a), 1e-13);
}
