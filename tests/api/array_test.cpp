// Creation, reshaping, joining, matrices, groups; linear algebra.
#include "tests/api/helpers.h"

using namespace nuthatch;

TEST(Array, Creation) {
  EXPECT_TENSOR(zeros(2), Tensor{0.0, 0.0});
  EXPECT_EQ(ones({2, 3}, i32).dtype(), i32);
  EXPECT_TENSOR(full({2}, 7), Tensor{7, 7});
  EXPECT_EQ(full({}, 7).shape(), Shape());
  EXPECT_EQ(zeros_like(ones({2, 2}, f32)).dtype(), f32);
  EXPECT_TENSOR(full_like(ones(2), 3), Tensor{3.0, 3.0});
  EXPECT_TENSOR(eye(2), Tensor{{1.0, 0.0}, {0.0, 1.0}});
  EXPECT_TENSOR(arange(3), Tensor{0, 1, 2});
  EXPECT_TENSOR(arange(2, 9, 3), Tensor{2, 5, 8});
  EXPECT_TENSOR(arange(3, 0, -1), Tensor{3, 2, 1});
  EXPECT_TENSOR(arange(0, 1, 0.5), Tensor{0.0, 0.5});
  EXPECT_EQ(arange(3, 0).shape(), Shape({0}));
  EXPECT_TENSOR(linspace(0.0, 1.0, 5), Tensor{0.0, 0.25, 0.5, 0.75, 1.0});
  EXPECT_TENSOR(linspace(2.0, 3.0, 1), Tensor{2.0});
  EXPECT_MESSAGE(zeros({2, -1}), "zeros: negative extent in shape [2, -1]");
  EXPECT_MESSAGE(arange(0, 3, 0), "arange: step 0");
  EXPECT_MESSAGE(linspace(0, 1, 0), "needs at least one value");
  EXPECT_MESSAGE(full({2}, zeros(2)), "full: the value is a scalar, not f64[2]");
}

TEST(Array, Reshaping) {
  Tensor x = arange(6);
  EXPECT_TENSOR(reshape(x, {2, -1}), Tensor{{0, 1, 2}, {3, 4, 5}});
  EXPECT_EQ(reshape(x, {-1, 1}).shape(), Shape({6, 1}));
  EXPECT_MESSAGE(reshape(x, {4, -1}), "reshape: cannot reshape [6] into [4, -1]");
  EXPECT_MESSAGE(reshape(x, {-1, -1}), "more than one -1");
  EXPECT_EQ(flatten(zeros({2, 3})).shape(), Shape({6}));
  EXPECT_EQ(transpose(zeros({2, 3, 4})).shape(), Shape({4, 3, 2}));
  EXPECT_EQ(transpose(zeros({2, 3, 4}), {1, 2, 0}).shape(), Shape({3, 4, 2}));
  EXPECT_MESSAGE((transpose(zeros({2, 3}), {0, 0})), "axes are not a permutation");
  EXPECT_EQ(swapaxes(zeros({2, 3, 4}), 0, -1).shape(), Shape({4, 3, 2}));
  EXPECT_EQ(moveaxis(zeros({2, 3, 4}), 0, -1).shape(), Shape({3, 4, 2}));
  EXPECT_TENSOR(broadcast_to(Tensor{1, 2}, {2, 2}), Tensor{{1, 2}, {1, 2}});
  EXPECT_MESSAGE(broadcast_to(zeros({2, 2}), {2}), "broadcast_to: cannot broadcast [2, 2] to [2]");
  EXPECT_MESSAGE(broadcast_to(zeros(3), {2}), "cannot broadcast [3] with [2]");
  EXPECT_EQ(broadcast_shapes({{2, 1}, {3}, {}}), Shape({2, 3}));
  EXPECT_EQ(expand_dims(zeros({2, 3}), -1).shape(), Shape({2, 3, 1}));
  EXPECT_EQ(squeeze(zeros({1, 3, 1})).shape(), Shape({3}));
  EXPECT_EQ(squeeze(zeros({1, 3, 1}), -1).shape(), Shape({1, 3}));
  EXPECT_MESSAGE(squeeze(zeros({1, 3}), 1), "axis 1 of shape [1, 3] does not have extent 1");
  EXPECT_TENSOR(flip(Tensor{1, 2, 3}), Tensor{3, 2, 1});
  EXPECT_TENSOR(roll(Tensor{1, 2, 3, 4}, 1), Tensor{4, 1, 2, 3});
  EXPECT_TENSOR(roll(Tensor{1, 2, 3, 4}, -5), Tensor{2, 3, 4, 1});
}

