// Operators: binary operations whose source line comes with the operand.
#include "ir/api/operands.h"

namespace nuthatch {
using namespace detail;

Tensor operator+(const Arg& a, const Arg& b) { return binary(Binary::add, "add", a.tensor, b.tensor, a.where); }
Tensor operator-(const Arg& a, const Arg& b) { return binary(Binary::sub, "subtract", a.tensor, b.tensor, a.where); }
Tensor operator*(const Arg& a, const Arg& b) { return binary(Binary::mul, "multiply", a.tensor, b.tensor, a.where); }
Tensor operator/(const Arg& a, const Arg& b) { return binary(Binary::div, "divide", a.tensor, b.tensor, a.where); }
Tensor operator%(const Arg& a, const Arg& b) { return binary(Binary::rem, "remainder", a.tensor, b.tensor, a.where); }
Tensor operator-(const Arg& a) {
  const bool boolean = checked("negate", a.tensor, a.where).type.dtype == Dtype::bool_;
  return unary(Unary::neg, "negate", boolean ? convert(a.tensor, i64, a.where) : a.tensor, a.where);
}

Tensor operator==(const Arg& a, const Arg& b) { return compare(Compare::eq, "==", a.tensor, b.tensor, a.where); }
Tensor operator!=(const Arg& a, const Arg& b) { return compare(Compare::ne, "!=", a.tensor, b.tensor, a.where); }
Tensor operator<(const Arg& a, const Arg& b) { return compare(Compare::lt, "<", a.tensor, b.tensor, a.where); }
Tensor operator<=(const Arg& a, const Arg& b) { return compare(Compare::le, "<=", a.tensor, b.tensor, a.where); }
Tensor operator>(const Arg& a, const Arg& b) { return compare(Compare::gt, ">", a.tensor, b.tensor, a.where); }
Tensor operator>=(const Arg& a, const Arg& b) { return compare(Compare::ge, ">=", a.tensor, b.tensor, a.where); }

namespace {
Tensor bits(Binary kind, const char* name, const Tensor& a, const Tensor& b, Where where) {
  if (is_float(promote(name, a, b, where)))
    fail(name, "takes bool or integers, not " + describe(a) + " and " + describe(b), where);
  return binary(kind, name, a, b, where);
}
}  // namespace

Tensor operator&(const Arg& a, const Arg& b) { return bits(Binary::and_, "&", a.tensor, b.tensor, a.where); }
Tensor operator|(const Arg& a, const Arg& b) { return bits(Binary::or_, "|", a.tensor, b.tensor, a.where); }
Tensor operator^(const Arg& a, const Arg& b) { return bits(Binary::xor_, "^", a.tensor, b.tensor, a.where); }
Tensor operator~(const Arg& a) {
  const Dtype d = checked("~", a.tensor, a.where).type.dtype;
  if (is_float(d)) fail("~", "takes bool or integers, not " + describe(a.tensor), a.where);
  if (d == Dtype::bool_) return unary(Unary::logical_not, "~", a.tensor, a.where);
  return binary(Binary::xor_, "~", a.tensor, literal_integer(-1, d), a.where);
}
Tensor operator<<(const Arg& a, const Arg& b) { return bits(Binary::shl, "<<", a.tensor, b.tensor, a.where); }
Tensor operator>>(const Arg& a, const Arg& b) { return bits(Binary::shr, ">>", a.tensor, b.tensor, a.where); }

}  // namespace nuthatch
