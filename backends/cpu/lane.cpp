#include "backends/cpu/lane.h"

namespace nuthatch::cpu {

namespace {
thread_local llvm::IRBuilder<>* builder = nullptr;
}

llvm::IRBuilder<>& ib() { return *builder; }
BuilderScope::BuilderScope(llvm::IRBuilder<>& b) : outer(builder) { builder = &b; }
BuilderScope::~BuilderScope() { builder = outer; }

LV anyLane(LV mask) { return lanesOf(mask) ? ib().CreateOrReduce(mask) : mask; }

Real whereRare(Mask m, Real usual, llvm::function_ref<Real()> rare) {
  auto* function = ib().GetInsertBlock()->getParent();
  auto* before = ib().GetInsertBlock();
  auto* slow = llvm::BasicBlock::Create(ib().getContext(), "rare", function);
  auto* after = llvm::BasicBlock::Create(ib().getContext(), "usual", function);
  ib().CreateCondBr(anyLane(m.v), slow, after);
  ib().SetInsertPoint(slow);
  Real mixed = select(m, rare(), usual);
  auto* slowEnd = ib().GetInsertBlock();
  ib().CreateBr(after);
  ib().SetInsertPoint(after);
  auto* phi = ib().CreatePHI(usual.v->getType(), 2);
  phi->addIncoming(usual.v, before);
  phi->addIncoming(mixed.v, slowEnd);
  return {phi};
}

}  // namespace nuthatch::cpu
