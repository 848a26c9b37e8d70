// Loops over data that several threads share. The iterations become a function of their own, called for one chunk of
// them at a time; where the chunks end depends on the loop alone, so results do not depend on the threads.
#include "backends/cpu/emitter.h"
#include "backends/runtime/data_threads.h"

namespace nuthatch::cpu {

namespace {
/// A loop of fewer instructions is not worth waking a thread for (about a fifth of a millisecond).
constexpr double kWorthSharing = 4e6;
constexpr double kPerChunk = 1e6;
constexpr double kFewest = 512;  // iterations, of which none takes so long; their work need not be estimated
constexpr int64_t kMostChunks = 64;

double iterations(llvm::ArrayRef<int64_t> space) {
  double n = 1;
  for (auto extent : space) n *= double(extent);
  return n;
}
}  // namespace

/// Instructions of a whole group, roughly.
double Emitter::work(const Group& g) {
  double each = 1 + cost(g);
  for (const auto& products : {g.rowProducts, g.columnProducts})
    for (auto* op : products) {
      const auto p = MatrixVector::of(op);
      each += 2 * double(ir::tensorType(p.matrix).getNumElements()) / iterations(g.space);
    }
  const double vectors = lanes > 1 ? double(lanes) : 1;
  return each * vectors * iterations(g.space);
}

int64_t Emitter::chunksOf(const Group& g) {
  if (memoryChecks || rare || threads || iterations(g.space) < kFewest) return 1;
  const double w = work(g);
  return w < kWorthSharing ? 1 : int64_t(std::min(double(kMostChunks), w / kPerChunk));
}

void Emitter::sharedLoop(const Group& g, int64_t to, int64_t step, llvm::MutableArrayRef<LV> captured,
                         llvm::function_ref<void(LV)> body, bool keepRolled) {
  const int64_t steps = (to + step - 1) / step, chunks = chunksOf(g), each = (steps + chunks - 1) / chunks;
  if (each >= steps) return loop(i64(0), i64(to), step, body, keepRolled);
  overChunks(g, (steps + each - 1) / each, captured, [&](LV chunk) {
    LV begin = mul(chunk, each * step);
    LV end = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, add(begin, each * step), i64(to));
    loop(begin, end, step, body, keepRolled);
  });
}

/// The body sees the values of the function around it through an array of words, its environment.
void Emitter::overChunks(const Group& g, int64_t count, llvm::MutableArrayRef<LV> captured,
                         llvm::function_ref<void(LV)> body) {
  std::set<int> used, written;
  visitReads(plan, g, [&](Value v, bool) {
    if (plan.stored.contains(v)) used.insert(storage.slot(v));
  });
  g.visit([&](Operation* op) {
    if (!plan.stored.contains(op->getResult(0))) return;
    used.insert(storage.slot(op->getResult(0)));
    written.insert(storage.slot(op->getResult(0)));
  });

  llvm::SmallVector<LV*> outer{&workspace, &chain0, &active, &streams};
  for (LV& chain : laneChains) outer.push_back(&chain);
  for (int slot : used) outer.push_back(&slotPointers[size_t(slot)]);
  for (auto& [loop, counter] : counters) outer.push_back(&counter);
  for (LV& value : captured) outer.push_back(&value);

  auto* words = llvm::ArrayType::get(builder.getInt64Ty(), outer.size());
  LV environment = stackSlot(words);
  llvm::SmallVector<LV> before;
  for (auto [k, value] : llvm::enumerate(outer)) {
    before.push_back(*value);
    builder.CreateStore(*value, builder.CreateConstInBoundsGEP2_64(words, environment, 0, k));
  }

  auto* type = llvm::FunctionType::get(builder.getVoidTy(), {builder.getPtrTy(), builder.getInt64Ty()}, false);
  auto* chunk = llvm::Function::Create(type, llvm::Function::InternalLinkage, "chunk", module);
  chunk->addFnAttr(llvm::Attribute::NoUnwind);
  chunk->addParamAttr(0, llvm::Attribute::NoAlias);
  {
    llvm::IRBuilder<>::InsertPointGuard guard(builder);
    auto* around = std::exchange(function, chunk);
    inChunk = true;
    for (const auto& [k, s] : llvm::enumerate(storage.slots))
      for (int w : written)
        if (int(k) == w || (s.memory >= 0 && s.memory == storage.slots[size_t(w)].memory)) writtenInChunk.insert(int(k));
    memo.clear();
    builder.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", chunk));
    for (auto [k, value] : llvm::enumerate(outer)) {
      auto* load = builder.CreateLoad(before[k]->getType(), builder.CreateConstInBoundsGEP2_64(words, chunk->getArg(0), 0, k));
      load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.getContext(), {}));
      *value = load;
    }
    body(chunk->getArg(1));
    builder.CreateRetVoid();
    memo.clear();
    writtenInChunk.clear();
    inChunk = false;
    function = around;
  }
  for (auto [k, value] : llvm::enumerate(outer)) *value = before[k];

  auto run = module.getOrInsertFunction(runtime::kRunChunks, builder.getVoidTy(), builder.getPtrTy(), builder.getPtrTy(),
                                        builder.getInt64Ty());
  builder.CreateCall(run, {chunk, environment, i64(count)});
}

}  // namespace nuthatch::cpu
