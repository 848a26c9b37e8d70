#include "backends/cpu/plan.h"

#include <llvm/Support/raw_ostream.h>
#include <map>

namespace nuthatch::cpu {

using mlir::Operation;
using mlir::Value;

namespace {
constexpr int64_t kSmallConcatenation = 32;
constexpr int kFrequent = 64;  // uses of a function, from which on its code stands once
constexpr int kSeveral = 2;  // the same where it is seldom reached
constexpr int kGeneratorRepeats = 3;
constexpr int64_t kLong = 256;  // elements from which on memory costs more than a few instructions
constexpr int kCheap = 6;       // instructions that are cheaper than writing an element and reading it again
constexpr int kReads = 2;       // ... if it takes no more reads
constexpr int kRepeats = 4;
constexpr int kDeepest = 100;  // operations in a row that no root interrupts: elements are emitted recursively

int64_t elements(Value v) { return ir::tensorType(v).getNumElements(); }
}  // namespace

bool isPointwise(Operation* op) {
  return mlir::isa<ir::UnaryOp, ir::BinaryOp, ir::TernaryOp, ir::CompareOp, ir::SelectOp, ir::FmaOp, ir::ConvertOp, ir::BitcastOp,
                   ir::LaneAnyOp>(op);
}

bool isView(Operation* op) {
  if (mlir::isa<ir::ConcatenateOp, ir::PadOp>(op)) return elements(op->getResult(0)) <= kSmallConcatenation;
  return mlir::isa<ir::ConstantOp, ir::IotaOp, ir::BroadcastOp, ir::ReshapeOp, ir::TransposeOp, ir::SliceOp,
                   ir::ReverseOp, ir::DynamicSliceOp, ir::BarrierOp>(op);
}

bool isElementwise(Operation* op) {
  return isPointwise(op) || isView(op) ||
         mlir::isa<ir::GatherOp, ir::RngBitsOp, ir::RngSplitOp, ir::RngFoldInOp>(op);
}

LoopInput loopInput(Value v) {
  auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
  auto loop = argument ? mlir::dyn_cast_or_null<ir::ForOp>(argument.getOwner()->getParentOp()) : nullptr;
  if (!loop) return {};
  if (argument.getArgNumber() == 0) return {loop, {}, true};
  auto index = argument.getArgNumber() - 1;
  if (index < loop.getNumCarries()) return {};
  return {loop, loop.getInputs()[index], false};
}

void visitReads(const Plan& plan, Value v, bool same, llvm::function_ref<void(Value, bool)> visit) {
  if (auto input = loopInput(v); input.loop) {
    if (!input.counter) visitReads(plan, input.xs, false, visit);
    return;
  }
  auto* op = v.getDefiningOp();
  if (!op || plan.roots.contains(v)) return visit(v, same);
  for (auto operand : op->getOperands()) visitReads(plan, operand, same && isPointwise(op), visit);
}

static void visitOperands(const Plan& plan, Operation* op, bool same, llvm::function_ref<void(Value, bool)> visit) {
  for (auto operand : op->getOperands()) visitReads(plan, operand, same, visit);
}

void visitReads(const Plan& plan, const Group& group, llvm::function_ref<void(Value, bool)> visit) {
  for (auto* root : group.roots)
    visitOperands(plan, root, isPointwise(root) || mlir::isa<ir::ReduceOp>(root), visit);
  for (auto* product : group.rowProducts) visitOperands(plan, product, false, visit);
  for (auto* product : group.columnProducts) visitReads(plan, MatrixVector::of(product).matrix, false, visit);
  if (!group.single) return;
  visitOperands(plan, group.single, false, visit);
  for (auto& region : group.single->getRegions())
    region.walk([&](Operation* inner) {
      visitOperands(plan, inner, false, [&](Value v, bool) {
        if (!region.isAncestor(v.getParentRegion())) visit(v, false);
      });
    });
}

namespace {

/// Finds the roots: values worth computing once.
struct Roots {
  Plan& plan;
  llvm::DenseMap<Value, int> depths;  // of the expression under a value, down to roots

  int depthOver(Operation* op) {
    int deepest = 0;
    for (auto operand : op->getOperands())
      if (!plan.roots.contains(operand)) deepest = std::max(deepest, depths.lookup(operand));
    return deepest + 1;
  }

  /// The value under its views gets a place.
  void force(Value v) {
    if (auto input = loopInput(v); input.loop) {
      if (!input.counter) force(input.xs);
      return;
    }
    auto* op = v.getDefiningOp();
    if (!op) return;
    if (!isView(op)) {
      plan.roots.insert(v);
      return;
    }
    if (mlir::isa<ir::ConstantOp, ir::IotaOp>(op)) return;
    for (auto operand : op->getOperands()) force(operand);
  }

