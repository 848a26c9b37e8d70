#include "backends/cpu/lane.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/Module.h>

#include "backends/cpu/remainder.h"

namespace nuthatch::cpu {

namespace {
thread_local llvm::IRBuilder<>* builder = nullptr;
}

llvm::IRBuilder<>& ib() { return *builder; }
BuilderScope::BuilderScope(llvm::IRBuilder<>& b) : outer(builder) { builder = &b; }
BuilderScope::~BuilderScope() { builder = outer; }

Real fmod(Real a, Real b) {
  unify(a.v, b.v);
  const auto* function = ib().GetInsertBlock()->getParent();
  if (!function->getParent()->getNamedMetadata(kThreadsMark)) return {ib().CreateFRem(a.v, b.v)};
  if (!a.v->getType()->isFloatTy()) return exactRemainder(a, b);
  auto* wide = ib().getDoubleTy();
  Real r = exactRemainder({ib().CreateFPExt(a.v, wide)}, {ib().CreateFPExt(b.v, wide)});
  return {ib().CreateFPTrunc(r.v, a.v->getType())};
}

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

/// The blocks of a loop whose state is in phi nodes of its header.
namespace {
struct Loop {
  llvm::BasicBlock *before = ib().GetInsertBlock(), *header, *body, *after;
  llvm::SmallVector<llvm::PHINode*> phis;

  Loop() {
    auto* function = before->getParent();
    auto& context = ib().getContext();
    header = llvm::BasicBlock::Create(context, "loop", function);
    body = llvm::BasicBlock::Create(context, "turn", function);
    after = llvm::BasicBlock::Create(context, "done", function);
    ib().CreateBr(header);
    ib().SetInsertPoint(header);
  }
  llvm::PHINode* carry(LV start) {
    auto* phi = ib().CreatePHI(start->getType(), 2);
    phi->addIncoming(start, before);
    phis.push_back(phi);
    return phi;
  }
  void enterWhile(LV condition) {
    ib().CreateCondBr(condition, body, after);
    ib().SetInsertPoint(body);
  }
  /// The next values of the carried ones, in the order of carry().
  void close(llvm::ArrayRef<LV> next) {
    for (auto [phi, value] : llvm::zip_equal(phis, next)) phi->addIncoming(value, ib().GetInsertBlock());
    ib().CreateBr(header);
    ib().SetInsertPoint(after);
  }
};
}  // namespace

void repeatWhile(Mask more, llvm::MutableArrayRef<Real> state, int limit, StepFunction step) {
  unsigned lanes = lanesOf(more.v);
  for (Real& s : state) lanes = std::max(lanes, lanesOf(s.v));
  LV start = splat(more.v, lanes);
  for (Real& s : state) s.v = splat(s.v, lanes);
  Loop loop;
  LV count = loop.carry(ib().getInt32(0)), active = loop.carry(start);
  for (Real& s : state) s.v = loop.carry(s.v);
  loop.enterWhile(ib().CreateAnd(anyLane(active), ib().CreateICmpSLT(count, ib().getInt32(limit))));
  llvm::SmallVector<Real> now(state.begin(), state.end());
  Mask goOn = step(now);
  llvm::SmallVector<LV> next = {ib().CreateAdd(count, ib().getInt32(1)), (Mask{active} & goOn).v};
  for (auto [before, after] : llvm::zip_equal(state, now)) next.push_back(chooseLanes(active, after.v, before.v));
  loop.close(next);
}

void overRows(llvm::ArrayRef<double> table, unsigned columns, llvm::MutableArrayRef<Real> state, RowFunction body) {
  llvm::Module& module = *ib().GetInsertBlock()->getModule();
  auto* constant = llvm::ConstantDataArray::get(ib().getContext(), table);
  llvm::GlobalVariable* memory = nullptr;
  for (auto& global : module.globals())
    if (global.isConstant() && global.hasInitializer() && global.getInitializer() == constant) memory = &global;
  if (!memory) {
    memory = new llvm::GlobalVariable(module, constant->getType(), true, llvm::GlobalValue::InternalLinkage, constant, "table");
    memory->setAlignment(llvm::Align(64));
  }
  Loop loop;
  LV row = loop.carry(ib().getInt64(0));
  for (Real& s : state) s.v = loop.carry(s.v);
  loop.enterWhile(ib().CreateICmpSLT(row, ib().getInt64(int64_t(table.size() / columns))));
  llvm::SmallVector<Real> entries, now(state.begin(), state.end());
  auto* real = ib().getDoubleTy();
  for (unsigned c = 0; c < columns; ++c) {
    LV at = ib().CreateAdd(ib().CreateMul(row, ib().getInt64(columns)), ib().getInt64(c));
    entries.push_back({ib().CreateAlignedLoad(real, ib().CreateInBoundsGEP(real, memory, at), llvm::Align(8))});
  }
  body(now, entries);
  llvm::SmallVector<LV> next = {ib().CreateAdd(row, ib().getInt64(1))};
  for (auto [before, after] : llvm::zip_equal(state, now)) next.push_back(splat(after.v, lanesOf(before.v)));
  loop.close(next);
}

LV callOwn(llvm::StringRef name, llvm::Module& module, llvm::Type* result, llvm::ArrayRef<LV> arguments,
           llvm::function_ref<LV(llvm::ArrayRef<LV>)> f) {
  const std::string symbol = ("nh." + name + ".x" + llvm::Twine(std::max(1u, lanesOf(arguments.front())))).str();
  auto* function = module.getFunction(symbol);
  if (!function) {
    llvm::SmallVector<llvm::Type*> types;
    for (LV a : arguments) types.push_back(a->getType());
    function = llvm::Function::Create(llvm::FunctionType::get(result, types, false), llvm::GlobalValue::InternalLinkage, symbol, module);
    for (auto attribute : {llvm::Attribute::NoUnwind, llvm::Attribute::WillReturn, llvm::Attribute::NoInline,
                           llvm::Attribute::NoSync, llvm::Attribute::NoFree})
      function->addFnAttr(attribute);
    function->setDoesNotAccessMemory();
    llvm::IRBuilder<> inner(llvm::BasicBlock::Create(module.getContext(), "entry", function));
    BuilderScope scope(inner);
    llvm::SmallVector<LV> parameters;
    for (auto& a : function->args()) parameters.push_back(&a);
    inner.CreateRet(f(parameters));
  }
  return ib().CreateCall(function, arguments);
}

Real outlined(llvm::StringRef name, llvm::ArrayRef<Real> arguments, llvm::function_ref<Real(llvm::ArrayRef<Real>)> f) {
  llvm::SmallVector<LV> values;
  for (Real a : arguments) values.push_back(a.v);
  return {callOwn(name, *ib().GetInsertBlock()->getModule(), values[0]->getType(), values, [&](llvm::ArrayRef<LV> inside) {
    llvm::SmallVector<Real> parameters;
    for (LV v : inside) parameters.push_back({v});
    return f(parameters).v;
  })};
}

}  // namespace nuthatch::cpu