TEST(Array, Joining) {
  EXPECT_TENSOR(concat({Tensor{1, 2}, Tensor{3.5}}), Tensor{1.0, 2.0, 3.5});
  EXPECT_EQ(concat({zeros({2, 1}), zeros({2, 3})}, 1).shape(), Shape({2, 4}));
  EXPECT_MESSAGE((concat({zeros({2, 1}), zeros({3, 1})}, 1)), "concat: shapes [2, 1] and [3, 1] differ outside axis 1");
  EXPECT_MESSAGE(concat({}), "needs at least one operand");
  EXPECT_TENSOR(stack({Tensor{1, 2}, Tensor{3, 4}}, 1), Tensor{{1, 3}, {2, 4}});
  EXPECT_TENSOR(stack({1.0, 2}), Tensor{1.0, 2.0});
  EXPECT_MESSAGE((stack({zeros(2), zeros(3)})), "stack: shapes [2] and [3] differ");
  EXPECT_TENSOR(repeat(Tensor{1, 2}, 2), Tensor{1, 1, 2, 2});
  EXPECT_TENSOR(repeat(Tensor{{1, 2}, {3, 4}}, 2, 1), Tensor{{1, 1, 2, 2}, {3, 3, 4, 4}});
  EXPECT_TENSOR(tile(Tensor{1, 2}, {2}), Tensor{1, 2, 1, 2});
  EXPECT_TENSOR(tile(Tensor{1, 2}, {2, 1}), Tensor{{1, 2}, {1, 2}});
  EXPECT_TENSOR(pad(Tensor{1.0, 2.0}, {{1, 2}}), Tensor{0.0, 1.0, 2.0, 0.0, 0.0});
  EXPECT_TENSOR(pad(Tensor{1, 2}, {{0, 1}}, 9), Tensor{1, 2, 9});
  EXPECT_MESSAGE((pad(zeros({2, 2}), {{1, 1}})), "pad: 1 pairs of widths for shape [2, 2]");
  EXPECT_TENSOR(diff(Tensor{1.0, 4.0, 2.0}), Tensor{3.0, -2.0});
  EXPECT_TENSOR(diff(Tensor{{1, 4}, {2, 9}}, 0), Tensor{{1, 5}});
}

TEST(Array, Matrices) {
  Tensor x = reshape(arange(9), {3, 3});
  EXPECT_TENSOR(tril(x), Tensor{{0, 0, 0}, {3, 4, 0}, {6, 7, 8}});
  EXPECT_TENSOR(triu(x, 1), Tensor{{0, 1, 2}, {0, 0, 5}, {0, 0, 0}});
  EXPECT_TENSOR(diagonal(x), Tensor{0, 4, 8});
  EXPECT_EQ(diagonal(zeros({5, 2, 2})).shape(), Shape({5, 2}));
  EXPECT_TENSOR(diag(Tensor{1, 2}), Tensor{{1, 0}, {0, 2}});
  EXPECT_EQ(diag(zeros({5, 2})).shape(), Shape({5, 2, 2}));
  EXPECT_TENSOR(outer(Tensor{1, 2}, Tensor{3, 4}), Tensor{{3, 4}, {6, 8}});
  EXPECT_TENSOR(one_hot(Tensor{2, 0}, 3), Tensor{{0.0, 0.0, 1.0}, {1.0, 0.0, 0.0}});
  EXPECT_TENSOR(take(x, Tensor{2, 0}, 1), Tensor{{2, 0}, {5, 3}, {8, 6}});
  EXPECT_TENSOR(take_last(x, Tensor{0, -1, 1}), Tensor{0, 5, 7});
  EXPECT_MESSAGE((take_last(x, Tensor{0})), "they lack its last dimension only");
  EXPECT_MESSAGE(diagonal(zeros({2, 3})), "diagonal: needs square matrices, not shape [2, 3]");
  EXPECT_MESSAGE(outer(zeros({2, 3}), zeros(2)), "outer: needs two vectors");
}

