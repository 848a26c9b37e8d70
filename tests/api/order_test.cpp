// Sorting and order statistics against values that NumPy 1.24 gives.
#include "nuthatch/order.h"

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
const Tensor x{{3.0, -1.0, 2.5, 0.5}, {0.0, 7.0, -2.0, 7.0}};
}

TEST(Order, SortsAlongAnyAxisAndType) {
  EXPECT_TENSOR(sort(x), Tensor{{-1.0, 0.5, 2.5, 3.0}, {-2.0, 0.0, 7.0, 7.0}});
  EXPECT_TENSOR(sort(x, 0), Tensor{{0.0, -1.0, -2.0, 0.5}, {3.0, 7.0, 2.5, 7.0}});
  EXPECT_TENSOR(argsort(x), Tensor{{1, 3, 2, 0}, {2, 0, 1, 3}});
  EXPECT_TENSOR(argsort(x, 0), Tensor{{1, 0, 1, 0}, {0, 1, 0, 1}});
  EXPECT_TENSOR(sort(Tensor{3, -4, 0}), Tensor{-4, 0, 3});
  EXPECT_TENSOR(sort(Tensor{NAN, 1.0, INFINITY, -INFINITY}), Tensor{-INFINITY, 1.0, INFINITY, NAN});
  EXPECT_TENSOR(sort(zeros({0, 3}), 1), zeros({0, 3}));
  EXPECT_MESSAGE(sort(x, 2), "sort: axis 2 is not an axis of shape [2, 4]");
}

TEST(Order, SortsByKeys) {
  // np.lexsort(([9, 4, 0, 4, 0, 2, 1], [1, 5, 1, 4, 3, 4, 4]))
  EXPECT_TENSOR(lexsort({Tensor{9, 4, 0, 4, 0, 2, 1}, Tensor{1, 5, 1, 4, 3, 4, 4}}), Tensor{2, 0, 4, 6, 5, 3, 1});
  EXPECT_MESSAGE(lexsort({}), "lexsort: no keys");
  EXPECT_MESSAGE(lexsort({zeros(2), zeros(3)}), "lexsort: keys differ in shape: [2] and [3]");
}

TEST(Order, LargestElements) {
  auto [values, at] = top_k(x, 2);
  EXPECT_TENSOR(values, Tensor{{3.0, 2.5}, {7.0, 7.0}});
  EXPECT_TENSOR(at, Tensor{{0, 2}, {1, 3}});
  EXPECT_TENSOR(top_k(Tensor{1, 5, 3}, 3).first, Tensor{5, 3, 1});
  EXPECT_TENSOR(top_k(Tensor{1.0, NAN, 3.0}, 2).first, Tensor{3.0, 1.0});
  EXPECT_TENSOR(top_k(x, 1, 0).second, reshape(Tensor{0, 1, 0, 1}, {1, 4}));
  EXPECT_TENSOR(top_k(x, 0).first, zeros({2, 0}));
  EXPECT_MESSAGE(top_k(x, 5), "top_k: 5 elements of axis -1 of shape [2, 4]");
}

TEST(Order, TakesAlongAnAxis) {
  EXPECT_TENSOR(take_along_axis(x, argsort(x, 0), 0), sort(x, 0));
  EXPECT_TENSOR(take_along_axis(x, reshape(Tensor{-1, 1}, {2, 1}), 1), reshape(Tensor{0.5, 7.0}, {2, 1}));
  EXPECT_TENSOR(take_along_axis(x, reshape(Tensor{2, 0}, {1, 2}), 1), Tensor{{2.5, 3.0}, {-2.0, 0.0}});
  EXPECT_MESSAGE(take_along_axis(x, Tensor{0}, 1), "take_along_axis: indices of shape [1] and elements of shape [2, 4] differ in rank");
}

TEST(Order, QuantilesAsNumPy) {
  // np.quantile(x, [0, 0.1, 0.5, 0.9, 1]) and its methods.
  EXPECT_CLOSE(quantile(x, Tensor{0.0, 0.1, 0.5, 0.9, 1.0}), Tensor{-2.0, -1.3, 1.5, 7.0, 7.0}, 1e-15);
  EXPECT_CLOSE(quantile(x, Tensor{0.25, 0.8}, 1), Tensor{{0.125, -0.5}, {2.7, 7.0}}, 1e-15);
  EXPECT_CLOSE(quantile(x, 0.3, 0), Tensor{0.9, 1.4, -0.65, 2.45}, 1e-15);
  EXPECT_TENSOR(quantile(x, 0.4, {.method = Interpolation::lower}), Tensor(0.0).cast(f64));
  EXPECT_TENSOR(quantile(x, 0.4, {.method = Interpolation::higher}), Tensor(0.5).cast(f64));
  EXPECT_TENSOR(quantile(x, 0.3, {.axis = 1, .method = Interpolation::nearest}), Tensor{0.5, 0.0});
  EXPECT_TENSOR(quantile(x, 0.4, {.axis = 1, .method = Interpolation::midpoint}), Tensor{1.5, 3.5});
  EXPECT_TENSOR(quantile(x, 0.5, {.axis = {0, 1}, .keepdims = true}), full({1, 1}, 1.5));
  EXPECT_CLOSE(percentile(x, Tensor{30.0, 60.0}, 1), Tensor{{0.35, -0.2}, {2.1, 5.6}}, 1e-14);
  EXPECT_TENSOR(median(x, 0), Tensor{1.5, 3.0, 0.25, 3.75});
  EXPECT_TENSOR(median(Tensor{INFINITY, INFINITY, 1.0}), Tensor(INFINITY).cast(f64));
  EXPECT_TENSOR(median(Tensor{{1.0, NAN, 2.0}, {3.0, 4.0, 5.0}}, 1), Tensor{NAN, 4.0});
  EXPECT_TENSOR(median(Tensor{1, 2, 4, 8}), Tensor(3.0).cast(f64));
  EXPECT_MESSAGE(quantile(x, 1.5), "quantile: probability 1.500000 is outside [0, 1]");
  EXPECT_MESSAGE(percentile(x, 150), "percentile: percentage 150.000000 is outside [0, 100]");
  EXPECT_MESSAGE(quantile(x, ones({1, 1})), "quantile: probabilities are a scalar or a vector, not f64[1, 1]");
  EXPECT_MESSAGE(median(zeros(0)), "median: no elements in shape [0]");
}

