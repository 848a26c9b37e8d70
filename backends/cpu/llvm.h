#pragma once
// LLVM's part: optimisation, machine code, loading.
#include <llvm/ADT/SmallVector.h>
#include <memory>
#include <string>

namespace llvm {
class Module;
class LLVMContext;
}

namespace nuthatch::cpu {

/// CPU name and features of this machine, as one line: part of every cache key.
std::string targetDescription();
/// Sets triple, data layout and per-function target attributes; before emission.
void setTarget(llvm::Module&);
/// The O1 pipeline with unrolling, without LLVM's vectorisers: our loops are vectorised already.
void optimise(llvm::Module&);
/// Object code, or assembly text.
llvm::SmallVector<char, 0> generate(llvm::Module&, bool assembly);
/// Loads an object into the process and returns the address of `symbol`. Objects stay loaded.
void* loadObject(llvm::ArrayRef<char> object, const std::string& symbol);

}  // namespace nuthatch::cpu