TEST(Array, Groups) {
  Tensor groups{0, 1, 1, 0, 2};
  EXPECT_TENSOR(segment_sum(Tensor{1.0, 2.0, 3.0, 4.0, 5.0}, groups, 3), Tensor{5.0, 5.0, 5.0});
  EXPECT_TENSOR(segment_sum(Tensor{{1, 2}, {3, 4}}, Tensor{1, 1}, 2), Tensor{{0, 0}, {4, 6}});
  EXPECT_TENSOR(segment_sum(Tensor{1.0, 2.0}, Tensor{0, 5}, 2), Tensor{1.0, 0.0});
  EXPECT_TENSOR(bincount(groups), Tensor{2.0, 2.0, 1.0});
  EXPECT_TENSOR(bincount(groups, 4), Tensor{2.0, 2.0, 1.0, 0.0});
  EXPECT_MESSAGE((segment_sum(zeros(3), Tensor{0, 1}, 2)), "segment [2] does not give one group to each row of [3]");
  Tensor z = standardize(Tensor{1.0, 2.0, 3.0});
  EXPECT_CLOSE(z, Tensor{-1.0, 0.0, 1.0}, 1e-15);
}

TEST(Array, OrderStatistics) {
  Tensor x{{3.0, 1.0, 2.0}, {9.0, 7.0, 8.0}};
  EXPECT_TENSOR(sort(x), Tensor{{1.0, 2.0, 3.0}, {7.0, 8.0, 9.0}});
  EXPECT_TENSOR(sort(x, 0), x);
  EXPECT_TENSOR(sort(Tensor{3, 1}), Tensor{1, 3});
  EXPECT_TENSOR(argsort(x), Tensor{{1, 2, 0}, {1, 2, 0}});
  EXPECT_TENSOR(argsort(Tensor{2.0, double(NAN), 1.0}), Tensor{2, 0, 1});
  EXPECT_EQ(median(Tensor{4.0, 1.0, 3.0, 2.0}).item(), 2.5);
  EXPECT_TENSOR(median(x, 1), Tensor{2.0, 8.0});
  EXPECT_TENSOR(quantile(Tensor{1.0, 2.0, 3.0}, Tensor{0.0, 0.25, 1.0}), Tensor{1.0, 1.5, 3.0});
  EXPECT_TENSOR(quantile(x, Tensor{0.0, 1.0}, 1), Tensor{{1.0, 7.0}, {3.0, 9.0}});
  EXPECT_EQ(percentile(arange(101), 97.0).item(), 97);
  EXPECT_TRUE(std::isnan(median(Tensor{1.0, double(NAN)}).item()));
  EXPECT_MESSAGE(quantile(x, 1.5), "quantile: probability 1.500000 is outside [0, 1]");
  EXPECT_MESSAGE(median(zeros(0)), "no elements in shape [0]");
  EXPECT_TENSOR(grad([](Tensor v) { return median(v); })(Tensor{3.0, 1.0, 5.0, 2.0}), Tensor{0.5, 0.0, 0.0, 0.5});
  EXPECT_TENSOR(jit([](Tensor v) { return sort(v); })(Tensor{3.0, NAN, -1.0}), Tensor{-1.0, 3.0, NAN});
}

TEST(Linalg, Matmul) {
  Tensor a{{1.0, 2.0}, {3.0, 4.0}}, v{5.0, 6.0};
  EXPECT_TENSOR(matmul(a, a), Tensor{{7.0, 10.0}, {15.0, 22.0}});
  EXPECT_TENSOR(matmul(a, v), Tensor{17.0, 39.0});
  EXPECT_TENSOR(matmul(v, a), Tensor{23.0, 34.0});
  EXPECT_EQ(matmul(v, v).item(), 61);
  EXPECT_EQ(dot(v, v).item(), 61);
  EXPECT_EQ(dot(zeros({2, 3}), zeros({4, 3, 5})).shape(), Shape({2, 4, 5}));
  Tensor many = stack({a, 2.0 * a, 3.0 * a});
  EXPECT_TENSOR(matmul(many, a)[2], 3.0 * matmul(a, a));
  EXPECT_TENSOR(matmul(a, many)[1], 2.0 * matmul(a, a));
  EXPECT_TENSOR(matmul(many, v)[1], 2.0 * matmul(a, v));
  EXPECT_TENSOR(matmul(v, many)[1], 2.0 * matmul(v, a));
  EXPECT_EQ(matmul(zeros({4, 1, 2, 3}), zeros({5, 3, 6})).shape(), Shape({4, 5, 2, 6}));
  EXPECT_EQ(matmul(ones({2, 2}, i64), ones({2}, f32)).dtype(), f32);
  EXPECT_MESSAGE(matmul(zeros({2, 3}), zeros({4, 5})), "matmul: [2, 3] times [4, 5]: the inner extents 3 and 4 differ");
  EXPECT_MESSAGE(matmul(2.0, a), "a scalar operand; use *");
}

