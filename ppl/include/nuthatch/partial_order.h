#pragma once
/// Vectors whose elements are ordered as a directed acyclic graph says: x_i < x_j for every edge i -> j.
///
///     Tensor below{{0, 1, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 0}};   // 0 under 1 and 2, both under 3
///     sample("x", Normal(0.0, 1.0).expand({4}).to_event().restricted(constraints::partial_order(below)))
///
/// `adjacency` [..., n, n] is a concrete tensor of zeros and ones, adjacency[i, j] = 1 for an edge i -> j; leading
/// dimensions give each vector of a batch its own graph. Error for another shape or other numbers, and for a cycle.
#include "nuthatch/bijectors.h"

namespace nuthatch {
namespace constraints {
Constraint partial_order(const Tensor& adjacency, Where where = Where::current());
}
namespace transforms {
/// y_j = x_j where nothing is below j, else max over i -> j of y_i, plus exp(x_j).
Bijector partial_order(const Tensor& adjacency, Where where = Where::current());
}
}  // namespace nuthatch
