#include "backends/cpu/waits.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <optional>
#include <set>

#include "backends/runtime/thread_group.h"

namespace nuthatch::cpu {
namespace {

constexpr int64_t kUnknown = -1, kOutside = -2;  // anywhere; an array of the caller

struct Access {
  int64_t buffer = kUnknown;
  const llvm::Value* array = nullptr;  // of the caller
  uint64_t bytes = 0;
  bool writes = true, own = false;
  auto operator<=>(const Access&) const = default;
};

bool conflict(const Access& a, const Access& b) {
  if (!a.writes && !b.writes) return false;
  if (a.buffer != b.buffer) return a.buffer == kUnknown || b.buffer == kUnknown;
  const bool same = a.buffer != kUnknown && a.array == b.array && a.bytes == b.bytes;
  return !(same && a.own && b.own);
}

class Waits {
 public:
  Waits(llvm::Function& f, llvm::Value* workspace, const llvm::SmallPtrSetImpl<llvm::Value*>& privatePlaces)
      : workspace(workspace), privatePlaces(privatePlaces), layout(f.getParent()->getDataLayout()) {
    for (auto& block : f)
      for (auto& i : block) {
        if (isWait(i)) waits.push_back(&i);
        else if (auto access = accessOf(i)) accesses[&i] = *access;
      }
  }

  std::pair<int, int> run() {
    int left = 0;
    for (auto* wait : waits) {
      if (needed(wait)) ++left;
      else wait->eraseFromParent();
    }
    return {int(waits.size()), left};
  }

 private:
  using Set = llvm::SmallSetVector<const Access*, 16>;

  static bool isWait(const llvm::Instruction& i) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&i);
    auto* f = call ? call->getCalledFunction() : nullptr;
    return f && f->getName() == runtime::kGroupBarrier;
  }

  /// Nothing for memory that is a thread's own or never written.
  std::optional<Access> accessOf(const llvm::Instruction& i) const {
    if (!i.mayReadOrWriteMemory()) return std::nullopt;
    Access out;
    const llvm::Value* place = nullptr;
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&i)) {
      if (i.hasMetadata(llvm::LLVMContext::MD_invariant_load)) return std::nullopt;
      place = load->getPointerOperand();
      out.bytes = layout.getTypeStoreSize(load->getType());
      out.writes = false;
    } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&i)) {
      place = store->getPointerOperand();
      out.bytes = layout.getTypeStoreSize(store->getValueOperand()->getType());
    } else if (auto* call = llvm::dyn_cast<llvm::CallBase>(&i)) {
      bool sees = false;
      for (auto& a : call->args()) sees |= a->getType()->isPointerTy() && !isPrivate(baseOf(a).first);
      return sees ? std::optional(out) : std::nullopt;
    } else {
      return out;
    }
    out.own = i.hasMetadata(kOwnElement);
    auto [base, offset] = baseOf(place);
    if (isPrivate(base)) return std::nullopt;
    if (base == workspace) {
      out.buffer = offset.value_or(kUnknown);
      return out;
    }
    if (llvm::isa<llvm::Argument>(base)) return std::nullopt;  // tables of pointers
    out.buffer = kOutside;
    out.array = base;
    return out;
  }

  /// What an address is counted from, and the constant that the first step adds, which is where a buffer begins.
  std::pair<const llvm::Value*, std::optional<int64_t>> baseOf(const llvm::Value* p) const {
    std::optional<int64_t> first;
    while (!isPrivate(p)) {
      if (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(p)) {
        llvm::APInt constant(64, 0);
        first = gep->accumulateConstantOffset(layout, constant) ? std::optional(constant.getSExtValue()) : std::nullopt;
        p = gep->getPointerOperand();
      } else if (auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(p)) {
        p = cast->getPointerOperand();
      } else {
        break;
      }
    }
    return {p, first};
  }
  bool isPrivate(const llvm::Value* p) const { return llvm::isa<llvm::AllocaInst>(p) || privatePlaces.contains(const_cast<llvm::Value*>(p)); }

  /// From `at` on, or back, to the nearest waits on all ways.
  Set reached(llvm::Instruction* at, bool forward) {
    Set out;
    llvm::SmallPtrSet<llvm::BasicBlock*, 32> seen;
    llvm::SmallVector<llvm::BasicBlock*> open;
    auto walk = [&](llvm::BasicBlock* block, llvm::Instruction* i) {
      for (; i; i = forward ? i->getNextNode() : i->getPrevNode()) {
        if (isWait(*i)) return;
        if (auto a = accesses.find(i); a != accesses.end()) out.insert(&a->second);
      }
      if (forward) for (auto* next : llvm::successors(block)) open.push_back(next);
      else for (auto* next : llvm::predecessors(block)) open.push_back(next);
    };
    walk(at->getParent(), forward ? at->getNextNode() : at->getPrevNode());
    while (!open.empty()) {
      auto* block = open.pop_back_val();
      if (seen.insert(block).second) walk(block, forward ? &block->front() : &block->back());
    }
    return out;
  }

  bool needed(llvm::Instruction* wait) {
    auto distinct = [](const Set& all) {
      std::set<Access> out;
      for (auto* a : all) out.insert(*a);
      return out;
    };
    const auto before = distinct(reached(wait, false)), after = distinct(reached(wait, true));
    for (const auto& a : before)
      for (const auto& b : after)
        if (conflict(a, b)) return true;
    return false;
  }

  const llvm::Value* workspace;
  const llvm::SmallPtrSetImpl<llvm::Value*>& privatePlaces;
  const llvm::DataLayout& layout;
  llvm::SmallVector<llvm::Instruction*> waits;
  llvm::DenseMap<const llvm::Instruction*, Access> accesses;
};

}  // namespace

std::pair<int, int> removeWaits(llvm::Function& f, llvm::Value* workspace, const llvm::SmallPtrSetImpl<llvm::Value*>& privatePlaces) {
  return Waits(f, workspace, privatePlaces).run();
}

}  // namespace nuthatch::cpu
