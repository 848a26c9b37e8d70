#include "backends/gpu/steps.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "backends/gpu/step_run.h"
#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

Graphs graphsByEnvironment() {
  const char* text = std::getenv("NUTHATCH_GPU_GRAPHS");
  if (!text || !*text || !std::strcmp(text, "automatic")) return Graphs::automatic;
  if (!std::strcmp(text, "always")) return Graphs::always;
  if (!std::strcmp(text, "never")) return Graphs::never;
  throw Error(std::string("NUTHATCH_GPU_GRAPHS is '") + text + "', none of automatic, always, never");
}

/// Elements that a factorisation wants as scratch memory.
std::int64_t solverBytes(Card& card, const Factor& f) {
  int elements = 0;
  const auto n = int(f.n);
  const auto status = f.dtype == Dtype::f64 ? solver().f64.potrf_bufferSize(solverOf(card), kUpper, n, nullptr, n, &elements)
                                            : solver().f32.potrf_bufferSize(solverOf(card), kUpper, n, nullptr, n, &elements);
  checkSolver(card, status, "the size of a factorisation");
  return elements * std::int64_t(size_of(f.dtype));
}

}  // namespace

CompiledSchedule::CompiledSchedule(Card& card, Schedule s, std::int64_t chains, std::int64_t threads_per_chain)
    : card_(card), schedule_(std::move(s)), chains_(chains), graphs_(graphsByEnvironment()), places_(placesOf(schedule_, chains)),
      kept_(std::make_unique<Kept>()) {
  const std::lock_guard lock(card.mutex());
  stats_.from_cache = true;
  for (const Step* step : allSteps(schedule_.steps)) {
    if (const auto* f = std::get_if<Factor>(&step->what)) solver_bytes_ = std::max(solver_bytes_, solverBytes(card, *f));
    const auto* k = std::get_if<Kernel>(&step->what);
    if (!k) continue;
    auto& kernel = kernels_[k];
    kernel = std::make_unique<CompiledKernel>(card, ir::traced(*k->program), k->varying_argument, runs(*k), k->varying ? threads_per_chain : 0);
    workspace_bytes_ = std::max(workspace_bytes_, kernel->program().workspace_bytes * runs(*k));
    const auto& own = kernel->stats();
    stats_.passes_s += own.passes_s, stats_.llvm_s += own.llvm_s, stats_.link_s += own.link_s;
    stats_.from_cache = stats_.from_cache && own.from_cache;
    ++stats_.groups;
  }
  stats_.buffer_bytes = long(workspace());
}

CompiledSchedule::~CompiledSchedule() = default;

double CompiledSchedule::workspace() const {
  double bytes = double(places_.bytes) + double(workspace_bytes_) + double(solver_bytes_);
  for (const auto* block : {&kept_->arrays, &kept_->workspace, &kept_->solver})
    if (*block) bytes -= double((*block)->bytes());  // kept from the last run
  return std::max(bytes, 0.0);
}

void CompiledSchedule::launch(const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results,
                              const std::vector<DeviceStream>& streams) {
  const std::lock_guard lock(card_.mutex());
  card_.use();
  ScheduleRun(*this, arguments, results, streams).run();
  const bool loops = std::ranges::any_of(schedule_.steps, [](const Step& s) { return std::holds_alternative<Loop>(s.what); });
  if (!loops) kept_ = std::make_unique<Kept>();  // other programs may use the memory
}

std::string CompiledSchedule::layout() const {
  std::int64_t calls = 0;
  for (const Step* step : allSteps(schedule_.steps))
    calls += !std::holds_alternative<Kernel>(step->what) && !std::holds_alternative<Loop>(step->what);
  return fmt::format("tier T4: {} kernels and {} calls of cuBLAS and cuSOLVER, one after the other; short loops of them as graphs, tier T2",
                     kernels_.size(), calls);
}

std::string CompiledSchedule::explain() const {
  const CardFacts& f = card_.facts();
  std::string out = fmt::format("on gpu:{} ({}, {} multiprocessors, {}):\n", card_.index(), f.name, f.multiprocessors, f.architecture());
  out += "  " + layout() + "\n";
  out += fmt::format("  scratch memory: {} for arrays between the steps, {} for kernels, {} for cuSOLVER\n",
                     detail::memory_text(double(places_.bytes)), detail::memory_text(double(workspace_bytes_)),
                     detail::memory_text(double(solver_bytes_)));
  out += gpu::explain(schedule_, chains_);
  int number = 0;
  for (const Step* step : allSteps(schedule_.steps))
    if (const auto* k = std::get_if<Kernel>(&step->what)) out += fmt::format("kernel {} ", ++number) + kernels_.at(k)->explain(runs(*k));
  return out;
}

std::string CompiledSchedule::ptx() const {
  std::string out;
  for (const Step* step : allSteps(schedule_.steps))
    if (const auto* k = std::get_if<Kernel>(&step->what)) out += kernels_.at(k)->program().text;
  return out;
}

}  // namespace nuthatch::gpu
