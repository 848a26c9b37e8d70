#pragma once
/// HalfStudentT(df, scale = 1): x >= 0, df > 0, scale > 0; |StudentT(df, 0, scale)|.
///   log p(x) = log(2) - (df + 1) / 2 log(1 + (x / scale)^2 / df) - log B(df / 2, 1 / 2) - 1/2 log(df) - log(scale)
/// HalfStudentT({.df, .precision}) has scale = precision^(-1/2).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.df` with `.scale` or `.precision`.
struct HalfStudentTParameters {
  OnlyNamed only_named{};
  Tensor df{};
  Tensor scale{};
  Tensor precision{};
};

struct HalfStudentT : Distribution {
  template <Positional A>
  explicit HalfStudentT(const A& df, Where where = Where::current()) : HalfStudentT(df, 1.0, where) {}
  template <Positional A, Positional B>
  explicit HalfStudentT(const A& df, const B& scale, Where where = Where::current())
      : Distribution(make(df, scale, where)) {}
  explicit HalfStudentT(const HalfStudentTParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& df, const Tensor& scale, Where where);
};

} // namespace nuthatch
