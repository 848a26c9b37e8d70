#pragma once
// A module of PTX, ready to run.
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/gpu/simulated/thread.h"

namespace nuthatch::simulated {

/// Slots that every thread starts with: 0, and where it is.
enum SpecialSlot : std::uint32_t {
  kZero,
  kTid,                        // x, y, z
  kNtid = kTid + 3,
  kCtaid = kNtid + 3,
  kNctaid = kCtaid + 3,
  kLane = kNctaid + 3,
  kWarp,
  kWarps,
  kLanesBefore, kLanesUpTo, kLanesFrom, kLanesAfter, kLaneMask,
  kSpecialSlots,
};

/// Addresses of shared and local memory seen as any memory; those of the device begin below.
inline constexpr std::uint64_t kDeviceBase = 0x00a0'0000'0000'0000, kSharedBase = 0x00b0'0000'0000'0000, kLocalBase = 0x00c0'0000'0000'0000;
inline constexpr std::uint64_t kWindow = 0x0001'0000'0000'0000;

struct Parameter {
  std::uint32_t slot = 0;
  std::uint32_t bytes = 0;
};

struct Function {
  std::string name;
  bool kernel = false;
  std::vector<Parameter> parameters, results;
  std::uint32_t return_slot = 0;  // where to go on
  std::vector<Instruction> code;
  std::vector<std::vector<std::int64_t>> tables;  // of indirect branches
  std::uint32_t max_threads = 1024;
};

struct Global {
  std::string name;
  std::uint64_t bytes = 0;
  std::vector<std::byte> data;
  std::uint64_t address = 0;
};

struct Module {
  std::vector<std::unique_ptr<Function>> functions;
  std::vector<std::unique_ptr<Global>> globals;
  std::vector<std::uint64_t> start;  // what the slots of a thread hold at first
  std::uint32_t shared_bytes = 0, local_bytes = 0;
  bool dynamic_shared = false;
  std::string text;
  int target = 0;   // 90: sm_90
  int version = 0;  // 80: PTX 8.0

  const Function* kernel(const std::string& name) const {
    for (const auto& f : functions)
      if (f->kernel && f->name == name) return f.get();
    return nullptr;
  }
};

/// Reads a module. `place` gives a global variable its address. Throws Fault naming the line.
std::unique_ptr<Module> parseModule(const std::string& text, const std::function<std::uint64_t(const Global&)>& place);

}  // namespace nuthatch::simulated
