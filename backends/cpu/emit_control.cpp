// Loops, branches and draws. Carries live in their slots; what could not share one is copied at the yield.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

void Emitter::copyTo(Value source, Value destination) {
  fill(shape(destination), [&](const Index& idx) { store(destination, idx, element(source, idx)); }, dataVectors());
}

/// Does the expression of `source` read memory of `slot`, other than at the very index being written?
bool Emitter::readsSlot(Value source, int slot, bool exceptInPlace) {
  bool reads = false;
  visitReads(plan, source, true, [&](Value r, bool same) {
    const auto& mine = storage.slots[storage.slot(r)];
    bool shares = storage.slot(r) == slot || (mine.memory >= 0 && mine.memory == storage.slots[slot].memory);
    if (shares && !(same && exceptInPlace)) reads = true;
  });
  return reads;
}

void Emitter::copyAll(mlir::ValueRange sources, mlir::ValueRange destinations) {
  struct Copy { Value source, destination; LV buffer = nullptr; };
  std::vector<Copy> copies;
  for (auto [s, d] : llvm::zip(sources, destinations)) {
    if (!plan.stored.contains(d)) continue;
    bool inPlace = plan.stored.contains(s) && storage.slot(s) == storage.slot(d);
    if (!inPlace) copies.push_back({s, d});
  }
  // What reads memory that another copy overwrites goes through a buffer first.
  for (auto& c : copies) {
    bool clash = false;
    for (auto& other : copies) clash |= readsSlot(c.source, storage.slot(other.destination), &other == &c);
    if (!clash) continue;
    int64_t n = ir::tensorType(c.destination).getNumElements();
    bool v = varies(c.destination);
    c.buffer = temporary(dtype(c.destination), n, v);
    fill(shape(c.destination), [&](const Index& idx) {
      storeAt(c.buffer, dtype(c.destination), v, linearise(idx, shape(c.destination)), element(c.source, idx));
    }, dataVectors());
  }
  for (auto& c : copies) {
    if (!c.buffer) {
      copyTo(c.source, c.destination);
      continue;
    }
    bool v = varies(c.destination);
    fill(shape(c.destination), [&](const Index& idx) {
      store(c.destination, idx, loadAt(c.buffer, dtype(c.destination), v, false, linearise(idx, shape(c.destination))));
    }, dataVectors());
  }
}

void Emitter::forLoop(ir::ForOp op) {
  auto& body = op.getBody().front();
  size_t n = op.getNumCarries();
  mlir::ValueRange yielded = body.getTerminator()->getOperands();
  copyAll(op.getInputs().take_front(n), body.getArguments().slice(1, n));
  int64_t trip = op.getTrip();
  if (trip == 0) return;
  auto iteration = [&](LV i) {
    memo.clear();
    counters[op] = op.getReverse() ? builder.CreateSub(i64(trip - 1), i) : i;
    block(body);
    for (size_t k = n; k < yielded.size(); ++k) {
      Value ys = op.getResult(k), y = yielded[k];
      if (!plan.stored.contains(ys)) continue;
      fill(shape(y), [&](const Index& idx) {
        Index at;
        at.dims.push_back({counters[op], 0});
        at.dims.append(idx.dims.begin(), idx.dims.end());
        store(ys, at, element(y, idx));
      }, dataVectors());
    }
    copyAll(yielded.take_front(n), body.getArguments().slice(1, n));
    memo.clear();
  };
  trip == 1 ? iteration(i64(0)) : loop(i64(0), i64(trip), 1, iteration);
}

void Emitter::whileLoop(ir::WhileOp op) {
  auto& cond = op.getCond().front();
  auto& body = op.getBody().front();
  copyAll(op.getInits(), cond.getArguments());
  auto* head = llvm::BasicBlock::Create(module.getContext(), "while", function);
  auto* inside = llvm::BasicBlock::Create(module.getContext(), "do", function);
  auto* exit = llvm::BasicBlock::Create(module.getContext(), "done", function);
  bool bounded = int64_t(op.getMaxTrip()) >= 0;
  auto* before = builder.GetInsertBlock();
  builder.CreateBr(head);
  builder.SetInsertPoint(head);
  llvm::PHINode* trip = nullptr;
  if (bounded) {
    trip = builder.CreatePHI(builder.getInt64Ty(), 2);
    trip->addIncoming(i64(0), before);
  }
  unsynchronised = threads > 0;
  block(cond);
  LV more = scalar(cond.getTerminator()->getOperand(0));
  if (bounded) more = builder.CreateAnd(more, builder.CreateICmpSLT(trip, i64(op.getMaxTrip())));
  memo.clear();
  builder.CreateCondBr(more, inside, exit);
  builder.SetInsertPoint(inside);
  const bool atExit = unsynchronised;
  block(body);
  copyAll(body.getTerminator()->getOperands(), cond.getArguments());
  if (bounded) trip->addIncoming(builder.CreateAdd(trip, i64(1)), builder.GetInsertBlock());
  builder.CreateBr(head);
  builder.SetInsertPoint(exit);
  unsynchronised = atExit;
  memo.clear();
}

/// A branch taken when some lane asks for it: an event of a few chains, where short code beats straight code.
static bool onSomeLane(mlir::Value index) {
  auto* op = index.getDefiningOp();
  if (auto convert = mlir::dyn_cast_or_null<ir::ConvertOp>(op)) return onSomeLane(convert.getX());
  return mlir::isa_and_nonnull<ir::LaneAnyOp>(op);
}

