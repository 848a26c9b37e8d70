#include "backends/gpu/choose.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "ir/trace/program.h"
#include "nuthatch/error.h"
#include "passes/pipeline.h"

namespace nuthatch::gpu {
namespace {

using mlir::Operation;

// In clock cycles, of recent data-centre GPUs.
constexpr double kLatency = 6;          // from an instruction to one that needs its result
constexpr double kIssue = 2;            // between two f64 instructions of a scheduler
constexpr double kWaitSegment = 20, kWaitBlock = 60, kWaitGrid = 3000;
constexpr double kSchedulers = 4;       // of a multiprocessor
constexpr double kThreadsAtOnce = 384;  // of a multiprocessor, with the 110 to 170 registers that a sampler takes
constexpr double kClock = 1.7e3;        // cycles per microsecond

/// Instructions for an element of its result.
double costOf(Operation* op) {
  if (auto u = mlir::dyn_cast<ir::UnaryOp>(op)) {
    using K = ir::UnaryKind;
    switch (u.getKind()) {
      case K::neg: case K::abs: case K::logical_not: case K::floor: case K::ceil: case K::sign: return 1;
      default: return 25;
    }
  }
  if (auto dot = mlir::dyn_cast<ir::DotGeneralOp>(op)) {
    double depth = 1;
    for (const auto k : dot.getLhsContract()) depth *= double(ir::shapeOf(dot.getLhs())[std::size_t(k)]);
    return std::max(depth, 1.0);
  }
  if (mlir::isa<ir::CholeskyOp, ir::TriangularSolveOp>(op))
    return double(ir::shapeOf(op->getResult(0)).back()) / 3 + 1;
  return 1;
}

/// Elements that a reduction, or a contraction of few results, goes over.
std::int64_t elementsOf(Operation* op) {
  std::int64_t n = 1;
  for (mlir::Value v : op->getResults())
    if (auto t = mlir::dyn_cast<mlir::RankedTensorType>(v.getType())) n = std::max(n, t.getNumElements());
  if (auto r = mlir::dyn_cast<ir::ReduceOp>(op)) n = std::max(n, ir::tensorType(r.getX()).getNumElements());
  return n;
}

void add(Work& w, mlir::Region& region, double times) {
  for (Operation& op : region.front().without_terminator()) {
    double inner = times;
    if (auto loop = mlir::dyn_cast<ir::ForOp>(op)) inner *= double(loop.getTrip());
    for (mlir::Region& r : op.getRegions())
      if (!r.empty()) add(w, r, inner);
    if (op.getNumRegions()) continue;
    std::int64_t n = elementsOf(&op);
    double cost = costOf(&op);
    if (mlir::isa<ir::DotGeneralOp>(op) && n < 32) {  // its sums are shared, not its results
      const auto depth = std::int64_t(cost);
      cost = double(n), n = std::max<std::int64_t>(depth, 1);
    }
    if (n <= 1) {
      w.singles += times * cost;
      continue;
    }
    w.loops[n] += times * cost;
    w.waits[n] += times;
  }
}

/// Cycles of one pass over the program for all chains.
double cycles(const Work& w, const CardFacts& f, std::int64_t chains, Unit unit, double threads) {
  const double multiprocessors = f.multiprocessors, at_once = multiprocessors * kThreadsAtOnce;
  const double all = unit == Unit::grid ? at_once : double(chains) * threads;
  const double group = unit == Unit::grid ? at_once : threads;
  const double wait = unit == Unit::grid ? kWaitGrid : unit == Unit::block ? kWaitBlock : threads > 1 ? kWaitSegment : 0;
  const double waves = std::ceil(all / at_once);
  const double warps = std::ceil(std::min(all, at_once) / 32 / (multiprocessors * kSchedulers));
  const double each = std::max(kLatency, kIssue * warps);
  double instructions = w.singles, waiting = 0;
  for (const auto& [n, cost] : w.loops) instructions += cost * std::ceil(double(n) / group);
  for (const auto& [n, count] : w.waits) waiting += count * wait;
  return waves * (instructions * each + waiting);
}

std::string describe(Unit unit, std::int64_t threads) {
  if (unit == Unit::grid) return "all threads of the GPU";
  if (unit == Unit::block) return fmt::format("a block of {} threads", threads);
  return threads == 1 ? "one thread" : fmt::format("{} threads of a warp", threads);
}

Unit unitOf(std::int64_t threads) { return threads <= 32 ? Unit::segment : Unit::block; }

/// NUTHATCH_GPU_THREADS: a number, or "grid" for programs of one chain; 0 otherwise.
std::int64_t wantedByEnvironment(std::int64_t chains, bool& grid) {
  const char* text = std::getenv("NUTHATCH_GPU_THREADS");
  if (!text || !*text) return 0;
  if (std::string(text) == "grid") {
    grid = chains == 1;
    return 0;
  }
  const long n = std::strtol(text, nullptr, 10);
  if (n <= 0) throw Error(fmt::format("NUTHATCH_GPU_THREADS is `{}`; it must be a number of threads, or grid", text));
  return n;
}

}  // namespace

Work workOf(const ir::TracedProgram& program) {
  Work w;
  mlir::OwningOpRef<mlir::ModuleOp> module(program.module->clone());
  // What is wrong with a program is said where it is compiled.
  mlir::ScopedDiagnosticHandler quiet(program.context.get(), [](mlir::Diagnostic&) { return mlir::success(); });
  if (mlir::failed(passes::prepareForCodegen(*module, {}))) return w;
  add(w, (*module->getOps<mlir::func::FuncOp>().begin()).getBody(), 1);
  return w;
}

Choice choose(const Work& w, const CardFacts& f, std::int64_t chains, std::int64_t wanted) {
  bool grid = false;
  if (wanted == 0) wanted = wantedByEnvironment(chains, grid);
  const std::int64_t all_threads = std::int64_t(f.multiprocessors) * std::int64_t(kThreadsAtOnce);
  if (grid && f.cooperative) return {Unit::grid, all_threads, cycles(w, f, chains, Unit::grid, 0) / kClock, "  all threads of the GPU, as asked for\n"};
  if (wanted != 0) {
    const bool segment = wanted >= 1 && wanted <= 32 && (wanted & (wanted - 1)) == 0;
    if (!segment && (wanted < 32 || wanted > 1024 || wanted % 32))
      throw Error(fmt::format("threads for a chain are {}; it must be 1, 2, 4, 8, 16, 32, or a multiple of 32 up to 1024", wanted));
    Choice c{unitOf(wanted), wanted, cycles(w, f, chains, unitOf(wanted), double(wanted)) / kClock, ""};
    c.why = fmt::format("  {}, as asked for: {:.1f} us\n", describe(c.unit, c.threads), c.microseconds);
    return c;
  }
  Choice best;
  std::string all;
  auto consider = [&](Unit unit, std::int64_t threads) {
    const double us = cycles(w, f, chains, unit, double(threads)) / kClock;
    all += fmt::format("  {}: {:.1f} us\n", describe(unit, threads), us);
    if (best.microseconds == 0 || us < best.microseconds) best = {unit, threads, us, ""};
  };
  for (const std::int64_t g : {1, 2, 4, 8, 16, 32, 64, 128, 256}) consider(unitOf(g), g);
  if (chains == 1 && f.cooperative) consider(Unit::grid, all_threads);
  best.why = all;
  return best;
}

}  // namespace nuthatch::gpu
