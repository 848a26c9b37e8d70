// Functions of NumPy: grids, groups, samples, moments. Values in numeric.inc are NumPy's.
#include "nuthatch/numeric.h"

#include "nuthatch/grids.h"
#include "nuthatch/groups.h"
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
#include "tests/api/numeric.inc"

void check_gradient(const std::function<Tensor(Tensor)>& f, const Tensor& x, double tolerance = 1e-7) {
  auto total = [&](Tensor a) {
    Tensor y = flatten(f(a));
    return sum(y * cos(arange(y.size()).cast(f64)));
  };
  Tensor slope = grad(total)(x);
  EXPECT_CLOSE(slope, differences(total, x), tolerance);
  EXPECT_CLOSE(jit(grad(total))(x), slope, 1e-12);
}
}  // namespace

TEST(Grids, AsNumPy) {
  EXPECT_CLOSE(logspace(-1, 2, 4), log_grid, 1e-15);
  EXPECT_CLOSE(logspace(0, 3, 5, 2), log_grid_two, 1e-15);
  EXPECT_CLOSE(geomspace(1, 1000, 4), geometric_grid, 1e-15);
  EXPECT_CLOSE(geomspace(-2, -32, 5), geometric_negative, 1e-15);
  EXPECT_CLOSE(linspace(Tensor{0.0, 1.0}, Tensor{1.0, 5.0}, 4, {.endpoint = false}), line_open, 1e-15);
  EXPECT_CLOSE(linspace(Tensor{0.0, 1.0}, Tensor{1.0, 5.0}, 4), line, 1e-15);
  EXPECT_CLOSE(arange(0.5, 2.0, 0.3), steps, 1e-15);
  EXPECT_CLOSE(arange(1, -1, -0.4), steps_down, 1e-15);
  EXPECT_TENSOR(eye(2, 3, 1), Tensor{{0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
  EXPECT_TENSOR(diagonal(m, 1), diagonal_up);
  EXPECT_TENSOR(diagonal(m, -2), diagonal_down);
  EXPECT_EQ(diagonal(m, 9).shape(), Shape({0}));
  EXPECT_CLOSE(trace(m, 2), trace_up, 1e-15);
  auto grid = meshgrid({Tensor{1, 2, 3}, Tensor{10, 20}});
  EXPECT_TENSOR(grid[0], Tensor{{1, 2, 3}, {1, 2, 3}});
  EXPECT_TENSOR(grid[1], Tensor{{10, 10, 10}, {20, 20, 20}});
  EXPECT_TENSOR(meshgrid({Tensor{1, 2, 3}, Tensor{10, 20}}, Indexing::ij)[1], Tensor{{10, 20}, {10, 20}, {10, 20}});
  EXPECT_EQ(meshgrid({zeros(2), zeros(3), zeros(4)})[2].shape(), Shape({3, 2, 4}));
  EXPECT_TENSOR(split(arange(6), 3)[1], Tensor{2, 3});
  auto parts = split(arange(6), std::vector<std::int64_t>{1, 4});
  EXPECT_TENSOR(concatenate({parts[0], parts[1], parts[2]}), arange(6));
  EXPECT_TENSOR(parts[2], Tensor{4, 5});
  auto coordinates = unravel_index(Tensor{7, 11}, {3, 4});
  EXPECT_TENSOR(coordinates[0], Tensor{1, 2});
  EXPECT_TENSOR(coordinates[1], Tensor{3, 3});
  EXPECT_TENSOR(ravel_multi_index(coordinates, {3, 4}), Tensor{7, 11});
  EXPECT_MESSAGE(split(zeros(5), 2), "split: axis 0 of shape [5] into 2 equal parts");
  EXPECT_MESSAGE(split(zeros(5), std::vector<std::int64_t>{3, 2}), "split: positions [3, 2] do not ascend");
  EXPECT_MESSAGE(arange(0.0, 1.0, 0.0), "arange: from 0.000000 to 1.000000 by 0.000000");
  EXPECT_MESSAGE(geomspace(-1, 1, 3), "geomspace: from -1.000000 to 1.000000");
  EXPECT_MESSAGE(unravel_index(Tensor{12}, {3, 4}), "unravel_index: position 12 is outside shape [3, 4]");
}

TEST(Groups, ByNumber) {
  const Tensor x{3.0, -1.0, 2.0, 5.0}, g{0, 2, 0, 2};
  EXPECT_TENSOR(segment_prod(x, g, 3), Tensor{6.0, 1.0, -5.0});
  EXPECT_TENSOR(segment_max(x, g, 3), Tensor{3.0, -INFINITY, 5.0});
  EXPECT_TENSOR(segment_min(x, g, 3), Tensor{2.0, INFINITY, -1.0});
  EXPECT_TENSOR(segment_mean(x, g, 3), Tensor{2.5, NAN, 2.0});
  EXPECT_TENSOR(segment_max(Tensor{3, 1}, Tensor{1, 5}, 2), Tensor{std::int64_t(INT64_MIN), std::int64_t(3)});
  EXPECT_TENSOR(segment_min(Tensor{true, false}, Tensor{0, 0}, 1), Tensor{0});
  EXPECT_CLOSE(segment_logsumexp(x, g, 3), Tensor{std::log(std::exp(3.0) + std::exp(2.0)), -INFINITY, std::log(std::exp(-1.0) + std::exp(5.0))}, 1e-15);
  EXPECT_CLOSE(segment_logsumexp(1000.0 * x, Tensor{0, 1, -1, 0}, 2), Tensor{5000.0, -1000.0}, 1e-15);
  EXPECT_TENSOR(segment_mean(stack({x, 2.0 * x}), Tensor{0, 0}, 1), expand_dims(1.5 * x, 0));
  EXPECT_TENSOR(bincount(Tensor{0, 2, 2}, Tensor{0.5, 1.0, 2.0}, 4), Tensor{0.5, 0.0, 3.0, 0.0});
  EXPECT_MESSAGE(segment_max(x, Tensor{0, 1}, 2), "segment_max: segment [2] does not give one group to each row of [4]");
  EXPECT_MESSAGE(segment_mean(x, x, 2), "segment_mean: indices are integers, not f64[4]");
}

TEST(Groups, HistogramsAsNumPy) {
  auto [n, e] = histogram(m, 4);
  EXPECT_TENSOR(n, counts.cast(i64));
  EXPECT_CLOSE(e, edges, 1e-15);
  EXPECT_TENSOR(histogram(m, 5, {.range = {{-1.0, 1.0}}}).first, counts_range.cast(i64));
  EXPECT_CLOSE(histogram(t, 3, {.weights = w}).first, counts_weighted, 1e-15);
  EXPECT_CLOSE(histogram(m, 4, {.density = true}).first, density, 1e-15);
  EXPECT_TENSOR(histogram(m, Tensor{-1.0, 0.0, 0.5, 3.0}).first, counts_edges.cast(i64));
  EXPECT_TENSOR(histogram(Tensor{NAN, 1.0, 2.0}, Tensor{0.0, 1.0, 2.0}).first, Tensor{0, 2});
  EXPECT_TENSOR(histogram(ones(3), 2).second, Tensor{0.5, 1.0, 1.5});
  EXPECT_TENSOR(jit([](Tensor x) { return histogram(x, 4).first; })(m), counts.cast(i64));
  EXPECT_MESSAGE(histogram(m, Tensor{1.0, 0.0}), "histogram: the edges do not ascend");
  EXPECT_MESSAGE(histogram(m, 0), "histogram: needs at least one bin, not 0");
}

TEST(Numeric, SamplesAsNumPy) {
  EXPECT_CLOSE(gradient(m), gradient_last, 1e-14);
  EXPECT_CLOSE(gradient(m, 0.5, 0), gradient_first, 1e-14);
  EXPECT_CLOSE(gradient(m, t, 1), gradient_at, 1e-14);
  EXPECT_CLOSE(gradient(v[until(2)]), gradient_two, 1e-15);
  EXPECT_CLOSE(trapezoid(m, 0.5), trapezoid_unit, 1e-14);
  EXPECT_CLOSE(trapezoid(m, t), trapezoid_at, 1e-14);
  EXPECT_CLOSE(trapezoid(m, 1.0, 0), trapezoid_first, 1e-14);
  const Tensor at{-1.0, 0.0, 0.25, 1.5, 3.0, 4.0, 5.0};
  EXPECT_CLOSE(interp(at, t, w), interpolated, 1e-15);
  EXPECT_CLOSE(interp(at, t, w, {.left = 0.0, .right = -1.0}), interpolated_zero, 1e-15);
  EXPECT_TENSOR(interp(Tensor{NAN, 0.0, 7.0}, Tensor{1.0}, Tensor{2.0}), Tensor{NAN, 2.0, 2.0});
  EXPECT_CLOSE(convolve(v, k), convolved_full, 1e-14);
  EXPECT_CLOSE(convolve(v, k, ConvolveMode::same), convolved_same, 1e-14);
  EXPECT_CLOSE(convolve(v, k, ConvolveMode::valid), convolved_valid, 1e-14);
  EXPECT_CLOSE(convolve(k, v, ConvolveMode::same), convolved_short, 1e-14);
  EXPECT_TENSOR(convolve(Tensor{1, 2, 3}, Tensor{0, 1}), Tensor{0, 1, 2, 3});
  EXPECT_CLOSE(polyval(k, m), polynomial, 1e-14);
  EXPECT_MESSAGE(gradient(zeros({3, 1})), "gradient: axis -1 of shape [3, 1] has fewer than 2 samples");
  EXPECT_MESSAGE(trapezoid(m, zeros(3)), "trapezoid: coordinates of shape [3] for 5 samples");
  EXPECT_MESSAGE(interp(at, t, k), "interp: points [5] and values [4] are not two vectors of one length");
  EXPECT_MESSAGE(convolve(m, k), "convolve: needs two vectors that are not empty");
}

TEST(Numeric, MomentsAsNumPy) {
  EXPECT_CLOSE(average(m, w, {.axis = 1}), average_vector, 1e-15);
  EXPECT_CLOSE(average(m, square(m)), average_all, 1e-14);
  EXPECT_CLOSE(cov(m), covariance, 1e-14);
  EXPECT_CLOSE(cov(m, {.rowvar = false, .ddof = 0}), covariance_columns, 1e-14);
  EXPECT_CLOSE(cov(v), covariance_vector, 1e-14);
  EXPECT_CLOSE(corrcoef(m), correlation, 1e-14);
  EXPECT_TENSOR(var(m, 1), variance(m, 1));
  EXPECT_MESSAGE(average(m, w), "average: weights [5] for shape [3, 5] need one axis");
  EXPECT_MESSAGE(cov(zeros({2, 2, 2})), "cov: needs one vector or matrix, not shape [2, 2, 2]");
}

TEST(Numeric, Elementwise) {
  const Tensor x{NAN, INFINITY, -INFINITY, 1.5};
  EXPECT_TENSOR(nan_to_num(x), Tensor{0.0, 1.7976931348623157e308, -1.7976931348623157e308, 1.5});
  EXPECT_TENSOR(nan_to_num(x, {.nan = -1.0, .posinf = 9.0}), Tensor{-1.0, 9.0, -1.7976931348623157e308, 1.5});
  EXPECT_TENSOR(clip(Tensor{-1.0, 0.5, 2.0}, 0.0, 1.0), Tensor{0.0, 0.5, 1.0});
  EXPECT_TENSOR(isclose(x, x), Tensor{false, true, true, true});
  EXPECT_TENSOR(isclose(x, x, {.equal_nan = true}), Tensor{true, true, true, true});
  EXPECT_TENSOR(isclose(Tensor{1.0, 1.0, 0.0}, Tensor{1.00001, 1.0001, 1e-9}), Tensor{true, false, true});
  EXPECT_TRUE(bool(allclose(m, m + 1e-9)));
  EXPECT_FALSE(bool(allclose(m, m + 1e-3)));
}

TEST(Numeric, Gradients) {
  check_gradient([](Tensor x) { return gradient(x, t, 1); }, m);
  check_gradient([](Tensor x) { return trapezoid(w, x); }, t);
  check_gradient([](Tensor x) { return interp(x, t, w); }, Tensor{0.2, 1.1, 3.0});
  check_gradient([](Tensor y) { return interp(Tensor{0.2, 1.1, 3.0}, t, y); }, w);
  check_gradient([](Tensor x) { return convolve(x, k); }, v);
  check_gradient([](Tensor x) { return convolve(v, x, ConvolveMode::same); }, k);
  check_gradient([](Tensor x) { return polyval(x, v); }, k);
  check_gradient([](Tensor x) { return cov(x) + corrcoef(x); }, m);
  check_gradient([](Tensor x) { return average(m, x, {.axis = 1}); }, w);
  check_gradient([](Tensor x) { return segment_logsumexp(x, Tensor{0, 2, 0, 1, 2}, 4)[until(3)]; }, w);
  check_gradient([](Tensor x) { return segment_prod(x, Tensor{0, 2, 0, 1, 2}, 4) + segment_mean(x, Tensor{0, 1, 2, 3, 3}, 4); }, w);
  check_gradient([](Tensor x) { return linspace(x, 2.0 * x, 3); }, w);
}
