#pragma once
// A C++ loop around tensors is unrolled when it is traced: each iteration leaves its operations. That is right for a few,
// and makes programs that compile slowly for hundreds. Every operation carries the line it came from, so a line whose
// operation stands many times in one block was run that often by a loop.
#include <mlir/IR/BuiltinOps.h>
#include <string>
#include <vector>

namespace nuthatch::passes {

/// Copies of an operation of one line, in one block, that are worth a warning.
inline constexpr int64_t kManyCopies = 200;

/// One sentence for each line that was unrolled that often, "model.cpp:12: ...", those with most operations first, three
/// at most. In time proportional to the size of the program.
std::vector<std::string> unrolledLoops(mlir::ModuleOp);

}  // namespace nuthatch::passes
