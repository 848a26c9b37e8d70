#pragma once
// A program, or a part of one, as a kernel that is loaded on a card.
#include "backends/gpu/choose.h"
#include "backends/gpu/launch.h"
#include "ir/trace/program.h"
#include "nuthatch/compile_stats.h"

namespace nuthatch::gpu {

class CompiledKernel {
 public:
  /// `varying` as for LaneOptions, captures included; all results have an axis of chains where `chains` > 0.
  CompiledKernel(Card&, const ir::TracedProgram&, const std::vector<bool>& varying, std::int64_t chains, std::int64_t threads_per_chain);

  /// Gives it to the card's stream; does not wait. Arguments include captures.
  void launch(std::int64_t chains, const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results,
              const std::vector<DeviceStream>&) const;
  /// Bytes of scratch memory for so many chains.
  double workspace(std::int64_t chains) const { return double(program_.workspace_bytes) * double(chains); }
  const PtxProgram& program() const { return program_; }
  const LoadedKernel& kernel() const { return *kernel_; }
  const Choice& choice() const { return choice_; }
  const CompileStats& stats() const { return stats_; }
  LaunchShape shapeFor(std::int64_t chains) const;
  /// How it lies on the card, for people: in a line, and in full.
  std::string layout(std::int64_t chains) const;
  std::string explain(std::int64_t chains) const;

 private:
  Card& card_;
  Choice choice_;
  PtxProgram program_;
  std::unique_ptr<LoadedKernel> kernel_;
  CompileStats stats_;
};

}  // namespace nuthatch::gpu