TEST(Order, Searches) {
  const Tensor sorted{1.0, 2.0, 2.0, 3.0, 5.0}, v{{0.0, 2.0, 2.5}, {3.0, 5.0, NAN}};
  EXPECT_TENSOR(searchsorted(sorted, v), Tensor{{0, 1, 3}, {3, 4, 5}});
  EXPECT_TENSOR(searchsorted(sorted, v, Side::right), Tensor{{0, 3, 3}, {4, 5, 5}});
  const Tensor with_nan{1.0, NAN, NAN};
  EXPECT_TENSOR(searchsorted(with_nan, Tensor{NAN, 2.0}), Tensor{1, 1});
  EXPECT_TENSOR(searchsorted(with_nan, Tensor{NAN, 2.0}, Side::right), Tensor{3, 1});
  EXPECT_TENSOR(searchsorted(zeros(0), Tensor{1.0}), Tensor{0});
  for (int n = 1; n < 20; ++n)
    EXPECT_TENSOR(searchsorted(arange(n), arange(-1, n + 1)), clamp(arange(-1, n + 1), 0, n));
  EXPECT_TENSOR(digitize(Tensor{0.2, 6.4, 3.0, 1.6, 1.0}, Tensor{0.0, 1.0, 2.5, 4.0, 10.0}), Tensor{1, 4, 3, 2, 2});
  EXPECT_TENSOR(digitize(Tensor{0.2, 6.4, 3.0, 1.6, 1.0}, Tensor{0.0, 1.0, 2.5, 4.0, 10.0}, true), Tensor{1, 4, 3, 2, 1});
  EXPECT_MESSAGE(searchsorted(v, 1.0), "searchsorted: the sorted elements are a vector, not f64[2, 3]");
}

TEST(Order, DistinctElements) {
  auto [values, at, inverse, counts] = unique_all(Tensor{{3, 1, 3}, {2, 1, 3}});
  EXPECT_TENSOR(values, Tensor{1, 2, 3});
  EXPECT_TENSOR(at, Tensor{1, 3, 0});
  EXPECT_TENSOR(inverse, Tensor{{2, 0, 2}, {1, 0, 2}});
  EXPECT_TENSOR(counts, Tensor{2, 1, 3});
  EXPECT_TENSOR(unique(Tensor{NAN, 1.0, NAN, -0.0, 0.0}), Tensor{0.0, 1.0, NAN});
  EXPECT_TENSOR(unique(zeros(0)), zeros(0));
  EXPECT_MESSAGE(jit([](Tensor v) { return unique(v); })(ones(3)), "unique: of a traced value of shape [3]");
}

TEST(Order, DerivativesFollowTheElements) {
  Tensor v{0.3, -1.2, 2.0, 0.9, -0.4}, w{1.0, -2.0, 0.5, 3.0, 1.5};
  auto f = [&](Tensor a) {
    return sum(sort(a) * w) + sum(quantile(a, Tensor{0.1, 0.45, 0.8}) * Tensor{1.0, 2.0, -1.0}) + sum(square(top_k(a, 2).first)) + median(a);
  };
  EXPECT_CLOSE(grad(f)(v), differences(f, v), 1e-8);
  EXPECT_CLOSE(jit(grad(f))(v), grad(f)(v), 1e-15);
  auto of_q = [&](Tensor q) { return sum(quantile(v, q)); };
  EXPECT_CLOSE(grad(of_q)(Tensor{0.3, 0.6}), differences(of_q, Tensor{0.3, 0.6}), 1e-7);
  Tensor many = stack({v, flip(v), 2.0 * v});
  EXPECT_TENSOR(vmap([](Tensor a) { return sort(a); })(many), sort(many));
  EXPECT_TENSOR(jit(vmap([](Tensor a) { return median(a); }))(many), median(many, 1));
}
