#pragma once
// Waits of a group of threads that nothing needs.
//
// The emitter lets threads wait where one might still read what another is about to write, by a rough rule: behind every
// loop that they share, and before every write. Here, with the whole function at hand, a wait stays only if something
// before it, since the last wait on any way there, and something behind it, until the next, touch one buffer, one of them
// writing, other than each thread elements of its own. A chain of loops over the elements of vectors needs none.
#include <llvm/ADT/SmallPtrSet.h>

#include <cstdint>
#include <utility>

namespace llvm {
class Function;
class Value;
}

namespace nuthatch::cpu {

/// Metadata of loads and stores at the index of a loop that is distributed from 0 on: such an element is the same
/// thread's in all loops.
inline constexpr const char* kOwnElement = "nuthatch.own";

/// Buffers begin at constant offsets of `workspace`; `privatePlaces` are addresses in it that each thread has for itself.
/// Returns how many waits there were and how many are left.
std::pair<int, int> removeWaits(llvm::Function&, llvm::Value* workspace, const llvm::SmallPtrSetImpl<llvm::Value*>& privatePlaces);

}  // namespace nuthatch::cpu
