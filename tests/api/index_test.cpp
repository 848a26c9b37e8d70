// Every form of index, reading and updating, outside and inside programs.
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
Tensor grid() { return reshape(arange(12), {3, 4}); }
Tensor cube() { return reshape(arange(24), {2, 3, 4}); }
/// x(indices) evaluated as a program whose index is an argument.
template <class F>
Tensor traced(F f, const Tensor& i) {
  return vmap(f)(expand_dims(i, 0))[0];
}
}  // namespace

TEST(Index, Integers) {
  EXPECT_TENSOR(grid()[1], Tensor{4, 5, 6, 7});
  EXPECT_TENSOR(grid()[-1], Tensor{8, 9, 10, 11});
  EXPECT_EQ(grid()(1, 2).item(), 6);
  EXPECT_EQ(grid()(-1, -1).shape(), Shape());
  EXPECT_MESSAGE((grid()(all, 7)), "index: index 7 is out of bounds for axis 1 with extent 4");
  EXPECT_MESSAGE(grid()[-4], "index -4 is out of bounds for axis 0 with extent 3");
  EXPECT_MESSAGE((grid()(0, 0, 0)), "3 indices for shape [3, 4]");
  EXPECT_MESSAGE(Tensor(1.0)[0], "1 indices for shape []");
  const int line = __LINE__ + 1;
  EXPECT_EQ(message([] { grid()(all, 7); }).find("index_test.cpp:" + std::to_string(line)), 0u);
}

TEST(Index, Slices) {
  Tensor x = arange(6);
  EXPECT_TENSOR(x[slice(1, 4)], Tensor{1, 2, 3});
  EXPECT_TENSOR(x[from(-2)], Tensor{4, 5});
  EXPECT_TENSOR(x[until(-4)], Tensor{0, 1});
  EXPECT_TENSOR(x[slice(0, 6, 2)], Tensor{0, 2, 4});
  EXPECT_TENSOR(x[slice(4, 0, -2)], Tensor{4, 2});
  EXPECT_TENSOR((x[Slice{.start = {}, .stop = {}, .step = -1}]), Tensor{5, 4, 3, 2, 1, 0});
  EXPECT_TENSOR(x[slice(2, 100)], Tensor{2, 3, 4, 5});
  EXPECT_EQ(x[slice(4, 2)].shape(), Shape({0}));
  EXPECT_TENSOR(grid()(slice(0, 2), from(-2)), Tensor{{2, 3}, {6, 7}});
  EXPECT_TENSOR(grid()(all, 1), Tensor{1, 5, 9});
  EXPECT_MESSAGE((x[slice(0, 3, 0)]), "a slice with step 0");
}

TEST(Index, NewAxisAndEllipsis) {
  EXPECT_EQ(grid()(newaxis, all, newaxis).shape(), Shape({1, 3, 1, 4}));
  EXPECT_EQ(grid()(0, newaxis).shape(), Shape({1, 4}));
  EXPECT_TENSOR(cube()(ellipsis, 0), cube()(all, all, 0));
  EXPECT_TENSOR(cube()(1, ellipsis, 0), cube()(1, all, 0));
  EXPECT_TENSOR(cube()(1, 2, 3, ellipsis), Tensor(23).cast(i64));
  EXPECT_MESSAGE((cube()(ellipsis, ellipsis)), "more than one ellipsis");
}

