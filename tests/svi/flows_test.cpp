// Flows: Jacobians against automatic differentiation, round trips, and what depends on what.
#include "models.h"
#include "nuthatch/flows.h"

using namespace svi_tests;

namespace {

/// Like `network` with weights of size one.
template <class N>
N roughened(const N& network, const Key& key) {
  tree::Leaves leaves = tree::flatten(network);
  for (std::size_t i = 0; i < leaves.size(); ++i)
    leaves[i] = leaves[i] + 0.5 * normal(fold_in(key, Tensor(std::int64_t(i))), leaves[i].shape());
  return tree::unflatten(network, leaves);
}

void expect_flow(const Bijector& f, std::int64_t n, const Key& key) {
  const Tensor x = normal(key, {n});
  const Tensor J = jacobian([&](const Tensor& v) { return f.forward(v); })(x);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = i + 1; j < n; ++j) EXPECT_EQ(J(i, j).item(), 0.0) << "output " << i << " depends on input " << j;
  const auto [y, log_det] = f.forward_and_log_det(x);
  const auto [sign, exact] = slogdet(J);
  EXPECT_EQ(sign.item(), 1.0);
  EXPECT_NEAR(log_det.item(), exact.item(), 1e-12 * (1 + std::abs(exact.item())));
  // A batch is its rows.
  const Tensor batch = normal(fold_in(key, 1), {2, 3, n});
  const auto [ys, log_dets] = f.forward_and_log_det(batch);
  EXPECT_EQ(ys.shape(), batch.shape());
  EXPECT_EQ(log_dets.shape(), (Shape{2, 3}));
  const auto [row, row_log_det] = f.forward_and_log_det(batch(1, 2));
  EXPECT_NEAR(log_dets(1, 2).item(), row_log_det.item(), 1e-12);
  EXPECT_NEAR(max(abs(ys(1, 2) - row)).item(), 0.0, 1e-12);
}

}  // namespace

TEST(Flows, InverseAutoregressive) {
  for (const std::int64_t n : {1, 2, 5})
    for (const bool skip : {false, true}) {
      const auto network = roughened(autoregressive_network(Key(1), n, {.hidden = {7, 4}, .skip_connections = skip}), Key(2));
      const Bijector f = transforms::inverse_autoregressive(network);
      expect_flow(f, n, Key(3));
      const Tensor y = normal(Key(4), {6, n});
      EXPECT_NEAR(max(abs(f.forward(f.inverse(y)) - y)).item(), 0.0, 1e-12);
      const auto [x, log_det] = f.inverse_and_log_det(y);
      EXPECT_NEAR(max(abs(log_det - f.log_abs_det_jacobian(x))).item(), 0.0, 1e-12);
    }
}

TEST(Flows, EveryEarlierInputReachesEveryLaterOutput) {
  const auto network = roughened(autoregressive_network(Key(1), 5), Key(2));
  const Bijector f = transforms::inverse_autoregressive(network);
  const Tensor J = jacobian([&](const Tensor& v) { return f.forward(v); })(normal(Key(3), {5}));
  for (int i = 1; i < 5; ++i)
    for (int j = 0; j < i; ++j) EXPECT_NE(J(i, j).item(), 0.0) << i << " " << j;
}

TEST(Flows, LogScalesAreLimited) {
  auto network = autoregressive_network(Key(1), 2);
  network.biases.back() = Tensor{0.0, 0.0, 1000.0, -0.1};
  EXPECT_NEAR(transforms::inverse_autoregressive(network).log_abs_det_jacobian(zeros(2)).item(), 10.0 + 10.0 * std::tanh(-0.01), 1e-12);
}

TEST(Flows, BlockAutoregressive) {
  for (const std::int64_t n : {1, 2, 4})
    for (const std::vector<std::int64_t>& hidden : {std::vector<std::int64_t>{}, {3}, {4, 2}}) {
      const auto network = roughened(block_autoregressive_network(Key(1), n, {.hidden = hidden}), Key(2));
      expect_flow(transforms::block_autoregressive(network), n, Key(3));
    }
  const Bijector f = transforms::block_autoregressive(block_autoregressive_network(Key(0), 2));
  EXPECT_SAYS(f.inverse(zeros(2)), "the inverse has no closed form");
}

TEST(Flows, MakeDistributions) {
  // The density of a transformed normal, by its own inverse, integrates to one.
  const auto network = roughened(autoregressive_network(Key(1), 2), Key(5));
  const Distribution q = Normal(0.0, 1.0).expand({2}).to_event(1).transformed(transforms::inverse_autoregressive(network));
  const std::int64_t m = 200;
  const double width = 24.0 / double(m);
  const Tensor axis = linspace(-12.0 + width / 2, 12.0 - width / 2, m);
  const Tensor points = stack({repeat(axis, m), tile(axis, {m})}, 1);
  const Tensor x = q.sample(Key(0), {1000});
  if (max(abs(x)).item() < 11.0) EXPECT_NEAR(sum(exp(q.log_prob(points))).item() * width * width, 1.0, 1e-3);
}

TEST(Flows, ErrorsNameTheLayer) {
  auto network = autoregressive_network(Key(1), 3);
  network.biases[1] = zeros(2);
  EXPECT_SAYS(transforms::inverse_autoregressive(network), "inverse_autoregressive: layer 1 has weights of shape [3, 3] and biases of shape [2] after 3 units");
  EXPECT_SAYS(autoregressive_network(Key(0), 3, {.hidden = {0}}), "autoregressive_network: a hidden layer of width 0");
  auto block = block_autoregressive_network(Key(1), 2);
  block.layers.pop_back();
  EXPECT_SAYS(transforms::block_autoregressive(block), "the last layer must have one unit per number, but it has 8");
}
