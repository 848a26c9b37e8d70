#include "backends/cpu/check_storage.h"

#include <map>

#include "ir/trace/program.h"

namespace nuthatch::cpu {

using mlir::Operation;
using mlir::Value;

namespace {

/// Slots that share memory are one place; every other slot is a place of its own.
struct Place {
  bool shared = false;
  int number = 0;
  auto operator<=>(const Place&) const = default;
};

using Names = llvm::SmallDenseSet<Value, 4>;
/// The values each place holds: several where one is another under a new name.
using Contents = std::map<Place, Names>;

bool same(const Contents& a, const Contents& b) {
  auto equal = [](const Names& x, const Names& y) {
    return x.size() == y.size() && llvm::all_of(x, [&](Value v) { return y.contains(v); });
  };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](const auto& x, const auto& y) { return x.first == y.first && equal(x.second, y.second); });
}

/// What is certain after either.
Contents meet(const Contents& a, const Contents& b) {
  Contents out;
  for (const auto& [place, names] : a) {
    auto other = b.find(place);
    if (other == b.end()) continue;
    for (Value v : names)
      if (other->second.contains(v)) out[place].insert(v);
  }
  return out;
}

class Walk {
 public:
  Walk(mlir::func::FuncOp function, const Plan& plan, const Storage& storage, llvm::function_ref<bool(Value)> varying)
      : function(function), plan(plan), storage(storage), varying(varying) {}

  std::string run() {
    for (const auto& slot : storage.slots)
      for (Value v : slot.values) checkSlot(slot, v);
    Contents now;
    for (auto argument : function.getArguments())
      if (stored(argument)) now[place(argument)] = {argument};
    block(function.getBody().front(), now);
    auto* end = function.getBody().front().getTerminator();
    for (Value v : end->getOperands()) reads(v, now, end);
    return message;
  }

 private:
  mlir::func::FuncOp function;
  const Plan& plan;
  const Storage& storage;
  llvm::function_ref<bool(Value)> varying;
  std::string message;
  int silent = 0;  // while the contents at a loop's head are not yet known

  bool stored(Value v) const { return plan.stored.contains(v) && storage.slotOf.contains(v); }
  int slot(Value v) const { return storage.slot(v); }
  Place place(Value v) const {
    const auto& s = storage.slots[size_t(slot(v))];
    return s.memory >= 0 ? Place{true, s.memory} : Place{false, slot(v)};
  }
  bool sameLayout(Value a, Value b) const {
    return ir::elementType(a) == ir::elementType(b) && varying(a) == varying(b);
  }

  void error(Operation* at, Value v, const char* what) {
    if (silent || !message.empty()) return;
    llvm::raw_string_ostream os(message);
    os << ir::describe(at->getLoc()) << ": " << at->getName() << ": " << v.getType() << " ";
    if (auto* op = v.getDefiningOp()) os << "of " << op->getName() << " at " << ir::describe(op->getLoc());
    else os << "of block argument " << mlir::cast<mlir::BlockArgument>(v).getArgNumber();
    os << " " << what;
  }

  void checkSlot(const Slot& s, Value v) {
    Operation* at = v.getDefiningOp() ? v.getDefiningOp() : v.getParentBlock()->getParentOp();
    if (s.elements < ir::tensorType(v).getNumElements()) error(at, v, "is larger than its slot");
    if (s.dtype != ir::dtypeOf(ir::elementType(v))) error(at, v, "has another dtype than its slot");
    if (s.varying != varying(v)) error(at, v, "differs from its slot in whether lanes differ");
  }

  // ---- reads and writes ----
  void read(Value r, const Contents& now, Operation* at) {
    if (!stored(r)) return error(at, r, "is read from memory and has none");
    auto held = now.find(place(r));
    if (held == now.end() || !held->second.contains(r)) error(at, r, "is read after its place was given to another value");
  }
  void reads(Value v, const Contents& now, Operation* at) {
    visitReads(plan, v, true, [&](Value r, bool) { read(r, now, at); });
  }
  void write(Value v, Contents& now, Operation* at) {
    if (!stored(v)) return;
    if (storage.slots[size_t(slot(v))].external) return error(at, v, "would overwrite the caller's array");
    now[place(v)] = {v};
  }
  /// `v` is what the place of `old` holds, under another name.
  void rename(Value old, Value v, Contents& now, Operation* at) {
    if (!stored(v)) return;
    if (!stored(old) || slot(old) != slot(v)) return error(at, v, "does not share the slot of the value it stands for");
    auto& names = now[place(old)];
    if (!names.contains(old)) return error(at, old, "is handed on after its place was given to another value");
    names.insert(v);
  }
  /// Values of a region mean nothing outside, or in its next run.
  void leave(Operation* op, Contents& now) {
    for (auto& [at, names] : now) {
      llvm::SmallVector<Value> gone;
      for (Value v : names)
        if (op->isAncestor(v.getParentBlock()->getParentOp())) gone.push_back(v);
      for (Value v : gone) names.erase(v);
    }
  }

