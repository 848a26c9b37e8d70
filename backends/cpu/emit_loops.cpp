// Fused loops: elementwise groups and reductions, in the order the dialect defines (ir/math/reduction_order.h).
#include "backends/cpu/block_reduction.h"
#include "ir/math/reduction_order.h"
#include "ir/ops/rules.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kUnroll = 16;         // loops of at most so many elements become straight code
constexpr int64_t kUnrollRare = 4;      // the same in branches that only some lanes take
constexpr double kStraightCode = 600;   // ... if it is not more instructions than this, roughly
}  // namespace

void Emitter::block(mlir::Block& b) {
  for (const auto& [k, g] : llvm::enumerate(plan.groups.find(&b)->second)) {
    memo.clear();
    profile ? profiled(g) : group(g);
    if (memoryChecks) poison(dead.after.find(&b)->second[k]);
  }
  memo.clear();
}

void Emitter::group(const Group& g) {
  if (g.single) return single(g.single);
  if (g.rowPass()) return rowPass(g);
  bool reduces = llvm::any_of(g.roots, [](Operation* op) { return mlir::isa<ir::ReduceOp>(op); });
  reduces ? reducingGroup(g) : elementwiseGroup(g);
}

void Emitter::loop(LV from, LV to, LV step, llvm::function_ref<void(LV)> body, bool keepRolled) {
  auto* head = llvm::BasicBlock::Create(module.getContext(), "loop", function);
  auto* exit = llvm::BasicBlock::Create(module.getContext(), "end", function);
  auto* before = builder.GetInsertBlock();
  builder.CreateBr(head);
  builder.SetInsertPoint(head);
  auto* i = builder.CreatePHI(builder.getInt64Ty(), 2);
  i->addIncoming(from, before);
  if (together()) unsynchronised = true;  // by the iteration before
  body(i);
  LV next = builder.CreateAdd(i, step, "", true, true);
  i->addIncoming(next, builder.GetInsertBlock());
  auto* branch = builder.CreateCondBr(builder.CreateICmpSLT(next, to), head, exit);
  if (keepRolled) {
    auto& c = module.getContext();
    auto* disable = llvm::MDNode::get(c, llvm::MDString::get(c, "llvm.loop.unroll.disable"));
    auto* id = llvm::MDNode::getDistinct(c, {nullptr, disable});
    id->replaceOperandWith(0, id);
    branch->setMetadata(llvm::LLVMContext::MD_loop, id);
  }
  builder.SetInsertPoint(exit);
}

void Emitter::accumulate(LV from, LV to, llvm::SmallVectorImpl<LV>& sums, llvm::function_ref<void(LV)> body) {
  auto* before = builder.GetInsertBlock();
  auto* head = llvm::BasicBlock::Create(module.getContext(), "sum", function);
  auto* exit = llvm::BasicBlock::Create(module.getContext(), "summed", function);
  builder.CreateCondBr(builder.CreateICmpSLT(from, to), head, exit);
  builder.SetInsertPoint(head);
  auto* i = builder.CreatePHI(builder.getInt64Ty(), 2);
  i->addIncoming(from, before);
  const llvm::SmallVector<LV> initial(sums.begin(), sums.end());
  llvm::SmallVector<llvm::PHINode*> running;
  for (auto& s : sums) {
    running.push_back(builder.CreatePHI(s->getType(), 2));
    running.back()->addIncoming(s, before);
    s = running.back();
  }
  if (together()) unsynchronised = true;
  body(i);
  if (together()) unsynchronised = true;
  LV next = builder.CreateAdd(i, i64(1), "", true, true);
  auto* last = builder.GetInsertBlock();
  i->addIncoming(next, last);
  for (auto [phi, s] : llvm::zip(running, sums)) phi->addIncoming(s, last);
  builder.CreateCondBr(builder.CreateICmpSLT(next, to), head, exit);
  builder.SetInsertPoint(exit);
  for (auto [s, start] : llvm::zip(sums, initial)) {
    auto* out = builder.CreatePHI(s->getType(), 2);
    out->addIncoming(start, before);
    out->addIncoming(s, last);
    s = out;
  }
}

/// Rough number of instructions of one iteration.
double Emitter::cost(const Group& g) {
  std::function<double(Operation*)> of = [&](Operation* op) {
    double c = isView(op) ? 0 : ir::rulesOf(op).cost ? ir::rulesOf(op).cost(op) : 1;
    if (mlir::isa<ir::RngBitsOp, ir::RngSplitOp, ir::RngFoldInOp>(op)) c = 100;
    for (auto o : op->getOperands())
      if (auto* d = o.getDefiningOp(); d && !plan.roots.contains(o)) c += of(d);
    return c;
  };
  double total = 0;
  for (auto* root : g.roots) total += of(root);
  return total;
}