TEST(Index, Gather) {
  EXPECT_TENSOR(grid()[Tensor{2, 0, 2}], Tensor{{8, 9, 10, 11}, {0, 1, 2, 3}, {8, 9, 10, 11}});
  EXPECT_TENSOR(grid()(all, Tensor{-1, 0}), Tensor{{3, 0}, {7, 4}, {11, 8}});
  EXPECT_TENSOR(grid()(Tensor{0, 1}, Tensor{3, 2}), Tensor{3, 6});
  EXPECT_TENSOR(grid()(slice(1, 3), Tensor{{0, 1}, {2, 3}})[0], Tensor{{4, 5}, {6, 7}});
  EXPECT_EQ(cube()(Tensor{0, 1, 1}, all, Tensor{0, 0, 3}).shape(), Shape({3, 3}));      // separated: in front
  EXPECT_EQ(cube()(all, Tensor{0, 1}, Tensor{0, 3}).shape(), Shape({2, 2}));            // together: in place
  EXPECT_EQ(cube()(all, Tensor{{0, 1}, {1, 2}}).shape(), Shape({2, 2, 2, 4}));
  EXPECT_TENSOR(cube()(1, Tensor{0, 2}, 3), Tensor{15, 23});
  EXPECT_TENSOR(grid()(Tensor{0, 1}, newaxis)[1], Tensor{{4, 5, 6, 7}});
  EXPECT_EQ(grid()[Tensor(1).cast(i64)].shape(), Shape({4}));
  EXPECT_MESSAGE((grid()[Tensor{0, 3}]), "index 3 is out of bounds for axis 0 with extent 3");
  EXPECT_MESSAGE((grid()[Tensor{0.5}]), "indices are integers, not f64[1]");
  EXPECT_MESSAGE((grid()[Tensor{true, false}]), "use select for masks");
  EXPECT_MESSAGE((grid()(Tensor{0, 1}, Tensor{0, 1, 2})), "cannot broadcast [2] with [3]");
}

TEST(Index, TracedIndices) {
  for (int i : {0, 2, -1, -3}) {
    EXPECT_TENSOR(traced([](Tensor k) { return grid()[k]; }, Tensor(i).cast(i64)), grid()[i]);
    EXPECT_TENSOR(traced([](Tensor k) { return grid()(k, slice(1, 3)); }, Tensor(i).cast(i32)), grid()(i, slice(1, 3)));
    EXPECT_TENSOR(traced([](Tensor k) { return grid()[k]; }, Tensor{i, 1}), grid()[Tensor{i, 1}]);
  }
  EXPECT_TENSOR(traced([](Tensor k) { return grid()[k]; }, Tensor(17).cast(i64)), grid()[2]);  // clamped
  Tensor picked = fori_loop(0, 3, Tensor(0), [](Tensor i, Tensor sum) { return sum + grid()(i, i); });
  EXPECT_EQ(picked.item(), 0 + 5 + 10);
}

TEST(Index, Update) {
  Tensor z = zeros({3, 4}, i64);
  EXPECT_TENSOR(z.at(1).set(5)[1], Tensor{5, 5, 5, 5});
  EXPECT_TENSOR(z.at(0, all).set(Tensor{1, 2, 3, 4})[0], Tensor{1, 2, 3, 4});
  EXPECT_EQ(grid().at(2, 3).add(1)(2, 3).item(), 12);
  EXPECT_EQ(sum(z.at(2, 3).add(1)).item(), 1);
  EXPECT_TENSOR(grid().at(slice(0, 2), from(2)).mul(10)(all, 2), Tensor{20, 60, 10});
  EXPECT_TENSOR(grid().at(1).max(6)[1], Tensor{6, 6, 6, 7});
  EXPECT_TENSOR(grid().at(1).min(Tensor{0, 9, 0, 9})[1], Tensor{0, 5, 0, 7});
  EXPECT_TENSOR(arange(5).at(slice(0, 5, 2)).set(-1), Tensor{-1, 1, -1, 3, -1});
  EXPECT_TENSOR(arange(4).at(Slice{.start = {}, .stop = {}, .step = -1}).set(arange(4)), Tensor{3, 2, 1, 0});
  EXPECT_TENSOR(arange(3).at(newaxis).set(Tensor{{7, 8, 9}}), Tensor{7, 8, 9});
  EXPECT_TENSOR(z.at(ellipsis, 0).set(Tensor{1, 2, 3})(all, 0), Tensor{1, 2, 3});
  Tensor x = arange(3);
  x.at(0).set(9);
  EXPECT_TENSOR(x, Tensor{0, 1, 2});  // a new value, the old one stays
}

