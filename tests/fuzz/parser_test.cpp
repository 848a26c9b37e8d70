// Texts that are almost programs are refused by the parser or the verifier; those that are programs survive every pass.
#include <gtest/gtest.h>

#include "ir/trace/read.h"
#include "tools/nh-fuzz/mutate.h"

namespace nuthatch::fuzz {
namespace {

TEST(Parser, TextsThatAreAlmostPrograms) {
  auto texts = textsBelow(NUTHATCH_SOURCE_DIR "/tests/lit");
  for (auto& t : textsBelow(NUTHATCH_SOURCE_DIR "/tests/fuzz/programs")) texts.push_back(std::move(t));
  ASSERT_GE(texts.size(), 10u);
  int programs = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const std::string text = mutated(texts, seed);
    try {
      programs += readAndTransform(text);
    } catch (const std::exception& e) {
      ADD_FAILURE() << "mutation " << seed << ": " << e.what() << "\n" << text;
      return;
    }
  }
  // Some changes do no harm, most do.
  EXPECT_GT(programs, 200);
  EXPECT_LT(programs, 3000);
}

TEST(Parser, NamesAreUsedWhereTheyAreDefined) {
  auto texts = textsBelow(NUTHATCH_SOURCE_DIR "/tests/lit");
  for (auto& t : textsBelow(NUTHATCH_SOURCE_DIR "/tests/fuzz/programs")) texts.push_back(std::move(t));
  for (const auto& text : texts) EXPECT_EQ(ir::undefinedName(text), "");
  const char* const loop = R"(func.func @main(%x: tensor<2xf64>) -> tensor<f64> {
  %z = nh.constant dense<0.0> : tensor<f64>
  %s:2 = nh.for %z, %x attributes {trip = 2 : i64, num_carries = 1 : i64, reverse = false} : (tensor<f64>, tensor<2xf64>) -> (tensor<f64>, tensor<2xf64>) {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>, %y: tensor<f64>):
    %b = nh.binary add %a, %y : tensor<f64>
    nh.yield %b, %b : tensor<f64>, tensor<f64>
  }
  return NAME : tensor<f64>
})";
  auto returning = [&](const std::string& name) {
    std::string text = loop;
    return ir::undefinedName(text.replace(text.find("NAME"), 4, name));
  };
  EXPECT_EQ(returning("%s#0"), "");
  EXPECT_EQ(returning("%z"), "");
  EXPECT_EQ(returning("%b"), "line 8: %b is used where it is not defined");
  EXPECT_EQ(returning("%a"), "line 8: %a is used where it is not defined");
  EXPECT_EQ(returning("%later // %none\n %later = "), "line 8: %later is used where it is not defined");
}

TEST(Parser, TextsThatAreNone) {
  for (const char* text : {"", "}", "module", "func.func", "func.func @main(", "func.func @main() { nh.yield }", "\xff\xfe", "module {",
                           "func.func @main() -> tensor<f64>", "nh.constant dense<1.0> : tensor<f64>", "func.func private @main(tensor<f64>)"})
    EXPECT_NO_THROW(readAndTransform(text)) << text;
}

}  // namespace
}  // namespace nuthatch::fuzz
