// Calls into the library while a program runs: reports and foreign code. What is passed is put into memory and described
// by constants of the program (backends/runtime/host_calls.h); functions are referred to by name.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

namespace {
llvm::Constant* constant(llvm::Module& m, llvm::Constant* value) {
  return new llvm::GlobalVariable(m, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value, "host");
}
llvm::Constant* word(llvm::Module& m, int64_t x) {
  return llvm::ConstantInt::getSigned(llvm::Type::getInt64Ty(m.getContext()), x);
}
llvm::Constant* null(llvm::Module& m) {
  return llvm::ConstantPointerNull::get(llvm::PointerType::getUnqual(m.getContext()));
}
}  // namespace

/// The constant NuthatchHostCall of a call.
llvm::Constant* Emitter::describeCall(llvm::StringRef text, int64_t setting, mlir::ValueRange inputs, mlir::ValueRange results) {
  llvm::SmallVector<llvm::Constant*> operands;
  for (auto range : {inputs, results})
    for (Value v : range) {
      llvm::SmallVector<int64_t> extents(shape(v));
      auto* list = extents.empty() ? null(module) : constant(module, llvm::ConstantDataArray::get(module.getContext(), extents));
      operands.push_back(llvm::ConstantStruct::getAnon({word(module, int64_t(dtype(v))), word(module, varies(v) ? lanes : 1),
                                                        word(module, int64_t(extents.size())), list}));
    }
  auto* table = operands.empty() ? null(module)
                                 : constant(module, llvm::ConstantArray::get(llvm::ArrayType::get(operands[0]->getType(), operands.size()), operands));
  return constant(module, llvm::ConstantStruct::getAnon(
                              {constant(module, llvm::ConstantDataArray::getString(module.getContext(), text)), word(module, setting),
                               word(module, int64_t(inputs.size())), word(module, int64_t(results.size())), table}));
}

/// An array of pointers: copies of the inputs, then the places of the results.
LV Emitter::operandsInMemory(mlir::ValueRange inputs, mlir::ValueRange results) {
  auto* ptr = builder.getPtrTy();
  LV list = stackSlot(llvm::ArrayType::get(ptr, std::max<size_t>(inputs.size() + results.size(), 1)));
  size_t next = 0;
  auto add = [&](LV place) { builder.CreateStore(place, builder.CreateConstInBoundsGEP1_64(ptr, list, next++)); };
  for (Value v : inputs) {
    LV place = temporary(dtype(v), ir::tensorType(v).getNumElements(), varies(v));
    fill(shape(v), [&](const Index& idx) { storeAt(place, dtype(v), varies(v), linearise(idx, shape(v)), element(v, idx)); },
         dataVectors());
    memo.clear();
    add(place);
  }
  for (Value v : results) add(slotPointers[storage.slot(v)]);
  return list;
}

void Emitter::report(ir::ReportOp op) {
  refuseInThreads(op);
  auto call = [&] {
    LV operands = operandsInMemory(op->getOperands(), {});
    auto* what = describeCall(op.getText(), op.getFatal(), op->getOperands(), {});
    auto f = module.getOrInsertFunction("nuthatch_report", builder.getVoidTy(), builder.getPtrTy(), builder.getPtrTy(),
                                        builder.getInt64Ty(), builder.getInt64Ty());
    builder.CreateCall(f, {what, operands, chain0, active});
  };
  if (!shape(op.getMask()).empty()) return call();
  LV anyone = anyLane(scalar(op.getMask()));
  memo.clear();
  if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(anyone)) return known->isZero() ? void() : call();
  ifThen(anyone, call);
  memo.clear();
}

void Emitter::customCall(ir::CustomCallOp op) {
  refuseInThreads(op);
  LV operands = operandsInMemory(op.getInputs(), op.getOutputs());
  auto* what = describeCall("", op.getBatch(), op.getInputs(), op.getOutputs());
  auto* entry = module.getOrInsertGlobal(("nuthatch.foreign." + op.getFunction()).str(), builder.getInt8Ty());
  auto f = module.getOrInsertFunction("nuthatch_custom_call", builder.getVoidTy(), builder.getPtrTy(), builder.getPtrTy(),
                                      builder.getInt64Ty(), builder.getPtrTy());
  builder.CreateCall(f, {what, operands, active, entry});
}

}  // namespace nuthatch::cpu
