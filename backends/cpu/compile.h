#pragma once
// One nh program to native code in memory.
#include <memory>
#include <string>
#include <vector>

#include "backends/cpu/profiled_group.h"
#include "nuthatch/detail/executor.h"

namespace llvm {
class Module;
}
namespace nuthatch::ir {
struct TracedProgram;
}

namespace nuthatch::cpu {

/// See backends/cpu/emitter.h for the convention.
using Entry = void (*)(const void* const* args, void* const* results, void* workspace, std::int64_t chain0,
                       std::int64_t active, const detail::Stream* streams);

struct Code {
  Entry entry = nullptr;
  std::int64_t workspace_bytes = 0;
  /// With memory checks, where in the workspace the buffers are: (offset, bytes), ascending.
  bool memory_checks = false;
  std::vector<std::pair<std::int64_t, std::int64_t>> buffers;
  detail::CompileStats stats;
  std::string dump_ir, dump_plan, dump_llvm, dump_asm;  // filled where asked for (NUTHATCH_DUMP, keep_dumps)
  std::vector<ProfiledGroup> profiled;                  // of a program that measures itself
};

/// Compiles (or takes from the cache on disk). `varying` and `lanes` as in LaneOptions; lanes = 1 for plain programs.
/// Throws nuthatch::Error naming the user's line when the program cannot be compiled.
Shared<const Code> compile(const detail::Program&, unsigned lanes, const std::vector<bool>& varying,
                                    bool keep_dumps);
/// A program of one chain for a group of threads that run it together (backends/cpu/emit_threads.cpp), as code for this
/// processor. `varying`: arguments with an axis of chains in front; all results have one.
struct GroupCode {
  /// See backends/cpu/emitter.h for the first six.
  using Entry = void (*)(const void* const* args, void* const* results, void* workspace, std::int64_t chain,
                         std::int64_t active, const detail::Stream* streams, std::int64_t thread, std::int64_t threads);
  Entry entry = nullptr;
  std::int64_t workspace_bytes = 0;  // of one group
};
/// The function of such a program in an LLVM module, which has a target; returns the bytes of a group's workspace.
/// `exchange`: there are exactly so many threads, and they can give each other numbers (runtime::kGroupExchange).
std::int64_t emitGroup(const ir::TracedProgram&, std::int64_t threads, const std::vector<bool>& varying, bool exchange, llvm::Module&,
                       const std::string& symbol);
GroupCode compileGroup(const detail::Program&, std::int64_t threads, const std::vector<bool>& varying);

/// Without lanes, with a clock around every group (backends/runtime/group_clock.h); never from the cache.
Shared<const Code> compileProfiled(const detail::Program&);

}  // namespace nuthatch::cpu
