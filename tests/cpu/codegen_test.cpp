// Compiled code against the interpreter, bit for bit, with and without lanes.
#include "nuthatch/foreign.h"
#include "tests/cpu/support.h"

#include <fstream>
#include <set>

namespace nuthatch {
namespace {

using test::runAllWays;

TEST(Codegen, FusesElementwiseChains) {
  runAllWays(R"(func.func @main(%x: tensor<37xf64>, %y: tensor<37xf64>) -> (tensor<37xf64>, tensor<37xf64>) {
    %a = nh.binary mul %x, %y : tensor<37xf64>
    %b = nh.unary exp %a : tensor<37xf64> -> tensor<37xf64>
    %c = nh.binary add %b, %a : tensor<37xf64>
    %d = nh.unary log1p %b : tensor<37xf64> -> tensor<37xf64>
    return %c, %d : tensor<37xf64>, tensor<37xf64>
  })");
}

/// Every function of nh.unary , nh.binary and nh.ternary , from positive arguments (and for the first operand also negative ones).
TEST(Codegen, ComputesEveryElementwiseFunction) {
  const std::string d = "tensor<13xf64>", f = "tensor<13xf32>", u = "tensor<13xui32>";
  for (const std::string& t : {d, f}) {
    const std::string head = "func.func @main(%x: " + t + ", %y: " + t + ", %z: " + t + ") -> (" + t + ", " + t + ") {\n"
                             "%a = nh.unary abs %x : " + t + " -> " + t + "\n%b = nh.unary exp %y : " + t + " -> " + t + "\n"
                             "%c = nh.unary logistic %z : " + t + " -> " + t + "\n";
    auto run = [&](const std::string& first, const std::string& second) {
      SCOPED_TRACE(first);
      runAllWays(head + "%r = nh." + first + "\n%s = nh." + second + "\nreturn %r, %s : " + t + ", " + t + "\n}");
    };
    for (int k = 0; k <= int(ir::UnaryKind::stop_gradient); ++k) {
      auto kind = ir::UnaryKind(k);
      if (kind == ir::UnaryKind::is_finite || kind == ir::UnaryKind::logical_not || kind == ir::UnaryKind::popcount) continue;
      const std::string name = "unary " + ir::stringifyUnaryKind(kind).str();
      run(name + " %x : " + t + " -> " + t, name + " %c : " + t + " -> " + t);
    }
    // The long functions take long to compile, and f32 goes through f64 in the same way for all of them.
    for (int k = 0; k < int(ir::BinaryKind::and_); ++k) {
      if (t == f && k > int(ir::BinaryKind::igamma)) break;
      const std::string name = "binary " + ir::stringifyBinaryKind(ir::BinaryKind(k)).str();
      run(name + " %a, %b : " + t, name + " %b, %c : " + t);
    }
    for (int k = 0; k <= (t == f ? 0 : int(ir::TernaryKind::betainc_inv)); ++k) {
      const std::string name = "ternary " + ir::stringifyTernaryKind(ir::TernaryKind(k)).str();
      run(name + " %a, %b, %c : " + t, name + " %b, %a, %x : " + t);
    }
  }
  runAllWays("func.func @main(%x: " + u + ") -> " + u + " {\n%r = nh.unary popcount %x : " + u + " -> " + u + "\nreturn %r : " + u + "\n}");
}

TEST(Codegen, ReducesInTheDefinedOrder) {
  for (int n : {1, 5, 8, 13, 40, 512, 1300}) {
    std::string t = "tensor<" + std::to_string(n) + "xf64>";
    runAllWays("func.func @main(%x: " + t + ", %y: " + t + ") -> (tensor<f64>, tensor<f64>, " + t + ") {\n"
               "%a = nh.binary mul %x, %y : " + t + "\n"
               "%s = nh.reduce sum %a {dims = array<i64: 0>} : (" + t + ") -> tensor<f64>\n"
               "%m = nh.reduce max %x {dims = array<i64: 0>} : (" + t + ") -> tensor<f64>\n"
               "return %s, %m, %a : tensor<f64>, tensor<f64>, " + t + "\n}");
  }
}

TEST(Codegen, ReducesPartOfTheDimensions) {
  runAllWays(R"(func.func @main(%x: tensor<5x7x11xf64>) -> (tensor<5xf64>, tensor<7x11xf64>, tensor<5x11xf64>, tensor<7xi1>) {
    %a = nh.reduce sum %x {dims = array<i64: 1, 2>} : (tensor<5x7x11xf64>) -> tensor<5xf64>
    %b = nh.reduce sum %x {dims = array<i64: 0>} : (tensor<5x7x11xf64>) -> tensor<7x11xf64>
    %c = nh.reduce prod %x {dims = array<i64: 1>} : (tensor<5x7x11xf64>) -> tensor<5x11xf64>
    %p = nh.unary is_finite %x : tensor<5x7x11xf64> -> tensor<5x7x11xi1>
    %d = nh.reduce all %p {dims = array<i64: 0, 2>} : (tensor<5x7x11xi1>) -> tensor<7xi1>
    return %a, %b, %c, %d : tensor<5xf64>, tensor<7x11xf64>, tensor<5x11xf64>, tensor<7xi1>
  })");
}

