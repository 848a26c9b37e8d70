#include "backends/gpu/kernel.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/IR/Module.h>

#include "backends/runtime/thread_group.h"

namespace nuthatch::gpu {
namespace {

using V = llvm::Value*;
namespace I = llvm::Intrinsic;

class Kernel {
 public:
  Kernel(llvm::Module& m, const PtxOptions& o, const PtxProgram& p) : m(m), b(m.getContext()), o(o), p(p) {}

  void build(llvm::Function& program) {
    if (auto* wait = m.getFunction(runtime::kGroupBarrier)) defineBarrier(*wait);
    if (auto* exchange = m.getFunction(runtime::kGroupExchange)) defineExchange(*exchange);
    program.setLinkage(llvm::GlobalValue::InternalLinkage);
    program.addFnAttr(llvm::Attribute::AlwaysInline);
    auto* ptr = b.getPtrTy();
    auto* type = llvm::FunctionType::get(b.getVoidTy(), {ptr, ptr, ptr, b.getInt64Ty(), ptr}, false);
    auto* f = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, p.kernel, m);
    f->setCallingConv(llvm::CallingConv::PTX_Kernel);
    f->addFnAttr("nvvm.maxntid", std::to_string(p.block_threads));
    f->addFnAttr("nvvm.minctasm", "1");  // else the assembler saves registers and spills
    b.SetInsertPoint(llvm::BasicBlock::Create(m.getContext(), "entry", f));
    auto [chain, thread, threads] = position();
    auto* inside = llvm::BasicBlock::Create(m.getContext(), "chain", f);
    auto* out = llvm::BasicBlock::Create(m.getContext(), "out", f);
    b.CreateCondBr(b.CreateICmpSLT(chain, f->getArg(3)), inside, out);
    b.SetInsertPoint(inside);
    b.CreateCall(&program, {f->getArg(0), f->getArg(1), workspaceOf(f->getArg(2), chain), chain, b.getInt64(1), f->getArg(4), thread, threads});
    b.CreateBr(out);
    b.SetInsertPoint(out);
    b.CreateRetVoid();
  }

 private:
  struct Position { V chain, thread, threads; };

  V special(I::ID id) { return b.CreateZExt(b.CreateIntrinsic(b.getInt32Ty(), id, {}), b.getInt64Ty()); }

  Position position() {
    V inBlock = special(I::nvvm_read_ptx_sreg_tid_x), block = special(I::nvvm_read_ptx_sreg_ctaid_x);
    V size = b.getInt64(std::uint64_t(p.block_threads)), group = b.getInt64(std::uint64_t(o.threads));
    V inGrid = b.CreateAdd(b.CreateMul(block, size), inBlock);
    switch (o.unit) {
      case Unit::segment: return {b.CreateUDiv(inGrid, group), b.CreateURem(inGrid, group), group};
      case Unit::block: return {block, inBlock, group};
      case Unit::grid: return {b.getInt64(0), inGrid, b.CreateMul(special(I::nvvm_read_ptx_sreg_nctaid_x), size)};
    }
    return {};
  }

  /// A part of global memory, or of the memory that the launch gives to each block.
  V workspaceOf(V global, V chain) {
    if (!p.shared_bytes) return b.CreateInBoundsGEP(b.getInt8Ty(), global, b.CreateMul(chain, b.getInt64(std::uint64_t(p.workspace_bytes))));
    constexpr unsigned kSharedSpace = 3;
    auto* memory = new llvm::GlobalVariable(m, llvm::ArrayType::get(b.getInt8Ty(), 0), false, llvm::GlobalValue::ExternalLinkage, nullptr,
                                            "block_memory", nullptr, llvm::GlobalValue::NotThreadLocal, kSharedSpace);
    memory->setAlignment(llvm::Align(16));
    V inBlock = b.CreateURem(chain, b.getInt64(std::uint64_t(p.chains_per_block)));
    V mine = b.CreateMul(inBlock, b.getInt64(std::uint64_t(p.shared_bytes / p.chains_per_block)));
    return b.CreateAddrSpaceCast(b.CreateInBoundsGEP(b.getInt8Ty(), memory, mine), b.getPtrTy());
  }

  void defineBarrier(llvm::Function& f) {
    f.setLinkage(llvm::GlobalValue::InternalLinkage);
    f.addFnAttr(o.unit == Unit::grid ? llvm::Attribute::NoInline : llvm::Attribute::AlwaysInline);
    b.SetInsertPoint(llvm::BasicBlock::Create(m.getContext(), "entry", &f));
    switch (o.unit) {
      case Unit::segment: waitForSegment(); break;
      case Unit::block: waitForBlock(); break;
      case Unit::grid: waitForGrid(f); break;
    }
    b.CreateRetVoid();
  }

