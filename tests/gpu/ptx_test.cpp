// The PTX of programs is what the assembler of the CUDA toolkit accepts, and keeps numbers in registers.
#include "backends/gpu/ptx.h"

#include "tests/cpu/support.h"
#include "tests/errors/messages.h"
#include "tests/gpu/ptxas.h"

namespace nuthatch::test {
namespace {

const char* const kUnits[] = {"segment", "block", "grid"};

gpu::PtxOptions optionsOf(int unit, const ir::TracedProgram& p, std::int64_t threads = 32) {
  gpu::PtxOptions o;
  o.unit = gpu::Unit(unit);
  o.threads = unit == 2 ? 4096 : threads;
  o.varying_argument.assign(p.arguments.size(), true);
  return o;
}

/// In every unit; nothing is in local memory.
void expectAssembles(const std::string& text, const std::string& architecture = "sm_90") {
  SCOPED_TRACE(text);
  auto program = parse(text);
  for (int unit : {0, 1, 2}) {
    auto options = optionsOf(unit, *program, unit == 0 ? 8 : 64);
    options.architecture = architecture;
    const auto ptx = gpu::compilePtx(*program, options);
    const auto out = assemble(ptx.text, architecture);
    EXPECT_EQ(out.messages, "") << kUnits[unit];
    EXPECT_EQ(out.stack, 0) << kUnits[unit];
    EXPECT_EQ(out.spilled, 0) << kUnits[unit];
  }
}

#define NEEDS_PTXAS() \
  if (ptxas().empty()) GTEST_SKIP() << "ptxas of the CUDA toolkit is not installed"

TEST(Ptx, ElementwiseAndReductions) {
  NEEDS_PTXAS();
  const char* text = R"(func.func @main(%x: tensor<1000xf64>, %y: tensor<20x50xf32>) -> (tensor<f64>, tensor<1000xf64>, tensor<20xf32>) {
    %a = nh.binary mul %x, %x : tensor<1000xf64>
    %b = nh.unary exp %a : tensor<1000xf64> -> tensor<1000xf64>
    %s = nh.reduce sum %b {dims = array<i64: 0>} : (tensor<1000xf64>) -> tensor<f64>
    %m = nh.reduce max %y {dims = array<i64: 1>} : (tensor<20x50xf32>) -> tensor<20xf32>
    return %s, %b, %m : tensor<f64>, tensor<1000xf64>, tensor<20xf32>
  })";
  expectAssembles(text);
  expectAssembles(text, "sm_80");
}

/// A program of one line for each kind. (Long functions are functions of the program, which have a stack.)
void expectAccepted(const std::string& type, const std::vector<std::string>& lines) {
  std::string out = "func.func @main(%a: " + type + ", %b: " + type + ", %c: " + type + ") -> (", body, names, types;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string name = "%r" + std::to_string(i);
    types += (i ? ", " : "") + type;
    names += (i ? ", " : "") + name;
    body += "    " + name + " = " + lines[i] + "\n";
  }
  const std::string text = out + types + ") {\n" + body + "    return " + names + " : " + types + "\n}\n";
  auto program = parse(text);
  EXPECT_EQ(assemble(gpu::compilePtx(*program, optionsOf(0, *program)).text).messages, "") << text;
}

std::vector<std::string> unaryLines(const std::string& type) {
  using K = ir::UnaryKind;
  std::vector<std::string> lines;
  for (unsigned k = 0; k <= ir::getMaxEnumValForUnaryKind(); ++k)
    if (const auto kind = ir::symbolizeUnaryKind(k); kind && *kind != K::popcount && *kind != K::is_finite && *kind != K::logical_not)
      lines.push_back("nh.unary " + ir::stringifyUnaryKind(*kind).str() + " %a : " + type + " -> " + type);
  return lines;
}

TEST(Ptx, EveryFunctionOfOneNumber) {
  NEEDS_PTXAS();
  for (const std::string type : {"tensor<40xf64>", "tensor<40xf32>"}) expectAccepted(type, unaryLines(type));
}