TEST(Codegen, RenamesElements) {
  runAllWays(R"(func.func @main(%x: tensor<6x20xf64>, %v: tensor<f64>) -> (tensor<20x6xf64>, tensor<3x5xf64>, tensor<120xf64>, tensor<9x26xf64>, tensor<6x40xf64>, tensor<6x20xf64>) {
    %a = nh.transpose %x {perm = array<i64: 1, 0>} : (tensor<6x20xf64>) -> tensor<20x6xf64>
    %b = nh.slice %x {start = array<i64: 0, 3>, limit = array<i64: 6, 18>, stride = array<i64: 2, 3>} : (tensor<6x20xf64>) -> tensor<3x5xf64>
    %c = nh.reshape %x {shape = array<i64: 120>} : (tensor<6x20xf64>) -> tensor<120xf64>
    %c2 = nh.unary exp %c : tensor<120xf64> -> tensor<120xf64>
    %d = nh.pad %x, %v {low = array<i64: 1, 2>, high = array<i64: 2, 4>, interior = array<i64: 0, 0>} : (tensor<6x20xf64>, tensor<f64>) -> tensor<9x26xf64>
    %e = nh.concatenate %x, %x {dim = 1 : i64} : (tensor<6x20xf64>, tensor<6x20xf64>) -> tensor<6x40xf64>
    %f = nh.reverse %x {dims = array<i64: 1>} : (tensor<6x20xf64>) -> tensor<6x20xf64>
    return %a, %b, %c2, %d, %e, %f : tensor<20x6xf64>, tensor<3x5xf64>, tensor<120xf64>, tensor<9x26xf64>, tensor<6x40xf64>, tensor<6x20xf64>
  })");
}

TEST(Codegen, Contracts) {
  for (auto [m, k, n] : {std::array{5, 3, 7}, {33, 20, 1}, {1, 700, 20}, {20, 100, 3}, {40, 65, 9}}) {
    auto t = [](int a, int b) { return "tensor<" + std::to_string(a) + "x" + std::to_string(b) + "xf64>"; };
    std::string text = "func.func @main(%x: " + t(m, k) + ", %y: " + t(k, n) + ", %z: " + t(k, m) + ") -> (" + t(m, n) + ", " + t(m, n) + ") {\n"
      "%a = nh.dot_general %x, %y {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (" + t(m, k) + ", " + t(k, n) + ") -> " + t(m, n) + "\n"
      "%b = nh.dot_general %z, %y {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (" + t(k, m) + ", " + t(k, n) + ") -> " + t(m, n) + "\n"
      "return %a, %b : " + t(m, n) + ", " + t(m, n) + "\n}";
    runAllWays(text, {false, false, false});
    runAllWays(text, {true, false, true}, 2);
  }
}

