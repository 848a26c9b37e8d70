// Threads that run one program together: a few threads, a block or a whole GPU for one chain.
//
// Every thread runs all of the program. Single numbers are private: each thread computes them for itself, from the same
// inputs and by the same instructions, so control flow is the same for all, and nobody has to be told the result.
// Arrays are shared, and the elements of a loop are distributed over the threads (`apart`); behind such a loop the
// threads wait for each other. Code outside such loops runs `together`. What could go wrong there is that a thread
// writes to shared memory while a slower one still has to read what was there before: `unsynchronised` says that this
// is possible, and then the threads wait before the write.
//
// Results are those of one thread, bit for bit: an element is computed by one thread, and long sums are cut where the
// dialect cuts them (ir/math/reduction_order.h).
#include "backends/cpu/contraction.h"
#include "backends/cpu/partial_sums.h"
#include "backends/runtime/thread_group.h"
#include "ir/math/reduction_order.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"

namespace nuthatch::cpu {

void Emitter::barrier() {
  unsynchronised = false;
  if (threads <= 1) return;
  auto wait = module.getOrInsertFunction(runtime::kGroupBarrier, builder.getVoidTy());
  auto* f = llvm::cast<llvm::Function>(wait.getCallee());
  f->addFnAttr(llvm::Attribute::Convergent);
  f->addFnAttr(llvm::Attribute::NoUnwind);
  builder.CreateCall(wait)->setConvergent();
}

void Emitter::synchronise() {
  if (unsynchronised) barrier();
}

void Emitter::eachApart(llvm::function_ref<void()> body) {
  synchronise();
  memo.clear();
  apart = true;
  body();
  apart = false;
  memo.clear();
  barrier();
}

void Emitter::acrossThreads(LV from, LV to, llvm::function_ref<void(LV)> body) {
  eachApart([&] {
    LV first = builder.CreateAdd(from, thread);
    ifThen(builder.CreateICmpSLT(first, to), [&] {
      loop(first, to, threadCount, [&](LV i) {
        memo.clear();
        auto* start = llvm::dyn_cast<llvm::ConstantInt>(from);
        if (start && start->isZero()) own = {i, {}, nullptr};
        body(i);
        own = {};
        memo.clear();
      }, true);
    });
  });
}

void Emitter::acrossThreads(llvm::ArrayRef<int64_t> space, llvm::function_ref<void(const Index&)> body) {
  if (product(space) == 0) return;
  if (threads == 1) return eachApart([&] { fillInOrder(space, body, false); });
  acrossThreads(i64(0), i64(product(space)), [&](LV i) {
    Index flat;
    flat.flat = true;
    flat.linear = {i, 0};
    bool possible;
    const Index index = expand(flat, space, possible);
    own.space = space;
    own.index = &index;
    body(index);
  });
}

bool Emitter::atOwnElement(const Index& index, llvm::ArrayRef<int64_t> shape) const {
  if (!apart || !own.index || index.flat) return false;
  size_t k = 0, m = 0;
  for (;; ++k, ++m) {  // dimensions of one element may come and go
    while (k < shape.size() && shape[k] == 1) ++k;
    while (m < own.space.size() && own.space[m] == 1) ++m;
    if (k == shape.size() || m == own.space.size()) return k == shape.size() && m == own.space.size();
    if (shape[k] != own.space[m] || index.dims[k] != own.index->dims[m]) return false;
  }
}

LV Emitter::exchange(LV mine, LV source) {
  auto* word = builder.getInt64Ty();
  auto* type = mine->getType();
  auto* bits = builder.getIntNTy(unsigned(type->getPrimitiveSizeInBits()));
  LV x = builder.CreateZExt(builder.CreateBitCast(mine, bits), word);
  auto swap = module.getOrInsertFunction(runtime::kGroupExchange, word, word, word);
  auto* f = llvm::cast<llvm::Function>(swap.getCallee());
  f->addFnAttr(llvm::Attribute::Convergent);
  f->addFnAttr(llvm::Attribute::NoUnwind);
  auto* call = builder.CreateCall(swap, {x, source});
  call->setConvergent();
  return builder.CreateBitCast(builder.CreateTrunc(call, bits), type);
}

/// Rows and columns of a thread's elements follow from those of its last one: only the first takes a division.
void Emitter::acrossCells(LV top, LV bottom, LV left, LV right, llvm::function_ref<void(LV, LV)> body) {
  eachApart([&] {
    auto* word = builder.getInt32Ty();
    LV width = builder.CreateSub(right, left);
    ifThen(builder.CreateICmpSGT(width, i64(0)), [&] {
      LV narrow = builder.CreateTrunc(width, word);
      auto split = [&](LV number) {
        LV n = builder.CreateTrunc(number, word);
        return std::pair(builder.CreateZExt(builder.CreateUDiv(n, narrow), builder.getInt64Ty()),
                         builder.CreateZExt(builder.CreateURem(n, narrow), builder.getInt64Ty()));
      };
      auto [rows, columns] = split(threadCount);
      auto [firstRow, firstColumn] = split(thread);
      LV start = builder.CreateAdd(top, firstRow), from = builder.CreateAdd(left, firstColumn);
      auto* before = builder.GetInsertBlock();
      auto* head = llvm::BasicBlock::Create(module.getContext(), "cell", function);
      auto* exit = llvm::BasicBlock::Create(module.getContext(), "cells", function);
      builder.CreateCondBr(builder.CreateICmpSLT(start, bottom), head, exit);
      builder.SetInsertPoint(head);
      auto *i = builder.CreatePHI(builder.getInt64Ty(), 2), *j = builder.CreatePHI(builder.getInt64Ty(), 2);
      i->addIncoming(start, before);
      j->addIncoming(from, before);
      memo.clear();
      body(i, j);
      memo.clear();
      LV next = builder.CreateAdd(j, columns);
      LV turns = builder.CreateICmpSGE(next, right);
      LV row = builder.CreateAdd(builder.CreateAdd(i, rows), builder.CreateZExt(turns, builder.getInt64Ty()));
      i->addIncoming(row, builder.GetInsertBlock());
      j->addIncoming(builder.CreateSelect(turns, builder.CreateSub(next, width), next), builder.GetInsertBlock());
      builder.CreateCondBr(builder.CreateICmpSLT(row, bottom), head, exit);
      builder.SetInsertPoint(exit);
    });
  });
}

void Emitter::onOneThread(llvm::function_ref<void()> body) {
  eachApart([&] { ifThen(builder.CreateICmpEQ(thread, i64(0)), body); });
}

/// Where a thread keeps a number of the state of a loop: a sampler has more of them than a GPU has registers, and only
/// some are needed at any one time. Threads lie side by side.
LV Emitter::privatePlace() {
  const int64_t each = 8, width = threads;
  // Constants last: all places are then at distances from one address, which instructions hold themselves.
  if (!ownPart) ownPart = builder.CreateInBoundsGEP(builder.getInt8Ty(), workspace, mul(thread, each));
  LV place = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), ownPart, uint64_t(workspaceSize));
  workspaceSize += each * width;
  privatePlaces.insert(place);
  return place;
}

