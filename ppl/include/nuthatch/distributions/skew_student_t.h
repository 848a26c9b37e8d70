#pragma once
/// SkewStudentT(a, b, loc = 0, scale = 1): x real, a, b > 0, loc real, scale > 0; StudentT(2 a) for a = b, skewed to
/// the right for a > b.
///   log p(x) = (a + 1/2) log(1 + t / s) + (b + 1/2) log(1 - t / s) - (a + b - 1) log(2) - log B(a, b)
///              - 1/2 log(a + b) - log(scale),   t = (x - loc) / scale,   s = (a + b + t^2)^(1/2)
/// SkewStudentT({.a, .b, .loc, .precision}) has scale = precision^(-1/2). Jones and Faddy, A skew extension of the t
/// distribution, JRSS B 65 (2003).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.a` and `.b` with `.scale` or `.precision`; `.loc` is 0 when left out.
struct SkewStudentTParameters {
  OnlyNamed only_named{};
  Tensor a{};
  Tensor b{};
  Tensor loc{};
  Tensor scale{};
  Tensor precision{};
};

struct SkewStudentT : Distribution {
  template <Positional A, Positional B>
  explicit SkewStudentT(const A& a, const B& b, Where where = Where::current()) : SkewStudentT(a, b, 0.0, 1.0, where) {}
  template <Positional A, Positional B, Positional C>
  explicit SkewStudentT(const A& a, const B& b, const C& loc, Where where = Where::current())
      : SkewStudentT(a, b, loc, 1.0, where) {}
  template <Positional A, Positional B, Positional C, Positional D>
  explicit SkewStudentT(const A& a, const B& b, const C& loc, const D& scale, Where where = Where::current())
      : Distribution(make(a, b, loc, scale, where)) {}
  explicit SkewStudentT(const SkewStudentTParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& a, const Tensor& b, const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
