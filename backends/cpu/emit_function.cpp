// The function around the program: where every slot lives, arguments in, results out, loads and stores.
#include "backends/cpu/emitter.h"
#include "backends/cpu/remainder.h"
#include "backends/cpu/waits.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kStackLimit = 4096;  // bytes of one buffer
constexpr int64_t kMostPrivate = 1024; // threads of a block; the number of a grid's is known at the launch only
}

Emitter::Emitter(mlir::func::FuncOp source, const Plan& plan, const Storage& storage,
                 std::function<bool(mlir::Value)> varying, unsigned lanes, llvm::Module& module)
    : source(source), plan(plan), storage(storage), varying(std::move(varying)), lanes(lanes), module(module),
      builder(module.getContext()) {}

llvm::Function* Emitter::run(llvm::StringRef name) {
  BuilderScope scope(builder);
  createFunction(name);
  placeSlots();
  loadArguments();
  block(source.getBody().front());
  storeResults();
  builder.CreateRetVoid();
  if (threads > 1) removeWaits(*function, workspace, privatePlaces);
  return function;
}

void Emitter::createFunction(llvm::StringRef name) {
  auto* ptr = builder.getPtrTy();
  auto* i64 = builder.getInt64Ty();
  llvm::SmallVector<llvm::Type*> types{ptr, ptr, ptr, i64, i64, ptr};
  if (threads) types.append({i64, i64});
  auto* type = llvm::FunctionType::get(builder.getVoidTy(), types, false);
  function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  // Other threads write to the workspace too.
  for (unsigned i : {0u, 1u, 2u, 5u})
    if (!(threads && i == 2)) function->addParamAttr(i, llvm::Attribute::NoAlias);
  workspace = function->getArg(2);
  chain0 = function->getArg(3);
  active = function->getArg(4);
  streams = function->getArg(5);
  if (threads) {
    thread = function->getArg(6);
    threadCount = function->getArg(7);
    unsynchronised = true;
    module.getOrInsertNamedMetadata(kThreadsMark);
  }
  builder.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", function));
  for (unsigned l = 0; l < std::max(lanes, 1u); ++l) {
    LV last = builder.CreateSub(active, this->i64(1));
    LV lane = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, this->i64(l), last);
    laneChains.push_back(builder.CreateAdd(chain0, lane));
  }
}

llvm::Type* Emitter::memoryType(Dtype d, bool v) {
  if (d == Dtype::bool_) return v ? builder.getInt64Ty() : builder.getInt8Ty();
  return registerType(module.getContext(), d);
}

LV Emitter::fromMemory(LV x, Dtype d, bool v) {
  if (d != Dtype::bool_) return x;
  auto* zero = llvm::Constant::getNullValue(x->getType());
  return v ? builder.CreateICmpSLT(x, zero) : builder.CreateICmpNE(x, zero);
}

LV Emitter::toMemory(LV x, Dtype d, bool v) {
  if (d != Dtype::bool_) return x;
  auto* type = withLanes(memoryType(d, v), x);
  return v ? builder.CreateSExt(x, type) : builder.CreateZExt(x, type);
}

/// A buffer on the stack, or in the workspace when it is large or the stack has grown. A chunk's are on its thread's stack.
/// Where there are threads, each has its own single numbers, in registers, unless `shared`, and they share all else.
LV Emitter::temporary(Dtype d, int64_t elements, bool v, bool shared) {
  constexpr int64_t kWholeStack = int64_t(512) << 10;
  auto* type = memoryType(d, v);
  int64_t count, bytes;
  // Beyond any machine's memory, which is said before the program runs.
  constexpr int64_t kHuge = int64_t(1) << 46;
  if (__builtin_mul_overflow(elements, int64_t(v ? lanes : 1), &count) ||
      __builtin_mul_overflow(count, int64_t(module.getDataLayout().getTypeAllocSize(type)), &bytes) || bytes > kHuge)
    bytes = kHuge;
  stackSize += bytes;
  if (threads ? shared || elements > 1 : !inChunk && (bytes > kStackLimit || stackSize > kWholeStack || memoryChecks)) {
    stackSize -= bytes;
    LV p;
    if (threads) {  // at the start, since code behind a branch may read what was stored in it
      llvm::IRBuilder<> entry(&function->getEntryBlock(), function->getEntryBlock().begin());
      p = entry.CreateConstInBoundsGEP1_64(entry.getInt8Ty(), workspace, uint64_t(workspaceSize));
    } else {
      p = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), workspace, uint64_t(workspaceSize));
    }
    buffersInWorkspace.push_back({workspaceSize, bytes});
    workspaceSize += (bytes + 63) / 64 * 64 + 64;  // never a power-of-two distance
    return p;
  }
  return stackSlot(llvm::ArrayType::get(type, uint64_t(std::max<int64_t>(count, 1))));
}

