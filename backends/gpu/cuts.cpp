#include "backends/gpu/cuts.h"

#include <algorithm>
#include <map>

#include <llvm/ADT/SetVector.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>

#include "backends/cpu/recovery.h"
#include "backends/gpu/cuts_library.h"
#include "backends/gpu/cuts_part.h"
#include "backends/gpu/cuts_rewrite.h"
#include "backends/gpu/cuts_stages.h"
#include "ir/trace/trace.h"
#include "nuthatch/error.h"
#include "passes/pipeline.h"
#include "passes/simplify/simplify.h"

namespace nuthatch::gpu {
namespace {

using mlir::Block;
using mlir::Operation;
using mlir::Value;

constexpr std::int64_t kSmall = 1024;  // bytes that are rather computed again than kept by a kernel of their own

constexpr std::int64_t kLeast = 32;    // bytes that memory moves for a single number

std::int64_t bytesOf(Value v) {
  return std::max(kLeast, ir::tensorType(v).getNumElements() * std::int64_t(size_of(ir::dtypeOf(ir::elementType(v)))));
}

/// What a block's kernels have to leave behind.
struct Output {
  Value value;
  ValueId to;
  Value otherwise;  // what chains keep that have left the loop; null outside loops
};

/// The whole schedule: the arrays, and which of them values of the program are in.
struct Arrays {
  Schedule& schedule;
  const passes::LaneVariance& variance;
  const CutOptions& options;
  llvm::DenseMap<Value, ValueId> of{};

  ValueId add(Value like) { return add(like, variance.varies(like)); }
  ValueId add(Value like, bool varying) {
    schedule.values.push_back({ir::apiType(like.getType()), varying});
    return ValueId(schedule.values.size()) - 1;
  }
  ValueId keep(Value v) {
    auto [at, isNew] = of.try_emplace(v, -1);
    if (!isNew) return at->second;
    const ValueId id = add(v);
    of[v] = id;
    return id;
  }
  bool varies(ValueId id) const { return schedule.values[std::size_t(id)].varying; }
};

/// A kernel under construction.
struct Draft {
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation*> operations;
  std::vector<Output> outputs;
};

class BlockCutter {
 public:
  BlockCutter(Arrays& a, Block& b, Value live) : arrays(a), block(b), live(live), stages(b, a.variance, a.options) {}

  bool hasBoundaries() const {
    return llvm::any_of(block, [&](Operation& op) { return stages.isBoundary(&op); });
  }

  /// The arrays of what the function returns. Where a value is stored anyway, that is the result.
  std::vector<ValueId> results() {
    llvm::DenseSet<Value> taken;
    std::vector<ValueId> out;
    for (Value v : block.getTerminator()->getOperands()) {
      const bool fits = isHere(v) && !isConstant(v) && arrays.variance.varies(v) == arrays.schedule.chains;
      if (fits && taken.insert(v).second) {
        if (isComputed(v)) want(v, stages.of(v.getDefiningOp()));
        out.push_back(arrays.keep(v));
      } else {
        out.push_back(arrays.add(v, arrays.schedule.chains));
        request({v, out.back(), {}}, stages.last() + 1);
      }
    }
    return out;
  }

  /// The block's steps; `outputs` are arrays that they have to store.
  std::vector<Step> run(const std::vector<Output>& outputs) {
    for (Operation& op : block.without_terminator())
      if (stages.isBoundary(&op)) requestInputs(&op);
    for (const Output& o : outputs) request(o, stages.last() + 1);
    drafts.resize(std::size_t(top) + 1);
    for (int t = top; t >= 0; --t) draft(t);
    std::vector<Step> steps;
    for (int t = 0; t <= top; ++t) {
      addKernel(t, steps);
      for (Operation& op : block.without_terminator())
        if (stages.isBoundary(&op) && stages.of(&op) == t) addBoundary(&op, steps);
    }
    for (Value v : foreign) arrays.of.erase(v);  // behind the loop nobody knows whether it was stored
    return steps;
  }

