// Bijectors made of neural networks.
#include "nuthatch/flows.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/function.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

Tensor elu(const Tensor& x) { return select(x > 0.0, x, expm1(minimum(x, 0.0))); }

/// Matrices [inputs, outputs] of 0 and 1.
Tensor mask_of(std::int64_t inputs, std::int64_t outputs, Function<bool(std::int64_t, std::int64_t)> connected) {
  std::vector<double> mask;
  for (std::int64_t i = 0; i < inputs; ++i)
    for (std::int64_t o = 0; o < outputs; ++o) mask.push_back(connected(i, o) ? 1.0 : 0.0);
  return reshape(Tensor(mask), {inputs, outputs});
}

Tensor glorot(const Key& key, std::int64_t inputs, std::int64_t outputs) {
  return std::sqrt(2.0 / double(inputs + outputs)) * normal(key, {inputs, outputs});
}

/// The network of a flow; unit k of a hidden layer has a degree d, and sees the numbers 1 ... d.
class Autoregressive {
 public:
  explicit Autoregressive(AutoregressiveNetwork network, Where where) : network_(std::move(network)) {
    const auto fail = [&](const std::string& what) { throw Error("inverse_autoregressive: " + what, where); };
    if (network_.weights.empty() || network_.weights.size() != network_.biases.size()) fail("needs a bias for every weight matrix");
    for (const Tensor& w : network_.weights)
      if (w.ndim() != 2) fail("a weight of shape " + to_string(w.shape()) + " is no matrix");
    n_ = network_.weights.front().size(0);
    std::vector<std::int64_t> before;
    for (std::int64_t i = 0; i < n_; ++i) before.push_back(i + 1);
    for (std::size_t k = 0; k < network_.weights.size(); ++k) {
      const Tensor& w = network_.weights[k];
      const bool last = k + 1 == network_.weights.size();
      if (w.size(0) != std::int64_t(before.size()) || (last && w.size(1) != 2 * n_) || network_.biases[k].shape() != Shape{w.size(1)})
        fail("layer " + std::to_string(k) + " has weights of shape " + to_string(w.shape()) + " and biases of shape " +
             to_string(network_.biases[k].shape()) + " after " + std::to_string(before.size()) + " units");
      const std::vector<std::int64_t> degrees = last ? outputs() : hidden(w.size(1));
      masks_.push_back(mask_of(w.size(0), w.size(1), [&](std::int64_t i, std::int64_t o) {
        return last ? degrees[std::size_t(o)] > before[std::size_t(i)] : degrees[std::size_t(o)] >= before[std::size_t(i)];
      }));
      before = degrees;
    }
    if (!network_.skip.empty()) {
      if (network_.skip[0].shape() != Shape{n_, 2 * n_}) fail("the skip connections have shape " + to_string(network_.skip[0].shape()));
      skip_mask_ = mask_of(n_, 2 * n_, [&](std::int64_t i, std::int64_t o) { return o % n_ > i; });
    }
  }

  std::int64_t size() const { return n_; }

  /// Means and log scales.
  std::pair<Tensor, Tensor> operator()(const Tensor& x) const {
    Tensor h = x;
    for (std::size_t k = 0; k < masks_.size(); ++k) {
      h = matmul(h, network_.weights[k] * masks_[k]) + network_.biases[k];
      if (k + 1 < masks_.size()) h = elu(h);
    }
    if (skip_mask_.defined()) h = h + matmul(x, network_.skip[0] * skip_mask_);
    const Tensor log_scale = h(ellipsis, from(n_));
    return {h(ellipsis, until(n_)), 10.0 * tanh(0.1 * log_scale)};
  }

 private:
  std::vector<std::int64_t> hidden(std::int64_t units) const {
    std::vector<std::int64_t> degrees;
    for (std::int64_t k = 0; k < units; ++k) degrees.push_back(n_ == 1 ? 1 : 1 + k * (n_ - 1) / units);
    return degrees;
  }
  std::vector<std::int64_t> outputs() const {
    std::vector<std::int64_t> degrees;
    for (std::int64_t o = 0; o < 2 * n_; ++o) degrees.push_back(o % n_ + 1);
    return degrees;
  }
  AutoregressiveNetwork network_;
  std::int64_t n_ = 0;
  std::vector<Tensor> masks_;
  Tensor skip_mask_;
};

class InverseAutoregressive final : public Bijector::Impl {
 public:
  InverseAutoregressive(const AutoregressiveNetwork& network, Where where) : network_(network, where) {}
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    const auto [mean, log_scale] = network_(x);
    return {mean + exp(log_scale) * x, sum(log_scale, -1)};
  }
  Tensor inverse(const Tensor& y) const override {
    // Coordinate i needs those before it; those after it stay zero until their turn.
    const Tensor index = arange(network_.size());
    return fori_loop(0, network_.size(), zeros(y.shape(), y.dtype()), [&](const Tensor& i, const Tensor& x) {
      const auto [mean, log_scale] = network_(x);
      return select(index == i, (y - mean) * exp(-log_scale), x);
    });
  }

 private:
  Autoregressive network_;
};

/// log tanh'(x).
Tensor log_tanh_derivative(const Tensor& x) { return -2.0 * (x - std::log(2.0) + softplus(-2.0 * x)); }

