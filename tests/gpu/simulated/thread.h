#pragma once
// A thread of the simulated device, and the instructions it runs. Functions do not call themselves, so every function has
// its registers, parameters and constants at fixed places of a thread's slots: an operand is the number of a slot.
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tests/gpu/simulated/fault.h"

namespace nuthatch::simulated {

struct Thread;
struct Block;
struct Instruction;
using Action = void (*)(Thread&, const Instruction&);

struct Instruction {
  Action run = nullptr;
  std::uint32_t d = 0, a = 0, b = 0, c = 0, e = 0;  // slots
  std::uint32_t line = 0;                           // of the text
  std::int64_t value = 0;                           // an offset in bytes, a place in the code, or a table of places
};

/// What a thread does.
enum class State : std::uint8_t { ready, at_warp_barrier, at_block_barrier, exchanging, ended };

struct Thread {
  std::uint64_t* r = nullptr;         // slots
  const Instruction* pc = nullptr;    // the next one
  std::int64_t left = 0;              // instructions until its turn ends
  std::int64_t unused = 0;            // instructions left when it stopped early
  Block* block = nullptr;
  std::byte* local = nullptr;
  std::uint32_t index = 0;            // in its block
  State state = State::ready;
  bool carry = false;
  std::uint32_t waits_with = 0;       // lanes of its warp, or the number of a block's barrier
  const Instruction* waits_at = nullptr;

  template <class T>
  T get(std::uint32_t slot) const {
    T out;
    std::memcpy(&out, r + slot, sizeof(T));
    return out;
  }
  template <class T>
  void put(std::uint32_t slot, T value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    r[slot] = bits;
  }
  bool predicate(std::uint32_t slot) const { return r[slot] != 0; }
  void setPredicate(std::uint32_t slot, bool value) { r[slot] = value; }

  /// Ends its turn behind the current instruction.
  void stop() {
    unused = left - 1;
    left = 1;
  }
};

}  // namespace nuthatch::simulated