 private:
  bool isHere(Value v) const { return v.getDefiningOp() && v.getDefiningOp()->getBlock() == &block; }
  /// Computed by a kernel of this block.
  bool isComputed(Value v) const { return isHere(v) && !stages.isBoundary(v.getDefiningOp()); }

  /// An array that a kernel stores, at the latest before what follows stage `until`.
  void request(const Output& o, int until) {
    const bool varying = arrays.varies(o.to);
    const int first = stages.ready(o.value), end = std::max(Stages::up(first, varying), lastKernel(varying));
    int t = until > stages.last() ? end : Stages::down(until, varying);
    if (isComputed(o.value) && Stages::up(first, varying) == first && (until <= stages.last() || !isBetterComputed(o.value, end))) t = first;
    outputs[t].push_back(o);
    top = std::max(top, t);
  }

  int lastKernel(bool varying) const {
    int t = int(varying);
    for (Operation& op : block.without_terminator())
      if (!stages.isBoundary(&op) && stages.of(&op) % 2 == int(varying)) t = std::max(t, stages.of(&op));
    return t;
  }

  void want(Value v, int t) {
    arrays.keep(v);
    wanted[t].insert(v);
    top = std::max(top, t);
  }

  /// The arrays that a call or a loop reads. A loop's carries get theirs.
  void requestInputs(Operation* op) {
    const unsigned carried = carriesOf(op);
    auto inputs = inputsOf(op);
    for (auto [k, v] : llvm::enumerate(inputs)) {
      if (k < carried) {
        request({v, arrays.keep(op->getResult(unsigned(k))), {}}, stages.of(op));
      } else if (isComputed(v)) {
        if (op->getNumRegions() == 0 || !isConstant(v)) want(v, stages.of(v.getDefiningOp()));
      } else if (!isHere(v) && !arrays.of.contains(v) && op->getNumRegions() == 0) {
        foreign.push_back(v);
        want(v, 0);
      }
    }
    for (Value r : op->getResults()) arrays.keep(r);
    top = std::max(top, stages.of(op));
  }

  static unsigned carriesOf(Operation* op) {
    if (auto loop = mlir::dyn_cast<ir::ForOp>(op)) return unsigned(loop.getNumCarries());
    return mlir::isa<ir::WhileOp>(op) ? op->getNumOperands() : 0;
  }

  // ---- what a kernel computes, and what it reads ----

  void draft(int t) {
    Draft& d = drafts[std::size_t(t)];
    for (Value v : wanted[t]) d.outputs.push_back({v, arrays.of.lookup(v), {}});
    llvm::append_range(d.outputs, outputs[t]);
    for (const Output& o : d.outputs) need(d, o.value, t);
    for (Operation& op : block.without_terminator())
      if (stages.of(&op) == t && mlir::isa<ir::EmitOp, ir::ReportOp>(op)) include(d, &op, t);
    for (const Output& o : d.outputs)
      if (o.otherwise) d.inputs.insert(o.otherwise);
  }

  void include(Draft& d, Operation* op, int t) {
    if (d.operations.contains(op)) return;
    for (Value v : inputsOf(op)) need(d, v, t);
    d.operations.insert(op);
  }

  void need(Draft& d, Value v, int t) {
    if (isComputed(v)) {
      auto* op = v.getDefiningOp();
      if (stages.of(op) == t || isBetterComputed(v, t)) return include(d, op, t);
      want(v, stages.of(op));
    } else if (!arrays.of.contains(v) || (t == 0 && llvm::is_contained(foreign, v))) {
      if (!v.getDefiningOp()) throw Error("internal: a cut loop uses a value from around it that is in no array");
      return include(d, v.getDefiningOp(), t);  // a constant from around the loop
    }
    d.inputs.insert(v);
  }

