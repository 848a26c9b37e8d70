#include "backends/cpu/storage.h"

#include <llvm/ADT/BitVector.h>

namespace nuthatch::cpu {

using mlir::Operation;
using mlir::Value;

namespace {

class Assignment {
 public:
  Assignment(mlir::func::FuncOp function, const Plan& plan, llvm::function_ref<bool(Value)> varying)
      : function(function), plan(plan), varying(varying) {}

  Storage run() {
    number();
    llvm::BitVector live(values.size());
    for (auto v : function.getBody().front().getTerminator()->getOperands()) addReads(v, live);
    walkBlock(function.getBody().front(), live);
    for (auto argument : function.getArguments()) conflictWithAll(argument, live);
    joinTies();
    return collect();
  }

 private:
  mlir::func::FuncOp function;
  const Plan& plan;
  llvm::function_ref<bool(Value)> varying;
  std::vector<Value> values;
  llvm::DenseMap<Value, int> index;
  std::vector<llvm::BitVector> conflicts;
  struct Tie { Value a, b; bool required; };
  std::vector<Tie> ties;
  std::vector<int> parent;

  // ---- numbering and conflicts ----
  void number() {
    function.walk([&](mlir::Block* block) {
      for (auto a : block->getArguments()) add(a);
      for (auto& op : *block)
        for (auto r : op.getResults()) add(r);
    });
    conflicts.assign(values.size(), llvm::BitVector(values.size()));
    parent.resize(values.size());
    for (size_t i = 0; i < parent.size(); ++i) parent[i] = int(i);
  }
  void add(Value v) {
    if (!plan.stored.contains(v)) return;
    index[v] = int(values.size());
    values.push_back(v);
  }
  bool has(Value v) const { return index.count(v); }
  void conflict(Value a, Value b) {
    if (a == b || !has(a) || !has(b)) return;
    conflicts[index[a]].set(index[b]);
    conflicts[index[b]].set(index[a]);
  }
  void conflictWithAll(Value a, const llvm::BitVector& live) {
    if (!has(a)) return;
    for (int i : live.set_bits()) conflict(a, values[i]);
  }
  /// Equal indices are equal places: only then does writing one leave the elements of the other that are read later.
  bool sameLayout(Value a, Value b) {
    return ir::elementType(a) == ir::elementType(b) && varying(a) == varying(b);
  }
  void addReads(Value v, llvm::BitVector& live) {
    visitReads(plan, v, true, [&](Value r, bool) { live.set(index[r]); });
  }
  void kill(Value v, llvm::BitVector& live) {
    if (has(v)) live.reset(index[v]);
  }

  // ---- liveness, backwards; `live` is what is needed after on entry and before on return ----
  void walkBlock(mlir::Block& block, llvm::BitVector& live) {
    const auto& groups = plan.groups.find(&block)->second;
    for (auto g = groups.rbegin(); g != groups.rend(); ++g) {
      if (!g->single) walkLoop(*g, live);
      else if (auto loop = mlir::dyn_cast<ir::ForOp>(g->single)) walkFor(loop, live);
      else if (auto loop = mlir::dyn_cast<ir::WhileOp>(g->single)) walkWhile(loop, live);
      else if (auto branch = mlir::dyn_cast<ir::CaseOp>(g->single)) walkCase(branch, live);
      else walkSingle(*g, live);
    }
  }

  void define(llvm::ArrayRef<Value> results, llvm::BitVector& live) {
    for (auto r : results) conflictWithAll(r, live);
    for (auto a : results)
      for (auto b : results) conflict(a, b);
    for (auto r : results) kill(r, live);
  }

  void walkLoop(const Group& g, llvm::BitVector& live) {
    llvm::SmallVector<Value> results;
    g.visit([&](Operation* op) {
      if (has(op->getResult(0))) results.push_back(op->getResult(0));
    });
    define(results, live);
    // A value that dies here may be overwritten by a result only if it is read at the result's own index.
    llvm::BitVector after = live;
    visitReads(plan, g, [&](Value r, bool same) {
      if (!has(r) || llvm::is_contained(results, r)) return;  // what the loop makes itself is not needed before it
      for (auto d : results)
        if (!same || after.test(index[r]) || !sameLayout(r, d) || mlir::isa<ir::ReduceOp, ir::DotGeneralOp>(d.getDefiningOp()))
          conflict(r, d);
      live.set(index[r]);
    });
  }

  void walkSingle(const Group& g, llvm::BitVector& live) {
    auto* op = g.single;
    llvm::SmallVector<Value> results(op->getResults());
    define(results, live);
    llvm::BitVector after = live;
    Value updated;  // may be overwritten in place
    if (auto update = mlir::dyn_cast<ir::DynamicUpdateSliceOp>(op)) updated = update.getX();
    if (auto scatter = mlir::dyn_cast<ir::ScatterOp>(op)) updated = scatter.getX();
    llvm::DenseSet<Value> inPlace;
    if (updated && has(updated)) {
      ties.push_back({results[0], updated, false});
      if (!after.test(index[updated]) && sameLayout(results[0], updated) && otherReadsMatch(op, updated)) inPlace.insert(updated);
    }
    visitReads(plan, g, [&](Value r, bool) {
      if (!has(r)) return;
      if (!inPlace.contains(r))
        for (auto d : results) conflict(r, d);
      live.set(index[r]);
    });
  }

