#pragma once
// What functions of matrices do with their operands: matrices are the last two dimensions, the others are batch.
#include "ir/api/operands.h"

namespace nuthatch::detail {

/// Rank at least 2, and square if asked; else an Error.
void check_matrices(const char* op, const Tensor& x, bool square, Where);
/// x as floating-point matrices.
Tensor matrices(const char* op, const Tensor& x, bool square, Where);
/// The extents of the batch, and with two more behind them.
Shape batch_of(const Tensor& x);
Shape with(Shape batch, std::initializer_list<std::int64_t> last);
/// The last two dimensions exchanged.
Tensor transposed_matrices(const Tensor& x, Where);
/// Rows or columns [from, to) of matrices.
Tensor rows(const Tensor& x, std::int64_t from, std::int64_t to, Where);
Tensor columns(const Tensor& x, std::int64_t from, std::int64_t to, Where);
/// An operation with several results.
std::vector<Tensor> emit_several(const char* op, const std::vector<Tensor>& operands, const Attrs&, Where);
/// Substitution with one triangle of a; a and b have equal batches.
Tensor substitute_triangle(const Tensor& a, const Tensor& b, bool lower, bool transpose, bool unit_diagonal, Where);

}  // namespace nuthatch::detail
