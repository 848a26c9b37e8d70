#pragma once
/// StudentT(df, loc = 0, scale = 1): x real, df > 0, loc real, scale > 0.
///   log p(x) = -(df + 1) / 2 log(1 + z^2 / df) - log B(df / 2, 1 / 2) - 1/2 log(df) - log(scale)
///   with z = (x - loc) / scale
/// StudentT({.df, .loc, .precision}) has scale = precision^(-1/2).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.df` with `.scale` or `.precision`; `.loc` is 0 when left out.
struct StudentTParameters {
  OnlyNamed only_named{};
  Tensor df{};
  Tensor loc{};
  Tensor scale{};
  Tensor precision{};
};

struct StudentT : Distribution {
  template <Positional A>
  explicit StudentT(const A& df, Where where = Where::current()) : StudentT(df, 0.0, 1.0, where) {}
  template <Positional A, Positional B>
  explicit StudentT(const A& df, const B& loc, Where where = Where::current()) : StudentT(df, loc, 1.0, where) {}
  template <Positional A, Positional B, Positional C>
  explicit StudentT(const A& df, const B& loc, const C& scale, Where where = Where::current())
      : Distribution(make(df, loc, scale, where)) {}
  explicit StudentT(const StudentTParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& df, const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
