// One element of a value at an index: loaded if the value is stored, else computed from its operands' elements.
#include <llvm/IR/InlineAsm.h>

#include "backends/cpu/emitter.h"
#include "ir/math/threefry.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kFewNumbers = 64;  // random numbers of which a call for each does not matter
}

Index Emitter::at(llvm::ArrayRef<LV> coordinates) {
  Index out;
  for (auto c : coordinates) out.dims.push_back({c, 0});
  return out;
}

/// Coordinates of a flat index. A data vector only stays one when it cannot cross a row.
Index Emitter::expand(const Index& idx, llvm::ArrayRef<int64_t> shape, bool& possible) {
  possible = true;
  if (!idx.flat) return idx;
  Index out;
  out.dims.resize(shape.size(), Ix{i64(0), 0});
  LV rest = idx.linear.base;
  int64_t stride = idx.linear.stride;
  int64_t outer = 1;
  for (auto e : shape) outer *= e;
  for (size_t k = shape.size(); k-- > 0;) {
    if (shape[k] == 1) continue;
    outer /= shape[k];
    if (outer == 1) {
      out.dims[k] = {rest, stride};
      return out;
    }
    if (stride && !(stride == 1 && shape[k] % kDataLanes == 0)) {
      possible = false;
      return out;
    }
    LV extent = splat(i64(shape[k]), lanesOf(rest));
    out.dims[k] = {builder.CreateURem(rest, extent), stride};
    rest = builder.CreateUDiv(rest, extent);
    stride = 0;
  }
  return out;
}

Index Emitter::reshaped(const Index& idx, llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to, bool& possible) {
  possible = true;
  if (idx.flat) return idx;
  // Only unit dimensions come or go: the coordinates stay.
  llvm::SmallVector<int64_t> a, b;
  for (auto e : from) if (e != 1) a.push_back(e);
  for (auto e : to) if (e != 1) b.push_back(e);
  Index out;
  if (a == b) {
    size_t next = 0;
    for (auto e : to) {
      if (e == 1) {
        out.dims.push_back({i64(0), 0});
        continue;
      }
      while (from[next] == 1) ++next;
      out.dims.push_back(idx.dims[next++]);
    }
    return out;
  }
  Index flat;
  flat.flat = true;
  flat.linear = linearise(idx, from);
  return expand(flat, to, possible);
}

/// A data vector element by element.
LV Emitter::scalarised(Value v, const Index& idx, llvm::function_ref<LV(const Index&)> one) {
  LV out = llvm::PoisonValue::get(llvm::FixedVectorType::get(registerTypeOf(v), kDataLanes));
  for (unsigned l = 0; l < kDataLanes; ++l) {
    auto shifted = [&](const Ix& x) { return Ix{add(x.base, x.stride * int64_t(l)), 0}; };
    Index lane;
    lane.flat = idx.flat;
    if (idx.flat) lane.linear = shifted(idx.linear);
    for (const auto& d : idx.dims) lane.dims.push_back(shifted(d));
    out = builder.CreateInsertElement(out, one(lane), uint64_t(l));
  }
  return out;
}

Emitter::MemoKey Emitter::memoKey(Value v, const Index& idx) {
  MemoKey key{v.getAsOpaquePointer(), idx.dims};
  if (idx.flat) key.second.push_back(idx.linear);
  return key;
}

LV Emitter::element(Value v, const Index& idx) {
  if (auto input = loopInput(v); input.loop) {
    if (input.counter) return counters.lookup(input.loop);
    bool possible;
    Index inner = expand(idx, shape(v), possible);
    if (!possible) return scalarised(v, idx, [&](const Index& one) { return element(v, one); });
    Index outer;
    outer.dims.push_back({counters.lookup(input.loop), 0});
    outer.dims.append(inner.dims.begin(), inner.dims.end());
    return element(input.xs, outer);
  }
  const MemoKey key = memoKey(v, idx);
  if (auto known = memo.find(key); known != memo.end()) return known->second;
  auto* op = v.getDefiningOp();
  LV out = !op || inMemory(v) ? load(v, idx) : compute(op, v, idx);
  memo[key] = out;
  return out;
}