/// A pointer to global memory from an array of them. A GPU is told so, and need not find out at every access.
LV Emitter::loadPointer(LV array, uint64_t number, bool fixed) {
  const bool gpu = module.getTargetTriple().isNVPTX();
  LV place = builder.CreateConstInBoundsGEP1_64(builder.getPtrTy(), array, number);
  auto* load = builder.CreateLoad(llvm::PointerType::get(module.getContext(), gpu ? 1 : 0), place);
  if (fixed) load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.getContext(), {}));
  return gpu ? builder.CreateAddrSpaceCast(load, builder.getPtrTy()) : load;
}

/// An array's part of this chain, where it has an axis of chains.
LV Emitter::rowOfChain(LV array, Value of) {
  if (!threads) return array;
  const int64_t bytes = ir::tensorType(of).getNumElements() * int64_t(size_of(dtype(of)));
  return builder.CreateInBoundsGEP(builder.getInt8Ty(), array, mul(chain0, bytes));
}

/// Where a reduction has fewer partial sums than there are threads, and its terms take long, all threads compute the
/// terms first. Returns where they are, for each reduction; nothing where that does not pay.
llvm::SmallVector<LV> Emitter::sharedTerms(const Group& g, llvm::MutableArrayRef<ir::ReduceOp> reductions, int64_t results) {
  constexpr double kPays = 300;  // instructions: more than storing, waiting and loading take
  const int64_t all = product(g.space), each = all / std::max<int64_t>(results, 1);
  const int64_t partials = results * math::kPartials * ((each + math::kReductionBlock - 1) / math::kReductionBlock);
  if (partials >= threads || cost(g) * double(all) * (1.0 / double(partials) - 1.0 / double(std::min(threads, all))) < kPays) return {};
  llvm::SmallVector<LV> buffers;
  for (auto& r : reductions) buffers.push_back(temporary(dtype(r.getX()), all, false));
  acrossThreads(g.space, [&](const Index& idx) {
    auto values = computeRoots(g, idx);
    for (auto [r, buffer] : llvm::zip(reductions, buffers))
      storeAt(buffer, dtype(r.getX()), false, linearise(idx, g.space), element(r.getX(), idx));
    storeRoots(g, idx, values);
  });
  return buffers;
}