TEST(Codegen, GathersAndScatters) {
  runAllWays(R"(func.func @main(%x: tensor<5xf64>, %i: tensor<40x1xi64>, %u: tensor<40xf64>) -> (tensor<40xf64>, tensor<5xf64>) {
    %g = nh.gather %x, %i {offset_dims = array<i64>, collapsed_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>, slice_sizes = array<i64: 1>} : (tensor<5xf64>, tensor<40x1xi64>) -> tensor<40xf64>
    %h = nh.binary mul %g, %u : tensor<40xf64>
    %s = nh.scatter add %x, %i, %h {window_dims = array<i64>, inserted_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>} : (tensor<5xf64>, tensor<40x1xi64>, tensor<40xf64>) -> tensor<5xf64>
    return %h, %s : tensor<40xf64>, tensor<5xf64>
  })", {false, true, false});
}

TEST(Codegen, LoopsCarryInPlaceAndSwap) {
  runAllWays(R"(func.func @main(%a: tensor<20xf64>, %b: tensor<20xf64>, %xs: tensor<9x20xf64>) -> (tensor<20xf64>, tensor<20xf64>, tensor<9x20xf64>) {
    %r:3 = nh.for %a, %b, %xs attributes {trip = 9 : i64, num_carries = 2 : i64, reverse = false} : (tensor<20xf64>, tensor<20xf64>, tensor<9x20xf64>) -> (tensor<20xf64>, tensor<20xf64>, tensor<9x20xf64>) {
    ^bb0(%i: tensor<i64>, %p: tensor<20xf64>, %q: tensor<20xf64>, %x: tensor<20xf64>):
      %s = nh.binary add %p, %x : tensor<20xf64>
      %t = nh.unary tanh %s : tensor<20xf64> -> tensor<20xf64>
      nh.yield %q, %t, %s : tensor<20xf64>, tensor<20xf64>, tensor<20xf64>
    }
    return %r#0, %r#1, %r#2 : tensor<20xf64>, tensor<20xf64>, tensor<9x20xf64>
  })");
}

TEST(Codegen, BranchesPerLane) {
  runAllWays(R"(func.func @main(%x: tensor<20xf64>, %s: tensor<f64>, %i: tensor<i64>) -> (tensor<20xf64>, tensor<4x20xf64>) {
    %z = nh.constant dense<0.0> : tensor<f64>
    %p = nh.compare gt %s, %z : (tensor<f64>, tensor<f64>) -> tensor<i1>
    %k = nh.convert %p {dtype = i64} : (tensor<i1>) -> tensor<i64>
    %r = nh.case %k : (tensor<i64>) -> tensor<20xf64> {
      nh.yield %x : tensor<20xf64>
    }, {
      %y = nh.unary exp %x : tensor<20xf64> -> tensor<20xf64>
      nh.yield %y : tensor<20xf64>
    }
    %stack = nh.broadcast %x {shape = array<i64: 4, 20>, dims = array<i64: 1>} : (tensor<20xf64>) -> tensor<4x20xf64>
    %row = nh.reshape %r {shape = array<i64: 1, 20>} : (tensor<20xf64>) -> tensor<1x20xf64>
    %zero = nh.constant dense<0> : tensor<i64>
    %u = nh.dynamic_update_slice %stack, %row, %i, %zero : (tensor<4x20xf64>, tensor<1x20xf64>, tensor<i64>, tensor<i64>) -> tensor<4x20xf64>
    return %r, %u : tensor<20xf64>, tensor<4x20xf64>
  })");
}

