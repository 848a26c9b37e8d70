#pragma once
/// Triangular(low, peak, high): x in [low, high], low <= peak <= high, low < high.
///   log p(x) = log(2 / (high - low)) + log((x - low) / (peak - low)) left of the peak,
///              log(2 / (high - low)) + log((high - x) / (high - peak)) right of it
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Triangular : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit Triangular(const A& low, const B& peak, const C& high, Where where = Where::current())
      : Distribution(make(low, peak, high, where)) {}

 private:
  static Distribution make(const Tensor& low, const Tensor& peak, const Tensor& high, Where where);
};

} // namespace nuthatch