void Emitter::reducingThreads(const Group& g, llvm::ArrayRef<int64_t> keptDims, llvm::ArrayRef<int64_t> keptSpace) {
  llvm::SmallVector<int64_t> extents;
  for (auto k : g.reduced) extents.push_back(g.space[k]);
  const int64_t n = product(extents);
  const bool stores = llvm::any_of(g.roots, [&](Operation* op) { return !mlir::isa<ir::ReduceOp>(op) && inMemory(op->getResult(0)); });
  // Few terms: each result by one thread, or a single one by every thread for itself.
  const int64_t few = threads >= 8 ? 7 : 4;
  if (n == 0 || product(keptSpace) == 0 || (n <= few && (product(keptSpace) > 1 || threads == 1 || !stores)))
    return fill(keptSpace, [&](const Index& kept) { reduceElements(g, kept, keptDims); }, false);

  llvm::SmallVector<ir::ReduceOp> reductions;
  for (auto* root : g.roots)
    if (auto r = mlir::dyn_cast<ir::ReduceOp>(root)) reductions.push_back(r);
  const auto buffers = sharedTerms(g, reductions, product(keptSpace));
  PartialSums sums(*this, keptSpace, n);
  for (auto r : reductions) {
    const Dtype d = dtype(r.getX());
    sums.add(d, reductionIdentity(r.getKind(), registerTypeOf(r.getX()), d),
             [kind = r.getKind(), d](LV a, LV b) { return emitCombine(kind, a, b, d); });
  }
  sums.run(
      [&](const Index& kept, LV position, llvm::MutableArrayRef<LV> running) {
        Index flat, idx;
        flat.flat = true;
        flat.linear = {position, 0};
        bool possible;
        Index inner = expand(flat, extents, possible);
        idx.dims.resize(g.space.size());
        for (auto [i, k] : llvm::enumerate(keptDims)) idx.dims[k] = kept.dims[i];
        for (auto [i, k] : llvm::enumerate(g.reduced)) idx.dims[k] = inner.dims[i];
        if (!buffers.empty()) {
          for (auto [r, sum, buffer] : llvm::zip(reductions, running, buffers)) {
            const Dtype d = dtype(r.getX());
            sum = emitCombine(r.getKind(), sum, loadAt(buffer, d, false, false, linearise(idx, g.space)), d);
          }
          return;
        }
        auto values = computeRoots(g, idx);
        for (auto [r, sum] : llvm::zip(reductions, running)) sum = emitCombine(r.getKind(), sum, element(r.getX(), idx), dtype(r.getX()));
        storeRoots(g, idx, values);
      },
      [&](const Index& kept, llvm::ArrayRef<LV> totals) {
        for (auto [r, total] : llvm::zip(reductions, totals))
          if (plan.stored.contains(r.getResult())) store(r.getResult(), kept, total);
      });
}

