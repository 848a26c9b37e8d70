// Fatal errors of LLVM become exceptions, and compilation goes on afterwards.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/ErrorHandling.h>
#include <thread>

#include "backends/cpu/llvm.h"
#include "backends/cpu/recovery.h"
#include "nuthatch/error.h"
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

std::string messageOf(llvm::function_ref<void()> work) {
  try {
    cpu::withRecovery(work);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

const char* const kProgram = R"(
func.func @main(%x: tensor<5xf64>) -> tensor<f64> {
  %y = nh.unary exp %x : tensor<5xf64> -> tensor<5xf64>
  %s = nh.reduce sum %y {dims = array<i64: 0>} : (tensor<5xf64>) -> tensor<f64>
  return %s : tensor<f64>
})";

TEST(Recovery, WorkIsDoneAndItsExceptionsArrive) {
  int done = 0;
  cpu::withRecovery([&] { ++done; });
  EXPECT_EQ(done, 1);
  EXPECT_EQ(messageOf([] { throw Error("mine"); }), "mine");
  EXPECT_THROW(cpu::withRecovery([] { throw std::bad_alloc(); }), std::bad_alloc);
}

TEST(Recovery, FatalErrorsAreErrors) {
  EXPECT_EQ(messageOf([] { llvm::report_fatal_error("no such thing"); }), "the compiler cannot go on: no such thing");
  EXPECT_EQ(messageOf([] { llvm::report_bad_alloc_error("out of it"); }), "the compiler cannot go on: out of it");
  runAllWays(kProgram);
}

/// An intrinsic of another processor, for which the code generator has no instruction.
TEST(Recovery, AnInstructionThatCannotBeSelected) {
  llvm::LLVMContext context;
  llvm::Module module("impossible", context);
  const std::string message = messageOf([&] {
    cpu::setTarget(module);
    auto* number = llvm::Type::getInt32Ty(context);
    auto* function = llvm::Function::Create(llvm::FunctionType::get(number, false), llvm::Function::ExternalLinkage, "f", module);
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", function));
    b.CreateRet(b.CreateIntrinsic(number, llvm::Intrinsic::nvvm_read_ptx_sreg_tid_x, {}));
    cpu::generate(module, false);
  });
  EXPECT_NE(message.find("the compiler cannot go on: "), std::string::npos) << message;
  EXPECT_NE(message.find("elect"), std::string::npos) << message;
  runAllWays(kProgram, {}, 2);
}

/// Recursion over an expression of 20,000 operations needs more than the stack of a small thread.
TEST(Recovery, DeepExpressionsHaveStack) {
  std::string text = "func.func @main(%v0: tensor<3xf64>) -> tensor<3xf64> {\n";
  constexpr int kDepth = 20000;
  for (int i = 0; i < kDepth; ++i)
    text += "  %v" + std::to_string(i + 1) + " = nh.unary neg %v" + std::to_string(i) + " : tensor<3xf64> -> tensor<3xf64>\n";
  text += "  return %v" + std::to_string(kDepth) + " : tensor<3xf64>\n}\n";
  auto program = parse(text);
  std::mt19937 random(1);
  const auto x = randomArray(Dtype::f64, {3}, random);
  expectSameBits(x, detail::executor().compile(program)->run({x})[0].data.get(), "an even number of signs");
}

TEST(Recovery, ThreadsCompileAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int k = 0; k < 3; ++k) {
        if (t == 0 && messageOf([] { llvm::report_fatal_error("in between"); }).empty()) ++failures;
        runAllWays(kProgram, {}, unsigned(10 * t + k));
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace nuthatch::test
