#pragma once
// The kernel around a program for a group of threads: which group and thread it is, and how threads wait for each other.
#include "backends/gpu/ptx.h"

namespace llvm {
class Function;
class Module;
}

namespace nuthatch::gpu {

void addKernel(llvm::Module&, llvm::Function& program, const PtxOptions&, const PtxProgram&);

}  // namespace nuthatch::gpu