TEST(Linalg, Einsum) {
  Tensor a{{1.0, 2.0}, {3.0, 4.0}}, v{5.0, 6.0};
  EXPECT_TENSOR(einsum("ij,jk->ik", {a, a}), matmul(a, a));
  EXPECT_TENSOR(einsum("ij,j,kj->ik", {a, v, a}), matmul(a * v, transpose(a)));
  EXPECT_TENSOR(einsum("ij->ji", {a}), transpose(a));
  EXPECT_TENSOR(einsum("ij->j", {a}), sum(a, 0));
  EXPECT_EQ(einsum("i,i->", {v, v}).item(), 61);
  EXPECT_TENSOR(einsum("i,j->ij", {v, v}), outer(v, v));
  EXPECT_TENSOR(einsum("bij,bj->bi", {stack({a, a}), stack({v, v})})[1], matmul(a, v));
  EXPECT_EQ(einsum("ij,k->", {a, v}).item(), 110);
  EXPECT_MESSAGE((einsum("ij,jk->ik", {a})), "2 operands are named and 1 given");
  EXPECT_MESSAGE((einsum("ij,jk->ik", {zeros({2, 3}), a})), "label j has extents 3 and 2");
  EXPECT_MESSAGE((einsum("ij->ik", {a})), "output label k");
  EXPECT_MESSAGE((einsum("i->i", {a})), "\"i\" for an operand of shape [2, 2]");
}

TEST(Linalg, Factorisations) {
  Tensor s{{4.0, 2.0}, {2.0, 5.0}}, b{1.0, 2.0};
  Tensor L = cholesky(s);
  EXPECT_CLOSE(L, Tensor{{2.0, 0.0}, {1.0, 2.0}}, 1e-15);
  EXPECT_CLOSE(matmul(s, cho_solve(L, b)), b, 1e-14);
  EXPECT_CLOSE(triangular_solve(L, b), Tensor{0.5, 0.75}, 1e-15);
  EXPECT_CLOSE(triangular_solve(transpose(L), b, false), triangular_solve(L, b, true, true), 1e-15);
  EXPECT_EQ(triangular_solve(L, ones({2, 3})).shape(), Shape({2, 3}));
  EXPECT_EQ(triangular_solve(stack({L, L, L}), b).shape(), Shape({3, 2}));
  EXPECT_EQ(triangular_solve(L, ones({5, 2, 3})).shape(), Shape({5, 2, 3}));
  EXPECT_CLOSE(cholesky_logdet(L), Tensor(std::log(16.0)).cast(f64), 1e-15);
  EXPECT_EQ(trace_of(s).item(), 9);
  EXPECT_TRUE(any_of(isnan(cholesky(-s))).item<bool>());
  EXPECT_MESSAGE(cholesky(zeros({2, 3})), "cholesky: needs square matrices, not shape [2, 3]");
  EXPECT_MESSAGE(triangular_solve(L, zeros(3)), "a right-hand side of shape [3] does not fit matrices of shape [2, 2]");
  auto f = [&](Tensor m) {
    Tensor l = cholesky(matmul(m, transpose(m)) + s);
    return cholesky_logdet(l) + sum(square(triangular_solve(l, b)));
  };
  Tensor m{{0.3, -0.2}, {0.5, 0.1}};
  EXPECT_CLOSE(grad(f)(m), differences(f, m), 1e-8);
}