LV Emitter::compute(Operation* op, Value v, const Index& idx) {
  auto operand = [&](unsigned i) { return element(op->getOperand(i), idx); };
  Dtype d = dtype(op->getNumOperands() ? op->getOperand(0) : v);
  if (auto o = mlir::dyn_cast<ir::UnaryOp>(op)) return emitUnary(o.getKind(), operand(0), d, calls(o.getKind()));
  if (auto o = mlir::dyn_cast<ir::BinaryOp>(op)) {
    LV a = operand(0);
    return emitBinary(o.getKind(), a, operand(1), d, seldom);
  }
  if (auto o = mlir::dyn_cast<ir::TernaryOp>(op)) {
    LV a = operand(0), b = operand(1);
    return emitTernary(o.getKind(), a, b, operand(2), d);
  }
  if (auto o = mlir::dyn_cast<ir::CompareOp>(op)) {
    LV a = operand(0);
    return emitCompare(o.getKind(), a, operand(1), d);
  }
  if (mlir::isa<ir::SelectOp>(op)) {
    LV p = operand(0), a = operand(1);
    return chooseLanes(p, a, operand(2));
  }
  if (mlir::isa<ir::FmaOp>(op)) {
    LV a = operand(0), b = operand(1), c = operand(2);
    if (is_float(d)) return fma(Real{a}, Real{b}, Real{c}).v;
    return emitBinary(ir::BinaryKind::add, emitBinary(ir::BinaryKind::mul, a, b, d), c, d);
  }
  if (mlir::isa<ir::ConvertOp>(op)) return emitConvert(operand(0), d, dtype(v));
  if (mlir::isa<ir::BitcastOp>(op)) return emitBitcast(operand(0), d, dtype(v));
  if (mlir::isa<ir::LaneAnyOp>(op)) return anyLane(operand(0));
  if (auto o = mlir::dyn_cast<ir::ConstantOp>(op)) return constantElement(o, idx);
  if (auto o = mlir::dyn_cast<ir::BarrierOp>(op)) return element(o.getX(), idx);

  // Everything below asks for coordinates.
  bool possible;
  auto eachLane = [&] { return scalarised(v, idx, [&](const Index& one) { return compute(op, v, one); }); };
  Index c = expand(idx, shape(v), possible);
  if (mlir::isa<ir::RngBitsOp, ir::RngSplitOp, ir::RngFoldInOp>(op)) {
    if (possible) return randomElement(op, c);
    Index lanewise;
    lanewise.flat = true;
    lanewise.linear = {perLane(idx.linear), 0};
    return randomElement(op, expand(lanewise, shape(v), possible));
  }
  if (!possible) return eachLane();
  auto isVector = [&] { return llvm::any_of(c.dims, [](const Ix& x) { return x.stride != 0; }); };
  Index inner;
  if (auto o = mlir::dyn_cast<ir::IotaOp>(op)) {
    return emitConvert(perLane(c.dims[o.getDim()]), Dtype::i64, dtype(v));
  }
  if (auto o = mlir::dyn_cast<ir::BroadcastOp>(op)) {
    for (auto [k, dim] : llvm::enumerate(o.getDims()))
      inner.dims.push_back(shape(o.getX())[k] == 1 ? Ix{i64(0), 0} : c.dims[dim]);
    return element(o.getX(), inner);
  }
  if (auto o = mlir::dyn_cast<ir::ReshapeOp>(op)) {
    inner = reshaped(c, shape(v), shape(o.getX()), possible);
    return possible ? element(o.getX(), inner) : eachLane();
  }
  if (auto o = mlir::dyn_cast<ir::TransposeOp>(op)) {
    inner.dims.resize(c.dims.size());
    for (auto [k, dim] : llvm::enumerate(o.getPerm())) inner.dims[dim] = c.dims[k];
    return element(o.getX(), inner);
  }
  if (auto o = mlir::dyn_cast<ir::SliceOp>(op)) {
    for (auto [k, x] : llvm::enumerate(c.dims)) {
      int64_t step = o.getStride()[k];
      LV base = x.base;
      if (step != 1) base = builder.CreateMul(base, splat(i64(step), lanesOf(base)));
      if (o.getStart()[k]) base = builder.CreateAdd(base, splat(i64(o.getStart()[k]), lanesOf(base)));
      inner.dims.push_back({base, x.stride * step});
    }
    return element(o.getX(), inner);
  }
  if (auto o = mlir::dyn_cast<ir::ReverseOp>(op)) {
    inner = c;
    for (auto dim : o.getDims()) {
      LV last = splat(i64(shape(v)[dim] - 1), lanesOf(inner.dims[dim].base));
      inner.dims[dim] = {builder.CreateSub(last, inner.dims[dim].base), -inner.dims[dim].stride};
    }
    return element(o.getX(), inner);
  }
  if (auto o = mlir::dyn_cast<ir::DynamicSliceOp>(op)) {
    for (auto [k, start] : llvm::enumerate(o.getStarts())) {
      LV s = clampedStart(start, shape(o.getX())[k], o.getSizes()[k]), x = c.dims[k].base;
      unify(s, x);
      inner.dims.push_back({builder.CreateAdd(s, x), c.dims[k].stride});
    }
    return element(o.getX(), inner);
  }
  if (auto o = mlir::dyn_cast<ir::GatherOp>(op)) return gatherElement(o, c);
  if (isVector()) return eachLane();
  if (auto o = mlir::dyn_cast<ir::PadOp>(op)) return padElement(o, c);
  return concatenateElement(mlir::cast<ir::ConcatenateOp>(op), c);
}