TEST(Ptx, EveryFunctionOfTwoAndThreeNumbers) {
  NEEDS_PTXAS();
  using B = ir::BinaryKind;
  std::vector<std::string> lines;
  for (unsigned k = 0; k <= ir::getMaxEnumValForBinaryKind(); ++k)
    if (const auto kind = ir::symbolizeBinaryKind(k);
        kind && *kind != B::and_ && *kind != B::or_ && *kind != B::xor_ && *kind != B::shl && *kind != B::shr)
      lines.push_back("nh.binary " + ir::stringifyBinaryKind(*kind).str() + " %a, %b : tensor<40xf64>");
  expectAccepted("tensor<40xf64>", lines);
  lines.clear();
  for (unsigned k = 0; k <= ir::getMaxEnumValForTernaryKind(); ++k)
    if (const auto kind = ir::symbolizeTernaryKind(k))
      lines.push_back("nh.ternary " + ir::stringifyTernaryKind(*kind).str() + " %a, %b, %c : tensor<40xf64>");
  expectAccepted("tensor<40xf64>", lines);
}

TEST(Ptx, LinearAlgebraLoopsAndRandomNumbers) {
  NEEDS_PTXAS();
  expectAssembles(R"(func.func @main(%x: tensor<9x9xf64>, %y: tensor<9x70xf64>, %k: tensor<2xui32>, %n: tensor<i64>) -> (tensor<9x9xf64>, tensor<9x70xf64>, tensor<70x70xf64>, tensor<100xui64>, tensor<9xi64>, tensor<9xf64>) {
    %l = nh.cholesky %x : (tensor<9x9xf64>) -> tensor<9x9xf64>
    %s = nh.triangular_solve %l, %y {lower = true, transpose = false, unit_diagonal = false} : (tensor<9x9xf64>, tensor<9x70xf64>) -> tensor<9x70xf64>
    %d = nh.dot_general %s, %y {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<9x70xf64>, tensor<9x70xf64>) -> tensor<70x70xf64>
    %r = nh.rng_bits %k {dtype = ui64, shape = array<i64: 100>} : (tensor<2xui32>) -> tensor<100xui64>
    %v = nh.reduce sum %y {dims = array<i64: 1>} : (tensor<9x70xf64>) -> tensor<9xf64>
    %o = nh.argsort %v {dim = 0 : i64} : (tensor<9xf64>) -> tensor<9xi64>
    %c = nh.cumulative sum %v {dim = 0 : i64, reverse = false} : (tensor<9xf64>) -> tensor<9xf64>
    return %l, %s, %d, %r, %o, %c : tensor<9x9xf64>, tensor<9x70xf64>, tensor<70x70xf64>, tensor<100xui64>, tensor<9xi64>, tensor<9xf64>
  })");
}

TEST(Ptx, ProductsAreFusedOnlyWhereTheProgramSaysSo) {
  auto program = parse(R"(func.func @main(%x: tensor<64xf64>, %y: tensor<64xf64>) -> tensor<64xf64> {
    %a = nh.binary mul %x, %y : tensor<64xf64>
    %b = nh.binary add %a, %y : tensor<64xf64>
    %c = nh.binary div %b, %x : tensor<64xf64>
    return %c : tensor<64xf64>
  })");
  // The one place where products are fused is a pass of ours, which this program passes through.
  const auto text = gpu::compilePtx(*program, optionsOf(0, *program)).text;
  EXPECT_NE(text.find("fma.rn.f64"), std::string::npos);
  EXPECT_NE(text.find("div.rn.f64"), std::string::npos);
  EXPECT_EQ(text.find("approx"), std::string::npos);
  EXPECT_EQ(text.find(".ftz"), std::string::npos);
}