  /// A value of an earlier stage: whether computing it here moves fewer bytes than storing and reading it.
  bool isBetterComputed(Value v, int t) {
    if (isConstant(v)) return true;
    if (arrays.of.contains(v)) return false;  // it is stored in any case
    const bool shared = t % 2 == 1 && !arrays.variance.varies(v);
    Cone cone;
    if (!measure(v, t, shared, cone)) return false;
    if (shared) return cone.computed <= kSmall;
    return cone.read + 2 * cone.stored < 2 * bytesOf(v);
  }

  struct Cone {
    llvm::DenseSet<Value> seen;
    std::int64_t read = 0, stored = 0, computed = 0;  // bytes
    int operations = 0;
  };
  bool measure(Value v, int t, bool cheapOnly, Cone& cone) {
    if (!cone.seen.insert(v).second || isConstant(v)) return true;
    if (!isComputed(v) || arrays.of.contains(v)) {
      cone.read += bytesOf(v);
      return true;
    }
    auto* op = v.getDefiningOp();
    const bool free = isCheap(op) || (!cheapOnly && op->getNumRegions() == 0 && stages.canWaitUntil(op, t));
    if (stages.of(op) == t) return true;
    if (!free) {
      if (cone.operations == 0) return false;
      cone.stored += bytesOf(v);
      return !cheapOnly;
    }
    if (++cone.operations > 32) return false;
    cone.computed += bytesOf(v);
    const auto before = cone.read;
    const bool fine = llvm::all_of(inputsOf(op), [&](Value x) { return measure(x, t, cheapOnly, cone); });
    if (mlir::isa<ir::SliceOp, ir::DynamicSliceOp>(op)) cone.read = std::min(cone.read, before + bytesOf(v));
    return fine;
  }

  // ---- steps ----

  void addKernel(int t, std::vector<Step>& steps) {
    Draft& d = drafts[std::size_t(t)];
    const bool emits = llvm::any_of(d.operations, [](Operation* op) { return hasStreams(op); });
    if (d.outputs.empty() && d.operations.empty()) return;
    Kernel kernel;
    kernel.varying = t % 2 == 1;
    kernel.emits = emits;
    Part part;
    if (live && (kernel.varying || !arrays.variance.varies(live))) {
      part.live = live;
      d.inputs.insert(live);
    }
    part.inputs.assign(d.inputs.begin(), d.inputs.end());
    part.operations = inOrder(d.operations);
    for (const Output& o : d.outputs) {
      part.outputs.push_back({o.value, o.otherwise});
      kernel.results.push_back(o.to);
    }
    for (Value v : part.inputs) {
      kernel.arguments.push_back(arrays.of.lookup(v));
      kernel.varying_argument.push_back(arrays.varies(kernel.arguments.back()));
    }
    kernel.program = programOf(part, block.getParentOp()->getContext());
    steps.push_back({std::move(kernel)});
  }

  static bool hasStreams(Operation* op) {
    bool found = false;
    op->walk([&](ir::EmitOp) { found = true; });
    return found;
  }

  /// Constants from around the block first, as they were found; then in the block's order.
  std::vector<Operation*> inOrder(const llvm::SetVector<Operation*>& operations) const {
    std::vector<Operation*> out, own;
    for (Operation* op : operations) (op->getBlock() == &block ? own : out).push_back(op);
    std::sort(own.begin(), own.end(), [](Operation* a, Operation* b) { return a->isBeforeInBlock(b); });
    out.insert(out.end(), own.begin(), own.end());
    return out;
  }

