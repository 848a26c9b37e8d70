#pragma once
// Programs for NVIDIA GPUs, as PTX text. The function is the one for a group of threads (backends/cpu/emit_threads.cpp);
// around it a kernel that says which threads are a group.
#include <cstdint>
#include <string>
#include <vector>

namespace nuthatch::ir {
struct TracedProgram;
}

namespace nuthatch::gpu {

/// Which threads run a chain together.
enum class Unit {
  segment,  // `threads` neighbours of a warp: 1, 2, 4, 8, 16 or 32
  block,    // a block of `threads`, a multiple of 32
  grid,     // all threads of a cooperative launch, for a program of one chain
};

/// Where the arrays are that threads of a group share.
enum class Memory {
  automatic,  // shared memory where that leaves room for several blocks on a multiprocessor
  global,
  shared,     // of a multiprocessor; an Error where they do not fit
};

struct PtxOptions {
  Unit unit = Unit::segment;
  std::int64_t threads = 32;            // of a group; of a grid: about how many
  std::int64_t block = 128;             // threads of a block, where the unit is not the block
  std::vector<bool> varying_argument;   // has a leading axis of chains; all results have
  std::string architecture = "sm_90";   // or sm_80
  Memory memory = Memory::automatic;
};

/// A kernel
///   kernel(const void* const* arguments, void* const* results, void* workspace, int64 chains, const Stream* streams)
/// for blocks of `block_threads` threads.
struct PtxProgram {
  std::string text, kernel;
  std::int64_t block_threads = 0;
  std::int64_t chains_per_block = 0;  // 0: all blocks work on one chain
  std::int64_t workspace_bytes = 0;   // of a chain, in global memory
  std::int64_t shared_bytes = 0;      // of a block, to be given at the launch: then nothing is in global memory
};

/// Throws nuthatch::Error naming the user's line when the program cannot be compiled for a GPU.
PtxProgram compilePtx(const ir::TracedProgram&, const PtxOptions&);

}  // namespace nuthatch::gpu
