#include "ppl/distributions/continuous/student_tail.h"

#include "nuthatch/math.h"
#include "nuthatch/special.h"

namespace nuthatch::detail {

// P(|T| > t) = I_y(df / 2, 1/2) with y = df / (df + t^2). Where y is near 1 the complement is used, at 1 - y.
Tensor student_centre(const Tensor& df, const Tensor& t) {
  const Tensor t2 = square(t), far = t2 > df;
  return select(far, 1.0 - betainc(0.5 * df, 0.5, select(far, df / (df + t2), 0.25)),
                betainc(0.5, 0.5 * df, select(far, 0.25, t2 / (df + t2))));
}

Tensor student_cdf(const Tensor& df, const Tensor& t) {
  const Tensor t2 = square(t), far = t2 > df;
  Tensor tail = select(far, 0.5 * betainc(0.5 * df, 0.5, select(far, df / (df + t2), 0.25)),
                       0.5 - 0.5 * betainc(0.5, 0.5 * df, select(far, 0.25, t2 / (df + t2))));
  return select(t < 0.0, tail, 1.0 - tail);
}

Tensor student_icdf(const Tensor& df, const Tensor& q, const Tensor& complement) {
  const Tensor left = q < complement, tail = minimum(q, complement), far = tail < 0.25;
  // y of the tail, or w = 1 - y near the middle.
  Tensor y = betainc_inv(0.5 * df, 0.5, 2.0 * select(far, tail, 0.1));
  Tensor w = betainc_inv(0.5, 0.5 * df, 1.0 - 2.0 * select(far, 0.4, tail));
  Tensor t = select(far, sqrt(df * (1.0 - y) / y), sqrt(df * w / (1.0 - w)));
  return select(left, -t, t);
}

Tensor student_centre_icdf(const Tensor& df, const Tensor& q) {
  Tensor w = betainc_inv(0.5, 0.5 * df, q);
  return sqrt(df * w / (1.0 - w));
}

}  // namespace nuthatch::detail