  void addBoundary(Operation* op, std::vector<Step>& steps) {
    auto id = [&](Value v) { return arrays.of.lookup(v); };
    if (auto dot = mlir::dyn_cast<ir::DotGeneralOp>(op)) {
      auto found = asProduct(dot, arrays.variance, arrays.options);
      Product p = found->product;
      p.a.value = id(found->swapped ? dot.getRhs() : dot.getLhs());
      p.b.value = id(found->swapped ? dot.getLhs() : dot.getRhs());
      p.c.value = id(dot.getResult());
      steps.push_back({p});
    } else if (isFactor(op)) {
      const auto shape = ir::shapeOf(op->getOperand(0));
      Factor f{ir::dtypeOf(ir::elementType(op->getOperand(0))), shape.back()};
      for (auto extent : shape.drop_back(2)) f.batch *= extent;
      f.x = id(op->getOperand(0)), f.factor = id(op->getResult(0)), f.info = id(op->getResult(1));
      f.batch_of_chains = arrays.varies(f.x);
      steps.push_back({f});
    } else if (auto solve = mlir::dyn_cast<ir::TriangularSolveOp>(op)) {
      addSubstitution(solve, steps);
    } else {
      addLoop(op, steps);
    }
  }

  void addSubstitution(ir::TriangularSolveOp op, std::vector<Step>& steps) {
    const auto shape = ir::shapeOf(op.getB());
    Substitution s{ir::dtypeOf(ir::elementType(op.getB())), shape[shape.size() - 2], shape.back()};
    for (auto extent : shape.drop_back(2)) s.batch *= extent;
    s.lower = op.getLower(), s.transpose = op.getTranspose(), s.unit_diagonal = op.getUnitDiagonal();
    s.a = arrays.of.lookup(op.getA()), s.b = arrays.of.lookup(op.getB()), s.y = arrays.of.lookup(op.getResult());
    s.batch_of_chains = arrays.varies(s.y);
    s.chains_are_columns = hasChainsAsColumns(op, arrays.variance);
    steps.push_back({s});
  }

  void addLoop(Operation* op, std::vector<Step>& steps) {
    auto* counted = mlir::isa<ir::ForOp>(op) ? op : nullptr;
    Block& body = counted ? mlir::cast<ir::ForOp>(op).getBody().front() : mlir::cast<ir::WhileOp>(op).getBody().front();
    const unsigned carried = carriesOf(op), skip = counted ? 1 : 0;
    Loop loop;
    std::vector<Output> next;
    auto yields = body.getTerminator()->getOperands();
    for (unsigned k = 0; k < carried; ++k) {
      Value argument = body.getArgument(k + skip);
      const ValueId first = arrays.of.lookup(op->getResult(k));
      arrays.of[argument] = first;
      if (yields[k] == argument) continue;
      loop.carries.push_back({first, arrays.add(op->getResult(k))});
      next.push_back({yields[k], loop.carries.back().second, argument});
    }
    Value goesOn;
    if (auto loop2 = mlir::dyn_cast<ir::WhileOp>(op)) {
      const auto k = mlir::cast<mlir::BlockArgument>(loop2.getCond().front().getTerminator()->getOperand(0)).getArgNumber();
      goesOn = body.getArgument(k);
      loop.live = arrays.of.lookup(goesOn);
      loop.trip = std::int64_t(loop2.getMaxTrip());
    } else {
      auto loop3 = mlir::cast<ir::ForOp>(op);
      loop.trip = std::int64_t(loop3.getTrip());
      loop.reverse = loop3.getReverse();
      loop.counter = arrays.keep(body.getArgument(0));
      for (unsigned k = carried; k < yields.size(); ++k) {
        const ValueId slice = arrays.add(yields[k], arrays.variance.varies(op->getResult(k)));
        loop.parts.push_back({slice, arrays.of.lookup(op->getResult(k))});
        next.push_back({yields[k], slice, {}});
      }
      goesOn = live;
    }
    loop.body = BlockCutter(arrays, body, goesOn).run(next);
    steps.push_back({std::move(loop)});
  }

