// The two operations of chain programs. A chain program is written for one chain; the compiler runs several in the
// lanes of a vector.
#pragma once

#include "nuthatch/tensor.h"

namespace nuthatch {

/// True when p holds for some chain that runs in the same pack. A scheduling hint: which lanes work together, never a
/// value that decides what a chain computes.
Tensor lane_any(const Tensor& p, Where where = Where::current());

/// Stores value at position index of the chain's output stream where mask holds.
void emit_to_stream(int stream, const Tensor& mask, const Tensor& index, const Tensor& value,
                    Where where = Where::current());

}  // namespace nuthatch