TEST(Codegen, WhileRunsEachLaneAsLongAsItAsks) {
  runAllWays(R"(func.func @main(%x: tensor<f64>, %v: tensor<3xf64>) -> (tensor<f64>, tensor<3xf64>, tensor<i64>) {
    %zero = nh.constant dense<0> : tensor<i64>
    %r:3 = nh.while %x, %v, %zero attributes {max_trip = -1 : i64} : (tensor<f64>, tensor<3xf64>, tensor<i64>) -> (tensor<f64>, tensor<3xf64>, tensor<i64>) {
    ^bb0(%a: tensor<f64>, %b: tensor<3xf64>, %n: tensor<i64>):
      %limit = nh.constant dense<3.0> : tensor<f64>
      %p = nh.compare lt %a, %limit : (tensor<f64>, tensor<f64>) -> tensor<i1>
      nh.yield %p : tensor<i1>
    } {
    ^bb0(%a: tensor<f64>, %b: tensor<3xf64>, %n: tensor<i64>):
      %h = nh.constant dense<0.37> : tensor<f64>
      %one = nh.constant dense<1> : tensor<i64>
      %c = nh.binary add %a, %h : tensor<f64>
      %d = nh.unary sin %b : tensor<3xf64> -> tensor<3xf64>
      %m = nh.binary add %n, %one : tensor<i64>
      nh.yield %c, %d, %m : tensor<f64>, tensor<3xf64>, tensor<i64>
    }
    return %r#0, %r#1, %r#2 : tensor<f64>, tensor<3xf64>, tensor<i64>
  })");
}

TEST(Codegen, MultipliesMatrices) {
  // rows, terms, columns: whole tiles, remainders, more than one block of terms and of rows
  for (auto [m, k, n] : {std::tuple{8, 40, 16}, {5, 64, 13}, {70, 65, 9}, {6, 1030, 11}})
    for (const char* type : {"f64", "f32"}) {
      if (std::string(type) == "f32" && k != 64) continue;
      auto t = [&](std::initializer_list<int> shape) {
        std::string text = "tensor<";
        for (int e : shape) text += std::to_string(e) + "x";
        return text + type + ">";
      };
      auto dot = [&](const char* dims, const std::string& a, const std::string& b) {
        return "nh.dot_general %a, %b {" + std::string(dims) + "} : (" + a + ", " + b + ") -> ";
      };
      const std::string ab = "lhs_batch = array<i64>, rhs_batch = array<i64>, ";
      for (auto [a, b, dims] : {std::tuple{t({m, k}), t({k, n}), "lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>"},
                                {t({m, k}), t({n, k}), "lhs_contract = array<i64: 1>, rhs_contract = array<i64: 1>"},
                                {t({k, m}), t({k, n}), "lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>"}})
        runAllWays("func.func @main(%a: " + a + ", %b: " + b + ") -> " + t({m, n}) + " {\n%y = " + dot((ab + dims).c_str(), a, b) + t({m, n}) +
                   "\nreturn %y : " + t({m, n}) + "\n}");
      if (k > 64) continue;
      // Batched, with two free and two contracted dimensions.
      const std::string a = t({2, 3, k, m, 2}), b = t({k, 2, n, 2}), y = t({2, 3, m, n});
      runAllWays("func.func @main(%a: " + a + ", %b: " + b + ") -> " + y + " {\n%y = " +
                 dot("lhs_batch = array<i64: 0>, rhs_batch = array<i64: 1>, lhs_contract = array<i64: 2, 4>, rhs_contract = array<i64: 0, 3>", a, b) + y +
                 "\nreturn %y : " + y + "\n}");
    }
}