  /// Uses of v by other than views, seen through views. `expanded`: evaluated several times per element of v.
  void countUses(Value v, bool expanded, mlir::Block* home, int& uses, bool& mustStore) {
    for (auto& use : v.getUses()) {
      auto* user = use.getOwner();
      if (user->getBlock() != home) mustStore = true;
      bool grows = expanded;
      if (auto broadcast = mlir::dyn_cast<ir::BroadcastOp>(user)) grows |= elements(broadcast.getResult()) > elements(v);
      if (mlir::isa<ir::DynamicSliceOp>(user)) mustStore = true;
      if (mlir::isa<ir::GatherOp>(user) && (use.getOperandNumber() == 0 || elements(user->getResult(0)) > elements(v)))
        mustStore = true;
      if (isView(user)) {
        countUses(user->getResult(0), grows, home, uses, mustStore);
        continue;
      }
      ++uses;
      if (grows) mustStore = true;
      if (mlir::isa<ir::RngBitsOp, ir::RngSplitOp, ir::RngFoldInOp>(user)) mustStore = true;
    }
  }

  static bool isInstruction(Operation* op) {
    using U = ir::UnaryKind;
    using B = ir::BinaryKind;
    if (auto unary = mlir::dyn_cast<ir::UnaryOp>(op))
      return llvm::is_contained({U::neg, U::abs, U::logical_not}, unary.getKind());
    if (auto binary = mlir::dyn_cast<ir::BinaryOp>(op))
      return llvm::is_contained({B::add, B::sub, B::mul, B::min, B::max}, binary.getKind());
    return mlir::isa<ir::CompareOp, ir::SelectOp, ir::FmaOp>(op);
  }

  /// Instructions and reads of the expression of v, down to roots; false when there is anything else in it.
  bool measure(Value v, int& instructions, llvm::SmallPtrSetImpl<void*>& reads) {
    auto* op = v.getDefiningOp();
    if (!op || plan.roots.contains(v)) {
      if (loopInput(v).loop) return false;
      reads.insert(v.getAsOpaquePointer());
      return reads.size() <= kReads;
    }
    if (mlir::isa<ir::ConstantOp>(op)) return true;
    if (!isView(op) && !(isInstruction(op) && ++instructions <= kCheap)) return false;
    if (mlir::isa<ir::DynamicSliceOp, ir::ConcatenateOp, ir::PadOp>(op)) return false;
    return llvm::all_of(op->getOperands(), [&](Value o) { return measure(o, instructions, reads); });
  }

  /// A long array that is better computed again where it is used than kept.
  bool isCheap(Value v) {
    int instructions = 0;
    llvm::SmallPtrSet<void*, 4> reads;
    return elements(v) >= kLong && measure(v, instructions, reads);
  }

  void visit(Operation* op) {
    if (mlir::isa<ir::ReduceOp, ir::LaneAnyOp>(op)) {
      plan.roots.insert(op->getResult(0));
      return;
    }
    if (!isElementwise(op)) {
      for (auto r : op->getResults()) plan.roots.insert(r);
      for (auto operand : op->getOperands())
        if (!mlir::isa<ir::ScatterOp>(op) || operand == op->getOperand(0) || !isCheap(operand)) force(operand);
      return;
    }
    const int depth = depths[op->getResult(0)] = depthOver(op);
    if (isView(op)) return;
    int uses = 0;
    bool mustStore = false;
    countUses(op->getResult(0), false, op->getBlock(), uses, mustStore);
    const bool kept = uses > 1 && (uses > kRepeats || !isCheap(op->getResult(0)));
    if (kept || mustStore || depth > kDeepest) plan.roots.insert(op->getResult(0));
  }
};

/// Distributes the roots of a block over groups: each joins the earliest group with its iteration space that comes
/// after everything it reads.
struct Grouping {
  Plan& plan;
  std::vector<Group>& groups;
  llvm::DenseMap<Value, size_t> madeBy;  // group of a root of this block

  static llvm::SmallVector<int64_t> spaceOf(Operation* op) {
    auto reduce = mlir::dyn_cast<ir::ReduceOp>(op);
    return llvm::SmallVector<int64_t>(ir::shapeOf(reduce ? Value(reduce.getX()) : Value(op->getResult(0))));
  }

  static bool accepts(const Group& g, Operation* op, llvm::ArrayRef<int64_t> space) {
    if (g.single || llvm::ArrayRef<int64_t>(g.space) != space) return false;
    auto reduce = mlir::dyn_cast<ir::ReduceOp>(op);
    return !reduce || g.reduced.empty() || llvm::ArrayRef<int64_t>(g.reduced) == reduce.getDims();
  }