void Emitter::forEach(int64_t extent, llvm::function_ref<void(LV)> body, bool keepRolled) {
  if (extent <= kUnroll && (!keepRolled || extent == 1)) {
    for (int64_t i = 0; i < extent; ++i) body(i64(i));
    return;
  }
  loop(i64(0), i64(extent), 1, [&](LV i) {
    memo.clear();
    body(i);
    memo.clear();
  }, keepRolled);
}

void Emitter::ifThen(LV condition, llvm::function_ref<void()> body) {
  auto* then = llvm::BasicBlock::Create(module.getContext(), "then", function);
  auto* after = llvm::BasicBlock::Create(module.getContext(), "after", function);
  builder.CreateCondBr(condition, then, after);
  builder.SetInsertPoint(then);
  const bool before = unsynchronised;
  body();
  unsynchronised |= before;
  builder.CreateBr(after);
  builder.SetInsertPoint(after);
}

/// All indices of a space. `vectors` allows data vectors along the innermost loop, `flat` one loop over positions.
void Emitter::fill(llvm::ArrayRef<int64_t> space, llvm::function_ref<void(const Index&)> body, bool vectors, bool flat,
                   bool keepRolled, const Group* shared) {
  if (together() && product(space) > 1) return acrossThreads(space, body);
  fillInOrder(space, body, vectors, flat, keepRolled, shared);
}

void Emitter::fillInOrder(llvm::ArrayRef<int64_t> space, llvm::function_ref<void(const Index&)> body, bool vectors, bool flat,
                          bool keepRolled, const Group* shared) {
  int64_t n = product(space);
  if (n == 0) return;
  // Straight code for many elements needs many registers: there is no end of them on this processor's stack, but on a GPU.
  if ((rare || threads) && n > kUnrollRare) keepRolled = true;
  auto fresh = [&](const Index& idx) {
    memo.clear();
    body(idx);
    memo.clear();
  };
  if (shared && chunksOf(*shared) == 1) shared = nullptr;
  auto outermost = [&](int64_t to, int64_t step, llvm::function_ref<void(LV)> visit) {
    shared ? sharedLoop(*shared, to, step, {}, visit) : loop(i64(0), i64(to), step, visit);
  };
  auto inner = [&](int64_t extent, llvm::function_ref<void(Ix)> visit, bool alone) {
    if (shared && alone && !vectors) return outermost(extent, 1, [&](LV i) { visit({i, 0}); });
    if (!vectors || extent < int64_t(kDataLanes)) return forEach(extent, [&](LV i) { visit({i, 0}); }, keepRolled);
    int64_t main = extent / kDataLanes * kDataLanes;
    if (alone) outermost(main, kDataLanes, [&](LV i) { visit({i, 1}); });
    else loop(i64(0), i64(main), kDataLanes, [&](LV i) { visit({i, 1}); });
    if (keepRolled && main + 1 < extent) loop(i64(main), i64(extent), 1, [&](LV i) { visit({i, 0}); }, true);
    else for (int64_t i = main; i < extent; ++i) visit({i64(i), 0});
  };
  if (flat && vectors) {
    inner(n, [&](Ix x) {
      Index idx;
      idx.flat = true;
      idx.linear = x;
      fresh(idx);
    }, true);
    return;
  }
  Index idx;
  idx.dims.resize(space.size(), Ix{i64(0), 0});
  size_t last = space.size();  // innermost dimension that varies
  while (last > 0 && space[last - 1] == 1) --last;
  size_t first = 0;  // outermost
  while (first < last && space[first] == 1) ++first;
  size_t wide = last;  // dimension that fills vectors; the one before a short innermost one
  if (vectors && first + 1 < last && space[last - 1] < int64_t(kDataLanes)) {
    wide = last - 2;
    while (space[wide] == 1) --wide;
  }
  std::function<void(size_t)> nest = [&](size_t k) {
    if (k == last) return fresh(idx);
    if (k + 1 == last || k == wide) return inner(space[k], [&](Ix x) { idx.dims[k] = x; nest(k + 1); }, k == first);
    if (n <= kUnroll && !keepRolled)
      for (int64_t i = 0; i < space[k]; ++i) idx.dims[k] = {i64(i), 0}, nest(k + 1);
    else if (space[k] == 1) nest(k + 1);
    else if (k == first) outermost(space[k], 1, [&](LV i) { idx.dims[k] = {i, 0}; nest(k + 1); });
    else loop(i64(0), i64(space[k]), 1, [&](LV i) { idx.dims[k] = {i, 0}; nest(k + 1); });
  };
  nest(0);
}