TEST(Index, Scatter) {
  EXPECT_TENSOR(zeros(4).at(Tensor{1, 1, 3}).add(Tensor{1.0, 2.0, 4.0}), Tensor{0.0, 3.0, 0.0, 4.0});
  EXPECT_TENSOR(ones(3).at(Tensor{0, 0}).mul(3.0), Tensor{9.0, 1.0, 1.0});
  EXPECT_TENSOR(zeros(3).at(Tensor{0, 0, 2}).max(Tensor{2.0, 1.0, -1.0}), Tensor{2.0, 0.0, 0.0});
  EXPECT_TENSOR(zeros(3).at(Tensor{-1, 0}).set(Tensor{1.0, 2.0}), Tensor{2.0, 0.0, 1.0});
  Tensor z = zeros({3, 4}, i64);
  EXPECT_TENSOR(z.at(Tensor{0, 2}).set(Tensor{{1, 2, 3, 4}, {5, 6, 7, 8}})[2], Tensor{5, 6, 7, 8});
  EXPECT_TENSOR(z.at(Tensor{0, 2}, from(2)).set(Tensor{{1, 2}, {3, 4}}), Tensor{{0, 0, 1, 2}, {0, 0, 0, 0}, {0, 0, 3, 4}});
  EXPECT_TENSOR(z.at(slice(1, 3), Tensor{3, 0}).set(Tensor{{1, 2}, {3, 4}}), Tensor{{0, 0, 0, 0}, {2, 0, 0, 1}, {4, 0, 0, 3}});
  EXPECT_TENSOR(z.at(Tensor{0, 1, 2}, Tensor{0, 1, 2}).set(1), concat({eye(3, i64), zeros({3, 1}, i64)}, 1));
  EXPECT_TENSOR(z.at(Tensor{0, 1}, slice(0, 4, 3)).set(1), Tensor{{1, 0, 0, 1}, {1, 0, 0, 1}, {0, 0, 0, 0}});
  EXPECT_EQ(cube().at(Tensor{0, 1}, all, Tensor{0, 3}).set(-1)(1, 2, 3).item(), -1);
}

TEST(Index, TracedUpdates) {
  Tensor built = fori_loop(0, 4, zeros(4), [](Tensor i, Tensor x) { return x.at(i).set(i * 2); });
  EXPECT_TENSOR(built, Tensor{0.0, 2.0, 4.0, 6.0});
  EXPECT_TENSOR(traced([](Tensor k) { return zeros(3).at(k).add(1.0); }, Tensor{0, 0, -1}), Tensor{2.0, 0.0, 1.0});
}

TEST(Index, UpdateMessages) {
  EXPECT_MESSAGE((zeros(3).at(0).set(Tensor{1.0, 2.0})), "at().set: values of shape [2] do not fit the selection []");
  EXPECT_MESSAGE(arange(3).at(0).add(0.5), "at().add: values are f64, the tensor is i64; cast one of them");
  EXPECT_MESSAGE(zeros(3, f32).at(0).set(ones(1)[0]), "values are f64, the tensor is f32");
  EXPECT_MESSAGE(zeros(3).at(5).set(0.0), "at().set: index 5 is out of bounds for axis 0 with extent 3");
  EXPECT_MESSAGE(zeros(3, bool_).at(0).add(true), "takes numbers, not bool[3]");
}

TEST(Index, Gradients) {
  Tensor x{0.5, 1.0, 2.0};
  auto f = [](Tensor v) { return sum(square(v[Tensor{0, 0, 2}]) * Tensor{1.0, 2.0, 3.0}) + v[1] * v.at(0).set(3.0)[0]; };
  EXPECT_CLOSE(grad(f)(x), differences(f, x), 1e-8);
  auto g = [](Tensor v) { return sum(cube(v.at(Tensor{1, 1}).add(v[from(1)]))) + prod(v[slice(2, 0, -1)]); };
  EXPECT_CLOSE(grad(g)(x), differences(g, x), 1e-7);
}
