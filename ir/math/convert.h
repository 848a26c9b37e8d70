// Conversions of values between element types. Floating point to integer truncates, saturates, and takes NaN to 0;
// integers wrap; to bool is x != 0.
#pragma once

#include <limits>
#include <type_traits>

namespace nuthatch::math {

template <class To, class From> To convert(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // 2^width (or 2^(width - 1)) as a floating-point number, which the largest integer may not be.
    constexpr From above = From(std::numeric_limits<To>::max() / 2 + 1) * From(2);
    if (x != x) return 0;
    if (x >= above) return std::numeric_limits<To>::max();
    if (x <= From(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return To(x);
  } else {
    return To(x);
  }
}

} // namespace nuthatch::math
