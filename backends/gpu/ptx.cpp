#include "backends/gpu/ptx.h"

#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/OptBisect.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SHA1.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>

#include "backends/cpu/compile.h"
#include "backends/cpu/recovery.h"
#include "backends/gpu/kernel.h"
#include "backends/runtime/thread_group.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

std::unique_ptr<llvm::TargetMachine> machineFor(const std::string& architecture) {
  static const bool ready = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)ready;
  std::string message;
  const llvm::Triple triple("nvptx64-nvidia-cuda");
  const auto* target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target) throw Error("LLVM has no code generator for GPUs: " + message);
  // Products and sums are fused where the program says so, nowhere else.
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, architecture, "+ptx80", options, std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Default));
}

void optimise(llvm::Module& m, llvm::TargetMachine& machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;  // registers; the assembler unrolls what it holds worth it
  tuning.LoopVectorization = tuning.SLPVectorization = tuning.LoopInterleaving = false;
  llvm::LoopAnalysisManager lam;
  llvm::FunctionAnalysisManager fam;
  llvm::CGSCCAnalysisManager cam;
  llvm::ModuleAnalysisManager mam;
  llvm::PassBuilder pb(&machine, tuning);
  pb.registerModuleAnalyses(mam);
  pb.registerCGSCCAnalyses(cam);
  pb.registerFunctionAnalyses(fam);
  pb.registerLoopAnalyses(lam);
  pb.crossRegisterProxies(lam, fam, cam, mam);
  pb.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(m, mam);
}

/// Loop strength reduction gives every array that a loop goes through an address of its own, begun ahead of all loops
/// around it: of a sampler, some eighty of them, at two registers each. With one base and an index there is one.
class WithoutStrengthReduction : public llvm::OptPassGate {
 public:
  bool shouldRunPass(llvm::StringRef pass, llvm::StringRef) const override { return pass != "Loop Strength Reduction"; }
  bool isEnabled() const override { return true; }
};

std::string textOf(llvm::Module& m, llvm::TargetMachine& machine) {
  static WithoutStrengthReduction gate;
  m.getContext().setOptPassGate(gate);
  llvm::SmallVector<char, 0> out;
  llvm::raw_svector_ostream os(out);
  llvm::legacy::PassManager pm;
  if (machine.addPassesToEmitFile(pm, os, nullptr, llvm::CodeGenFileType::AssemblyFile)) throw Error("LLVM cannot write PTX");
  pm.run(m);
  return {out.begin(), out.end()};
}

void check(const PtxOptions& o) {
  const auto n = o.threads;
  if (o.unit == Unit::segment && (n < 1 || n > 32 || (n & (n - 1))))
    throw Error("a segment of a warp has 1, 2, 4, 8, 16 or 32 threads, not " + std::to_string(n));
  if (o.unit == Unit::block && (n < 32 || n > 1024 || n % 32))
    throw Error("a block has a multiple of 32 threads, at most 1024, not " + std::to_string(n));
  if (o.block < 32 || o.block > 1024 || o.block % 32)
    throw Error("a block has a multiple of 32 threads, at most 1024, not " + std::to_string(o.block));
}

/// A block's workspaces. Chains of a warp begin at different banks: 128 bytes are one round of all of them.
std::int64_t sharedBytes(const PtxOptions& o, std::int64_t chains, std::int64_t workspace) {
  if (o.memory == Memory::global || o.unit == Unit::grid) return 0;
  constexpr std::int64_t kRound = 128, kMost = 96 << 10, kSeveralBlocks = 48 << 10;
  const std::int64_t each = (workspace + kRound - 1) / kRound * kRound + (chains > 1 ? 8 * o.threads % kRound : 0);
  const std::int64_t bytes = each * chains;
  if (o.memory == Memory::shared && bytes > kMost)
    throw Error("the intermediate values of " + std::to_string(chains) + " chains take " + std::to_string(bytes) +
                " bytes, more than the " + std::to_string(kMost) + " of shared memory that a block gets");
  // A chain of one thread shares with nobody; its state is in registers.
  return o.memory == Memory::shared || (o.threads >= 8 && bytes <= kSeveralBlocks) ? bytes : 0;
}

}  // namespace

PtxProgram compilePtx(const ir::TracedProgram& source, const PtxOptions& options) {
  check(options);
  PtxProgram out;
  out.block_threads = options.unit == Unit::block ? options.threads : options.block;
  out.chains_per_block = options.unit == Unit::segment ? options.block / options.threads : options.unit == Unit::block ? 1 : 0;
  out.kernel = "nuthatch_kernel";
  cpu::withRecovery([&] {
    auto machine = machineFor(options.architecture);
    llvm::LLVMContext context;
    llvm::Module module("nuthatch", context);
    module.setTargetTriple(machine->getTargetTriple());
    module.setDataLayout(machine->createDataLayout());
    out.workspace_bytes = cpu::emitGroup(source, options.threads, options.varying_argument, options.unit == Unit::segment, module, "program");
    out.shared_bytes = sharedBytes(options, out.chains_per_block, out.workspace_bytes);
    if (out.shared_bytes) out.workspace_bytes = 0;
    addKernel(module, *module.getFunction("program"), options, out);
    optimise(module, *machine);
    out.text = textOf(module, *machine);
  });
  return out;
}

}  // namespace nuthatch::gpu