class BlockAutoregressive final : public Bijector::Impl {
 public:
  BlockAutoregressive(const BlockAutoregressiveNetwork& network, Where where) : gate_(network.gate) {
    const auto fail = [&](const std::string& what) { throw Error("block_autoregressive: " + what, where); };
    if (network.layers.empty()) fail("a network without layers");
    std::int64_t units = 1;
    for (const auto& layer : network.layers) {
      if (layer.diagonal.ndim() != 3 || layer.diagonal.size(1) != units)
        fail("blocks of shape " + to_string(layer.diagonal.shape()) + " after " + std::to_string(units) + " units");
      layers_.emplace_back(layer);
      units = layer.diagonal.size(2);
    }
    if (units != 1) fail("the last layer must have one unit per number, but it has " + std::to_string(units));
  }
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor h = x, log_derivative;  // [..., n, units]: of the units of block i in x_i
    for (std::size_t k = 0; k < layers_.size(); ++k) {
      const Layer& layer = layers_[k];
      if (k > 0) {
        log_derivative = log_derivative + log_tanh_derivative(reshape(h, log_derivative.shape()));
        h = tanh(h);
      }
      h = matmul(h, layer.weight) + layer.bias;
      log_derivative = k == 0 ? broadcast_to(layer.log_diagonal(all, 0), extended(x.shape(), layer.units))
                              : logsumexp(expand_dims(log_derivative, -1) + layer.log_diagonal, -2);
    }
    const Tensor slope = squeeze(log_derivative, -1);
    const Tensor log_gate = log_sigmoid(gate_), log_rest = log_sigmoid(-gate_);
    return {exp(log_gate) * h + exp(log_rest) * x, sum(logaddexp(log_gate + slope, log_rest), -1)};
  }
  Tensor inverse(const Tensor&) const override {
    throw Error("block_autoregressive: the inverse has no closed form; a guide with this flow is sampled, not evaluated elsewhere");
  }

 private:
  struct Layer {
    explicit Layer(const BlockAutoregressiveNetwork::Layer& l) : bias(l.bias), units(l.diagonal.size(2)) {
      const std::int64_t n = l.diagonal.size(0), inputs = l.diagonal.size(1);
      const Tensor mask = mask_of(n * inputs, n * units, [&](std::int64_t i, std::int64_t o) { return i / inputs < o / units; });
      const Tensor own = expand_dims(exp(l.diagonal), 2) * reshape(eye(n), {n, 1, n, 1});
      const Tensor raw = reshape(own, {n * inputs, n * units}) + l.below * mask;
      const Tensor log_factor = l.log_scale - 0.5 * log(sum(square(raw), 0));
      weight = raw * exp(log_factor);
      log_diagonal = l.diagonal + reshape(log_factor, {n, 1, units});
    }
    Tensor weight, log_diagonal, bias;
    std::int64_t units;
  };
  static Shape extended(Shape shape, std::int64_t units) {
    shape.push_back(units);
    return shape;
  }
  std::vector<Layer> layers_;
  Tensor gate_;
};

}  // namespace

AutoregressiveNetwork autoregressive_network(const Key& key, std::int64_t n, const AutoregressiveOptions& o, Where where) {
  if (n < 1) throw Error("autoregressive_network: " + std::to_string(n) + " numbers", where);
  std::vector<std::int64_t> widths = o.hidden.empty() ? std::vector<std::int64_t>{n, n} : o.hidden;
  for (const std::int64_t width : widths)
    if (width < 1) throw Error("autoregressive_network: a hidden layer of width " + std::to_string(width), where);
  widths.push_back(2 * n);
  AutoregressiveNetwork network;
  std::int64_t inputs = n;
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const double size = k + 1 == widths.size() ? 0.1 : 1.0;
    network.weights.push_back(size * glorot(fold_in(key, Tensor(std::int64_t(k))), inputs, widths[k]));
    network.biases.push_back(zeros(widths[k]));
    inputs = widths[k];
  }
  if (o.skip_connections) network.skip.push_back(zeros({n, 2 * n}));
  return network;
}

BlockAutoregressiveNetwork block_autoregressive_network(const Key& key, std::int64_t n, const BlockAutoregressiveOptions& o,
                                                        Where where) {
  if (n < 1) throw Error("block_autoregressive_network: " + std::to_string(n) + " numbers", where);
  std::vector<std::int64_t> widths = o.hidden;
  for (const std::int64_t width : widths)
    if (width < 1) throw Error("block_autoregressive_network: a hidden layer of " + std::to_string(width) + " units", where);
  widths.push_back(1);
  BlockAutoregressiveNetwork network;
  network.gate = full(Shape{}, 0.0);
  std::int64_t inputs = 1;
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const std::int64_t units = widths[k];
    auto [diagonal_key, below_key] = split<2>(fold_in(key, Tensor(std::int64_t(k))));
    network.layers.push_back({0.1 * normal(diagonal_key, {n, inputs, units}),
                              0.1 * glorot(below_key, n * inputs, n * units), zeros(n * units), zeros(n * units)});
    inputs = units;
  }
  return network;
}

namespace transforms {

Bijector inverse_autoregressive(const AutoregressiveNetwork& network, Where where) {
  return Bijector(share<InverseAutoregressive>(network, where));
}
Bijector block_autoregressive(const BlockAutoregressiveNetwork& network, Where where) {
  return Bijector(share<BlockAutoregressive>(network, where));
}

}  // namespace transforms
}  // namespace nuthatch
