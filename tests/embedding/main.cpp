// A program with an LLVM of its own, linked before ours: both do their work.
#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <nuthatch/nuthatch.h>

#include <cmath>
#include <cstdio>
#include <string>

namespace {

/// int twice(int x) { return x + x; } in the program's own LLVM.
bool their_module_is_valid() {
  LLVMContextRef context = LLVMContextCreate();
  LLVMModuleRef module = LLVMModuleCreateWithNameInContext("theirs", context);
  LLVMTypeRef integer = LLVMInt32TypeInContext(context);
  LLVMValueRef function = LLVMAddFunction(module, "twice", LLVMFunctionType(integer, &integer, 1, 0));
  LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
  LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, function, "entry"));
  LLVMValueRef x = LLVMGetParam(function, 0);
  LLVMBuildRet(builder, LLVMBuildAdd(builder, x, x, "sum"));
  char* message = nullptr;
  const bool valid = !LLVMVerifyModule(module, LLVMReturnStatusAction, &message);
  LLVMDisposeMessage(message);
  char* text = LLVMPrintModuleToString(module);
  const bool printed = std::string(text).find("add i32 %0, %0") != std::string::npos;
  LLVMDisposeMessage(text);
  LLVMDisposeBuilder(builder);
  LLVMContextDispose(context);
  return valid && printed;
}

/// d/dx sum(sin(x)^2) = 2 sin(x) cos(x), compiled by ours.
bool our_gradient_is_right() {
  using namespace nuthatch;
  Tensor x{0.25, -1.5, 3.0};
  Tensor g = jit(grad([](Tensor v) { return sum(square(sin(v))); }))(x);
  for (int i = 0; i < 3; ++i) {
    const double at = x[i].item();
    if (std::abs(g[i].item() - 2 * std::sin(at) * std::cos(at)) > 1e-14) return false;
  }
  return true;
}

}  // namespace

int main() {
  const bool good = their_module_is_valid() && our_gradient_is_right() && their_module_is_valid();
  std::puts(good ? "both work" : "NOT AS EXPECTED");
  return good ? 0 : 1;
}
