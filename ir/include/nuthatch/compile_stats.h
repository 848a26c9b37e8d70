#pragma once
#include <string>

namespace nuthatch {

/// What compiling one program took, in seconds by phase, and how large it came out.
struct CompileStats {
  double trace_s = 0, passes_s = 0, emit_s = 0, llvm_s = 0, link_s = 0;
  bool from_cache = false;
  long ops = 0, groups = 0, instructions = 0, buffer_bytes = 0;
};

}  // namespace nuthatch
