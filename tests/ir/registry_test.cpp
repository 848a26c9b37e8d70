// Every operation of the dialect is complete: a rule of each kind, a summary, a chapter in docs/ir.md.
#include <fstream>
#include <regex>
#include <set>

#include <mlir/IR/MLIRContext.h>

#include "ir/ops/rules.h"
#include "ir/trace/program.h"
#include "tests/ir/support.h"

namespace nuthatch::test {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(NUTHATCH_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> operations() {
  auto context = ir::makeContext();
  std::set<std::string> out;
  for (mlir::RegisteredOperationName op : context->getRegisteredOperations())
    if (op.getDialectNamespace() == "nh") out.insert(op.stripDialect().str());
  return out;
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  std::set<std::string> out;
  const std::regex regex(pattern);
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) out.insert((*i)[1]);
  return out;
}

TEST(Registry, EveryOperationHasItsRules) {
  for (const std::string& name : operations()) {
    SCOPED_TRACE(name);
    const ir::OpRules& rules = ir::rulesOf(llvm::StringRef(name));
    if (rules.has_regions) {
      EXPECT_FALSE(rules.shape || rules.eval || rules.jvp || rules.vjp || rules.batch);
      continue;
    }
    EXPECT_TRUE(rules.shape) << "no shape rule";
    EXPECT_TRUE(rules.eval) << "no reference evaluation";
    EXPECT_TRUE(rules.cost) << "no cost";
    EXPECT_TRUE(rules.batch) << "no batching rule";
    EXPECT_EQ(bool(rules.jvp), rules.differentiable) << "jvp and differentiable disagree";
    EXPECT_EQ(bool(rules.vjp), rules.differentiable) << "vjp and differentiable disagree";
  }
}

TEST(Registry, EveryOperationHasASummary) {
  // "def NAME : ...<"mnemonic"..." up to the closing brace.
  const std::string source = contents("ir/dialect/Nh.td");
  for (const std::string& name : operations()) {
    const auto begin = source.find("Op<\"" + name + "\"");
    ASSERT_NE(begin, source.npos) << name;
    const auto body = source.substr(begin, source.find("\n}", begin) - begin);
    EXPECT_NE(body.find("let summary = \""), body.npos) << name;
  }
}

TEST(Registry, EveryOperationAndKindIsDocumented) {
  const std::string document = contents("docs/ir.md");
  EXPECT_EQ(matches(document, "### nh\\.([a-z_]+)"), operations());
  const std::set<std::string> words = matches(document, "`([a-z0-9_]+)`");
  auto expectNamed = [&](auto name, auto last) {
    for (int k = 0; k <= int(last); ++k) EXPECT_TRUE(words.count(name(decltype(last)(k)).str())) << name(decltype(last)(k)).str();
  };
  expectNamed(ir::stringifyUnaryKind, ir::UnaryKind::stop_gradient);
  expectNamed(ir::stringifyBinaryKind, ir::BinaryKind::shr);
  expectNamed(ir::stringifyTernaryKind, ir::TernaryKind::betainc_inv);
  expectNamed(ir::stringifyCompareKind, ir::CompareKind::ge);
  expectNamed(ir::stringifyReduceKind, ir::ReduceKind::any);
  expectNamed(ir::stringifyCumulativeKind, ir::CumulativeKind::logsumexp);
  expectNamed(ir::stringifyScatterKind, ir::ScatterKind::max);
}

}  // namespace
}  // namespace nuthatch::test