/// Makes what dead values leave behind unusable.
void Emitter::poison(llvm::ArrayRef<Value> values) {
  for (Value v : values) {
    int64_t count = ir::tensorType(v).getNumElements() * (varies(v) ? lanes : 1);
    int64_t bytes = count * int64_t(module.getDataLayout().getTypeAllocSize(memoryType(dtype(v), varies(v))));
    builder.CreateMemSet(slotPointers[storage.slot(v)], builder.getInt8(kPoison), uint64_t(bytes), llvm::MaybeAlign(64));
  }
}

/// In the entry block, so that a loop does not grow the stack.
LV Emitter::stackSlot(llvm::Type* type) {
  llvm::IRBuilder<> entry(&function->getEntryBlock(), function->getEntryBlock().begin());
  auto* a = entry.CreateAlloca(type);
  a->setAlignment(llvm::Align(64));
  return a;
}

/// 0, stride, 2 stride, ...
LV Emitter::laneSteps(unsigned n, int64_t stride) {
  llvm::SmallVector<llvm::Constant*> steps;
  for (unsigned l = 0; l < n; ++l) steps.push_back(llvm::cast<llvm::Constant>(i64(int64_t(l) * stride)));
  return llvm::ConstantVector::get(steps);
}

/// Slots of large results are the caller's arrays, so that nothing is copied at the end. Lanes are transposed there, and
/// memory checks want every buffer between guard zones.
void Emitter::placeResults() {
  if (lanes > 1 || memoryChecks) return;
  for (auto [i, v] : llvm::enumerate(source.getBody().front().getTerminator()->getOperands())) {
    while (auto reshape = v.getDefiningOp<ir::ReshapeOp>()) v = reshape.getX();
    if (!v.getDefiningOp() || !plan.stored.contains(v)) continue;
    const auto& s = storage.slots[size_t(storage.slot(v))];
    if (s.external || s.elements * int64_t(size_of(s.dtype)) <= kStackLimit) continue;
    if (!resultOfSlot.contains(storage.slot(v)))
      resultOfSlot[storage.slot(v)] = {unsigned(i), rowOfChain(loadPointer(function->getArg(1), i, false), v)};
  }
}

LV Emitter::argumentPlace(mlir::BlockArgument argument) {
  LV pointer = loadPointer(function->getArg(0), argument.getArgNumber(), true);
  return threads && rowsOfChains[argument.getArgNumber()] ? rowOfChain(pointer, argument) : pointer;
}

void Emitter::placeSlots() {
  placeResults();
  std::map<int, LV> shared;
  std::map<int, int64_t> sharedElements;
  for (const auto& [number, s] : llvm::enumerate(storage.slots))
    if (s.memory >= 0 && !resultOfSlot.contains(int(number)))
      sharedElements[s.memory] = std::max(sharedElements[s.memory], s.elements);
  for (const auto& [number, s] : llvm::enumerate(storage.slots)) {
    if (auto result = resultOfSlot.find(int(number)); result != resultOfSlot.end()) {
      slotPointers.push_back(result->second.array);
    } else if (s.external) {
      // A GPU has no registers for a hundred pointers: there they are loaded where they are used.
      slotPointers.push_back(threads ? nullptr : argumentPlace(mlir::cast<mlir::BlockArgument>(s.values.front())));
    } else if (s.memory >= 0) {
      LV& p = shared[s.memory];
      if (!p) p = temporary(Dtype::f64, sharedElements[s.memory], lanes > 1);
      slotPointers.push_back(p);
    } else {
      const bool state = threads && threads <= kMostPrivate && s.carried && s.elements <= 1;
      slotPointers.push_back(state ? privatePlace() : temporary(s.dtype, s.elements, s.varying && lanes > 1));
    }
  }
}

