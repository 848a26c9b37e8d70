#pragma once
/// Normalising flows: bijectors of vectors made of neural networks, whose weights are to be learned. The networks are trees
/// of tensors; `AutoIAFNormal` and `AutoBNAFNormal` (autoguide.h) make params of their leaves.
///
///     auto network = autoregressive_network(Key(0), n, {.hidden = {32, 32}});
///     Distribution q = Normal(0.0, 1.0).expand({n}).to_event(1).transformed(transforms::inverse_autoregressive(network));
#include <cstdint>
#include <vector>

#include "nuthatch/bijectors.h"
#include "nuthatch/random.h"
#include "nuthatch/tree.h"

namespace nuthatch {

struct AutoregressiveOptions {
  OnlyNamed only_named{};
  /// Widths of the hidden layers; empty: two of width n.
  std::vector<std::int64_t> hidden{};
  /// Also a linear map from inputs to outputs.
  bool skip_connections = false;
};

/// A dense network with elu units, from n numbers to a mean and a log scale for each of them, in which those of number i
/// are functions of the numbers before i: weights that would break this are masked. Germain, Gregor, Murray & Larochelle
/// (2015), "MADE".
struct AutoregressiveNetwork {
  /// Layer by layer [inputs, outputs], the last [inputs, 2 n]: means, then log scales.
  std::vector<Tensor> weights;
  std::vector<Tensor> biases;
  /// [n, 2 n], or empty.
  std::vector<Tensor> skip;
  static constexpr auto fields = names("weights", "biases", "skip");
};
/// With random weights (Glorot & Bengio 2010), those of the last layer a tenth of that: near to the identity.
AutoregressiveNetwork autoregressive_network(const Key& key, std::int64_t n, const AutoregressiveOptions& options = {},
                                             Where where = Where::current());

struct BlockAutoregressiveOptions {
  OnlyNamed only_named{};
  /// Units of every hidden layer for each of the n numbers.
  std::vector<std::int64_t> hidden{8, 8};
};

/// A dense network with tanh units from n numbers to n numbers. Unit blocks i see blocks up to i, their own through
/// positive weights, so that output i increases with input i. De Cao, Aziz & Titov (2019).
struct BlockAutoregressiveNetwork {
  struct Layer {
    Tensor diagonal;   // logarithms of the positive weights, [n, inputs, outputs] of a block
    Tensor below;      // the others, [n inputs, n outputs]; masked
    Tensor log_scale;  // of the columns, which are normalised, [n outputs]
    Tensor bias;       // [n outputs]
    static constexpr auto fields = names("diagonal", "below", "log_scale", "bias");
  };
  std::vector<Layer> layers;
  /// The result is g f(x) + (1 - g) x with g = sigmoid(gate).
  Tensor gate;
  static constexpr auto fields = names("layers", "gate");
};
BlockAutoregressiveNetwork block_autoregressive_network(const Key& key, std::int64_t n,
                                                        const BlockAutoregressiveOptions& options = {},
                                                        Where where = Where::current());

namespace transforms {

/// y_i = m_i + exp(10 tanh(s_i / 10)) x_i, where mean m_i and log scale s_i come from x_1 ... x_{i-1}. The tanh is a limit
/// for networks that have not learned yet; a cut instead would have wrong or no derivatives, which HMC does not forgive.
/// The inverse takes n passes of the network, one coordinate after the other. Kingma, Salimans, Jozefowicz, Chen,
/// Sutskever & Welling (2016).
Bijector inverse_autoregressive(const AutoregressiveNetwork& network, Where where = Where::current());
/// y = f(x) of a block autoregressive network. Its inverse has no closed form, and is an Error.
Bijector block_autoregressive(const BlockAutoregressiveNetwork& network, Where where = Where::current());

}  // namespace transforms
}  // namespace nuthatch