  // ---- groups ----
  void block(mlir::Block& b, Contents& now) {
    for (const auto& group : plan.groups.find(&b)->second) {
      if (!group.single) fused(group, now);
      else if (auto loop = mlir::dyn_cast<ir::ForOp>(group.single)) forLoop(loop, now);
      else if (auto loop = mlir::dyn_cast<ir::WhileOp>(group.single)) whileLoop(loop, now);
      else if (auto choice = mlir::dyn_cast<ir::CaseOp>(group.single)) caseOf(choice, now);
      else single(group, now);
    }
  }

  /// Element by element: all that is read for one, then all that is written for it.
  void fused(const Group& g, Contents& now) {
    llvm::SmallVector<Value> written;
    llvm::DenseSet<Value> own;
    g.visit([&](Operation* op) {
      Value v = op->getResult(0);
      if (!mlir::isa<ir::ReduceOp>(op) && !llvm::is_contained(g.columnProducts, op)) own.insert(v);
      if (stored(v)) written.push_back(v);
    });
    for (Value a : written)
      for (Value b : written)
        if (a != b && place(a) == place(b)) error(a.getDefiningOp(), a, "shares its place with another result of its loop");
    visitReads(plan, g, [&](Value r, bool atIndex) {
      auto* at = g.roots.front();
      if (own.contains(r)) {
        if (!atIndex) error(at, r, "is read in the loop that makes it, at another index");
        return;
      }
      read(r, now, at);
      for (Value w : written)
        if (stored(r) && place(r) == place(w) && (!atIndex || !sameLayout(r, w) || mlir::isa<ir::ReduceOp, ir::DotGeneralOp>(w.getDefiningOp())))
          error(at, r, "is overwritten before its last element is read");
    });
    for (Value w : written) write(w, now, w.getDefiningOp());
  }

  void single(const Group& g, Contents& now) {
    auto* op = g.single;
    Value updated;  // whose memory the result may take over
    if (auto update = mlir::dyn_cast<ir::DynamicUpdateSliceOp>(op)) updated = update.getX();
    if (auto scatter = mlir::dyn_cast<ir::ScatterOp>(op)) updated = scatter.getX();
    for (auto [k, operand] : llvm::enumerate(op->getOperands()))
      visitReads(plan, operand, false, [&](Value r, bool) {
        read(r, now, op);
        for (Value result : op->getResults()) {
          if (!stored(r) || !stored(result) || place(r) != place(result)) continue;
          const bool takenOver = operand == updated && r == updated && sameLayout(r, result);
          if (!takenOver && !(r == updated && sameLayout(r, result) && onlyWhereWritten(operand, updated, op)))
            error(op, r, "is overwritten by the result while it is read");
        }
      });
    for (Value r : op->getResults()) write(r, now, op);
  }

  /// The expression reads the array that is updated only in the block that is replaced.
  bool onlyWhereWritten(Value v, Value updated, Operation* update) {
    if (v == updated || loopInput(v).xs == updated) return false;
    auto* op = v.getDefiningOp();
    if (!op || plan.roots.contains(v)) return true;
    auto whole = mlir::dyn_cast<ir::DynamicUpdateSliceOp>(update);
    if (auto slice = mlir::dyn_cast<ir::DynamicSliceOp>(op); slice && slice.getX() == updated)
      return whole && slice.getStarts() == whole.getStarts() && slice.getType() == whole.getUpdate().getType();
    return llvm::all_of(op->getOperands(), [&](Value o) { return onlyWhereWritten(o, updated, update); });
  }

  // ---- control flow ----
  /// All at once: sources are read, then destinations hold them.
  void copies(mlir::ValueRange sources, mlir::ValueRange destinations, Contents& now, Operation* at) {
    Contents before = now;
    for (auto [s, d] : llvm::zip(sources, destinations)) {
      if (!stored(d)) continue;
      const bool stays = stored(s) && slot(s) == slot(d);
      visitReads(plan, s, true, [&](Value r, bool atIndex) {
        read(r, before, at);
        // Reads at another index go through a buffer.
        if (!stays && atIndex && stored(r) && place(r) == place(d) && !sameLayout(r, d))
          error(at, r, "is overwritten by its copy before its last element is read");
      });
      for (Value other : destinations)
        if (other != d && stored(other) && place(other) == place(d)) error(at, d, "shares its place with another value handed on");
    }
    for (auto [s, d] : llvm::zip(sources, destinations)) {
      if (!stored(d)) continue;
      if (stored(s) && slot(s) == slot(d)) rename(s, d, now, at);
      else write(d, now, at);
    }
  }