/// Element of chain `lane` in a [chains, elements] array.
LV Emitter::laneAddress(LV array, int64_t elements, LV element, unsigned lane, llvm::Type* type) {
  LV offset = builder.CreateAdd(mul(laneChains[lane], elements), element);
  return builder.CreateInBoundsGEP(type, array, offset);
}

/// One number of each chain from an array, or, with a value, into it: a function of the program, since a sampler's state
/// has a hundred of them.
LV Emitter::scalarOfLanes(LV array, LV value, llvm::Type* type) {
  auto* vector = llvm::FixedVectorType::get(type, lanes);
  std::string name = value ? "nh.put." : "nh.take.";
  llvm::raw_string_ostream(name) << *type << ".x" << lanes;
  auto* transfer = module.getFunction(name);
  if (!transfer) {
    llvm::SmallVector<llvm::Type*> types = {builder.getPtrTy(), builder.getPtrTy()};
    if (value) types.push_back(vector);
    auto* signature = llvm::FunctionType::get(value ? builder.getVoidTy() : vector, types, false);
    transfer = llvm::Function::Create(signature, llvm::GlobalValue::InternalLinkage, name, module);
    for (auto attribute : {llvm::Attribute::NoUnwind, llvm::Attribute::WillReturn, llvm::Attribute::NoInline})
      transfer->addFnAttr(attribute);
    llvm::IRBuilder<> inner(llvm::BasicBlock::Create(module.getContext(), "entry", transfer));
    LV all = llvm::PoisonValue::get(vector);
    for (unsigned l = 0; l < lanes; ++l) {
      LV chain = inner.CreateLoad(inner.getInt64Ty(), inner.CreateConstInBoundsGEP1_64(inner.getInt64Ty(), transfer->getArg(1), l));
      LV at = inner.CreateInBoundsGEP(type, transfer->getArg(0), chain);
      if (value) inner.CreateStore(inner.CreateExtractElement(transfer->getArg(2), uint64_t(l)), at);
      else all = inner.CreateInsertElement(all, inner.CreateLoad(type, at), uint64_t(l));
    }
    value ? inner.CreateRetVoid() : inner.CreateRet(all);
  }
  if (!chainNumbers) {
    chainNumbers = stackSlot(llvm::ArrayType::get(builder.getInt64Ty(), lanes));
    for (unsigned l = 0; l < lanes; ++l)
      builder.CreateStore(laneChains[l], builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), chainNumbers, l));
  }
  llvm::SmallVector<LV> arguments = {array, chainNumbers};
  if (value) arguments.push_back(value);
  return builder.CreateCall(transfer, arguments);
}

void Emitter::loadArguments() {
  LV args = function->getArg(0);
  for (auto argument : source.getArguments()) {
    if (!varies(argument) || !plan.stored.contains(argument)) continue;
    Dtype d = dtype(argument);
    int64_t n = ir::tensorType(argument).getNumElements();
    auto* type = memoryType(d, false);
    LV array = builder.CreateLoad(builder.getPtrTy(),
                                  builder.CreateConstInBoundsGEP1_64(builder.getPtrTy(), args, argument.getArgNumber()));
    // A loop, also over few elements: the state of a chain stays in memory rather than in hundreds of registers.
    auto transpose = [&](LV e) {
      LV vector = llvm::PoisonValue::get(llvm::FixedVectorType::get(type, lanes));
      for (unsigned l = 0; l < lanes; ++l) {
        LV x = builder.CreateLoad(type, laneAddress(array, n, e, l, type));
        vector = builder.CreateInsertElement(vector, x, uint64_t(l));
      }
      storeAt(slotPointers[storage.slot(argument)], d, true, {e}, fromMemory(vector, d, false));
    };
    if (n == 1) {
      LV vector = scalarOfLanes(array, nullptr, type);
      storeAt(slotPointers[storage.slot(argument)], d, true, {i64(0)}, fromMemory(vector, d, false));
      continue;
    }
    n > 1 ? loop(i64(0), i64(n), 1, transpose, true) : void();
  }
}

