#pragma once
// One run of a schedule: places for its arrays, tables of pointers for its kernels, and the calls in their order.
#include <functional>

#include "backends/gpu/math_libraries.h"
#include "backends/gpu/steps.h"

namespace nuthatch::gpu {

/// A step with the places of its arrays. Loops have their body twice: the arrays of the carries change places after each
/// iteration.
struct Command {
  const Step* step = nullptr;
  cuda::Pointer arguments = 0, results = 0;  // tables of a kernel
  std::vector<cuda::Pointer> at;             // arrays of other steps, in the order in which the step names them
  std::vector<Command> body[2];
};

/// Small things that travel to the card together.
class Parcel {
 public:
  std::size_t add(const void* data, std::size_t bytes);
  std::size_t bytes() const { return data_.size(); }
  const std::byte* data() const { return data_.data(); }

 private:
  std::vector<std::byte> data_;
};

/// Copies of whether chains go on, on their way to the host.
class Poll {
 public:
  Poll(Card&, std::size_t bytes);
  ~Poll();
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  void start(cuda::Pointer live);
  /// Of the last start: waits until it is there.
  bool anyLive();

 private:
  Card& card_;
  std::size_t bytes_;
  void* memory_ = nullptr;
  cuda::Event event_ = nullptr;
};

/// Memory that a schedule with loops keeps from run to run, so that its graphs remain valid.
struct CompiledSchedule::Kept {
  std::optional<Block> arrays, inputs, tables, workspace, solver;
  struct GraphOf {
    std::vector<cuda::Pointer> key;  // everything that is part of the graph
    std::int64_t pairs = 0;
    cuda::Graph graph = nullptr;
    cuda::GraphExec exec = nullptr;
  };
  std::map<const Loop*, GraphOf> graphs;
  bool graphs_fail = false;
  std::map<const Loop*, std::unique_ptr<Poll>> polls[2];
  void forget(GraphOf&);
  ~Kept();
};

class ScheduleRun {
 public:
  ScheduleRun(CompiledSchedule&, const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results,
              const std::vector<DeviceStream>&);
  void run() { run(commands_); }

 private:
  using Pointers = std::vector<cuda::Pointer>;
  // ---- places ----
  void placeArguments(const std::vector<detail::Array>&, const std::vector<DeviceStream>&);
  cuda::Pointer room(std::optional<Block>&, std::size_t bytes);
  std::vector<Command> prepare(const std::vector<Step>&, Pointers& places, Parcel& tables);
  Command prepareLoop(const Step&, const Loop&, Pointers& places, Parcel& tables);
  void addTables(std::vector<Command>&, cuda::Pointer base);

  // ---- steps ----
  void run(const std::vector<Command>&);
  void run(const Kernel&, const Command&);
  template <class T> void product(const Product&, const Command&, const BlasFunctions<T>&);
  template <class T> void factor(const Factor&, const Command&, const SolverFunctions<T>&);
  template <class T> void solve(const Substitution&, const Command&, const BlasFunctions<T>&);
  void run(const Loop&, const Command&);
  void count(const Loop&, const Command&);
  void repeat(const Loop&, const Command&);
  void pairs(const Command&, std::int64_t);
  Poll& pollOf(const Loop&, int slot);
  void copy(cuda::Pointer to, cuda::Pointer from, std::int64_t bytes);
  void check(cuda::Result, const char* what);
  std::int64_t many(std::int64_t n, bool of_chains) const { return of_chains ? n * c_.chains_ : n; }

  // ---- graphs ----
  bool canBeGraph(const std::vector<Step>&) const;
  CompiledSchedule::Kept::GraphOf* graphFor(const Loop&, const Command&, std::int64_t pairs);
  void keyOf(const std::vector<Command>&, std::vector<cuda::Pointer>&) const;

  CompiledSchedule& c_;
  Card& card_;
  CompiledSchedule::Kept& kept_;
  std::vector<Shared<Bundle>> held_;  // until the steps are in the stream
  Pointers places_;
  std::map<const Loop*, cuda::Pointer> counters_;  // 0, 1, ... of loops with a counter
  cuda::Pointer workspace_ = 0, solver_ = 0, streams_ = 0;
  std::vector<Command> commands_;
  bool capturing_ = false;
};

}  // namespace nuthatch::gpu
