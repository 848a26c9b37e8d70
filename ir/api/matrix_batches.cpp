#include "ir/api/matrix_batches.h"

#include "nuthatch/array.h"

namespace nuthatch::detail {

void check_matrices(const char* op, const Tensor& x, bool square, Where where) {
  const Shape& s = checked(op, x, where).type.shape;
  if (s.size() < 2 || (square && s[s.size() - 1] != s[s.size() - 2]))
    fail(op, std::string("needs ") + (square ? "square " : "") + "matrices, not shape " + to_string(s), where);
}
Tensor matrices(const char* op, const Tensor& x, bool square, Where where) {
  check_matrices(op, x, square, where);
  return to_float(op, x, where);
}

Shape batch_of(const Tensor& x) { return Shape(x.shape().begin(), x.shape().end() - 2); }
Shape with(Shape batch, std::initializer_list<std::int64_t> last) {
  batch.insert(batch.end(), last.begin(), last.end());
  return batch;
}
Tensor transposed_matrices(const Tensor& x, Where where) { return swapaxes(x, -1, -2, where); }

Tensor rows(const Tensor& x, std::int64_t from, std::int64_t to, Where where) { return part(x, x.shape().size() - 2, from, to, where); }
Tensor columns(const Tensor& x, std::int64_t from, std::int64_t to, Where where) { return part(x, x.shape().size() - 1, from, to, where); }

std::vector<Tensor> emit_several(const char* op, const std::vector<Tensor>& operands, const Attrs& attrs, Where where) {
  Values in;
  for (const auto& x : operands) {
    checked(op, x, where);
    in.push_back(value(x));
  }
  std::vector<Tensor> out;
  for (auto& v : emit_all(op, in, attrs, CallerLine::or_else(where))) out.push_back(wrap(std::move(v)));
  return out;
}

Tensor substitute_triangle(const Tensor& a, const Tensor& b, bool lower, bool transpose, bool unit_diagonal, Where where) {
  return emit_one("triangular_solve", {a, b}, {{"lower", lower}, {"transpose", transpose}, {"unit_diagonal", unit_diagonal}}, where);
}

}  // namespace nuthatch::detail
