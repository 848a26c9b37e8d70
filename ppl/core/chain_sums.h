// Sums over all paths through a product of matrices, in log space: what hidden Markov models of every form come down
// to.
#pragma once

#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch::discrete {

/// log sum (or, without `sum`, max) over z_1 ... z_n of f_1(z_0, z_1) ... f_n(z_{n-1}, z_n), for every z_0. `factors`
/// [n, ..., k, k] are logarithms, -infinity allowed; the result is [..., k]. One step after another from the last one
/// on, n k^2 operations; as a tree of depth O(log n) from products of neighbours, n k^3.
Tensor backward_message(const Tensor& factors, bool sum, bool tree);
/// The same seen from every step: [n + 1, ..., k], the last of zeros.
Tensor backward_messages(const Tensor& factors, bool sum);
/// The product of all matrices, [..., k, k].
Tensor log_product(Tensor factors, bool sum);

}  // namespace nuthatch::discrete
