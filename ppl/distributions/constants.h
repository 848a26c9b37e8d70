#pragma once
namespace nuthatch::detail {
inline constexpr double kPi = 3.141592653589793238, kLog2 = 0.693147180559945309, kLogPi = 1.144729885849400174,
                        kHalfLogTwoPi = 0.918938533204672742, kHalfLogTwoOverPi = -0.225791352644727432,
                        kEuler = 0.577215664901532861;
}
