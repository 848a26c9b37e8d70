#pragma once
// Finds accesses to the same memory by two threads, one of them writing another value, that nothing orders.
//
// Every thread has a clock: how far it knows the others to be (vector clocks). Barriers make threads know what all of them
// know; an atomic operation hands knowledge on only where it releases, and takes it only where it acquires, or where a
// fence stands on that side.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/gpu/simulated/thread.h"

namespace nuthatch::simulated {

enum class Order : std::uint8_t { none, relaxed, acquire, release, both };

class Races {
 public:
  /// A cooperative launch has one clock for all of its threads, others one for each block.
  Races(std::uint32_t threads_per_block, std::uint32_t blocks, bool cooperative);

  void load(Thread&, const Instruction&, std::uint64_t address, std::uint32_t bytes, bool constant);
  void store(Thread&, const Instruction&, std::uint64_t address, std::uint32_t bytes, bool changes);
  void atomic(Thread&, const Instruction&, std::uint64_t address, std::uint32_t bytes, Order, bool writes);
  void fence(Thread&);
  void join(const std::vector<Thread*>&);

 private:
  using Clock = std::vector<std::uint32_t>;
  struct Known {
    std::shared_ptr<const Clock> others;  // what it knew at the last wait
    std::uint32_t own = 1;
    std::shared_ptr<const Clock> fenced;  // what it knew at the last fence
    std::shared_ptr<const Clock> seen;    // what relaxed reads would have told it
  };
  struct Access { std::uint32_t thread = ~0u, time = 0, line = 0; };
  struct Word {
    Access write, constant;
    std::vector<Access> reads, same;  // by thread; `same`: wrote the value that was there
  };

  static void note(std::vector<Access>&, const Access&);
  std::uint32_t number(const Thread&) const;
  bool knows(std::uint32_t thread, const Access&) const;
  std::shared_ptr<const Clock> all(std::uint32_t thread) const;
  [[noreturn]] void report(const Thread&, const Instruction&, const char* what, const Access&, const char* before, std::uint64_t address) const;
  template <class F>
  void words(const Thread&, std::uint64_t address, std::uint32_t bytes, F);
  void acquire(std::uint32_t thread, const std::shared_ptr<const Clock>&);

  std::uint32_t threads_per_block;
  bool cooperative;
  std::vector<Known> known;
  std::unordered_map<std::uint64_t, Word> shadow;
  std::unordered_map<std::uint64_t, std::shared_ptr<const Clock>> released;
};

}  // namespace nuthatch::simulated
