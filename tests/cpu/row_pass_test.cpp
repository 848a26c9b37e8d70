// One pass over a matrix for products before and after a loop over its rows: what is joined, and its bits.
#include "backends/cpu/plan.h"
#include "tests/cpu/checks.h"
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

std::string tensor(std::initializer_list<std::int64_t> shape, const std::string& type = "f64") {
  std::string text = "tensor<";
  for (auto extent : shape) text += std::to_string(extent) + "x";
  return text + type + ">";
}

std::string dot(const std::string& result, const std::string& a, const std::string& b, int left, int right,
                const std::string& types) {
  return "  " + result + " = nh.dot_general " + a + ", " + b +
         " {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: " + std::to_string(left) +
         ">, rhs_contract = array<i64: " + std::to_string(right) + ">} : " + types + "\n";
}

struct Regression {
  std::int64_t rows = 600, columns = 20;
  std::string type = "f64";
  bool transposed = false;   // the matrix is [columns, rows]
  bool vector_first = false; // r X, as reverse mode writes it, or X' r
  bool returned = false;     // the linear predictor and the residuals are results

  /// A log likelihood sum(y eta - softplus(eta)) with eta = X b, the residuals y - logistic(eta), their sum, and X' r.
  std::string text() const {
    const std::string x = transposed ? tensor({columns, rows}, type) : tensor({rows, columns}, type),
                      v = tensor({rows}, type), w = tensor({columns}, type), s = tensor({}, type);
    std::string out = "func.func @main(%x: " + x + ", %y: " + v + ", %b: " + w + ") -> (" + s + ", " + s + ", " + w +
                      (returned ? ", " + v + ", " + v : "") + ") {\n";
    out += dot("%eta", "%x", "%b", transposed ? 0 : 1, 0, "(" + x + ", " + w + ") -> " + v);
    out += "  %p = nh.unary softplus %eta : " + v + " -> " + v + "\n  %m = nh.binary mul %y, %eta : " + v +
           "\n  %d = nh.binary sub %m, %p : " + v + "\n  %sum = nh.reduce sum %d {dims = array<i64: 0>} : (" + v +
           ") -> " + s + "\n  %q = nh.unary logistic %eta : " + v + " -> " + v +
           "\n  %r = nh.binary sub %y, %q : " + v + "\n  %most = nh.reduce max %r {dims = array<i64: 0>} : (" + v +
           ") -> " + s + "\n";
    const int over = transposed ? 1 : 0;
    out += vector_first ? dot("%g", "%r", "%x", 0, over, "(" + v + ", " + x + ") -> " + w)
                        : dot("%g", "%x", "%r", over, 0, "(" + x + ", " + v + ") -> " + w);
    return out + "  return %sum, %most, %g" + (returned ? ", %eta, %r" : "") + " : " + s + ", " + s + ", " + w +
           (returned ? ", " + v + ", " + v : "") + "\n}\n";
  }
};

std::vector<cpu::Group> groups(const std::string& text) {
  auto program = parse(text);
  auto plan = cpu::makePlan(program->main());
  return plan.groups.find(&program->main().getBody().front())->second;
}

/// Passes over rows among the groups, and the products in them.
std::pair<int, int> passes(const std::string& text) {
  int count = 0, products = 0;
  for (const auto& g : groups(text)) {
    count += g.rowPass();
    products += int(g.rowProducts.size() + g.columnProducts.size());
  }
  return {count, products};
}

TEST(RowPass, JoinsTheProductsOfOneMatrix) {
  for (bool vector_first : {false, true})
    for (bool transposed : {false, true}) {
      Regression r{.transposed = transposed, .vector_first = vector_first};
      EXPECT_EQ(passes(r.text()), std::pair(1, 2));
      EXPECT_EQ(groups(r.text()).size(), 1u);
    }
}

TEST(RowPass, LeavesFewRowsAndWideMatricesAlone) {
  EXPECT_EQ(passes(Regression{.rows = 40}.text()).first, 0);
  EXPECT_EQ(passes(Regression{.rows = 100, .columns = 2000}.text()).first, 0);
}

/// X b is needed before the loop over rows can run: the loop subtracts its largest element.
constexpr const char* kNeededBefore = R"(func.func @main(%x: tensor<200x5xf64>, %b: tensor<5xf64>) -> tensor<5xf64> {
  %eta = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<200x5xf64>, tensor<5xf64>) -> tensor<200xf64>
  %most = nh.reduce max %eta {dims = array<i64: 0>} : (tensor<200xf64>) -> tensor<f64>
  %same = nh.broadcast %most {dims = array<i64>, shape = array<i64: 200>} : (tensor<f64>) -> tensor<200xf64>
  %d = nh.binary sub %eta, %same : tensor<200xf64>
  %r = nh.unary exp %d : tensor<200xf64> -> tensor<200xf64>
  %g = nh.dot_general %r, %x {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<200xf64>, tensor<200x5xf64>) -> tensor<5xf64>
  return %g : tensor<5xf64>
})";