  /// Besides being the array updated, `updated` may be read in the update expression only at the place being written.
  bool otherReadsMatch(Operation* op, Value updated) {
    for (auto operand : llvm::drop_begin(op->getOperands()))
      if (!readsMatch(operand, updated, op)) return false;
    return true;
  }
  bool readsMatch(Value v, Value updated, Operation* update) {
    if (v == updated) return false;
    auto* op = v.getDefiningOp();
    if (loopInput(v).xs == updated) return false;
    if (!op || plan.roots.contains(v)) return true;
    if (auto slice = mlir::dyn_cast<ir::DynamicSliceOp>(op)) {
      auto dus = mlir::dyn_cast<ir::DynamicUpdateSliceOp>(update);
      if (slice.getX() == updated)
        return dus && slice.getStarts() == dus.getStarts() && slice.getType() == dus.getUpdate().getType();
    }
    return llvm::all_of(op->getOperands(), [&](Value o) { return readsMatch(o, updated, update); });
  }

  void addCaptures(Operation* op, llvm::BitVector& live) {
    for (auto& region : op->getRegions())
      region.walk([&](Operation* inner) {
        for (auto operand : inner->getOperands())
          visitReads(plan, operand, false, [&](Value r, bool) {
            if (!region.isAncestor(r.getParentRegion())) live.set(index[r]);
          });
      });
  }

  /// Carries are written in parallel: each destination conflicts with every other source.
  void conflictCopies(mlir::ValueRange sources, mlir::ValueRange destinations) {
    for (size_t i = 0; i < destinations.size(); ++i)
      for (size_t j = 0; j < sources.size(); ++j)
        if (i != j)
          visitReads(plan, sources[j], true, [&](Value r, bool) {
            if (r != sources[i]) conflict(destinations[i], r);
          });
        else
          visitReads(plan, sources[j], true, [&](Value r, bool same) {
            if (!same || !sameLayout(r, destinations[i])) conflict(destinations[i], r);
          });
  }

  void walkFor(ir::ForOp op, llvm::BitVector& live) {
    auto& body = op.getBody().front();
    size_t n = op.getNumCarries();
    auto carries = body.getArguments().slice(1, n);
    auto inits = op.getInputs().take_front(n);
    mlir::ValueRange yielded = body.getTerminator()->getOperands();
    define(llvm::SmallVector<Value>(op.getResults()), live);
    llvm::BitVector around = live;  // alive throughout the loop
    addCaptures(op, around);
    for (auto xs : op.getInputs().drop_front(n)) addReads(xs, around);
    for (auto ys : op.getResults().drop_front(n)) {
      conflictWithAll(ys, around);
      if (has(ys)) around.set(index[ys]);
    }
    llvm::BitVector inside = around;
    for (auto v : yielded) addReads(v, inside);
    for (auto a : carries) conflictWithAll(a, around);
    walkBlock(body, inside);
    for (auto a : carries) conflictWithAll(a, inside);
    for (auto a : carries)
      for (auto b : carries) conflict(a, b);
    conflictCopies(yielded.take_front(n), carries);
    conflictCopies(inits, carries);
    for (size_t i = 0; i < n; ++i) {
      ties.push_back({carries[i], op.getResult(i), true});
      ties.push_back({carries[i], yielded[i], false});
      ties.push_back({carries[i], inits[i], false});
    }
    live = around;
    for (auto ys : op.getResults().drop_front(n)) kill(ys, live);
    for (auto v : inits) addReads(v, live);
  }

  void walkWhile(ir::WhileOp op, llvm::BitVector& live) {
    auto& cond = op.getCond().front();
    auto& body = op.getBody().front();
    mlir::ValueRange yielded = body.getTerminator()->getOperands();
    size_t n = op.getNumResults();
    define(llvm::SmallVector<Value>(op.getResults()), live);
    llvm::BitVector around = live;
    addCaptures(op, around);
    llvm::BitVector inside = around;
    for (auto v : yielded) addReads(v, inside);
    walkBlock(body, inside);
    // The carries are needed after the condition: by the body, or as results.
    for (size_t i = 0; i < n; ++i)
      if (has(cond.getArgument(i))) inside.set(index[cond.getArgument(i)]);
    for (auto a : body.getArguments()) kill(a, inside);
    for (auto v : cond.getTerminator()->getOperands()) addReads(v, inside);
    walkBlock(cond, inside);
    inside |= around;
    auto carries = cond.getArguments();
    for (auto a : carries) conflictWithAll(a, inside);
    for (auto a : body.getArguments()) conflictWithAll(a, around);
    for (auto a : carries)
      for (auto b : carries) conflict(a, b);
    conflictCopies(yielded, carries);
    conflictCopies(op.getInits(), carries);
    for (size_t i = 0; i < n; ++i) {
      ties.push_back({carries[i], body.getArgument(i), true});
      ties.push_back({carries[i], op.getResult(i), true});
      ties.push_back({carries[i], yielded[i], false});
      ties.push_back({carries[i], op.getInits()[i], false});
    }
    live = around;
    for (auto v : op.getInits()) addReads(v, live);
  }

