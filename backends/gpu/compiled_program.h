#pragma once
// A program on a card: one kernel, or steps where that is better.
#include "backends/gpu/steps.h"

namespace nuthatch::gpu {

class CompiledProgram {
 public:
  /// `varying` as for LaneOptions, captures included. chains = 0: a plain program.
  CompiledProgram(Card&, const detail::ProgramPtr&, const std::vector<bool>& varying, std::int64_t chains, std::int64_t threads_per_chain);

  /// Gives it to the card's stream. Arguments include captures.
  void launch(const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results, const std::vector<DeviceStream>&);
  /// Bytes of scratch memory.
  double workspace() const { return steps_ ? steps_->workspace() : kernel_->workspace(chains_); }
  const CompileStats& stats() const { return steps_ ? steps_->stats() : kernel_->stats(); }
  /// How it lies on the card, for people: in a line, and in full.
  std::string layout() const { return steps_ ? steps_->layout() : kernel_->layout(chains_); }
  std::string explain() const { return steps_ ? steps_->explain() : kernel_->explain(chains_); }
  std::string ptx() const { return steps_ ? steps_->ptx() : kernel_->program().text; }

 private:
  const std::int64_t chains_;
  std::unique_ptr<CompiledKernel> kernel_;
  std::unique_ptr<CompiledSchedule> steps_;
};

}  // namespace nuthatch::gpu