/// The matrix of the second product is computed from the residuals.
constexpr const char* kMadeFromRows =
    R"(func.func @main(%x: tensor<200x5xf64>, %b: tensor<5xf64>) -> (tensor<5xf64>, tensor<5xf64>) {
  %eta = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<200x5xf64>, tensor<5xf64>) -> tensor<200xf64>
  %r = nh.unary sin %eta : tensor<200xf64> -> tensor<200xf64>
  %wide = nh.broadcast %r {dims = array<i64: 0>, shape = array<i64: 200, 5>} : (tensor<200xf64>) -> tensor<200x5xf64>
  %z = nh.binary mul %wide, %x : tensor<200x5xf64>
  %g = nh.dot_general %r, %z {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<200xf64>, tensor<200x5xf64>) -> tensor<5xf64>
  %h = nh.dot_general %r, %x {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<200xf64>, tensor<200x5xf64>) -> tensor<5xf64>
  return %g, %h : tensor<5xf64>, tensor<5xf64>
})";

/// Two matrices, one predictor.
const std::string kTwoMatrices =
    R"(func.func @main(%x: tensor<130x5xf64>, %z: tensor<130x9xf64>, %b: tensor<5xf64>, %c: tensor<9xf64>) -> (tensor<5xf64>, tensor<9xf64>, tensor<130xf64>) {
  %e = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<130x5xf64>, tensor<5xf64>) -> tensor<130xf64>
  %f = nh.dot_general %z, %c {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<130x9xf64>, tensor<9xf64>) -> tensor<130xf64>
  %eta = nh.binary add %e, %f : tensor<130xf64>
  %r = nh.unary tanh %eta : tensor<130xf64> -> tensor<130xf64>
  %g = nh.dot_general %r, %x {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<130xf64>, tensor<130x5xf64>) -> tensor<5xf64>
  %h = nh.dot_general %r, %z {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<130xf64>, tensor<130x9xf64>) -> tensor<9xf64>
  %u = nh.unary exp %e : tensor<130xf64> -> tensor<130xf64>
  return %g, %h, %u : tensor<5xf64>, tensor<9xf64>, tensor<130xf64>
})";

/// The loop over rows also reads the predictor of the first matrix at another row.
std::string withReversedRows() {
  std::string text = kTwoMatrices;
  text.replace(text.find("  %u = nh.unary exp %e"), std::string("  %u = nh.unary exp %e").size(),
               "  %back = nh.reverse %e {dims = array<i64: 0>} : (tensor<130xf64>) -> tensor<130xf64>\n  %u = nh.unary "
               "exp %back");
  return text;
}

TEST(RowPass, KeepsApartWhatDoesNotGoRowByRow) {
  EXPECT_EQ(passes(kNeededBefore).first, 0);
  EXPECT_EQ(passes(kMadeFromRows), std::pair(1, 2));
  EXPECT_EQ(passes(kTwoMatrices), std::pair(1, 4));
  EXPECT_EQ(passes(withReversedRows()), std::pair(1, 3));
  for (const char* text : {kNeededBefore, kMadeFromRows}) runAllWays(text, {true, false});
  runAllWays(kTwoMatrices, {true, true, false, false});
  runAllWays(withReversedRows(), {true, true, false, false});
}

TEST(RowPass, GivesTheBitsOfTheInterpreter) {
  const std::vector<bool> data{true, true, false};
  for (std::int64_t columns : {1, 3, 8, 20, 31, 70, 200})
    runAllWays(Regression{.rows = 1100 + columns, .columns = columns, .vector_first = columns % 2 == 0}.text(), data);
  for (std::int64_t rows : {64, 65, 72, 512, 519}) runAllWays(Regression{.rows = rows}.text(), data);
}

TEST(RowPass, GivesTheBitsOfTheInterpreterForOtherLayouts) {
  const std::vector<bool> data{true, true, false};
  runAllWays(Regression{.rows = 700, .transposed = true}.text(), data);
  runAllWays(Regression{.rows = 700, .returned = true}.text(), data);
  runAllWays(Regression{.rows = 333, .columns = 13, .type = "f32"}.text(), data);
  runAllWays(Regression{.rows = 333, .columns = 5, .type = "f32", .transposed = true}.text(), data);
  runAllWays(Regression{.rows = 200, .columns = 9}.text(), {false, false, false}); // each chain its own matrix
  runAllWays(Regression{.rows = 200, .columns = 9}.text(), {true, true, true});
}

TEST(RowPass, StaysInItsMemory) {
  Checks memory("plan,memory");
  for (std::int64_t columns : {3, 20})
    runAllWays(Regression{.rows = 150, .columns = columns, .returned = columns == 3}.text(), {true, true, false});
  runAllWays(kTwoMatrices, {true, true, false, false});
}

} // namespace
} // namespace nuthatch::test
