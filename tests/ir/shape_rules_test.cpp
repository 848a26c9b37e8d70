// Every constraint of docs/ir.md is violated once; the message must name it and the shapes.
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/Diagnostics.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Parser/Parser.h>

#include <fstream>
#include <set>

#include "ir/trace/program.h"
#include "tests/ir/support.h"

namespace nuthatch::test {
namespace {

const Array d0 = zeros(f64, {}), d3 = zeros(f64, {3}), d4 = zeros(f64, {4}), d34 = zeros(f64, {3, 4}), d33 = zeros(f64, {3, 3}),
            s3 = zeros(f32, {3}), b3 = zeros(bool_, {3}), b0 = zeros(bool_, {}), n3 = zeros(i64, {3}), n0 = zeros(i64, {}), i0 = zeros(i32, {}),
            n31 = zeros(i64, {3, 1}), n33 = zeros(i64, {3, 3}), k2 = zeros(ui32, {2}), k52 = zeros(ui32, {5, 2});

std::pair<const char*, Attr> dims(const char* name, List list) { return {name, std::move(list)}; }
std::pair<const char*, Attr> integer(const char* name, std::int64_t n) { return {name, n}; }

struct Violation {
  const char* op;
  std::vector<Array> operands;
  Attrs attributes;
  const char* message;
};

Attrs gather(List offset, List collapsed, List operandBatch, List indicesBatch, List map, List sizes) {
  return {dims("offset_dims", offset), dims("collapsed_dims", collapsed), dims("operand_batch_dims", operandBatch),
          dims("indices_batch_dims", indicesBatch), dims("index_map", map), dims("slice_sizes", sizes)};
}
Attrs scatter(Scatter k, List window, List inserted, List map, List operandBatch = {}, List indicesBatch = {}) {
  return {kind(k), dims("window_dims", window), dims("inserted_dims", inserted), dims("operand_batch_dims", operandBatch),
          dims("indices_batch_dims", indicesBatch), dims("index_map", map)};
}
Attrs dot(List lhsBatch, List rhsBatch, List lhsContract, List rhsContract) {
  return {dims("lhs_batch", lhsBatch), dims("rhs_batch", rhsBatch), dims("lhs_contract", lhsContract), dims("rhs_contract", rhsContract)};
}
Attrs slice(List start, List limit, List stride) { return {dims("start", start), dims("limit", limit), dims("stride", stride)}; }
Attrs pad(List low, List high, List interior) { return {dims("low", low), dims("high", high), dims("interior", interior)}; }
const Attrs solve{{"lower", true}, {"transpose", false}, {"unit_diagonal", false}};

const std::vector<Violation>& violations() {
  static const std::vector<Violation> all{
      {"report", {b3, d0}, {{"text", std::string("{}")}, {"fatal", false}}, "the value f64[] does not have the leading dimensions of the mask bool[3] (C2)"},
      {"unary", {n3}, {kind(Unary::exp)}, "exp takes floating-point numbers, not i64[3] (C1)"},
      {"unary", {b3}, {kind(Unary::neg)}, "neg takes numbers, not bool[3] (C1)"},
      {"unary", {d3}, {kind(Unary::logical_not)}, "logical_not takes bool, not f64[3] (C1)"},
      {"unary", {d3}, {kind(Unary::popcount)}, "popcount takes integers, not f64[3] (C1)"},
      {"binary", {n3, n3}, {kind(Binary::igamma)}, "igamma takes floating-point numbers, not i64[3] (C2)"},
      {"binary", {d3, d4}, {kind(Binary::add)}, "operands of add differ in type: f64[3] and f64[4] (C1)"},
      {"binary", {d3, s3}, {kind(Binary::mul)}, "operands of mul differ in type: f64[3] and f32[3] (C1)"},
      {"binary", {b3, b3}, {kind(Binary::add)}, "add takes numbers, not bool[3] (C2)"},
      {"binary", {d3, d3}, {kind(Binary::shl)}, "shl takes integers, not f64[3] (C2)"},
      {"binary", {n3, n3}, {kind(Binary::atan2)}, "atan2 takes floating-point numbers, not i64[3] (C2)"},
      {"binary", {d3, d3}, {kind(Binary::and_)}, "and_ takes integers or bool, not f64[3] (C2)"},
      {"ternary", {d3, d3, s3}, {kind(Ternary::betainc)}, "operands of betainc differ in type: f64[3], f64[3] and f32[3] (C1)"},
      {"ternary", {n3, n3, n3}, {kind(Ternary::betainc)}, "betainc takes floating-point numbers, not i64[3] (C2)"},
      {"compare", {d3, n3}, {kind(Compare::eq)}, "operands differ in type: f64[3] and i64[3] (C1)"},
      {"select", {d3, d3, d3}, {}, "the predicate is f64[3], not bool (C1)"},
      {"select", {b3, d3, s3}, {}, "choices differ in type: f64[3] and f32[3] (C2)"},
      {"select", {b0, d3, d3}, {}, "predicate and choices differ in shape: bool[] and f64[3] (C3)"},
      {"fma", {d3, d3, d4}, {}, "operands differ in type: f64[3], f64[3] and f64[4] (C1)"},
      {"fma", {n3, n3, n3}, {}, "takes floating-point numbers, not i64[3] (C2)"},
      {"bitcast", {d3}, {{"dtype", f32}}, "element widths differ: f64[3] to f32 (C1)"},
      {"iota", {}, {{"dtype", i32}, dims("shape", {-1}), integer("dim", 0)}, "negative extent in shape [-1] (C1)"},
      {"iota", {}, {{"dtype", i32}, dims("shape", {3}), integer("dim", 1)}, "dim 1 is not a dimension of [3] (C2)"},
      {"iota", {}, {{"dtype", bool_}, dims("shape", {3}), integer("dim", 0)}, "counts in numbers, not bool (C3)"},
      {"broadcast", {d3}, {dims("shape", {-3}), dims("dims", {0})}, "negative extent in shape [-3] (C1)"},
      {"broadcast", {d3}, {dims("shape", {3, 4}), dims("dims", {})}, "dims [] must name one result dimension for each dimension of f64[3] (C2)"},
      {"broadcast", {d34}, {dims("shape", {4, 3}), dims("dims", {1, 0})}, "dims [1, 0] must be increasing dimensions of shape [4, 3] (C3)"},
      {"broadcast", {d3}, {dims("shape", {3, 4}), dims("dims", {1})}, "extent 3 of f64[3] dim 0 is neither 1 nor the extent 4 of [3, 4] dim 1 (C4)"},
      {"reshape", {d34}, {dims("shape", {-12})}, "negative extent in shape [-12] (C1)"},
      {"reshape", {d34}, {dims("shape", {5})}, "f64[3, 4] has 12 elements and shape [5] has 5 (C2)"},
      {"transpose", {d34}, {dims("perm", {0, 0})}, "perm [0, 0] is not a permutation of the dimensions of f64[3, 4] (C1)"},
      {"slice", {d34}, slice({0}, {1}, {1}), "start [0], limit [1] and stride [1] need one entry for each dimension of f64[3, 4] (C1)"},
      {"slice", {d3}, slice({1}, {4}, {1}), "range 1:4 does not lie in dim 0 of f64[3] (C2)"},
      {"slice", {d3}, slice({0}, {3}, {0}), "stride [0] has an entry below 1 (C3)"},
      {"reverse", {d3}, {dims("dims", {1})}, "dims [1] are not distinct dimensions of f64[3] (C1)"},
      {"pad", {d3, d0}, pad({0, 0}, {0}, {0}), "low [0, 0], high [0] and interior [0] need one entry for each dimension of f64[3] (C1)"},
      {"pad", {d3, d0}, pad({-1}, {0}, {0}), "negative padding: low [-1], high [0], interior [0] (C2)"},
      {"pad", {d3, d3}, pad({0}, {0}, {0}), "the padding value is f64[3], not a scalar of the dtype of f64[3] (C3)"},
      {"concatenate", {}, {integer("dim", 0)}, "needs at least one operand (C1)"},
      {"concatenate", {d3}, {integer("dim", 1)}, "dim 1 is not a dimension of f64[3] (C2)"},
      {"concatenate", {d3, s3}, {integer("dim", 0)}, "operands differ in dtype or rank: f64[3] and f32[3] (C3)"},
      {"concatenate", {d34, d33}, {integer("dim", 0)}, "operands differ outside dim 0: f64[3, 4] and f64[3, 3] (C4)"},
      {"dynamic_slice", {d34, n0, n0}, {dims("sizes", {1})}, "sizes [1] need one entry for each dimension of f64[3, 4] (C1)"},
      {"dynamic_slice", {d34, n0}, {dims("sizes", {1, 1})}, "1 start indices for the dimensions of f64[3, 4] (C2)"},
      {"dynamic_slice", {d3, i0}, {dims("sizes", {1})}, "a start index is i32[], not i64[] (C3)"},
      {"dynamic_slice", {d3, n0}, {dims("sizes", {4})}, "a block of extents [4] does not fit into f64[3] (C4)"},
      {"dynamic_update_slice", {d3, d34, n0}, {}, "operand and update differ in dtype or rank: f64[3] and f64[3, 4] (C1)"},
      {"dynamic_update_slice", {d3, d3}, {}, "0 start indices for the dimensions of f64[3] (C2)"},
      {"dynamic_update_slice", {d3, d3, n3}, {}, "a start index is i64[3], not i64[] (C3)"},
      {"dynamic_update_slice", {d3, d4, n0}, {}, "the update f64[4] does not fit into f64[3] (C4)"},
      {"gather", {d34, d3}, gather({}, {0, 1}, {}, {}, {0}, {1, 1}), "the indices are f64[3], not i64 of rank 1 or more (C1)"},
      {"gather", {d34, n31}, gather({}, {1, 0}, {}, {}, {0}, {1, 1}), "collapsed_dims [1, 0] and operand_batch_dims [] must be disjoint increasing dimensions of f64[3, 4] (C2)"},
      {"gather", {d34, n31}, gather({}, {1}, {0}, {1}, {1}, {1, 1}), "indices_batch_dims [1] must be distinct dimensions of i64[3, 1] other than the last (C3)"},
      {"gather", {d34, n31}, gather({}, {1}, {0}, {}, {1}, {1, 1}), "operand_batch_dims [0] and indices_batch_dims [] differ in number (C4)"},
      {"gather", {d34, n31}, gather({}, {0}, {1}, {0}, {0}, {1, 1}), "batch extents differ: f64[3, 4] dim 1 and i64[3, 1] dim 0 (C5)"},
      {"gather", {d34, n31}, gather({}, {0, 1}, {}, {}, {0, 1}, {1, 1}), "index_map [0, 1] must give each entry of the index vectors of i64[3, 1] a different dimension of f64[3, 4] that is no batch dimension (C6)"},
      {"gather", {d34, n31}, gather({1}, {0}, {}, {}, {0}, {1}), "slice_sizes [1] need one entry for each dimension of f64[3, 4] (C7)"},
      {"gather", {d34, n31}, gather({1}, {0}, {}, {}, {0}, {1, 5}), "a block of extents [1, 5] does not fit into f64[3, 4] (C8)"},
      {"gather", {d34, n31}, gather({1}, {0}, {}, {}, {0}, {2, 4}), "slice_sizes [2, 4] must be at most 1 at the collapsed and batch dimension 0 (C9)"},
      {"gather", {d34, n31}, gather({2}, {0}, {}, {}, {0}, {1, 4}), "offset_dims [2] must be 1 increasing dimensions of a result of rank 2 (C10)"},
      {"scatter", {d34, d3, d3}, scatter(Scatter::set, {}, {0, 1}, {0}), "the indices are f64[3], not i64 of rank 1 or more (C1)"},
      {"scatter", {d34, n31, d3}, scatter(Scatter::set, {}, {1, 0}, {0}), "inserted_dims [1, 0] and operand_batch_dims [] must be disjoint increasing dimensions of f64[3, 4] (C2)"},
      {"scatter", {d34, n31, d3}, scatter(Scatter::set, {}, {1}, {1}, {0}, {1}), "indices_batch_dims [1] must be distinct dimensions of i64[3, 1] other than the last (C3)"},
      {"scatter", {d34, n31, d3}, scatter(Scatter::set, {}, {1}, {1}, {0}), "operand_batch_dims [0] and indices_batch_dims [] differ in number (C4)"},
      {"scatter", {d34, n31, d3}, scatter(Scatter::set, {}, {0}, {0}, {1}, {0}), "batch extents differ: f64[3, 4] dim 1 and i64[3, 1] dim 0 (C5)"},
      {"scatter", {d34, n31, d3}, scatter(Scatter::set, {}, {0, 1}, {}), "index_map [] must give each entry of the index vectors of i64[3, 1] a different dimension of f64[3, 4] that is no batch dimension (C6)"},
      {"scatter", {d34, n31, s3}, scatter(Scatter::set, {}, {0, 1}, {0}), "operand and updates differ in dtype: f64[3, 4] and f32[3] (C7)"},
      {"scatter", {b3, n31, b3}, scatter(Scatter::add, {}, {0}, {0}), "add takes numbers, not bool[3] (C8)"},
      {"scatter", {d34, n31, d34}, scatter(Scatter::add, {}, {0}, {0}), "window_dims [] must be 1 increasing dimensions of the updates f64[3, 4] (C9)"},
      {"scatter", {d34, n31, d4}, scatter(Scatter::add, {0}, {0}, {0}), "the updates f64[4] do not have one dimension for each of the 1 window dimensions and of the index dimensions of i64[3, 1] (C10)"},
      {"scatter", {d33, n31, d34}, scatter(Scatter::add, {1}, {0}, {0}), "dim 1 of the updates f64[3, 4] does not fit into f64[3, 3] (C11)"},
      {"scatter", {d3, n31, d4}, scatter(Scatter::add, {}, {0}, {0}), "dim 0 of the updates f64[4] differs from that of the indices i64[3, 1] (C11)"},
      {"reduce", {d34}, {kind(Reduce::sum), dims("dims", {1, 0})}, "dims [1, 0] must be increasing dimensions of f64[3, 4] (C1)"},
      {"reduce", {b3}, {kind(Reduce::sum), dims("dims", {0})}, "sum takes numbers, not bool[3] (C2)"},
      {"reduce", {d3}, {kind(Reduce::all), dims("dims", {0})}, "all takes bool, not f64[3] (C2)"},
      {"arg_reduce", {d3}, {{"max", true}, integer("dim", 1)}, "dim 1 is not a dimension of f64[3] (C1)"},
      {"arg_reduce", {zeros(f64, {0})}, {{"max", true}, integer("dim", 0)}, "dim 0 of f64[0] is empty (C2)"},
      {"arg_reduce", {b3}, {{"max", true}, integer("dim", 0)}, "takes numbers, not bool[3] (C3)"},
      {"cumulative", {d3}, {kind(Cumulative::sum), integer("dim", -1), {"reverse", false}}, "dim -1 is not a dimension of f64[3] (C1)"},
      {"cumulative", {b3}, {kind(Cumulative::sum), integer("dim", 0), {"reverse", false}}, "sum takes numbers, not bool[3] (C2)"},
      {"cumulative", {n3}, {kind(Cumulative::logsumexp), integer("dim", 0), {"reverse", false}}, "logsumexp takes floating-point numbers, not i64[3] (C3)"},
      {"dot_general", {d3, s3}, dot({}, {}, {0}, {0}), "operands differ in dtype: f64[3] and f32[3] (C1)"},
      {"dot_general", {b3, b3}, dot({}, {}, {0}, {0}), "takes numbers, not bool[3] (C2)"},
      {"dot_general", {d34, d34}, dot({0}, {}, {1}, {1}), "numbers of dimensions differ: batch [0] and [], contracted [1] and [1] (C3)"},
      {"dot_general", {d34, d34}, dot({0}, {0}, {0}, {1}), "batch [0] and contracted [0] must be distinct dimensions of f64[3, 4] (C4)"},
      {"dot_general", {d34, d34}, dot({0}, {1}, {}, {}), "batch extents differ: f64[3, 4] dim 0 and f64[3, 4] dim 1 (C5)"},
      {"dot_general", {d34, d3}, dot({}, {}, {1}, {0}), "dot_general: contracted extents differ: f64[3, 4] dim 1 and f64[3] dim 0 (C6)"},
      {"cholesky", {n31}, {}, "takes floating-point numbers, not i64[3, 1] (C1)"},
      {"cholesky", {d34}, {}, "the last two dimensions of f64[3, 4] are not square (C2)"},
      {"cholesky_pullback", {n33, n33}, {}, "takes floating-point numbers, not i64[3, 3] (C1)"},
      {"cholesky_pullback", {d34, d34}, {}, "the last two dimensions of f64[3, 4] are not square (C2)"},
      {"cholesky_pullback", {d33, zeros(f64, {2, 3, 3})}, {}, "a cotangent of type f64[2, 3, 3] does not belong to factors of type f64[3, 3] (C3)"},
      {"triangular_solve", {d33, s3}, solve, "takes floating-point numbers of one dtype, not f64[3, 3] and f32[3] (C1)"},
      {"triangular_solve", {d34, d34}, solve, "the last two dimensions of f64[3, 4] are not square (C2)"},
      {"triangular_solve", {d33, zeros(f64, {2, 3, 1})}, solve, "leading dimensions differ: f64[3, 3] and f64[2, 3, 1] (C3)"},
      {"triangular_solve", {d33, zeros(f64, {4, 1})}, solve, "the matrices of f64[4, 1] do not have the 3 rows of f64[3, 3] (C4)"},
      {"argsort", {}, {integer("dim", 0)}, "needs a key (C1)"},
      {"argsort", {d3, d4}, {integer("dim", 0)}, "keys differ in shape: f64[3] and f64[4] (C2)"},
      {"argsort", {d3, n3}, {integer("dim", 1)}, "dim 1 is not a dimension of f64[3] (C3)"},
      {"lu", {n31}, {}, "takes floating-point numbers, not i64[3, 1] (C1)"},
      {"lu", {d34}, {}, "the last two dimensions of f64[3, 4] are not square (C2)"},
      {"qr", {n31}, {}, "takes floating-point numbers, not i64[3, 1] (C1)"},
      {"qr", {d34}, {}, "the matrices of f64[3, 4] have fewer rows than columns (C2)"},
      {"eigh", {n31}, {}, "takes floating-point numbers, not i64[3, 1] (C1)"},
      {"eigh", {d3}, {}, "takes matrices, not f64[3] (C2)"},
      {"svd", {n31}, {}, "takes floating-point numbers, not i64[3, 1] (C1)"},
      {"svd", {d34}, {}, "the matrices of f64[3, 4] have fewer rows than columns (C2)"},
      {"rng_bits", {d3}, {{"dtype", ui32}, dims("shape", {1})}, "the key is f64[3], not ui32[..., 2] (C1)"},
      {"rng_bits", {k2}, {{"dtype", f64}, dims("shape", {1})}, "bits are ui32 or ui64, not f64 (C2)"},
      {"rng_bits", {k2}, {{"dtype", ui32}, dims("shape", {-1})}, "negative extent in shape [-1] (C3)"},
      {"rng_split", {d3}, {integer("count", 2)}, "the key is f64[3], not ui32[..., 2] (C1)"},
      {"rng_split", {k2}, {integer("count", -2)}, "cannot split into -2 keys (C2)"},
      {"rng_fold_in", {d3, n0}, {}, "the key is f64[3], not ui32[..., 2] (C1)"},
      {"rng_fold_in", {k52, zeros(ui32, {4})}, {}, "the data are ui32[4], not one ui32 for each key of ui32[5, 2] (C2)"},
      {"lane_any", {b3}, {}, "takes bool[], not bool[3] (C1)"},
  };
  return all;
}

TEST(ShapeRules, EveryViolationIsNamed) {
  for (const Violation& v : violations()) {
    SCOPED_TRACE(std::string(v.op) + ": " + v.message);
    try {
      eval(v.op, v.operands, v.attributes);
      ADD_FAILURE() << "was accepted";
    } catch (const Error& e) {
      const std::string text = e.what();
      EXPECT_NE(text.find(std::string(v.op) + ": "), text.npos) << text;
      EXPECT_NE(text.find(v.message), text.npos) << text;
      EXPECT_NE(text.find("support.h:"), text.npos) << text;
    }
  }
}

//===------------------------------ operations with regions ----------------------===//

/// What the parser and the verifier say about a program.
std::string diagnose(const std::string& body) {
  auto context = ir::makeContext();
  std::string said;
  mlir::ScopedDiagnosticHandler handler(context.get(), [&](mlir::Diagnostic& d) {
    said += d.str() + "\n";
    return mlir::success();
  });
  const std::string text = "func.func @main(%x: tensor<3xf64>, %s: tensor<f64>, %n: tensor<i64>, %m: tensor<4x3xf64>, %b: tensor<i1>) {\n" +
                           body + "\nreturn\n}";
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  return module && mlir::succeeded(mlir::verify(*module)) ? "accepted" : said;
}

struct Program {
  const char* text;
  const char* message;
};

TEST(RegionRules, WellFormedProgramsAreAccepted) {
  const char* programs[] = {
      R"(%r:2 = nh.for %s, %m attributes {trip = 4, num_carries = 1, reverse = false} : (tensor<f64>, tensor<4x3xf64>) -> (tensor<f64>, tensor<4x3xf64>) {
         ^bb0(%i: tensor<i64>, %c: tensor<f64>, %row: tensor<3xf64>): nh.yield %c, %row : tensor<f64>, tensor<3xf64> })",
      R"(%r = nh.while %s attributes {max_trip = -1} : (tensor<f64>) -> tensor<f64> { ^bb0(%c: tensor<f64>): nh.yield %b : tensor<i1> }
         { ^bb0(%c: tensor<f64>): nh.yield %c : tensor<f64> })",
      R"(%r = nh.case %n : (tensor<i64>) -> tensor<f64> { nh.yield %s : tensor<f64> }, { nh.yield %s : tensor<f64> })",
      R"(%r:2 = nh.vjp %x, %x attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<3xf64>, tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>) {
         ^bb0(%a: tensor<3xf64>): nh.yield %a : tensor<3xf64> })",
      R"(%r = nh.vmap %m attributes {size = 3, in_axes = array<i64: 1>} : (tensor<4x3xf64>) -> tensor<3x4xf64> {
         ^bb0(%a: tensor<4xf64>): nh.yield %a : tensor<4xf64> })",
      R"(nh.emit %b, %n, %x {stream = 0} : tensor<i1>, tensor<i64>, tensor<3xf64>)",
  };
  for (const char* text : programs) EXPECT_EQ(diagnose(text), "accepted") << text;
}