TEST(Codegen, FactorisesAndSolves) {
  for (auto [n, c] : {std::pair{6, 2}, {1, 1}, {4, 1}, {21, 13}, {40, 9}}) {
    auto t = [](int a, int b) { return "tensor<" + std::to_string(a) + "x" + std::to_string(b) + "xf64>"; };
    std::string m = t(n, n), r = t(n, c);
    auto solve = [&](const char* flags) { return " {" + std::string(flags) + ", unit_diagonal = false} : (" + m + ", " + r + ") -> " + r + "\n"; };
    runAllWays("func.func @main(%x: " + m + ", %b: " + r + ") -> (" + m + ", " + r + ", " + r + ", " + m + ", " + m + ") {\n"
      "%a = nh.dot_general %x, %x {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 1>} : (" + m + ", " + m + ") -> " + m + "\n"
      "%l = nh.cholesky %a : (" + m + ") -> " + m + "\n"
      "%f = nh.cholesky %x : (" + m + ") -> " + m + "\n"
      "%y = nh.triangular_solve %l, %b" + solve("lower = true, transpose = false") +
      "%z = nh.triangular_solve %l, %y" + solve("lower = true, transpose = true") +
      "%g = nh.cholesky_pullback %l, %x : (" + m + ", " + m + ") -> " + m + "\n"
      "return %l, %y, %z, %f, %g : " + m + ", " + r + ", " + r + ", " + m + ", " + m + "\n}");
  }
}

TEST(Codegen, FactorisesLikeTheInterpreter) {
  for (auto [m, n] : {std::pair{4, 4}, {1, 1}, {9, 9}, {21, 13}})
    for (const char* type : {"f64", "f32"}) {
      auto t = [&](std::initializer_list<int> shape) {
        std::string text = "tensor<";
        for (int e : shape) text += std::to_string(e) + "x";
        return text + type + ">";
      };
      const std::string x = t({2, m, n}), square = t({2, n, n}), row = t({2, n});
      runAllWays("func.func @main(%x: " + x + ") -> (" + x + ", " + square + ", " + x + ", " + row + ", " + square + ") {\n"
                 "%q, %r = nh.qr %x : (" + x + ") -> (" + x + ", " + square + ")\n"
                 "%u, %s, %v = nh.svd %x : (" + x + ") -> (" + x + ", " + row + ", " + square + ")\n"
                 "return %q, %r, %u, %s, %v : " + x + ", " + square + ", " + x + ", " + row + ", " + square + "\n}");
      if (m != n) continue;
      const std::string order = "tensor<2x" + std::to_string(n) + "xi64>";
      runAllWays("func.func @main(%x: " + x + ") -> (" + x + ", " + order + ", " + row + ", " + x + ") {\n"
                 "%f, %p = nh.lu %x : (" + x + ") -> (" + x + ", " + order + ")\n"
                 "%w, %v = nh.eigh %x : (" + x + ") -> (" + row + ", " + x + ")\n"
                 "return %f, %p, %w, %v : " + x + ", " + order + ", " + row + ", " + x + "\n}");
    }
}

TEST(Codegen, SortsEveryType) {
  for (const char* type : {"f64", "f32", "i64", "i32", "ui64", "ui32", "i1"})
    for (int n : {1, 7, 33}) {
      const std::string key = "tensor<3x" + std::to_string(n) + "x2x" + type + ">", second = "tensor<3x" + std::to_string(n) + "x2xi64>";
      runAllWays("func.func @main(%x: " + key + ", %y: " + second + ") -> (" + second + ", " + second + ") {\n"
                 "%a = nh.argsort %x {dim = 1 : i64} : (" + key + ") -> " + second + "\n"
                 "%b = nh.argsort %y, %x {dim = 1 : i64} : (" + second + ", " + key + ") -> " + second + "\n"
                 "return %a, %b : " + second + ", " + second + "\n}");
    }
}

TEST(Codegen, RunningReductionsAndExtremes) {
  runAllWays(R"(func.func @main(%x: tensor<3x30xf64>) -> (tensor<3x30xf64>, tensor<3x30xf64>, tensor<3xi64>) {
    %a = nh.cumulative sum %x {dim = 1 : i64, reverse = false} : (tensor<3x30xf64>) -> tensor<3x30xf64>
    %b = nh.cumulative logsumexp %x {dim = 1 : i64, reverse = true} : (tensor<3x30xf64>) -> tensor<3x30xf64>
    %c = nh.arg_reduce %x {dim = 1 : i64, max = true} : (tensor<3x30xf64>) -> tensor<3xi64>
    return %a, %b, %c : tensor<3x30xf64>, tensor<3x30xf64>, tensor<3xi64>
  })");
}