  /// Runs `iteration` until the contents at its start no longer change, then once more to report.
  Contents repeated(const Contents& entry, Operation* op, llvm::function_ref<void(Contents&)> iteration, llvm::ArrayRef<Value> kept) {
    Contents head = entry;
    ++silent;
    for (bool stable = false; !stable;) {
      Contents after = head;
      iteration(after);
      after = inside(after, op, kept);
      Contents next = meet(head, after);
      stable = same(next, head);
      head = next;
    }
    --silent;
    return head;
  }
  /// The contents without what belongs to one iteration; `kept` are the carries, which every iteration has.
  Contents inside(const Contents& now, Operation* op, llvm::ArrayRef<Value> kept) {
    Contents out = now;
    leave(op, out);
    for (Value v : kept)
      if (auto held = now.find(place(v)); held != now.end() && held->second.contains(v)) out[place(v)].insert(v);
    return out;
  }

  void forLoop(ir::ForOp op, Contents& now) {
    auto& body = op.getBody().front();
    const size_t n = op.getNumCarries();
    auto carries = body.getArguments().slice(1, n);
    mlir::ValueRange yielded = body.getTerminator()->getOperands();
    copies(op.getInputs().take_front(n), carries, now, op);
    auto stacks = op.getResults().drop_front(n);
    for (Value ys : stacks) write(ys, now, op);
    llvm::SmallVector<Value> kept;
    for (Value c : carries)
      if (stored(c)) kept.push_back(c);
    auto iteration = [&](Contents& c) {
      block(body, c);
      for (auto [ys, y] : llvm::zip(stacks, yielded.drop_front(n))) {
        if (!stored(ys)) continue;
        if (!c[place(ys)].contains(ys)) error(op, ys, "loses its first elements before its last are made");
        visitReads(plan, y, true, [&](Value r, bool) {
          read(r, c, op);
          if (stored(r) && place(r) == place(ys)) error(op, r, "is overwritten by the stack it is put on");
        });
      }
      copies(yielded.take_front(n), carries, c, op);
    };
    if (op.getTrip() > 0) {
      now = repeated(now, op, iteration, kept);
      iteration(now);
    }
    for (auto [c, r] : llvm::zip(carries, op.getResults().take_front(n)))
      if (stored(c)) rename(c, r, now, op);
    for (Value ys : stacks)
      if (stored(ys) && !now[place(ys)].contains(ys)) error(op, ys, "is overwritten before the loop ends");
    leave(op, now);
  }

  void whileLoop(ir::WhileOp op, Contents& now) {
    auto& cond = op.getCond().front();
    auto& body = op.getBody().front();
    auto carries = cond.getArguments();
    llvm::SmallVector<Value> kept;
    for (Value c : carries)
      if (stored(c)) kept.push_back(c);
    copies(op.getInits(), carries, now, op);
    auto test = [&](Contents& c) {
      block(cond, c);
      reads(cond.getTerminator()->getOperand(0), c, op);
    };
    auto iteration = [&](Contents& c) {
      test(c);
      for (auto [from, to] : llvm::zip(carries, body.getArguments()))
        if (stored(from)) rename(from, to, c, op);
      block(body, c);
      copies(body.getTerminator()->getOperands(), carries, c, op);
    };
    now = repeated(now, op, iteration, kept);
    Contents once = now;
    iteration(once);  // reports
    test(now);
    for (auto [c, r] : llvm::zip(carries, op.getResults()))
      if (stored(c)) rename(c, r, now, op);
    leave(op, now);
  }

  void caseOf(ir::CaseOp op, Contents& now) {
    reads(op.getIndex(), now, op);
    std::optional<Contents> joined;
    for (auto& region : op.getBranches()) {
      Contents c = now;
      block(region.front(), c);
      copies(region.front().getTerminator()->getOperands(), op.getResults(), c, op);
      leave(op, c);
      joined = joined ? meet(*joined, c) : c;
    }
    now = std::move(*joined);
  }
};

}  // namespace

std::string checkStorage(mlir::func::FuncOp function, const Plan& plan, const Storage& storage, llvm::function_ref<bool(Value)> varying) {
  return Walk(function, plan, storage, varying).run();
}

}  // namespace nuthatch::cpu
