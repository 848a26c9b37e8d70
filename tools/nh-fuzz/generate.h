#pragma once
// Random programs: typed, of every family of operations, with nested control flow and transformations.
#include <cstdint>
#include <random>
#include <string>

#include "nuthatch/detail/emit.h"

namespace nuthatch::fuzz {

/// What a program is made of.
struct Mix {
  int statements = 14;          // at the outermost level
  int depth = 2;                // of nested regions
  bool transformations = true;  // vmap, jvp, vjp, custom derivatives
  bool special = true;          // functions of ir/math that take long to compile
  bool factorisations = true;
  bool random = true;           // Threefry
  int long_extent = 0;          // percentage of arrays with an extent between 100 and 700
};
/// Foreign code in programs: f64 operands of any sizes; the first result, f64, is a cumulative sum over them, the second
/// says where that is negative.
inline constexpr const char* kForeign = "nh_fuzz";
void registerForeign();

/// The mix of a seed: most programs are small, some deep, some with large arrays.
Mix mixOf(std::uint64_t seed);

/// The program of a seed. Always well formed; a derivative that the dialect refuses makes it one that cannot be
/// compiled, with a message.
detail::ProgramPtr generate(std::uint64_t seed, const Mix&);

/// Arguments: mostly of order one, some zeros of both signs, infinities, NaN and huge values; small integers.
/// Argument `index` has the same values whatever the other arguments are.
detail::Array randomArgument(const detail::TensorType&, std::uint64_t seed, std::uint64_t index);

}  // namespace nuthatch::fuzz
