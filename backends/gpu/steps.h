#pragma once
// A schedule on a card: its kernels compiled, its steps given to the card's stream one after the other.
#include <map>
#include <memory>
#include <optional>

#include "backends/gpu/compiled.h"
#include "backends/gpu/schedule_memory.h"

namespace nuthatch::gpu {

/// Loops as CUDA graphs of some iterations: where that pays, always, or never.
enum class Graphs { automatic, always, never };

class CompiledSchedule {
 public:
  CompiledSchedule(Card&, Schedule, std::int64_t chains, std::int64_t threads_per_chain);
  ~CompiledSchedule();

  /// Gives it to the card's stream. Waits only where a loop has to know whether it goes on. Arguments include captures.
  void launch(const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results, const std::vector<DeviceStream>&);
  /// Bytes of scratch memory that the next run takes.
  double workspace() const;
  const CompileStats& stats() const { return stats_; }
  std::string layout() const;
  std::string explain() const;
  /// Of all kernels.
  std::string ptx() const;

 private:
  friend class ScheduleRun;
  struct Kept;
  std::int64_t runs(const Kernel& k) const { return k.varying ? chains_ : 1; }

  Card& card_;
  const Schedule schedule_;
  const std::int64_t chains_;
  Graphs graphs_;
  SchedulePlaces places_;
  std::map<const Kernel*, std::unique_ptr<CompiledKernel>> kernels_;
  std::int64_t workspace_bytes_ = 0;  // of the kernel that needs most
  std::int64_t solver_bytes_ = 0;     // scratch memory of cuSOLVER
  CompileStats stats_;
  std::unique_ptr<Kept> kept_;
};

}  // namespace nuthatch::gpu