TEST(Codegen, RandomBits) {
  runAllWays(R"(func.func @main(%k: tensor<2xui32>, %d: tensor<ui32>) -> (tensor<50xui64>, tensor<3x2xui32>, tensor<2xui32>, tensor<7xui32>) {
    %a = nh.rng_bits %k {dtype = ui64, shape = array<i64: 50>} : (tensor<2xui32>) -> tensor<50xui64>
    %b = nh.rng_split %k {count = 3 : i64} : (tensor<2xui32>) -> tensor<3x2xui32>
    %c = nh.rng_fold_in %k, %d : (tensor<2xui32>, tensor<ui32>) -> tensor<2xui32>
    %e = nh.rng_bits %c {dtype = ui32, shape = array<i64: 7>} : (tensor<2xui32>) -> tensor<7xui32>
    return %a, %b, %c, %e : tensor<50xui64>, tensor<3x2xui32>, tensor<2xui32>, tensor<7xui32>
  })");
}

TEST(Codegen, IntegersAndConversions) {
  runAllWays(R"(func.func @main(%i: tensor<19xi64>, %j: tensor<19xi64>, %x: tensor<19xf64>, %p: tensor<19xi1>) -> (tensor<19xi64>, tensor<19xi64>, tensor<19xi64>, tensor<19xf32>, tensor<19xi64>, tensor<19xi1>) {
    %a = nh.binary div %i, %j : tensor<19xi64>
    %b = nh.binary rem %i, %j : tensor<19xi64>
    %c = nh.convert %x {dtype = i64} : (tensor<19xf64>) -> tensor<19xi64>
    %d = nh.convert %x {dtype = f32} : (tensor<19xf64>) -> tensor<19xf32>
    %e = nh.select %p, %i, %j : (tensor<19xi1>, tensor<19xi64>, tensor<19xi64>) -> tensor<19xi64>
    %q = nh.unary logical_not %p : tensor<19xi1> -> tensor<19xi1>
    return %a, %b, %c, %d, %e, %q : tensor<19xi64>, tensor<19xi64>, tensor<19xi64>, tensor<19xf32>, tensor<19xi64>, tensor<19xi1>
  })");
}

TEST(Codegen, ReadsAtIndicesAndReinterprets) {
  runAllWays(R"(func.func @main(%x: tensor<6x20xf64>, %i: tensor<i64>, %j: tensor<i64>) -> (tensor<2x9xf64>, tensor<6x20xf64>, tensor<6x20xi64>) {
    %a = nh.dynamic_slice %x, %i, %j {sizes = array<i64: 2, 9>} : (tensor<6x20xf64>, tensor<i64>, tensor<i64>) -> tensor<2x9xf64>
    %n = nh.iota {dtype = f64, shape = array<i64: 6, 20>, dim = 1 : i64} : () -> tensor<6x20xf64>
    %f = nh.fma %x, %n, %x : (tensor<6x20xf64>, tensor<6x20xf64>, tensor<6x20xf64>) -> tensor<6x20xf64>
    %b = nh.bitcast %f {dtype = i64} : (tensor<6x20xf64>) -> tensor<6x20xi64>
    return %a, %f, %b : tensor<2x9xf64>, tensor<6x20xf64>, tensor<6x20xi64>
  })");
}