  void walkCase(ir::CaseOp op, llvm::BitVector& live) {
    define(llvm::SmallVector<Value>(op.getResults()), live);
    llvm::BitVector before = live;
    for (auto& region : op.getBranches()) {
      auto& branch = region.front();
      mlir::ValueRange yielded = branch.getTerminator()->getOperands();
      llvm::BitVector inside = live;
      for (auto v : yielded) addReads(v, inside);
      conflictCopies(yielded, op.getResults());
      walkBlock(branch, inside);
      before |= inside;
      for (auto [r, y] : llvm::zip(op.getResults(), yielded)) ties.push_back({r, y, false});
    }
    live = before;
    addReads(op.getIndex(), live);
  }

  // ---- sharing ----
  int find(int i) { return parent[i] == i ? i : parent[i] = find(parent[i]); }

  bool compatible(Value a, Value b) {
    return a.getType() == b.getType() && varying(a) == varying(b) && !isExternal(a) && !isExternal(b);
  }
  bool isExternal(Value v) {
    auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
    return argument && argument.getOwner()->getParentOp() == function && !varying(v);
  }

  void joinTies() {
    auto order = [&](const Tie& t) { return std::pair(!t.required, -ir::tensorType(t.a).getNumElements()); };
    std::stable_sort(ties.begin(), ties.end(), [&](const Tie& a, const Tie& b) { return order(a) < order(b); });
    for (const auto& t : ties) {
      if (!has(t.a) || !has(t.b)) continue;
      int a = find(index[t.a]), b = find(index[t.b]);
      if (a == b) continue;
      if (!t.required && (!compatible(t.a, t.b) || conflicts[a].test(b) || conflicts[b].test(a))) continue;
      parent[b] = a;
      conflicts[a] |= conflicts[b];
      for (size_t i = 0; i < values.size(); ++i)
        if (conflicts[i].test(b)) conflicts[i].set(a);
    }
  }

  Storage collect() {
    Storage out;
    llvm::DenseMap<int, int> slotOfClass;
    for (size_t i = 0; i < values.size(); ++i) {
      int c = find(int(i));
      auto [at, fresh] = slotOfClass.try_emplace(c, int(out.slots.size()));
      if (fresh) {
        auto type = ir::tensorType(values[i]);
        out.slots.push_back({ir::dtypeOf(type.getElementType()), type.getNumElements(), varying(values[i]), false,
                             isExternal(values[i]), -1, {}});
      }
      auto& slot = out.slots[at->second];
      slot.values.push_back(values[i]);
      auto argument = mlir::dyn_cast<mlir::BlockArgument>(values[i]);
      if (argument && argument.getOwner()->getParentOp() != function) slot.carried = true;
      out.slotOf[values[i]] = at->second;
    }
    for (const auto& t : ties)
      if (has(t.a) && (!has(t.b) || out.slotOf[t.a] != out.slotOf[t.b])) out.copies.push_back({t.a, t.b});
    shareMemory(out, slotOfClass);
    return out;
  }

  /// Greedy colouring of the large slots, largest first.
  void shareMemory(Storage& out, const llvm::DenseMap<int, int>& slotOfClass) {
    constexpr int64_t kLarge = 4096;
    std::vector<std::pair<int, int>> large;  // (slot, class)
    for (auto [c, s] : slotOfClass)
      if (!out.slots[s].external && out.slots[s].elements * 8 * (out.slots[s].varying ? 8 : 1) > kLarge) large.push_back({s, c});
    std::sort(large.begin(), large.end(), [&](auto a, auto b) {
      return std::pair(-out.slots[a.first].elements, a.first) < std::pair(-out.slots[b.first].elements, b.first);
    });
    std::vector<std::vector<int>> colours;
    for (auto [s, c] : large) {
      size_t k = 0;
      auto clashes = [&](int other) { return conflicts[c].test(other) || conflicts[other].test(c); };
      while (k < colours.size() && llvm::any_of(colours[k], clashes)) ++k;
      if (k == colours.size()) colours.emplace_back();
      colours[k].push_back(c);
      out.slots[s].memory = int(k);
    }
  }
};

}  // namespace

Storage assignStorage(mlir::func::FuncOp function, const Plan& plan, llvm::function_ref<bool(Value)> varying) {
  return Assignment(function, plan, varying).run();
}

}  // namespace nuthatch::cpu
