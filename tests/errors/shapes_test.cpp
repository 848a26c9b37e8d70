// Operands that do not fit: every message has the line, the function, and the shapes. What tests/api already covers next
// to the correct behaviour is not repeated.
#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/random.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

TEST(BadShapes, Elementwise) {
  EXPECT_ERROR_HERE("pow: cannot broadcast [2, 3] with [3, 2]", pow(zeros({2, 3}), zeros({3, 2})));
  EXPECT_ERROR_HERE("<: cannot broadcast [2] with [3]", zeros(2) < zeros(3));
  EXPECT_ERROR_HERE("maximum: cannot broadcast [2] with [3]", maximum(zeros(2), zeros(3)));
  EXPECT_ERROR_HERE("select: cannot broadcast [2] with [3]", select(zeros(3) > 0.0, zeros(2), zeros(3)));
  EXPECT_ERROR_HERE("select: the condition is f64[3], not bool", select(zeros(3), zeros(3), zeros(3)));
}

TEST(BadShapes, Creation) {
  EXPECT_ERROR_HERE("eye: negative extent in shape [-1, -1]", eye(-1));
  EXPECT_ERROR_HERE("arange: negative extent in shape [-1]", arange(-1));
  EXPECT_ERROR_HERE("one_hot: negative number of classes", one_hot(Tensor{0}, -3));
  EXPECT_ERROR_HERE("Tensor{...}: rows of 2 and 1 numbers", Tensor{{1.0, 2.0}, {3.0}});
  // The number of elements would overflow.
  const std::int64_t million = 1 << 20;
  EXPECT_ERROR_HERE("zeros: shape [1048576, 1048576, 1048576, 1048576] is too large",
                    zeros({million, million, million, million}));
  EXPECT_EQ(zeros({million, million, million, million, 0}).size(), 0);
}

TEST(BadShapes, Axes) {
  const Tensor x = zeros({2, 3});
  EXPECT_ERROR_HERE("logsumexp: axis 2 is not an axis of shape [2, 3]", logsumexp(x, 2));
  EXPECT_ERROR_HERE("softmax: axis 2 is not an axis of shape [2, 3]", softmax(x, 2));
  EXPECT_ERROR_HERE("log_softmax: axis -3 is not an axis of shape [2, 3]", log_softmax(x, -3));
  EXPECT_ERROR_HERE("cumsum: axis 5 is not an axis of shape [2, 3]", cumsum(x, 5));
  EXPECT_ERROR_HERE("argmax: axis 2 is not an axis of shape [2, 3]", argmax(x, 2));
  EXPECT_ERROR_HERE("concat: axis 2 is not an axis of shape [2, 3]", concat({x, x}, 2));
  EXPECT_ERROR_HERE("stack: axis 3 is not an axis of shape [2, 3]", stack({x, x}, 3));
  EXPECT_ERROR_HERE("transpose: axis 5 is not an axis of shape [2, 3]", transpose(x, {0, 5}));
  EXPECT_ERROR_HERE("swapaxes: axis 2 is not an axis of shape [2, 3]", swapaxes(x, 0, 2));
  EXPECT_ERROR_HERE("moveaxis: axis 2 is not an axis of shape [2, 3]", moveaxis(x, 0, 2));
  EXPECT_ERROR_HERE("expand_dims: axis 4 is not an axis of shape [2, 3]", expand_dims(x, 4));
  EXPECT_ERROR_HERE("squeeze: axis 2 is not an axis of shape [2, 3]", squeeze(x, 2));
  EXPECT_ERROR_HERE("flip: axis 2 is not an axis of shape [2, 3]", flip(x, 2));
  EXPECT_ERROR_HERE("roll: axis 2 is not an axis of shape [2, 3]", roll(x, 1, 2));
  EXPECT_ERROR_HERE("repeat: axis 2 is not an axis of shape [2, 3]", repeat(x, 2, 2));
  EXPECT_ERROR_HERE("diff: axis 2 is not an axis of shape [2, 3]", diff(x, 2));
  EXPECT_ERROR_HERE("take: axis 2 is not an axis of shape [2, 3]", take(x, Tensor{0}, 2));
}

TEST(BadShapes, Rearranging) {
  EXPECT_ERROR_HERE("reshape: cannot reshape [6] into [4, 2]", reshape(zeros(6), {4, 2}));
  EXPECT_ERROR_HERE("reshape: negative extent in shape [-2, 3]", reshape(zeros(6), {-2, 3}));
  EXPECT_ERROR_HERE("concat: shapes [2, 3] and [3] differ outside axis 0", concat({zeros({2, 3}), zeros(3)}));
  EXPECT_ERROR_HERE("repeat: -1 times", repeat(zeros(3), -1));
  EXPECT_ERROR_HERE("tile: negative count in [-1]", tile(zeros(3), {-1}));
  EXPECT_ERROR_HERE("pad: a negative width", pad(zeros(3), {{-1, 0}}));
  EXPECT_ERROR_HERE("diff: axis -1 of shape [0] is empty", diff(zeros(0)));
  EXPECT_ERROR_HERE("index 5 is out of bounds for axis 0 with extent 3", take(zeros(3), Tensor{5}));
  EXPECT_ERROR_HERE("segment_sum: negative number of groups", segment_sum(zeros(2), Tensor{0, 1}, -1));
}