void Emitter::storeResults() {
  llvm::SmallDenseSet<unsigned> inPlace;
  for (const auto& [slot, result] : resultOfSlot) inPlace.insert(result.number);
  for (auto [i, v] : llvm::enumerate(source.getBody().front().getTerminator()->getOperands())) {
    if (inPlace.contains(unsigned(i))) continue;
    Dtype d = dtype(v);
    int64_t n = ir::tensorType(v).getNumElements();
    auto* type = memoryType(d, false);
    LV array = rowOfChain(loadPointer(function->getArg(1), i, false), v);
    auto write = [&](const Index& idx) {
      memo.clear();
      LV x = element(v, idx);
      Ix at = linearise(idx, shape(v));
      if (lanes <= 1) return storeAt(array, d, false, at, x);
      x = toMemory(splat(x, lanes), d, false);
      if (n == 1) return void(scalarOfLanes(array, x, type));
      for (unsigned l = 0; l < lanes; ++l)
        builder.CreateStore(builder.CreateExtractElement(x, uint64_t(l)), laneAddress(array, n, at.base, l, type));
    };
    if (lanes <= 1 || n <= 1) fill(shape(v), write, dataVectors());
    else loop(i64(0), i64(n), 1, [&](LV e) {
      Index flat;
      flat.flat = true;
      flat.linear = {e, 0};
      write(flat);
    }, true);
  }
}

Ix Emitter::linearise(const Index& idx, llvm::ArrayRef<int64_t> shape) {
  if (idx.flat) return idx.linear;
  if (atOwnElement(idx, shape)) return {own.position, 0};
  Ix out{i64(0), 0};
  int64_t weight = 1;
  for (size_t k = shape.size(); k-- > 0;) {
    if (shape[k] != 1) {
      LV part = idx.dims[k].base;
      if (weight != 1) {
        LV w = splat(i64(weight), lanesOf(part));
        part = builder.CreateMul(part, w);
      }
      unify(part, out.base);
      out.base = builder.CreateAdd(out.base, part);
      out.stride += idx.dims[k].stride * weight;
    }
    weight *= shape[k];
  }
  return out;
}

Ix Emitter::offset(Value v, const Index& idx) { return linearise(idx, shape(v)); }

LV Emitter::load(Value v, const Index& idx) {
  if (LV tile = tiles.lookup(v)) return loadAt(tile, dtype(v), varies(v), false, inTile(offset(v, idx)));
  int s = storage.slot(v);
  const bool fixed = storage.slots[s].external || (inChunk && !writtenInChunk.contains(s));
  LV place = slotPointers[s] ? slotPointers[s] : argumentPlace(mlir::cast<mlir::BlockArgument>(storage.slots[s].values.front()));
  return loadAt(place, dtype(v), varies(v), fixed, offset(v, idx));
}