  /// The threads of this one's segment.
  V members() {
    if (o.threads == 32) return b.getInt32(0xffffffffu);
    V lane = b.CreateIntrinsic(b.getInt32Ty(), I::nvvm_read_ptx_sreg_laneid, {});
    V first = b.CreateAnd(lane, b.getInt32(~std::uint32_t(o.threads - 1)));
    return b.CreateShl(b.getInt32((std::uint32_t(1) << o.threads) - 1), first);
  }
  void waitForSegment() { b.CreateIntrinsic(b.getVoidTy(), I::nvvm_bar_warp_sync, {members()}); }

  /// Of a segment: registers of other threads, 32 bits at a time.
  void defineExchange(llvm::Function& f) {
    f.setLinkage(llvm::GlobalValue::InternalLinkage);
    f.addFnAttr(llvm::Attribute::AlwaysInline);
    b.SetInsertPoint(llvm::BasicBlock::Create(m.getContext(), "entry", &f));
    auto *word = b.getInt32Ty(), *both = b.getInt64Ty();
    V mask = members(), source = b.CreateTrunc(f.getArg(1), word);
    V within = b.getInt32((std::uint32_t(32 - o.threads) << 8) | 31);
    auto take = [&](V x) { return b.CreateIntrinsic(word, I::nvvm_shfl_sync_idx_i32, {mask, x, source, within}); };
    V low = take(b.CreateTrunc(f.getArg(0), word)), high = take(b.CreateTrunc(b.CreateLShr(f.getArg(0), 32), word));
    b.CreateRet(b.CreateOr(b.CreateZExt(low, both), b.CreateShl(b.CreateZExt(high, both), 32)));
  }

  void waitForBlock() { b.CreateIntrinsic(b.getVoidTy(), I::nvvm_barrier_cta_sync_aligned_all, {b.getInt32(0)}); }

  /// One thread of each block adds to a counter: 1, and the first block so much more that a full round changes the
  /// highest bit, which all wait for. The counter needs no reset between rounds.
  void waitForGrid(llvm::Function& f) {
    auto& c = m.getContext();
    auto* word = b.getInt32Ty();
    V memory = counter();
    auto* arrive = llvm::BasicBlock::Create(c, "arrive", &f);
    auto* wait = llvm::BasicBlock::Create(c, "wait", &f);
    auto* done = llvm::BasicBlock::Create(c, "done", &f);
    waitForBlock();
    V first = b.CreateICmpEQ(b.CreateIntrinsic(word, I::nvvm_read_ptx_sreg_tid_x, {}), b.getInt32(0));
    b.CreateCondBr(first, arrive, done);
    b.SetInsertPoint(arrive);
    V blocks = b.CreateIntrinsic(word, I::nvvm_read_ptx_sreg_nctaid_x, {});
    V leader = b.CreateICmpEQ(b.CreateIntrinsic(word, I::nvvm_read_ptx_sreg_ctaid_x, {}), b.getInt32(0));
    V share = b.CreateSelect(leader, b.CreateSub(b.getInt32(0x80000001u), blocks), b.getInt32(1));
    auto device = c.getOrInsertSyncScopeID("device");
    // LLVM writes such operations without an order: the fence makes what the block wrote visible to the others.
    b.CreateFence(llvm::AtomicOrdering::AcquireRelease, device);
    V before = b.CreateAtomicRMW(llvm::AtomicRMWInst::Add, memory, share, llvm::Align(4), llvm::AtomicOrdering::Monotonic, device);
    b.CreateBr(wait);
    b.SetInsertPoint(wait);
    auto* now = b.CreateAlignedLoad(word, memory, llvm::Align(4), /*isVolatile=*/false);
    now->setAtomic(llvm::AtomicOrdering::Acquire, device);
    V turned = b.CreateICmpSLT(b.CreateXor(now, before), b.getInt32(0));
    b.CreateCondBr(turned, done, wait);
    b.SetInsertPoint(done);
    waitForBlock();
  }

  /// In device memory, zero when the kernel is loaded.
  V counter() {
    return new llvm::GlobalVariable(m, b.getInt32Ty(), false, llvm::GlobalValue::InternalLinkage, b.getInt32(0),
                                    "grid_counter", nullptr, llvm::GlobalValue::NotThreadLocal, 1);
  }

  llvm::Module& m;
  llvm::IRBuilder<> b;
  const PtxOptions& o;
  const PtxProgram& p;
};

}  // namespace

void addKernel(llvm::Module& m, llvm::Function& program, const PtxOptions& o, const PtxProgram& p) { Kernel(m, o, p).build(program); }

}  // namespace nuthatch::gpu