/// Everything read at the loop's own index: rows may be crossed by one loop over positions.
bool Emitter::flatAccess(const Group& g) {
  std::function<bool(Value)> flat = [&](Value v) {
    if (loopInput(v).loop) return shape(v).size() <= 1;
    auto* op = v.getDefiningOp();
    if (!op || plan.roots.contains(v)) return true;
    if (auto constant = mlir::dyn_cast<ir::ConstantOp>(op)) return mlir::cast<mlir::DenseElementsAttr>(constant.getValue()).isSplat();
    if (auto broadcast = mlir::dyn_cast<ir::BroadcastOp>(op)) return ir::tensorType(broadcast.getX()).getNumElements() == 1;
    if (mlir::isa<ir::ReshapeOp, ir::BarrierOp>(op)) return flat(op->getOperand(0));
    return isPointwise(op) && llvm::all_of(op->getOperands(), flat);
  };
  for (auto* root : g.roots) {
    if (!isPointwise(root) && !mlir::isa<ir::ReduceOp>(root)) return shape(root->getResult(0)).size() <= 1;
    for (auto o : root->getOperands())
      if (!flat(o)) return false;
  }
  return true;
}

/// The elementwise roots of a group at one index; later roots find earlier ones in the memo.
llvm::SmallVector<LV> Emitter::computeRoots(const Group& g, const Index& idx) {
  llvm::SmallVector<LV> values;
  for (auto* root : g.roots) {
    if (mlir::isa<ir::ReduceOp>(root)) continue;
    Value v = root->getResult(0);
    values.push_back(compute(root, v, idx));
    memo[memoKey(v, idx)] = values.back();
  }
  return values;
}

void Emitter::storeRoots(const Group& g, const Index& idx, llvm::ArrayRef<LV> values) {
  size_t i = 0;
  for (auto* root : g.roots)
    if (!mlir::isa<ir::ReduceOp>(root)) {
      if (inMemory(root->getResult(0))) store(root->getResult(0), idx, values[i]);
      ++i;
    }
}

void Emitter::elementwiseGroup(const Group& g) {
  fill(g.space, [&](const Index& idx) {
    storeRoots(g, idx, computeRoots(g, idx));
  }, dataVectors(), flatAccess(g), unhurried(g) || cost(g) * double(std::min(product(g.space), kUnroll)) > kStraightCode, &g);
}

/// What all chains share is computed once in a run, and need not be fast.
bool Emitter::unhurried(const Group& g) {
  return lanes > 1 && llvm::none_of(g.roots, [&](Operation* op) { return varies(op->getResult(0)); });
}

void Emitter::reducingGroup(const Group& g) {
  llvm::SmallVector<int64_t> keptDims, keptSpace;
  for (int64_t k = 0; k < int64_t(g.space.size()); ++k)
    if (!llvm::is_contained(g.reduced, k)) {
      keptDims.push_back(k);
      keptSpace.push_back(g.space[k]);
    }
  if (threads) return reducingThreads(g, keptDims, keptSpace);
  // Few elements to each result: eight results at once fill a vector. Many: the elements do.
  const int64_t each = keptSpace.empty() ? 0 : product(g.space) / std::max<int64_t>(product(keptSpace), 1);
  const bool rows = lanes <= 1 && !keptSpace.empty() && each <= kUnroll;
  const bool keepRolled = rows && cost(g) * double(each) * double(kDataLanes) > kStraightCode;
  fill(keptSpace, [&](const Index& kept) { reduceElements(g, kept, keptDims); }, rows, false, keepRolled, &g);
}