/// A coordinate as a number for each lane, where lanes differ in it.
LV Emitter::perLane(Ix x) {
  return x.stride ? builder.CreateAdd(splat(x.base, kDataLanes), laneSteps(kDataLanes, x.stride)) : x.base;
}

LV Emitter::clampedStart(Value start, int64_t extent, int64_t size) {
  if (extent == size) return i64(0);
  LV s = scalar(start);
  if (dtype(start) != Dtype::i64) s = emitConvert(s, dtype(start), Dtype::i64);
  s = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, s, splat(i64(0), lanesOf(s)));
  return builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, s, splat(i64(extent - size), lanesOf(s)));
}

LV Emitter::constantElement(ir::ConstantOp op, const Index& idx) {
  auto value = mlir::cast<mlir::DenseElementsAttr>(op.getValue());
  Dtype d = dtype(op.getResult());
  auto* type = registerTypeOf(op.getResult());
  auto literal = [&](mlir::Attribute a) -> llvm::Constant* {
    if (auto f = mlir::dyn_cast<mlir::FloatAttr>(a)) return llvm::ConstantFP::get(type, f.getValue());
    return llvm::ConstantInt::get(type, mlir::cast<mlir::IntegerAttr>(a).getValue());
  };
  if (value.isSplat()) return literal(value.getSplatValue<mlir::Attribute>());
  Ix at = linearise(idx, shape(op.getResult()));
  if (auto* c = llvm::dyn_cast<llvm::ConstantInt>(at.base); c && at.stride == 0)
    return literal(value.getValues<mlir::Attribute>()[c->getZExtValue()]);
  // A table in read-only memory.
  auto name = "constant." + std::to_string(reinterpret_cast<uintptr_t>(value.getAsOpaquePointer()));
  auto* table = module.getNamedGlobal(name);
  if (!table) {
    llvm::SmallVector<llvm::Constant*> elements;
    auto* memory = memoryType(d, false);
    for (auto a : value.getValues<mlir::Attribute>()) {
      llvm::Constant* e = literal(a);
      elements.push_back(d == Dtype::bool_ ? llvm::ConstantInt::get(memory, e->isNullValue() ? 0 : 1) : e);
    }
    auto* arrayType = llvm::ArrayType::get(memory, elements.size());
    table = new llvm::GlobalVariable(module, arrayType, true, llvm::GlobalValue::InternalLinkage,
                                     llvm::ConstantArray::get(arrayType, elements), name);
    table->setAlignment(llvm::Align(64));
  }
  return loadAt(table, d, false, true, at);
}