void Emitter::contractingThreads(ir::DotGeneralOp op) {
  Contraction c(*this, op);
  auto space = shape(op.getResult());
  auto* type = registerTypeOf(op.getResult());
  auto number = [&](double x) -> LV { return is_float(c.d) ? llvm::ConstantFP::get(type, x) : llvm::Constant::getNullValue(type); };
  auto multiplyAdd = [&](const Index& result, LV k, LV sum) {
    LV x = element(op.getLhs(), c.operandIndex(true, result, {k, 0})), y = element(op.getRhs(), c.operandIndex(false, result, {k, 0}));
    if (is_float(c.d)) return fma(Real{x}, Real{y}, Real{sum}).v;
    return emitBinary(ir::BinaryKind::add, emitBinary(ir::BinaryKind::mul, x, y, c.d), sum, c.d);
  };
  if (c.depth <= math::kChainedContraction || product(space) == 0)
    return fill(space, [&](const Index& result) {
      llvm::SmallVector<LV> sum{number(0.0)};
      if (c.depth) accumulate(i64(0), i64(c.depth), sum, [&](LV k) {
        memo.clear();
        sum[0] = multiplyAdd(result, k, sum[0]);
        memo.clear();
      });
      store(op.getResult(), result, sum[0]);
    }, false);
  PartialSums sums(*this, space, c.depth);
  sums.add(c.d, number(-0.0), [&](LV a, LV b) { return emitBinary(ir::BinaryKind::add, a, b, c.d); });
  sums.run([&](const Index& result, LV k, llvm::MutableArrayRef<LV> running) { running[0] = multiplyAdd(result, k, running[0]); },
           [&](const Index& result, llvm::ArrayRef<LV> totals) { store(op.getResult(), result, totals[0]); });
}

/// A column of this chain, to its position of the stream. Streams are never read.
void Emitter::emitDrawThreads(ir::EmitOp op) {
  Value value = op.getValue();
  LV mask = scalar(op.getMask()), position = emitConvert(scalar(op.getIndex()), dtype(op.getIndex()), Dtype::i64);
  const int64_t n = ir::tensorType(value).getNumElements();
  auto* type = memoryType(dtype(value), false);
  auto* record = llvm::StructType::get(builder.getPtrTy(), builder.getInt64Ty());
  LV stream = builder.CreateConstInBoundsGEP1_64(record, streams, op.getStream());
  LV data = loadPointer(stream, 0, false);
  LV capacity = builder.CreateLoad(builder.getInt64Ty(), builder.CreateStructGEP(record, stream, 1));
  memo.clear();
  ifThen(builder.CreateAnd(mask, builder.CreateICmpULT(position, capacity)), [&] {
    LV row = builder.CreateAdd(builder.CreateMul(chain0, capacity), position);
    LV out = builder.CreateInBoundsGEP(type, data, mul(row, n));
    fill(shape(value), [&](const Index& idx) {
      LV x = toMemory(element(value, idx), dtype(value), false);
      builder.CreateAlignedStore(x, builder.CreateInBoundsGEP(type, out, linearise(idx, shape(value)).base), llvm::Align(size_of(dtype(value))));
    }, false);
  });
  memo.clear();
}

void Emitter::refuseInThreads(Operation* op) {
  if (threads)
    throw Error(ir::describe(op->getLoc()) + ": " + op->getName().getStringRef().str() +
                " calls a function of this process, which a program for a GPU cannot");
}

}  // namespace nuthatch::cpu