TEST(Codegen, BarriersAndCheckpoints) {
  runAllWays(R"(func.func @main(%x: tensor<3x7xf64>, %y: tensor<7x5xf64>, %g: tensor<3x5xf64>) -> (tensor<3x5xf64>, tensor<3x7xf64>, tensor<7x5xf64>, tensor<3x7xf64>) {
    %r:3 = nh.vjp %x, %y, %g attributes {num_primals = 2 : i64, wrt = array<i64: 0, 1>} : (tensor<3x7xf64>, tensor<7x5xf64>, tensor<3x5xf64>) -> (tensor<3x5xf64>, tensor<3x7xf64>, tensor<7x5xf64>) {
    ^bb0(%a: tensor<3x7xf64>, %b: tensor<7x5xf64>):
      %f = nh.checkpoint %a : (tensor<3x7xf64>) -> tensor<3x5xf64> {
      ^bb0(%c: tensor<3x7xf64>):
        %t = nh.unary tanh %c : tensor<3x7xf64> -> tensor<3x7xf64>
        %p = nh.dot_general %t, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<3x7xf64>, tensor<7x5xf64>) -> tensor<3x5xf64>
        %e = nh.unary logistic %p : tensor<3x5xf64> -> tensor<3x5xf64>
        nh.yield %e : tensor<3x5xf64>
      }
      nh.yield %f : tensor<3x5xf64>
    }
    %u = nh.unary sin %x : tensor<3x7xf64> -> tensor<3x7xf64>
    %v = nh.barrier %u, %r#1 : (tensor<3x7xf64>, tensor<3x7xf64>) -> tensor<3x7xf64>
    %w = nh.unary exp %v : tensor<3x7xf64> -> tensor<3x7xf64>
    return %r#0, %r#1, %r#2, %w : tensor<3x5xf64>, tensor<3x7xf64>, tensor<7x5xf64>, tensor<3x7xf64>
  })");
}

TEST(Codegen, ForeignCodeAndReports) {
  register_kernel("codegen_test", [](const ForeignCall* c) {  // x where p, else sum of n; and whether x is negative
    double sum = 0;
    for (std::int64_t i = 0; i < c->input_sizes[2]; ++i) sum += double(static_cast<const std::int32_t*>(c->inputs[2])[i]);
    for (std::int64_t i = 0; i < c->input_sizes[0]; ++i) {
      const double x = static_cast<const double*>(c->inputs[0])[i];
      static_cast<double*>(c->results[0])[i] = static_cast<const bool*>(c->inputs[1])[i] ? x : sum;
      static_cast<bool*>(c->results[1])[i] = x < 0;
    }
  });
  const char* text = R"(func.func @main(%x: tensor<5xf64>, %p: tensor<5xi1>, %n: tensor<3xi32>) -> (tensor<5xf64>, tensor<5xi1>) {
    %s = nh.unary sin %x : tensor<5xf64> -> tensor<5xf64>
    %r:2 = nh.custom_call %s, %p, %n {function = "codegen_test", batch = 0 : i64, types = [tensor<5xf64>, tensor<5xi1>]} : (tensor<5xf64>, tensor<5xi1>, tensor<3xi32>) -> (tensor<5xf64>, tensor<5xi1>)
    %never = nh.constant dense<false> : tensor<i1>
    nh.report %never, %s {text = "{}", fatal = true} : tensor<i1>, tensor<5xf64>
    %e = nh.unary exp %r#0 : tensor<5xf64> -> tensor<5xf64>
    return %e, %r#1 : tensor<5xf64>, tensor<5xi1>
  })";
  runAllWays(text);
  runAllWays(text, {false, true, true});
  runAllWays(text, {true, false, true});
}

TEST(Codegen, NoOperationIsLeftOut) {
  std::ifstream in(NUTHATCH_SOURCE_DIR "/tests/cpu/codegen_test.cpp");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  auto context = ir::makeContext();
  // Transformations are gone before code is made; draws and lanes are tested by whole samplers.
  const std::set<std::string> elsewhere{"vjp", "jvp", "vmap", "custom_derivative", "emit", "lane_any"};
  for (auto op : context->getRegisteredOperationsByDialect("nh")) {
    std::string name = op.stripDialect().str();
    if (!elsewhere.contains(name)) EXPECT_NE(text.find("nh." + name + " "), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace nuthatch