/// Result dimensions are offset dimensions (within the block) and batch dimensions (of the index vectors).
LV Emitter::gatherElement(ir::GatherOp op, const Index& idx) {
  auto operandShape = shape(op.getX());
  auto contains = [](llvm::ArrayRef<int64_t> list, int64_t x) { return llvm::is_contained(list, x); };
  llvm::SmallVector<Ix, 4> batch;
  for (size_t k = 0; k < idx.dims.size(); ++k)
    if (!contains(op.getOffsetDims(), int64_t(k))) batch.push_back(idx.dims[k]);
  Index inner;
  size_t offset = 0;
  for (size_t k = 0; k < operandShape.size(); ++k) {
    Ix x{i64(0), 0};
    if (!contains(op.getCollapsedDims(), k) && !contains(op.getOperandBatchDims(), k)) x = idx.dims[op.getOffsetDims()[offset++]];
    for (auto [j, dim] : llvm::enumerate(op.getIndexMap())) {
      if (dim != int64_t(k)) continue;
      Index at;
      at.dims.assign(batch.begin(), batch.end());
      at.dims.push_back({i64(int64_t(j)), 0});
      LV s = element(op.getIndices(), at);
      s = emitConvert(s, dtype(op.getIndices()), Dtype::i64);
      s = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, s, splat(i64(0), lanesOf(s)));
      s = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, s, splat(i64(operandShape[k] - op.getSliceSizes()[k]), lanesOf(s)));
      if (lanesOf(s) && x.stride) x = {perLane(x), 0};
      LV base = x.base;
      unify(base, s);
      x.base = builder.CreateAdd(base, s);
    }
    for (auto [j, dim] : llvm::enumerate(op.getOperandBatchDims()))
      if (dim == int64_t(k)) x = batch[op.getIndicesBatchDims()[j]];
    inner.dims.push_back(x);
  }
  return element(op.getX(), inner);
}

LV Emitter::padElement(ir::PadOp op, const Index& idx) {
  auto operandShape = shape(op.getX());
  Mask inside{builder.getTrue()};
  Index inner;
  for (auto [k, x] : llvm::enumerate(idx.dims)) {
    auto number = [lanes = lanesOf(x.base), this](int64_t c) { return splat(i64(c), lanes); };
    int64_t step = op.getInterior()[k] + 1;
    LV position = builder.CreateSub(x.base, number(op.getLow()[k]));
    LV i = position;
    if (step != 1) {
      i = builder.CreateSDiv(position, number(step));
      inside = inside & Mask{builder.CreateICmpEQ(builder.CreateMul(i, number(step)), position)};
    }
    inside = inside & Mask{builder.CreateICmpSGE(position, number(0))};
    inside = inside & Mask{builder.CreateICmpSLT(i, number(operandShape[k]))};
    i = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, i, number(0));
    i = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, i, number(std::max<int64_t>(operandShape[k] - 1, 0)));
    inner.dims.push_back({i, 0});
  }
  LV filler = scalar(op.getValue());
  if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(inside.v))
    return known->isZero() ? filler : element(op.getX(), inner);
  if (llvm::is_contained(operandShape, 0)) return filler;
  return chooseLanes(inside.v, element(op.getX(), inner), filler);
}

LV Emitter::concatenateElement(ir::ConcatenateOp op, const Index& idx) {
  int64_t dim = op.getDim(), start = 0;
  LV i = idx.dims[dim].base, out = nullptr;
  for (auto x : op.getXs()) {
    int64_t extent = shape(x)[dim];
    if (extent == 0) continue;
    auto number = [lanes = lanesOf(i), this](int64_t c) { return splat(i64(c), lanes); };
    LV here = builder.CreateICmpSGE(i, number(start));
    Index inner = idx;
    LV local = builder.CreateSub(i, number(start));
    start += extent;
    auto* known = llvm::dyn_cast<llvm::ConstantInt>(i);
    if (known) {
      if (known->getSExtValue() >= start) continue;
      inner.dims[dim] = {local, 0};
      return element(x, inner);
    }
    local = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, local, number(0));
    inner.dims[dim] = {builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, local, number(extent - 1)), 0};
    LV e = element(x, inner);
    out = out ? chooseLanes(here, e, out) : e;
  }
  return out;
}

/// Hides from LLVM that a scalar is a loop's counter, by an assembly statement without instructions. The twenty sums that
/// Threefry adds to its counter are one expression to scalar evolution, and loop strength reduction spends seconds to
/// minutes on ways to split it.
static Word opaque(Word counter) {
  if (lanesOf(counter.v) || llvm::isa<llvm::Constant>(counter.v)) return counter;
  auto* type = llvm::FunctionType::get(counter.v->getType(), {counter.v->getType()}, false);
  auto* same = ib().CreateCall(llvm::InlineAsm::get(type, "", "=r,0", /*hasSideEffects=*/false), {counter.v});
  same->setDoesNotAccessMemory();
  same->setDoesNotThrow();
  return {same};
}

