// Programs of many operations: their code grows with them and not faster, and says the same as the interpreter.
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

/// `count` operations in a row, each of the one before and one seven before, every third of them tanh if so wanted.
std::string chain(int count, const std::string& type, bool functions) {
  std::string body, last = "%x";
  for (int i = 0; i < count; ++i) {
    const std::string next = "%v" + std::to_string(i), earlier = i < 7 ? "%x" : "%v" + std::to_string(i - 7);
    if (functions && i % 3 == 0) body += "  " + next + " = nh.unary tanh " + last + " : " + type + " -> " + type + "\n";
    else body += "  " + next + " = nh.binary " + (i % 2 ? "add " : "mul ") + last + ", " + earlier + " : " + type + "\n";
    last = next;
  }
  return "func.func @main(%x: " + type + ") -> " + type + " {\n" + body + "  return " + last + " : " + type + "\n}\n";
}

long instructions(const std::string& text) {
  ::setenv("NUTHATCH_DUMP", "stats", 1);  // not from the cache
  testing::internal::CaptureStderr();
  const long n = cpu::compile(*parse(text), 1, {false}, false)->stats.instructions;
  testing::internal::GetCapturedStderr();
  ::unsetenv("NUTHATCH_DUMP");
  return n;
}

TEST(LargeProgram, SameBits) {
  for (const char* type : {"tensor<f64>", "tensor<21xf64>", "tensor<21xf32>"}) runAllWays(chain(400, type, true));
  runAllWays(chain(4000, "tensor<f64>", false));
}

/// Neither recursion over the expression nor blocks of tens of thousands of instructions.
TEST(LargeProgram, ThirtyThousandOperations) {
  EXPECT_LT(instructions(chain(30000, "tensor<f64>", false)), 32000);
}

/// The code of a frequent function stands once.
TEST(LargeProgram, FrequentFunctionsAreCalled) {
  const long few = instructions(chain(30, "tensor<f64>", true)), many = instructions(chain(3000, "tensor<f64>", true));
  EXPECT_GT(few, 500);
  EXPECT_LT(many, 4000);
}

}  // namespace
}  // namespace nuthatch::test
