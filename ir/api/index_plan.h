#pragma once
// The meaning of an index list for a tensor of given shape: one entry per dimension, in the order of the result.
#include "ir/api/operands.h"
#include "nuthatch/index.h"

namespace nuthatch::detail {

struct IndexEntry {
  enum class Kind { integer, tensor, range, newaxis } kind;
  int dim = -1;                              // the operand's dimension
  std::int64_t start = 0, count = 1, step = 1;  // integer: start; range: count elements from start
  Tensor index = {};                         // tensor: i64, negative values already wrapped
};

struct IndexPlan {
  std::vector<IndexEntry> entries;
  Shape batch;            // common shape of the index tensors
  bool advanced = false;  // some index tensor has dimensions: gather or scatter
  bool dynamic = false;   // some index is a value of the program
  bool unit_steps = true;
  bool together = true;   // indices that are no ranges stand next to each other: their shape goes there, else in front

  /// Shape of the result; without new axes on request.
  Shape shape(bool newaxes) const;
  /// Result dimensions, without new axes, that come from ranges.
  Ints range_positions() const;
  /// Integers and tensors, in order.
  std::vector<const IndexEntry*> picks() const;
  const IndexEntry* range_of(int dim) const;
};

IndexPlan plan_index(const char* op, const Shape& shape, const std::vector<Index>& indices, Where);
/// The picks as index vectors [batch..., number of picks (+ columns)]; extra columns hold constants.
Tensor index_vectors(const IndexPlan&, const Ints& constant_columns, Where);

/// Index values along a dimension as i64: bounds checked where they are known, counted from the end where negative.
Tensor wrapped_index(const char* op, const Tensor& index, int dim, std::int64_t extent, Where);

}  // namespace nuthatch::detail