/// Threefry, where its hundred instructions are needed in many places as a function of the module.
static math::ThreefryPair<Word> threefry(const math::ThreefryKey<Word>& key, Word a, Word b, bool called) {
  if (!called) return math::threefry2x32(key, a, b);
  llvm::SmallVector<LV> words = {key.x0.v, key.x1.v, a.v, b.v};
  unsigned lanes = 0;
  for (LV w : words) lanes = std::max(lanes, lanesOf(w));
  for (LV& w : words) w = splat(w, lanes);
  auto* word = words[0]->getType();
  auto* pair = llvm::StructType::get(word, word);
  auto& module = *ib().GetInsertBlock()->getModule();
  LV out = callOwn("threefry", module, pair, words, [&](llvm::ArrayRef<LV> w) {
    const auto x = math::threefry2x32<Word>({Word{w[0]}, Word{w[1]}}, Word{w[2]}, Word{w[3]});
    return ib().CreateInsertValue(ib().CreateInsertValue(llvm::PoisonValue::get(pair), x.x0.v, 0), x.x1.v, 1);
  });
  return {Word{ib().CreateExtractValue(out, 0)}, Word{ib().CreateExtractValue(out, 1)}};
}

/// Bits, child keys and folded keys: Threefry at the element's own counter, a vector of counters for a data vector.
LV Emitter::randomElement(Operation* op, const Index& idx) {
  auto* word = builder.getInt32Ty();
  Value keyOperand = op->getOperand(0);
  size_t batch = shape(keyOperand).size() - 1;  // leading dimensions of the key
  auto keyWord = [&](int64_t w) {
    Index at;
    at.dims.assign(idx.dims.begin(), idx.dims.begin() + batch);
    at.dims.push_back({i64(w), 0});
    return Word{element(keyOperand, at)};
  };
  math::ThreefryKey<Word> key{keyWord(0), keyWord(1)};
  const bool called = plan.generatorCalled && ir::tensorType(op->getResult(0)).getNumElements() <= kFewNumbers;
  auto narrow = [&](LV i) { return Word{builder.CreateTrunc(i, withLanes(word, i))}; };
  auto pairOf = [&](LV i, int64_t count) {  // of counter i < count
    if (count <= int64_t(1) << 32) return threefry(key, Word{builder.getInt32(0)}, opaque(narrow(i)), called);
    return threefry(key, opaque(narrow(builder.CreateLShr(i, 32))), opaque(narrow(i)), called);
  };
  auto choose = [&](math::ThreefryPair<Word> pair) {  // the last coordinate names the half
    LV which = perLane(idx.dims.back());
    return chooseLanes(builder.CreateICmpEQ(which, splat(i64(0), lanesOf(which))), pair.x0.v, pair.x1.v);
  };
  if (auto fold = mlir::dyn_cast<ir::RngFoldInOp>(op)) {
    Index at;
    at.dims.assign(idx.dims.begin(), idx.dims.begin() + batch);
    Word data = opaque({element(fold.getData(), at)});
    return choose(threefry(key, Word{Word::constant(data.v, 0)}, data, called));
  }
  if (mlir::isa<ir::RngSplitOp>(op)) {
    return choose(pairOf(perLane(idx.dims[batch]), shape(op->getResult(0))[batch]));
  }
  auto bits = mlir::cast<ir::RngBitsOp>(op);
  Index counter;
  counter.dims.assign(idx.dims.begin() + batch, idx.dims.end());
  int64_t count = 1;
  for (auto extent : bits.getShape()) count *= extent;
  auto pair = pairOf(perLane(linearise(counter, bits.getShape())), count);
  if (size_of(dtype(bits.getResult())) == 4) return (pair.x0 ^ pair.x1).v;
  LV a = pair.x0.v, b = pair.x1.v;
  auto* wide = withLanes(builder.getInt64Ty(), a);
  return builder.CreateOr(builder.CreateShl(builder.CreateZExt(a, wide), 32), builder.CreateZExt(b, wide));
}

}  // namespace nuthatch::cpu