LV Emitter::loadAt(LV pointer, Dtype d, bool v, bool fixed, Ix at) {
  if (together() && !fixed && !isPrivate(pointer)) unsynchronised = true;
  auto* type = memoryType(d, v);
  auto size = uint64_t(module.getDataLayout().getTypeAllocSize(type));
  auto mark = [&](llvm::LoadInst* l) {
    if (fixed) l->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.getContext(), {}));
    if (isOwn(at.base)) l->setMetadata(kOwnElement, llvm::MDNode::get(module.getContext(), {}));
    return l;
  };
  auto one = [&](LV position) {
    return mark(builder.CreateAlignedLoad(type, builder.CreateInBoundsGEP(type, pointer, position), llvm::Align(size)));
  };
  unsigned n = v ? lanes : kDataLanes;
  auto* vectorType = llvm::FixedVectorType::get(type, n);
  if (unsigned m = lanesOf(at.base); m || (v && at.stride)) {  // every lane its own address
    LV position = splat(at.base, m ? m : n);
    if (at.stride) position = builder.CreateAdd(position, laneSteps(n, at.stride));
    if (v) position = builder.CreateAdd(builder.CreateMul(position, splat(i64(lanes), n)), laneSteps(n, 1));
    LV out = llvm::PoisonValue::get(llvm::FixedVectorType::get(type, lanesOf(position)));
    for (unsigned l = 0; l < lanesOf(position); ++l)
      out = builder.CreateInsertElement(out, one(builder.CreateExtractElement(position, uint64_t(l))), uint64_t(l));
    return fromMemory(out, d, v);
  }
  if (v) {
    LV p = builder.CreateInBoundsGEP(type, pointer, mul(at.base, lanes));
    return fromMemory(mark(builder.CreateAlignedLoad(vectorType, p, llvm::Align(std::min<uint64_t>(size * lanes, 64)))), d, true);
  }
  if (at.stride == 0) return fromMemory(one(at.base), d, false);
  if (at.stride == 1) {
    LV p = builder.CreateInBoundsGEP(type, pointer, at.base);
    return fromMemory(mark(builder.CreateAlignedLoad(vectorType, p, llvm::Align(size))), d, false);
  }
  LV out = llvm::PoisonValue::get(vectorType);
  for (unsigned l = 0; l < n; ++l) out = builder.CreateInsertElement(out, one(add(at.base, int64_t(l) * at.stride)), uint64_t(l));
  return fromMemory(out, d, false);
}

/// Counted from the first row of the tile.
Ix Emitter::inTile(Ix row) {
  return {builder.CreateSub(row.base, splat(firstRow, lanesOf(row.base))), row.stride};
}

void Emitter::store(Value v, const Index& idx, LV x) {
  if (LV tile = tiles.lookup(v)) return storeAt(tile, dtype(v), varies(v), inTile(offset(v, idx)), x);
  storeAt(slotPointers[storage.slot(v)], dtype(v), varies(v), offset(v, idx), x);
}

void Emitter::storeAt(LV pointer, Dtype d, bool v, Ix at, LV x) {
  auto* type = memoryType(d, v);
  auto size = uint64_t(module.getDataLayout().getTypeAllocSize(type));
  if (v) x = splat(x, lanes);
  else if (at.stride) x = splat(x, kDataLanes);
  x = toMemory(x, d, v);
  if (together() && !isPrivate(pointer)) {  // all threads write the same
    synchronise();
    unsynchronised = true;
  }
  if (v && !lanesOf(at.base)) {
    LV p = builder.CreateInBoundsGEP(type, pointer, mul(at.base, lanes));
    builder.CreateAlignedStore(x, p, llvm::Align(std::min<uint64_t>(size * lanes, 64)));
    return;
  }
  if (!v && at.stride <= 1 && !lanesOf(at.base)) {
    auto* s = builder.CreateAlignedStore(x, builder.CreateInBoundsGEP(type, pointer, at.base), llvm::Align(size));
    if (isOwn(at.base)) s->setMetadata(kOwnElement, llvm::MDNode::get(module.getContext(), {}));
    return;
  }
  for (unsigned l = 0; l < lanesOf(x); ++l) {  // every lane its own address
    LV position = lanesOf(at.base) ? builder.CreateExtractElement(at.base, uint64_t(l)) : at.base;
    position = add(position, at.stride * int64_t(l));
    if (v) position = add(mul(position, lanes), l);
    builder.CreateAlignedStore(builder.CreateExtractElement(x, uint64_t(l)),
                               builder.CreateInBoundsGEP(type, pointer, position), llvm::Align(size));
  }
}

llvm::Type* Emitter::registerTypeOf(Value v) { return registerType(module.getContext(), dtype(v)); }

}  // namespace nuthatch::cpu
