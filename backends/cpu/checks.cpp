#include "backends/cpu/checks.h"

#include <cstdlib>

namespace nuthatch::cpu {

using mlir::Value;

bool checks(llvm::StringRef what) {
  const char* list = std::getenv("NUTHATCH_CHECK");
  return list && llvm::StringRef(list).contains(what);
}

namespace {

/// Stored values that come into being in a group: its results, and everything inside its regions.
llvm::SmallVector<Value> made(const Group& g) {
  llvm::SmallVector<Value> out;
  g.visit([&](mlir::Operation* op) { out.push_back(op->getResult(0)); });
  if (!g.single) return out;
  g.single->walk([&](mlir::Operation* op) {
    out.append(op->result_begin(), op->result_end());
    for (auto& region : op->getRegions())
      for (auto& block : region) out.append(block.args_begin(), block.args_end());
  });
  return out;
}

}  // namespace

DeadValues deadValues(mlir::func::FuncOp function, const Plan& plan, const Storage& storage) {
  DeadValues dead;
  auto stored = [&](Value v) { return plan.stored.contains(v) && storage.slotOf.contains(v); };
  auto sharesMemory = [&](Value a, Value b) {
    const auto &x = storage.slots[size_t(storage.slot(a))], &y = storage.slots[size_t(storage.slot(b))];
    return storage.slot(a) == storage.slot(b) || (x.memory >= 0 && x.memory == y.memory);
  };
  function.walk([&](mlir::Block* block) {
    const auto& groups = plan.groups.find(block)->second;
    llvm::MapVector<Value, size_t> last;
    for (const auto& [k, group] : llvm::enumerate(groups)) {
      auto note = [&, k = k](Value v, bool) {
        if (auto at = last.find(v); at != last.end()) at->second = k;
      };
      visitReads(plan, group, note);
      group.visit([&, k = k](mlir::Operation* op) {
        if (stored(op->getResult(0))) last[op->getResult(0)] = k;
      });
      if (group.single)
        for (Value r : group.single->getResults())
          if (stored(r)) last[r] = k;
    }
    for (Value operand : block->getTerminator()->getOperands())
      visitReads(plan, operand, false, [&](Value v, bool) { last.erase(v); });
    auto& after = dead.after[block];
    after.resize(groups.size());
    for (const auto& [v, k] : last) {
      const auto others = made(groups[k]);
      const bool given = llvm::any_of(others, [&, v = v](Value o) { return o != v && stored(o) && sharesMemory(o, v); });
      if (!given) after[k].push_back(v);
    }
  });
  return dead;
}

}  // namespace nuthatch::cpu
