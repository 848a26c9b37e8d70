#pragma once
// Programs that are one `vmap` over a matrix of data run as chains in lanes. Mapped, a product of the matrix and a vector
// is a product of two matrices, and X b, f, X'r are three loops over X; in lanes they are one pass over its rows, as for
// a single vector. The bits are the same.
#include <optional>

#include "ir/trace/program.h"

namespace nuthatch::detail {

struct Mapped {
  Shared<ir::TracedProgram> program;  // of one element of the new axis
  std::vector<bool> varying_argument;
  std::int64_t size = 0;
};

/// Nothing unless the program is one vmap over the leading axes of arguments, over 2 to 64 elements, whose function
/// multiplies a large matrix that is not mapped with vectors that are, and has no effects.
std::optional<Mapped> asMapped(const ir::TracedProgram&);

}  // namespace nuthatch::detail