/// The reductions of one kept index: blocks of 512, eight partials, a fixed tree.
void Emitter::reduceElements(const Group& g, const Index& kept, llvm::ArrayRef<int64_t> keptDims) {
  using math::kPartials;
  using math::kReductionBlock;
  llvm::SmallVector<ir::ReduceOp> reductions;
  for (auto* root : g.roots)
    if (auto r = mlir::dyn_cast<ir::ReduceOp>(root)) reductions.push_back(r);
  llvm::SmallVector<int64_t> extents;
  for (auto k : g.reduced) extents.push_back(g.space[k]);
  const int64_t n = product(extents);
  const bool flat = dataVectors() && keptDims.empty() && flatAccess(g);

  auto indexOf = [&](Ix position, bool& possible) {
    Index whole;
    possible = true;
    if (flat) {
      whole.flat = true;
      whole.linear = position;
      return whole;
    }
    Index linear;
    linear.flat = true;
    linear.linear = position;
    Index inner = expand(linear, extents, possible);
    whole.dims.resize(g.space.size());
    for (auto [i, k] : llvm::enumerate(keptDims)) whole.dims[k] = kept.dims[i];
    if (possible)
      for (auto [i, k] : llvm::enumerate(g.reduced)) whole.dims[k] = inner.dims[i];
    return whole;
  };
  // The operands of all reductions at one position (a data vector where its stride is 1).
  auto operands = [&](Ix position) {
    memo.clear();
    bool possible;
    Index idx = indexOf(position, possible);
    auto values = computeRoots(g, idx);
    llvm::SmallVector<LV> out;
    for (auto r : reductions) out.push_back(element(r.getX(), idx));
    storeRoots(g, idx, values);
    memo.clear();
    return out;
  };
  auto kindOf = [&](size_t r) { return reductions[r].getKind(); };
  auto typeOf = [&](size_t r) { return dtype(reductions[r].getX()); };
  auto widthOf = [&](size_t r) { return varies(reductions[r].getX()) ? lanes : 0u; };
  auto identity = [&](size_t r, unsigned width) -> LV {
    auto* type = registerTypeOf(reductions[r].getX());
    return splat(reductionIdentity(kindOf(r), type, typeOf(r)), width);
  };
  auto combine = [&](size_t r, LV a, LV b) { return emitCombine(kindOf(r), a, b, typeOf(r)); };
  auto tree = [&](size_t r, llvm::SmallVector<LV> p) {
    for (size_t half = kPartials / 2; half > 0; half /= 2)
      for (size_t k = 0; k < half && k + half < p.size(); ++k) p[k] = combine(r, p[k], p[k + half]);
    return p[0];
  };
  const size_t count = reductions.size();
  auto finish = [&](llvm::ArrayRef<LV> totals) {
    Index at;
    at.dims.assign(kept.dims.begin(), kept.dims.end());
    for (size_t r = 0; r < count; ++r) {
      LV x = totals[r];
      if (n == 0 && kindOf(r) == ir::ReduceKind::sum && is_float(typeOf(r))) x = Real::constant(x, 0.0);
      if (plan.stored.contains(reductions[r].getResult())) store(reductions[r].getResult(), at, x);
    }
  };

  // Short: straight code. A partial that takes no element is the identity, which changes nothing.
  if (n <= (unhurried(g) ? kUnrollRare : kUnroll)) {
    std::vector<llvm::SmallVector<LV>> p(count);
    for (int64_t i = 0; i < n; ++i) {
      auto x = operands({i64(i), 0});
      for (size_t r = 0; r < count; ++r) {
        LV term = splat(x[r], widthOf(r));
        if (i < kPartials) p[r].push_back(term);
        else p[r][i % kPartials] = combine(r, p[r][i % kPartials], term);
      }
    }
    llvm::SmallVector<LV> totals;
    for (size_t r = 0; r < count; ++r) totals.push_back(n ? tree(r, p[r]) : identity(r, widthOf(r)));
    return finish(totals);
  }

  // Long: blocks of partials.
  bool vectors = dataVectors();
  if (vectors && !flat) {
    auto wide = llvm::count_if(extents, [](int64_t e) { return e != 1; });
    vectors = wide <= 1 || extents.back() % int64_t(kDataLanes) == 0;
  }
  BlockReduction sums(*this, g, reductions, vectors);
  auto take = [&](BlockReduction& into, LV begin, int64_t length) {
    into.startBlock();
    into.take(begin, length, operands);
  };
  const int64_t whole = n / kReductionBlock;
  if (whole && keptDims.empty() && chunksOf(g) > 1) {
    auto places = sums.placesForBlocks(whole);
    sharedLoop(g, whole, 1, places, [&](LV block) {
      BlockReduction one(*this, g, reductions, vectors);
      take(one, mul(block, kReductionBlock), kReductionBlock);
      one.finishBlockInto(places, block);
    });
    sums.addBlocks(places, whole);
  } else if (whole) {
    loop(i64(0), i64(whole * kReductionBlock), kReductionBlock, [&](LV begin) {
      take(sums, begin, kReductionBlock);
      sums.finishBlock();
    });
  }
  if (n % kReductionBlock) {
    take(sums, i64(whole * kReductionBlock), n % kReductionBlock);
    sums.finishBlock();
  }
  finish(sums.results());
}

}  // namespace nuthatch::cpu