  Arrays& arrays;
  Block& block;
  Value live;
  Stages stages;
  llvm::SmallVector<Value> foreign;  // constants from around the loop that a library reads
  std::map<int, llvm::SetVector<Value>> wanted;
  std::map<int, std::vector<Output>> outputs;
  std::vector<Draft> drafts;
  int top = 0;
};

/// Through the passes; throws what they complain about.
mlir::OwningOpRef<mlir::ModuleOp> plain(const ir::TracedProgram& source) {
  mlir::OwningOpRef<mlir::ModuleOp> module(source.module->clone());
  std::string message;
  mlir::ScopedDiagnosticHandler handler(source.context.get(), [&](mlir::Diagnostic& d) {
    if (message.empty()) message = ir::describe(d.getLocation()) + ": " + d.str();
    return mlir::success();
  });
  if (mlir::failed(passes::prepareForCodegen(*module, {}))) throw Error(message.empty() ? "compilation failed" : message);
  return module;
}

bool hasHostCalls(mlir::ModuleOp module) {
  bool found = false;
  module.walk([&](Operation* op) { found |= mlir::isa<ir::CustomCallOp, ir::ReportOp>(op); });
  return found;
}

/// One kernel for all of the function.
Kernel wholeKernel(mlir::func::FuncOp main, Arrays& arrays) {
  Block& block = main.getBody().front();
  Schedule& out = arrays.schedule;
  Kernel kernel;
  kernel.varying = out.chains;
  kernel.arguments = out.arguments;
  Part part;
  for (Value v : block.getArguments()) {
    part.inputs.push_back(v);
    kernel.varying_argument.push_back(arrays.variance.varies(v));
  }
  for (Operation& op : block.without_terminator()) part.operations.push_back(&op);
  for (Value v : block.getTerminator()->getOperands()) {
    part.outputs.push_back({v, {}});
    out.results.push_back(arrays.add(v, out.chains));
  }
  main.walk([&](ir::EmitOp) { kernel.emits = true; });
  kernel.results = out.results;
  kernel.program = programOf(part, main.getContext());
  return kernel;
}

Schedule cutMain(mlir::ModuleOp module, const std::vector<bool>& varying, const CutOptions& options, bool whole) {
  Schedule out;
  out.chains = !options.varying_argument.empty();
  auto main = *module.getOps<mlir::func::FuncOp>().begin();
  Block& block = main.getBody().front();
  const llvm::SmallVector<bool> flags(varying.begin(), varying.end());
  const passes::LaneVariance variance = varianceOf(block, flags, options);
  Arrays arrays{out, variance, options};
  for (Value v : block.getArguments()) out.arguments.push_back(arrays.keep(v));
  BlockCutter cutter(arrays, block, {});
  if (whole || !cutter.hasBoundaries()) {
    out.steps.push_back({wholeKernel(main, arrays)});
    return out;
  }
  out.results = cutter.results();
  out.steps = cutter.run({});
  return out;
}

}  // namespace

CutOptions& usualCuts() {
  static CutOptions options;
  return options;
}

bool mayBeCut(const detail::Program& program) {
  bool found = false;
  ir::traced(program).main().walk([&](Operation* op) {
    found |= mlir::isa<ir::DotGeneralOp, ir::CholeskyOp, ir::CholeskyPullbackOp, ir::TriangularSolveOp>(op);
  });
  return found;
}

Schedule cut(const detail::ProgramPtr& program, const CutOptions& options) {
  const auto& source = ir::traced(*program);
  Schedule out;
  cpu::withRecovery([&] {
    auto module = plain(source);
    std::vector<bool> varying = options.varying_argument;
    varying.resize(source.main().getNumArguments(), false);  // captures are shared
    const llvm::SmallVector<bool> flags(varying.begin(), varying.end());
    const bool whole = hasHostCalls(*module);
    if (!whole) {
      dropLaneAny(*module);
      expandFactorisations(*module, flags, options);
      absorbTransposes(*module);
      passes::simplify(*module);
      prepareLoops(*module, flags, options);
    }
    out = cutMain(*module, varying, options, whole);
  });
  return out;
}

}  // namespace nuthatch::gpu