  void addRoot(Operation* op) {
    auto space = spaceOf(op);
    size_t first = 0;  // the earliest admissible group
    auto require = [&](Value read, bool same) {
      auto at = madeBy.find(read);
      if (at == madeBy.end()) return;
      const Group& g = groups[at->second];
      bool fusable = same && !g.single && !mlir::isa<ir::ReduceOp>(read.getDefiningOp()) && accepts(g, op, space);
      first = std::max(first, at->second + (fusable ? 0 : 1));
    };
    bool same = isPointwise(op) || mlir::isa<ir::ReduceOp>(op);
    for (auto operand : op->getOperands()) visitReads(plan, operand, same, require);
    size_t at = first;
    while (at < groups.size() && !accepts(groups[at], op, space)) ++at;
    if (at == groups.size()) groups.emplace_back().space = space;
    groups[at].roots.push_back(op);
    if (auto reduce = mlir::dyn_cast<ir::ReduceOp>(op)) groups[at].reduced.assign(reduce.getDims().begin(), reduce.getDims().end());
    madeBy[op->getResult(0)] = at;
  }

  void run(mlir::Block& block) {
    for (auto& op : block) {
      if (op.hasTrait<mlir::OpTrait::IsTerminator>()) continue;
      if (isElementwise(&op) || mlir::isa<ir::ReduceOp>(op)) {
        if (plan.roots.contains(op.getResult(0))) addRoot(&op);
        continue;
      }
      for (auto r : op.getResults()) madeBy[r] = groups.size();
      groups.emplace_back().single = &op;
    }
  }
};

bool isShort(ir::UnaryKind k) {
  using K = ir::UnaryKind;
  return k <= K::rsqrt || k >= K::popcount;
}

/// A hundred instructions for each of many hundred uses would be minutes of LLVM's time.
std::set<ir::UnaryKind> frequentKinds(mlir::func::FuncOp function, int limit) {
  std::map<ir::UnaryKind, int> uses;
  function.walk([&](ir::UnaryOp op) { ++uses[op.getKind()]; });
  std::set<ir::UnaryKind> out;
  for (auto [kind, count] : uses)
    if (count > limit && !isShort(kind)) out.insert(kind);
  return out;
}

int usesOfGenerator(mlir::func::FuncOp function) {
  int uses = 0;
  function.walk([&](Operation* op) { uses += mlir::isa<ir::RngBitsOp, ir::RngSplitOp, ir::RngFoldInOp>(op); });
  return uses;
}

}  // namespace

Plan makePlan(mlir::func::FuncOp function, bool rowPasses) {
  Plan plan;
  plan.called = frequentKinds(function, kFrequent);
  plan.repeated = frequentKinds(function, kSeveral);
  plan.generatorCalled = usesOfGenerator(function) > kGeneratorRepeats;
  Roots roots{plan, llvm::DenseMap<Value, int>()};
  function.walk([&](Operation* op) {
    if (op != function) roots.visit(op);
  });
  function.walk([&](mlir::Block* block) {
    auto& groups = plan.groups[block];
    Grouping{plan, groups, llvm::DenseMap<Value, size_t>()}.run(*block);
    if (rowPasses) fuseRowPasses(plan, groups);
  });

  // A root read only inside its own group, at its own index, lives in registers.
  function.walk([&](mlir::Block* block) {
    for (auto argument : block->getArguments())
      if (!loopInput(argument).loop) plan.stored.insert(argument);
    for (auto& group : plan.groups[block]) {
      llvm::DenseSet<Value> own;
      for (auto* root : group.roots)
        if (!mlir::isa<ir::ReduceOp>(root)) own.insert(root->getResult(0));
      for (auto* product : group.rowProducts) own.insert(product->getResult(0));
      visitReads(plan, group, [&](Value v, bool same) {
        if (!(same && own.contains(v))) plan.stored.insert(v);
      });
      if (group.single)
        for (auto r : group.single->getResults()) plan.stored.insert(r);
    }
    for (auto operand : block->getTerminator()->getOperands())
      visitReads(plan, operand, false, [&](Value v, bool) { plan.stored.insert(v); });
  });
  return plan;
}

std::string Plan::text() const {
  std::string out;
  llvm::raw_string_ostream os(out);
  for (const auto& [block, list] : groups) {
    os << "block of " << block->getParentOp()->getName() << ":\n";
    for (const auto& g : list) {
      if (g.single) {
        os << "  " << g.single->getName() << "\n";
        continue;
      }
      os << "  loop [";
      llvm::interleaveComma(g.space, os);
      os << "]";
      if (!g.reduced.empty()) {
        os << " reducing ";
        llvm::interleaveComma(g.reduced, os);
      }
      if (g.rowPass()) os << " in one pass over rows";
      os << "\n";
      g.visit([&](Operation* op) { os << "    " << (stored.contains(op->getResult(0)) ? "store " : "keep  ") << *op << "\n"; });
    }
  }
  return out;
}

}  // namespace nuthatch::cpu
