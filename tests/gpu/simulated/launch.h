#pragma once
// Runs a kernel: the blocks of a launch, their threads one after the other, each until it waits.
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tests/gpu/simulated/module.h"

namespace nuthatch::simulated {

class Races;

/// Device memory that may be used: [begin, end), at `data`.
struct Span {
  std::uint64_t begin = 0, end = 0;
  std::byte* data = nullptr;
};

struct Size3 { std::uint32_t x = 1, y = 1, z = 1; std::uint64_t product() const { return std::uint64_t(x) * y * z; } };

struct LaunchOptions {
  Size3 grid, block;
  std::uint32_t dynamic_shared = 0;
  bool cooperative = false;
  bool check_races = false;
  std::uint64_t seed = 0;
  std::int64_t instructions = 0;  // at most, of a block; of all blocks of a cooperative launch
  int workers = 1;                // threads of the processor
};

/// What runs blocks, one after the other.
struct Core {
  std::span<const Span> memory;  // by address
  std::array<Span, 64> recent;   // where instructions found what they looked for the last time
  Races* races = nullptr;
  bool cooperative = false;

  /// The place of `bytes` at a device address; throws Fault where that is not all in one allocation.
  std::byte* at(const Instruction& i, std::uint64_t address, std::uint64_t bytes) {
    Span& s = recent[(reinterpret_cast<std::uintptr_t>(&i) / sizeof(Instruction)) % 64];
    if (address < s.begin || address + bytes > s.end || address + bytes < address) s = find(address, bytes);
    return s.data + (address - s.begin);
  }
  Span find(std::uint64_t address, std::uint64_t bytes) const;
};

struct Warp {
  std::uint32_t waiting = 0;  // lanes at a barrier or an exchange
  std::uint32_t ended = 0;
  std::uint32_t lanes = 0;    // that exist
};

struct BlockBarrier {
  std::uint32_t arrived = 0, expects = 0;
};

struct Block {
  const Module* module = nullptr;
  Core* core = nullptr;
  std::uint32_t number = 0;
  std::vector<std::uint64_t> slots;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::array<BlockBarrier, 16> barriers;
  std::vector<std::byte> shared, local;
  std::uint32_t ended = 0;

  Warp& warpOf(const Thread& t) { return warps[t.index / 32]; }
};

/// Throws Fault, with a text that names kernel, thread and line. Returns the number of instructions.
std::int64_t runKernel(const Module&, const Function& kernel, const std::vector<std::byte>& parameters, std::span<const Span> memory, const LaunchOptions&);

// What instructions call when a thread stops (waits.cpp).
void threadEnds(Thread&, const Instruction&);

}  // namespace nuthatch::simulated