TEST(BadShapes, LinearAlgebra) {
  EXPECT_ERROR_HERE("matmul: cannot broadcast [2] with [5]", matmul(zeros({2, 2, 3}), zeros({5, 3, 4})));
  EXPECT_ERROR_HERE("matmul: [2, 3] times [2]: the inner extents 3 and 2 differ", matmul(zeros({2, 3}), zeros(2)));
  EXPECT_ERROR_HERE("dot: [3] with [4]: the inner extents 3 and 4 differ", dot(zeros(3), zeros(4)));
  EXPECT_ERROR_HERE("cholesky: needs square matrices, not shape [3]", cholesky(zeros(3)));
  EXPECT_ERROR_HERE("triangular_solve: needs square matrices, not shape [2, 3]", triangular_solve(zeros({2, 3}), zeros(2)));
  EXPECT_ERROR_HERE("a right-hand side of shape [3, 2] does not fit matrices of shape [2, 2]",
                    triangular_solve(eye(2), zeros({3, 2})));
  EXPECT_ERROR_HERE("a right-hand side of shape [3] does not fit matrices of shape [2, 2]", cho_solve(eye(2), zeros(3)));
  EXPECT_ERROR_HERE("needs square matrices, not shape [2, 3]", cholesky_logdet(zeros({2, 3})));
}

TEST(BadShapes, Loops) {
  const auto same = [](Tensor, Tensor x) { return x; };
  EXPECT_ERROR_HERE("scan: -2 steps", scan(0.0, -2, [](Tensor c, Tensor) { return std::pair{c, c}; }));
  EXPECT_EQ(fori_loop(3, 0, 1.0, same).item(), 1);  // an empty range is none
  EXPECT_ERROR_HERE("while_loop: the condition is bool[2], not a bool scalar",
                    while_loop(zeros(2), [](Tensor x) { return x < 1.0; }, [](Tensor x) { return x + 1.0; }));
  EXPECT_ERROR_HERE("while_loop: .max_trip is -5",
                    while_loop(0.0, [](Tensor x) { return x < 1.0; }, [](Tensor x) { return x + 1.0; }, {.max_trip = -5}));
  EXPECT_ERROR_HERE("cond: the condition is f64[], not a bool scalar",
                    cond(1.0, [] { return ones(2); }, [] { return ones(2); }));
  EXPECT_ERROR_HERE("cond: the branches return bool[] and f64[2] for the result",
                    cond(Tensor(true), [] { return Tensor(true); }, [] { return ones(2); }));
}

TEST(BadShapes, Transformations) {
  const auto same = [](Tensor x) { return x; };
  EXPECT_ERROR_HERE("the function returns f64[3], not a float scalar", hessian(same)(zeros(3)));
  EXPECT_ERROR_HERE("vmap: argument 0 of shape [2, 2] has no axis 3", vmap(same, {.in = {3}})(zeros({2, 2})));
  EXPECT_ERROR_HERE("axis 3 is not an axis of shape [2, 2]", vmap(same, {.in = {0}, .out = 3})(zeros({2, 2})));
  EXPECT_ERROR_HERE("jvp: cannot broadcast [2] with [3]", jvp(same, ones(3), ones(2)));
  // Inside several transformations the innermost line is named.
  EXPECT_ERROR("add: cannot broadcast [2] with [4]",
               jit(vmap(grad([](Tensor x) { return sum(x + zeros(4)); })))(zeros({3, 2})));
}

TEST(BadShapes, Random) {
  EXPECT_ERROR_HERE("uniform: negative extent in shape [-1]", uniform(Key(0), {-1}));
  EXPECT_ERROR_HERE("cannot broadcast [2] with [3]", uniform(Key(0), {2}, zeros(3), 1.0));
  EXPECT_ERROR_HERE("split: into -1 keys", split(Key(0), -1));
  EXPECT_ERROR_HERE("normal: an empty Key is used; write Key(seed)", normal(Key(), {2}));
}

TEST(BadShapes, EmptyTensors) {
  EXPECT_ERROR_HERE("sum: an empty Tensor is used", sum(Tensor()));
  EXPECT_ERROR_HERE("item: an empty Tensor is used", Tensor().item());
  EXPECT_EQ(text_of_error([] { Tensor().shape(); }), "shape: an empty Tensor is used");
  EXPECT_ERROR("an empty Tensor is used", bool(Tensor()));
  EXPECT_ERROR_HERE("item: shape [3] does not have one element", zeros(3).item());
}
