#pragma once
/// Interpolated(x_points, pdf_points): x in [x_0, x_n]; the density is proportional to the polygon through the points
/// (x_i, pdf_i), two vectors of the same length: x_i increasing, pdf_i >= 0.
///   log p(x) = log(pdf_i + (pdf_{i+1} - pdf_i) (x - x_i) / (x_{i+1} - x_i)) - log(area) for x_i <= x < x_{i+1}
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Interpolated : Distribution {
  template <Positional A, Positional B>
  explicit Interpolated(const A& x_points, const B& pdf_points, Where where = Where::current())
      : Distribution(make(x_points, pdf_points, where)) {}

 private:
  static Distribution make(const Tensor& x_points, const Tensor& pdf_points, Where where);
};

} // namespace nuthatch
