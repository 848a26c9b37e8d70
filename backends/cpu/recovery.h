#pragma once
// Fatal errors of LLVM and MLIR as exceptions. Both libraries end the process where they cannot go on (llvm::
// report_fatal_error: an instruction that cannot be selected, memory that is exhausted). They are compiled without
// exceptions and may hold half-made data at that point, so neither unwinding nor jumping out of them is sound.
// Compilation therefore runs in a thread of its own. A fatal error leaves that thread where it is, suspended for good
// with everything it had allocated, and becomes a nuthatch::Error in the thread that waits for it.
//
// What this cannot recover: a crash (a failed assertion, llvm_unreachable, an invalid access), which is a signal and
// not a report; a fatal error while the linker loads the finished object; and one in a thread that is not compiling,
// for example when the program uses LLVM itself: there LLVM's own handling applies.
#include <llvm/ADT/STLFunctionalExtras.h>

namespace nuthatch::cpu {

/// Runs `work` in another thread and waits. Its exceptions arrive here; a fatal error arrives as nuthatch::Error.
/// The thread has a stack of 256 MiB of address space, since LLVM and our passes recurse over expressions.
void withRecovery(llvm::function_ref<void()> work);

}  // namespace nuthatch::cpu