const Program kBroken[] = {
    {R"(%r = nh.for %s attributes {trip = -1, num_carries = 1, reverse = false} : (tensor<f64>) -> tensor<f64> { ^bb0(%i: tensor<i64>, %c: tensor<f64>): nh.yield %c : tensor<f64> })",
     "trip is -1 (C1)"},
    {R"(%r = nh.for %s attributes {trip = 2, num_carries = 2, reverse = false} : (tensor<f64>) -> tensor<f64> { ^bb0(%i: tensor<i64>, %c: tensor<f64>): nh.yield %c : tensor<f64> })",
     "num_carries is 2 with 1 operands (C2)"},
    {R"(nh.for %x attributes {trip = 2, num_carries = 0, reverse = false} : (tensor<3xf64>) -> () { ^bb0(%i: tensor<i64>, %c: tensor<f64>): nh.yield })",
     "the stacked operand f64[3] does not have leading extent 2 (C3)"},
    {R"(nh.for %x attributes {trip = 3, num_carries = 0, reverse = false} : (tensor<3xf64>) -> () { ^bb0(%i: tensor<i64>): nh.yield })",
     "the body takes (i64[]), not (i64[], f64[]) (C4)"},
    {R"(%r = nh.for %s attributes {trip = 3, num_carries = 1, reverse = false} : (tensor<f64>) -> tensor<f64> { ^bb0(%i: tensor<i64>, %c: tensor<f64>): nh.yield %x : tensor<3xf64> })",
     "the body yields carries (f64[3]), not (f64[]) (C5)"},
    {R"(%r = nh.for attributes {trip = 2, num_carries = 0, reverse = false} : () -> tensor<3xf64> { ^bb0(%i: tensor<i64>): nh.yield %s : tensor<f64> })",
     "the results are (f64[3]), not (f64[2]) (C6)"},
    {R"(%r = nh.while %s attributes {max_trip = -2} : (tensor<f64>) -> tensor<f64> { ^bb0(%c: tensor<f64>): nh.yield %b : tensor<i1> } { ^bb0(%c: tensor<f64>): nh.yield %c : tensor<f64> })",
     "max_trip is -2 (C1)"},
    {R"(%r = nh.while %s attributes {max_trip = 1} : (tensor<f64>) -> tensor<f64> { nh.yield %b : tensor<i1> } { ^bb0(%c: tensor<f64>): nh.yield %c : tensor<f64> })",
     "the condition takes (), not (f64[]) (C2)"},
    {R"(%r = nh.while %s attributes {max_trip = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%c: tensor<f64>): nh.yield %c : tensor<f64> } { ^bb0(%c: tensor<f64>): nh.yield %c : tensor<f64> })",
     "the condition yields (f64[]), not (bool[]) (C3)"},
    {R"(%r = nh.while %s attributes {max_trip = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%c: tensor<f64>): nh.yield %b : tensor<i1> } { nh.yield %s : tensor<f64> })",
     "the body takes (), not (f64[]) (C4)"},
    {R"(%r = nh.while %s attributes {max_trip = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%c: tensor<f64>): nh.yield %b : tensor<i1> } { ^bb0(%c: tensor<f64>): nh.yield })",
     "the body yields (), not (f64[]) (C5)"},
    {R"(%r = nh.while %s attributes {max_trip = 1} : (tensor<f64>) -> tensor<3xf64> { ^bb0(%c: tensor<f64>): nh.yield %b : tensor<i1> } { ^bb0(%c: tensor<f64>): nh.yield %c : tensor<f64> })",
     "the results are (f64[3]), not (f64[]) (C6)"},
    {R"(nh.case %b : (tensor<i1>) -> () { nh.yield })", "the index is bool[], not i64[] (C1)"},
    {R"("nh.case"(%n) : (tensor<i64>) -> ())", "has no branches (C2)"},
    {R"(nh.case %n : (tensor<i64>) -> () { ^bb0(%a: tensor<f64>): nh.yield })", "a branch takes (f64[]), not () (C3)"},
    {R"(%r = nh.case %n : (tensor<i64>) -> tensor<f64> { nh.yield %x : tensor<3xf64> })", "a branch yields (f64[3]), not (f64[]) (C4)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = -1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> })",
     "has 1 regions, not 2 (C1)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = -1} : (tensor<f64>) -> tensor<f64> { nh.yield %s : tensor<f64> }, { nh.yield })",
     "the primal takes (), not (f64[]) (C2)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = -1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield }, { nh.yield })",
     "the primal yields (), not (f64[]) (C3)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = -1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> })",
     "the jvp rule takes (f64[]), not (f64[], f64[]) (C4)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = -1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { ^bb0(%a: tensor<f64>, %t: tensor<f64>): nh.yield %a : tensor<f64> })",
     "the jvp rule yields (f64[]), not (f64[], f64[]) (C5)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { nh.yield }, { nh.yield })",
     "the forward rule takes (), not (f64[]) (C6)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { nh.yield })",
     "the forward rule yields (f64[]), not 1 results and 1 residuals (C7)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { ^bb0(%a: tensor<f64>): nh.yield %a, %x : tensor<f64>, tensor<3xf64> }, { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> })",
     "the backward rule takes (f64[]), not (f64[3], f64[]) (C8)"},
    {R"(%r = nh.custom_derivative %s attributes {num_residuals = 1} : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> }, { ^bb0(%a: tensor<f64>): nh.yield %a, %x : tensor<f64>, tensor<3xf64> }, { ^bb0(%a: tensor<3xf64>, %g: tensor<f64>): nh.yield })",
     "the backward rule yields (), not (f64[]) (C9)"},
    {R"(%r = nh.checkpoint %s : (tensor<f64>) -> tensor<f64> { nh.yield %s : tensor<f64> })", "the body takes (), not (f64[]) (C1)"},
    {R"(%r = nh.checkpoint %s : (tensor<f64>) -> tensor<f64> { ^bb0(%a: tensor<f64>): nh.yield %x : tensor<3xf64> })", "the body yields (f64[3]), not (f64[]) (C2)"},
    {R"(nh.vjp %x attributes {num_primals = 2, wrt = array<i64>} : (tensor<3xf64>) -> () { nh.yield })", "num_primals is 2 with 1 operands (C1)"},
    {R"(nh.vjp %x attributes {num_primals = 1, wrt = array<i64: 1>} : (tensor<3xf64>) -> () { nh.yield })", "wrt [1] must be distinct numbers of primals (C2)"},
    {R"(nh.vjp %x attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<3xf64>) -> () { nh.yield })", "the body takes (), not (f64[3]) (C3)"},
    {R"(nh.vjp %x attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<3xf64>) -> () { ^bb0(%a: tensor<3xf64>): nh.yield %a : tensor<3xf64> })", "the cotangents are (), not (f64[3]) (C4)"},
    {R"(%r = nh.vjp %n attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<i64>) -> tensor<i64> { ^bb0(%a: tensor<i64>): nh.yield })", "cannot differentiate with respect to primal 0 of type i64[] (C5)"},
    {R"(%r = nh.vjp %s attributes {num_primals = 1, wrt = array<i64: 0>} : (tensor<f64>) -> tensor<3xf64> { ^bb0(%a: tensor<f64>): nh.yield })", "the results are (f64[3]), not (f64[]) (C6)"},
    {R"(nh.jvp %x : (tensor<3xf64>) -> () { nh.yield })", "has 1 operands, not one tangent for each primal (C1)"},
    {R"(nh.jvp %x, %s : (tensor<3xf64>, tensor<f64>) -> () { nh.yield })", "the tangents are (f64[]), not (f64[3]) (C2)"},
    {R"(nh.jvp %x, %x : (tensor<3xf64>, tensor<3xf64>) -> () { nh.yield })", "the body takes (), not (f64[3]) (C3)"},
    {R"(nh.jvp %s, %s : (tensor<f64>, tensor<f64>) -> () { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> })", "the results are (), not (f64[], f64[]) (C4)"},
    {R"(nh.vmap attributes {size = -1, in_axes = array<i64>} : () -> () { nh.yield })", "size is -1 (C1)"},
    {R"(nh.vmap %x attributes {size = 3, in_axes = array<i64>} : (tensor<3xf64>) -> () { nh.yield })", "in_axes [] for 1 operands (C2)"},
    {R"(nh.vmap %x attributes {size = 2, in_axes = array<i64: 0>} : (tensor<3xf64>) -> () { nh.yield })", "axis 0 of f64[3] is not an axis of extent 2 (C3)"},
    {R"(nh.vmap %x attributes {size = 3, in_axes = array<i64: 0>} : (tensor<3xf64>) -> () { nh.yield })", "the body takes (), not (f64[]) (C4)"},
    {R"(nh.vmap %x attributes {size = 3, in_axes = array<i64: 0>} : (tensor<3xf64>) -> () { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> })", "the results are (), not (f64[3]) (C5)"},
    {R"(nh.emit %b, %n, %x {stream = -1} : tensor<i1>, tensor<i64>, tensor<3xf64>)", "stream is -1 (C1)"},
    {R"(nh.emit %n, %n, %x {stream = 0} : tensor<i64>, tensor<i64>, tensor<3xf64>)", "the mask is i64[], not bool[] (C2)"},
    {R"(nh.emit %b, %b, %x {stream = 0} : tensor<i1>, tensor<i1>, tensor<3xf64>)", "the position is bool[], not i64[] (C3)"},

    {R"(nh.report %x, %s {text = "{}", fatal = false} : tensor<3xf64>, tensor<f64>)", "the mask is f64[3], not bool (C1)"},
    {R"(nh.report %b, %s {text = "none", fatal = false} : tensor<i1>, tensor<f64>)", "the text has 0 fields for 1 values (C3)"},
    {R"(nh.report %b {text = "{", fatal = true} : tensor<i1>)", "the text has a { without its }, or a field with a name (C3)"},
    {R"(%r = nh.custom_call %s {function = "f", batch = -1, types = [tensor<f64>]} : (tensor<f64>) -> tensor<f64>)", "batch is -1 (C1)"},
    {R"(%r = nh.custom_call %s {function = "f", batch = 0, types = [tensor<?xf64>]} : (tensor<f64>) -> tensor<f64>)", "types are tensors of static shape with elements of this dialect (C2)"},
    {R"(%r = nh.custom_call %x {function = "f", batch = 1, types = [tensor<2xf64>]} : (tensor<3xf64>) -> tensor<2xf64>)",
     "f64[2] does not have the 1 batch dimensions of f64[3] (C3)"},

    {"nh.yield } func.func private @other() {", "ends a region of an operation of nh only (C1)"},
};

TEST(RegionRules, EveryViolationIsNamed) {
  for (const Program& p : kBroken) {
    const std::string said = diagnose(p.text);
    EXPECT_NE(said.find(p.message), said.npos) << p.text << "\nsaid: " << said;
  }
}

/// "op C3" for each constraint listed under the heading of an operation in docs/ir.md.
std::set<std::string> documented() {
  std::ifstream file(NUTHATCH_SOURCE_DIR "/docs/ir.md");
  EXPECT_TRUE(file);
  std::set<std::string> out;
  std::string op;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) op = line.starts_with("### nh.") ? line.substr(7) : "";
    if (!op.empty() && line.starts_with("- C")) out.insert(op + line.substr(1, line.find(':') - 1));
  }
  return out;
}

TEST(ShapeRules, TheConstraintsTestedAreTheOnesDocumented) {
  auto number = [](std::string_view message) { return std::string(message.substr(message.rfind("(C") + 1, message.rfind(')') - message.rfind("(C") - 1)); };
  std::set<std::string> tested;
  for (const Violation& v : violations()) tested.insert(std::string(v.op) + " " + number(v.message));
  for (const Program& p : kBroken) {
    const std::string text = p.text;
    const std::size_t begin = text.find("nh.") + 3;
    tested.insert(text.substr(begin, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin) - begin) + " " + number(p.message));
  }
  EXPECT_EQ(tested, documented());
}

TEST(Verifier, ResultTypesAndDtypes) {
  EXPECT_NE(diagnose("%r = nh.reshape %x {shape = array<i64: 3, 1>} : (tensor<3xf64>) -> tensor<1x3xf64>")
                .find("has result type f64[1, 3], but operands and attributes give f64[3, 1]"), std::string::npos);
  EXPECT_NE(diagnose("%r = nh.constant dense<1.0> : tensor<2xf16>").find("dtypes are i1, i32, i64, ui32, ui64, f32 and f64"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch::test