TEST(Ptx, ThreadsWaitOnlyForWhatOthersWrote) {
  auto waits = [](const char* line) {
    auto program = parse(std::string(R"(func.func @main(%a: tensor<50xf64>, %b: tensor<50xf64>) -> tensor<50xf64> {
      %r:2 = nh.for %a, %b attributes {trip = 9 : i64, num_carries = 2 : i64, reverse = false} : (tensor<50xf64>, tensor<50xf64>) -> (tensor<50xf64>, tensor<50xf64>) {
      ^bb0(%i: tensor<i64>, %p: tensor<50xf64>, %q: tensor<50xf64>):
        %s = nh.binary add %p, %q : tensor<50xf64>
        )") + line + R"(
        nh.yield %q, %t : tensor<50xf64>, tensor<50xf64>
      }
      return %r#1 : tensor<50xf64>
    })");
    const auto text = gpu::compilePtx(*program, optionsOf(0, *program)).text;
    int count = 0;
    for (auto at = text.find("bar.warp.sync"); at != std::string::npos; at = text.find("bar.warp.sync", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(waits("%t = nh.unary tanh %s : tensor<50xf64> -> tensor<50xf64>"), 0);  // element i is always the same thread's
  EXPECT_GT(waits("%t = nh.cumulative sum %s {dim = 0 : i64, reverse = false} : (tensor<50xf64>) -> tensor<50xf64>"), 0);
}

TEST(Ptx, WorkspacesOfBlocksAreInSharedMemoryWhereTheyFit) {
  auto compiled = [](int n, gpu::PtxOptions o) {
    const std::string t = "tensor<" + std::to_string(n) + "xf64>";
    auto program = parse("func.func @main(%x: " + t + ") -> " + t + " {\n %a = nh.cumulative sum %x {dim = 0 : i64, reverse = false} : (" + t + ") -> " + t +
                         "\n %b = nh.argsort %a {dim = 0 : i64} : (" + t + ") -> tensor<" + std::to_string(n) + "xi64>\n %c = nh.convert %b {dtype = f64} : (tensor<" +
                         std::to_string(n) + "xi64>) -> " + t + "\n return %c : " + t + "\n}");
    o.varying_argument = {true};
    return gpu::compilePtx(*program, o);
  };
  using gpu::Memory;
  const auto near = compiled(20, {.threads = 32}), far = compiled(20, {.threads = 32, .memory = Memory::global});
  EXPECT_GT(near.shared_bytes, 0);
  EXPECT_EQ(near.workspace_bytes, 0);
  EXPECT_NE(near.text.find("st.shared"), std::string::npos);
  EXPECT_EQ(far.shared_bytes, 0);
  EXPECT_GT(far.workspace_bytes, 0);
  EXPECT_EQ(far.text.find("st.shared"), std::string::npos);
  EXPECT_EQ(compiled(20, {.threads = 1}).shared_bytes, 0);
  EXPECT_EQ(compiled(20, {.unit = gpu::Unit::grid, .threads = 4096}).shared_bytes, 0);
  EXPECT_EQ(compiled(5000, {.unit = gpu::Unit::block, .threads = 64}).shared_bytes, 0);
  const auto refusal = text_of_error([&] { compiled(5000, {.unit = gpu::Unit::block, .threads = 64, .memory = Memory::shared}); });
  EXPECT_NE(refusal.find("of shared memory that a block gets"), std::string::npos);
  if (!ptxas().empty()) EXPECT_EQ(assemble(near.text).messages, "");
}

TEST(Ptx, Refusals) {
  auto program = parse("func.func @main(%x: tensor<4xf64>) -> tensor<4xf64> {\n return %x : tensor<4xf64>\n}");
  auto refused = [&](gpu::PtxOptions o) {
    o.varying_argument = {true};
    return text_of_error([&] { gpu::compilePtx(*program, o); });
  };
  EXPECT_NE(refused({.unit = gpu::Unit::segment, .threads = 12}).find("1, 2, 4, 8, 16 or 32 threads, not 12"), std::string::npos);
  EXPECT_NE(refused({.unit = gpu::Unit::block, .threads = 48}).find("not 48"), std::string::npos);
  EXPECT_NE(refused({.unit = gpu::Unit::segment, .threads = 8, .block = 2048}).find("not 2048"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch::test