void Emitter::caseOf(ir::CaseOp op) {
  const int depth = rare;
  const bool before = seldom;
  LV index = scalar(op.getIndex());
  if (onSomeLane(op.getIndex())) ++rare;
  seldom = !threads && (rare || lanes <= 1);
  index = emitConvert(index, dtype(op.getIndex()), Dtype::i64);
  memo.clear();
  auto n = op.getBranches().size();
  auto* exit = llvm::BasicBlock::Create(module.getContext(), "joined", function);
  std::vector<llvm::BasicBlock*> blocks;
  for (size_t k = 0; k < n; ++k) blocks.push_back(llvm::BasicBlock::Create(module.getContext(), "branch", function));
  if (n == 2) {  // a condition: 0 is the first, anything above the second, negative the first
    builder.CreateCondBr(builder.CreateICmpSGT(index, i64(0)), blocks[1], blocks[0]);
  } else {
    index = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, index, i64(0));
    index = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, index, i64(int64_t(n) - 1));
    auto* choice = builder.CreateSwitch(index, blocks.back(), unsigned(n));
    for (size_t k = 0; k + 1 < n; ++k) choice->addCase(builder.getInt64(k), blocks[k]);
  }
  const bool racy = unsynchronised;
  bool racyAfter = false;
  for (auto [k, region] : llvm::enumerate(op.getBranches())) {
    builder.SetInsertPoint(blocks[k]);
    unsynchronised = racy;
    block(region.front());
    copyAll(region.front().getTerminator()->getOperands(), op.getResults());
    memo.clear();
    racyAfter |= unsynchronised;
    builder.CreateBr(exit);
  }
  unsynchronised = racyAfter;
  rare = depth;
  seldom = before;
  builder.SetInsertPoint(exit);
}

/// Column copies of the lanes whose mask is set, to their positions of the stream.
void Emitter::emitDraw(ir::EmitOp op) {
  if (threads) return emitDrawThreads(op);
  LV mask = scalar(op.getMask()), position = scalar(op.getIndex());
  position = emitConvert(position, dtype(op.getIndex()), Dtype::i64);
  Value value = op.getValue();
  Dtype d = dtype(value);
  int64_t n = ir::tensorType(value).getNumElements();
  auto* type = memoryType(d, false);
  auto* ptr = builder.getPtrTy();
  auto* record = llvm::StructType::get(ptr, builder.getInt64Ty());
  LV stream = builder.CreateConstInBoundsGEP1_64(record, streams, op.getStream());
  LV data = builder.CreateLoad(ptr, builder.CreateStructGEP(record, stream, 0));
  LV capacity = builder.CreateLoad(builder.getInt64Ty(), builder.CreateStructGEP(record, stream, 1));
  // One loop over lanes serves all: what it reads is put where a lane can be addressed.
  const bool v = lanes > 1;
  const int64_t width = v ? lanes : 1;
  Ix origin{i64(0), 0};
  auto spill = [&](Dtype dt, LV x) {
    LV place = temporary(dt, 1, v);
    storeAt(place, dt, v, origin, x);
    return place;
  };
  auto lane = [&](LV place, Dtype dt, LV e, LV l) {
    LV at = builder.CreateAdd(mul(e, width), l);
    auto* t = memoryType(dt, v);
    return fromMemory(builder.CreateLoad(t, builder.CreateInBoundsGEP(t, place, at)), dt, v);
  };
  LV anyone = anyLane(mask);
  memo.clear();
  ifThen(anyone, [&] {
    LV chains = temporary(Dtype::i64, 1, v), column = temporary(d, n, v);
    LV masks = spill(Dtype::bool_, mask), positions = spill(Dtype::i64, position);
    LV numbers = v ? llvm::PoisonValue::get(llvm::FixedVectorType::get(builder.getInt64Ty(), lanes)) : laneChains[0];
    for (unsigned l = 0; v && l < lanes; ++l) numbers = builder.CreateInsertElement(numbers, laneChains[l], uint64_t(l));
    storeAt(chains, Dtype::i64, v, origin, numbers);
    fill(shape(value), [&](const Index& idx) { storeAt(column, d, v, linearise(idx, shape(value)), element(value, idx)); }, false);
    loop(i64(0), i64(width), 1, [&](LV l) {
      LV p = lane(positions, Dtype::i64, i64(0), l);
      LV wanted = builder.CreateAnd(lane(masks, Dtype::bool_, i64(0), l), builder.CreateICmpULT(p, capacity));
      ifThen(wanted, [&] {
        LV row = builder.CreateAdd(builder.CreateMul(lane(chains, Dtype::i64, i64(0), l), capacity), p);
        LV out = builder.CreateInBoundsGEP(type, data, mul(row, n));
        auto copy = [&](LV e) {
          builder.CreateAlignedStore(toMemory(lane(column, d, e, l), d, false), builder.CreateInBoundsGEP(type, out, e),
                                     llvm::Align(size_of(d)));
        };
        n == 1 ? copy(i64(0)) : loop(i64(0), i64(n), 1, copy, true);
      });
    }, true);
  });
  memo.clear();
}

}  // namespace nuthatch::cpu
