#include "backends/gpu/compiled.h"

#include <chrono>

#include <fmt/format.h>

#include "backends/gpu/ptx_cache.h"
#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

PtxOptions optionsFor(const Choice& choice, const Card& card, const std::vector<bool>& varying) {
  PtxOptions o;
  o.unit = choice.unit;
  o.threads = choice.threads;
  o.varying_argument = varying;
  o.architecture = card.facts().architecture();
  return o;
}

}  // namespace

CompiledKernel::CompiledKernel(Card& card, const ir::TracedProgram& source, const std::vector<bool>& varying, std::int64_t chains,
                               std::int64_t threads_per_chain)
    : card_(card) {
  const double begin = seconds();
  choice_ = choose(workOf(source), card.facts(), std::max<std::int64_t>(chains, 1), threads_per_chain);
  const double chosen = seconds();
  bool written_before = false;
  program_ = cachedPtx(source, optionsFor(choice_, card, varying), written_before);
  const double written = seconds();
  kernel_ = std::make_unique<LoadedKernel>(card, program_);
  stats_.passes_s = chosen - begin;
  stats_.llvm_s = written - chosen;
  stats_.link_s = seconds() - written;
  stats_.from_cache = written_before && kernel_->from_cache();
  stats_.buffer_bytes = long(program_.workspace_bytes);
  stats_.groups = 1;
}

LaunchShape CompiledKernel::shapeFor(std::int64_t chains) const {
  LaunchShape s;
  s.chains = chains;
  if (choice_.unit == Unit::grid) {
    s.cooperative = true;
    // All run at once, and the workspace has room for the threads that the program was compiled for.
    const std::int64_t fit = std::int64_t(kernel_->blocks_per_multiprocessor()) * card_.facts().multiprocessors;
    s.blocks = std::max<std::int64_t>(std::min(fit, choice_.threads / program_.block_threads), 1);
  } else {
    s.blocks = (chains + program_.chains_per_block - 1) / program_.chains_per_block;
  }
  return s;
}

void CompiledKernel::launch(std::int64_t chains, const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results,
                            const std::vector<DeviceStream>& streams) const {
  gpu::launch(card_, *kernel_, program_, shapeFor(chains), arguments, results, streams);
}

std::string CompiledKernel::layout(std::int64_t chains) const {
  if (choice_.unit == Unit::grid) return "tier T3: one kernel that all threads of the GPU run together";
  return fmt::format("tier T1: one kernel; {} thread{} for {}", choice_.threads, choice_.threads == 1 ? "" : "s",
                     chains == 1 ? "the only chain" : fmt::format("each of {} chains", chains));
}

std::string CompiledKernel::explain(std::int64_t chains) const {
  const LaunchShape shape = shapeFor(chains);
  const CardFacts& f = card_.facts();
  std::string out = fmt::format("on gpu:{} ({}, {} multiprocessors, {}):\n", card_.index(), f.name, f.multiprocessors, f.architecture());
  out += "  " + layout(chains) + "\n";
  out += fmt::format("  {} blocks of {} threads, {} at once on a multiprocessor; {} registers and {} bytes of local memory for a thread\n",
                     shape.blocks, program_.block_threads, kernel_->blocks_per_multiprocessor(), kernel_->registers(), kernel_->local_bytes());
  out += fmt::format("  scratch memory: {} for a chain, {} in all; {} of shared memory for a block\n",
                     detail::memory_text(double(program_.workspace_bytes)), detail::memory_text(workspace(chains)),
                     detail::memory_text(double(program_.shared_bytes)));
  out += "estimated time of one pass over the program, all chains (a loop without a fixed count counts once):\n" + choice_.why;
  return out;
}

}  // namespace nuthatch::gpu
