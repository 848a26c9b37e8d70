#pragma once
// Derivatives against Richardson differences through the interpreter. A function is C++ that writes its body; vjp and jvp
// of a function are functions again, so the same check applies to derivatives of derivatives.
#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>
#include <mlir/IR/Verifier.h>

#include "ir/interpreter/interpreter.h"
#include "ir/ops/derivative.h"
#include "ir/trace/program.h"
#include "passes/transform/expand.h"

namespace nuthatch::test {

using detail::Array;
using Arrays = std::vector<Array>;
using mlir::Value;
using Values = llvm::SmallVector<Value>;
using Function = std::function<Values(ir::Builder&, mlir::ValueRange)>;
using Module = mlir::OwningOpRef<mlir::ModuleOp>;

inline bool isFloat(const Array& a) { return a.dtype == Dtype::f64 || a.dtype == Dtype::f32; }
inline double get(const Array& a, std::int64_t i) { return a.dtype == Dtype::f64 ? a.as<double>()[i] : double(a.as<float>()[i]); }
inline void put(Array& a, std::int64_t i, double v) {
  if (a.dtype == Dtype::f64) a.as<double>()[i] = v;
  else a.as<float>()[i] = float(v);
}

inline Array filled(Dtype dtype, Shape shape, const std::function<double(std::int64_t)>& value) {
  Array a(dtype, std::move(shape));
  for (std::int64_t i = 0; i < a.num_elements(); ++i) put(a, i, value(i));
  return a;
}
/// Distinct values, none near another, spread over (low, high).
inline Array spread(Shape shape, double low = 0.3, double high = 1.7, Dtype dtype = Dtype::f64, unsigned seed = 0) {
  const std::int64_t n = shape.num_elements();
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) order[std::size_t(i)] = i;
  std::mt19937_64 random(7 + seed);
  std::shuffle(order.begin(), order.end(), random);
  return filled(dtype, std::move(shape),
                [&](std::int64_t i) { return low + (high - low) * (double(order[std::size_t(i)]) + 0.37) / double(n); });
}
inline Array integers(Shape shape, std::vector<std::int64_t> values) {
  Array a(Dtype::i64, std::move(shape));
  std::copy(values.begin(), values.end(), a.as<std::int64_t>());
  return a;
}
inline Array normals(const Array& like, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  return filled(like.dtype, like.shape, [&](std::int64_t) { return normal(random); });
}

inline Values floats(mlir::ValueRange all) {
  Values out;
  for (Value v : all)
    if (ir::isFloat(v)) out.push_back(v);
  return out;
}

/// Writes a region body of the function.
inline void writeBody(ir::Builder& b, mlir::Region& region, mlir::TypeRange types, const Function& f) {
  mlir::OpBuilder::InsertionGuard guard(b.b);
  mlir::Block* block = b.b.createBlock(&region);
  for (mlir::Type t : types) block->addArgument(t, b.loc);
  Values results = f(b, block->getArguments());
  ir::YieldOp::create(b.b, b.loc, results);
}

/// What the function yields for arguments of these types, found by writing it once.
inline llvm::SmallVector<mlir::Type> resultTypes(ir::Builder& b, mlir::TypeRange types, const Function& f) {
  mlir::Region region;
  writeBody(b, region, types, f);
  return llvm::SmallVector<mlir::Type>(region.front().getTerminator()->getOperandTypes());
}

/// (x, g) -> cotangents of the floating-point x; g: cotangents of the floating-point results.
inline Function vjpOf(Function f, std::size_t arguments) {
  return [f, arguments](ir::Builder& b, mlir::ValueRange all) {
    auto x = all.take_front(arguments);
    auto results = resultTypes(b, x.getTypes(), f);
    Values operands(x.begin(), x.end());
    std::size_t next = arguments;
    llvm::SmallVector<mlir::Type> types(results);
    for (mlir::Type t : results) operands.push_back(ir::isFloat(t) ? all[next++] : b.zeros(t));
    llvm::SmallVector<std::int64_t> wrt;
    for (auto [k, v] : llvm::enumerate(x))
      if (ir::isFloat(v)) {
        wrt.push_back(std::int64_t(k));
        types.push_back(v.getType());
      }
    auto vjp = ir::VjpOp::create(b.b, b.loc, types, arguments, wrt, operands);
    writeBody(b, vjp.getBody(), x.getTypes(), f);
    auto cotangents = vjp.getResults().drop_front(results.size());
    return Values(cotangents.begin(), cotangents.end());
  };
}

/// (x, t) -> tangents of the floating-point results; t: tangents of the floating-point x.
inline Function jvpOf(Function f, std::size_t arguments) {
  return [f, arguments](ir::Builder& b, mlir::ValueRange all) {
    auto x = all.take_front(arguments);
    auto results = resultTypes(b, x.getTypes(), f);
    Values operands(x.begin(), x.end());
    std::size_t next = arguments;
    for (Value v : x) operands.push_back(ir::isFloat(v) ? all[next++] : b.zeros(v.getType()));
    llvm::SmallVector<mlir::Type> types(results);
    types.append(results.begin(), results.end());
    auto jvp = ir::JvpOp::create(b.b, b.loc, types, operands);
    writeBody(b, jvp.getBody(), x.getTypes(), f);
    return floats(jvp.getResults().drop_front(results.size()));
  };
}

/// f over a new leading axis of every argument and result.
inline Function vmapOf(Function f, std::int64_t size) {
  return [f, size](ir::Builder& b, mlir::ValueRange all) {
    llvm::SmallVector<mlir::Type> types, results;
    for (Value v : all) types.push_back(mlir::RankedTensorType::get(ir::shapeOf(v).drop_front(), ir::elementType(v)));
    for (mlir::Type type : resultTypes(b, types, f)) {
      auto t = mlir::cast<mlir::RankedTensorType>(type);
      llvm::SmallVector<std::int64_t> shape{size};
      shape.append(t.getShape().begin(), t.getShape().end());
      results.push_back(mlir::RankedTensorType::get(shape, t.getElementType()));
    }
    auto vmap = ir::VmapOp::create(b.b, b.loc, results, std::uint64_t(size), llvm::SmallVector<std::int64_t>(all.size(), 0), all);
    writeBody(b, vmap.getBody(), types, f);
    return Values(vmap.getResults());
  };
}

inline mlir::RankedTensorType typeOf(mlir::MLIRContext* c, const Array& a) {
  return ir::tensorType(c, a.dtype, std::vector<std::int64_t>(a.shape.begin(), a.shape.end()));
}

/// A module whose main is the function, transformations expanded.
struct Compiled {
  std::unique_ptr<mlir::MLIRContext> context = ir::makeContext();
  Module module;
  std::string message;  // of a failed expansion

  Compiled(const Function& f, const Arrays& arguments) {
    ir::registerAllRules();
    auto loc = mlir::UnknownLoc::get(context.get());
    module = mlir::ModuleOp::create(loc);
    mlir::OpBuilder at(context.get());
    at.setInsertionPointToEnd(module->getBody());
    ir::Builder b(at, loc);
    llvm::SmallVector<mlir::Type> types;
    for (const Array& a : arguments) types.push_back(typeOf(context.get(), a));
    auto results = resultTypes(b, types, f);
    auto function = mlir::func::FuncOp::create(at, loc, "main", at.getFunctionType(types, results));
    at.setInsertionPointToEnd(function.addEntryBlock());
    Values values = f(b, function.getArguments());
    mlir::func::ReturnOp::create(at, loc, values);
    EXPECT_TRUE(mlir::succeeded(mlir::verify(*module))) << text();
    mlir::ScopedDiagnosticHandler handler(context.get(), [&](mlir::Diagnostic& d) {
      message += d.str() + "\n";
      return mlir::success();
    });
    const std::string before = text();
    if (mlir::succeeded(passes::expandTransforms(*module)))
      EXPECT_TRUE(mlir::succeeded(mlir::verify(*module))) << message << before << text();
  }
  mlir::func::FuncOp main() { return *module->getOps<mlir::func::FuncOp>().begin(); }
  std::string text() {
    std::string out;
    llvm::raw_string_ostream stream(out);
    module->print(stream, mlir::OpPrintingFlags().assumeVerified());
    return out;
  }
  Arrays operator()(const Arrays& arguments) { return ir::interpretFunction(main(), arguments); }
  /// Number of operations of a name, loop bodies included.
  int count(llvm::StringRef name) {
    int n = 0;
    module->walk([&](mlir::Operation* op) { n += op->getName().stripDialect() == name; });
    return n;
  }
  int operations() {
    int n = 0;
    module->walk([&](mlir::Operation*) { ++n; });
    return n;
  }
};

inline Arrays join(Arrays a, const Arrays& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline Arrays onlyFloats(const Arrays& all) {
  Arrays out;
  for (const Array& a : all)
    if (isFloat(a)) out.push_back(a);
  return out;
}
inline Arrays directions(const Arrays& like, unsigned seed) {
  Arrays out;
  for (const Array& a : onlyFloats(like)) out.push_back(normals(a, seed++));
  return out;
}
inline double inner(const Arrays& a, const Arrays& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::int64_t i = 0; i < a[k].num_elements(); ++i) sum += get(a[k], i) * get(b[k], i);
  return sum;
}
/// x + h t in the floating-point arrays.
inline Arrays moved(const Arrays& x, const Arrays& t, double h) {
  Arrays out;
  std::size_t next = 0;
  for (const Array& a : x) {
    if (!isFloat(a)) {
      out.push_back(a);
      continue;
    }
    const Array& d = t[next++];
    out.push_back(filled(a.dtype, a.shape, [&](std::int64_t i) { return get(a, i) + h * get(d, i); }));
  }
  return out;
}
inline Arrays combine(double p, const Arrays& a, double q, const Arrays& b) {
  Arrays out;
  for (std::size_t k = 0; k < a.size(); ++k)
    out.push_back(filled(a[k].dtype, a[k].shape, [&](std::int64_t i) { return p * get(a[k], i) + q * get(b[k], i); }));
  return out;
}
/// Directional derivative: central differences, one Richardson step.
inline Arrays difference(Compiled& f, const Arrays& x, const Arrays& t, double h) {
  auto central = [&](double step) {
    return combine(0.5 / step, onlyFloats(f(moved(x, t, step))), -0.5 / step, onlyFloats(f(moved(x, t, -step))));
  };
  return combine(4.0 / 3, central(h / 2), -1.0 / 3, central(h));
}

struct Check {
  int order = 2;           // derivatives of derivatives up to here
  double step = 2e-3;
  double tolerance = 2e-7;
};

inline void expectClose(const Arrays& have, const Arrays& want, double tolerance, const std::string& what) {
  ASSERT_EQ(have.size(), want.size()) << what;
  for (std::size_t k = 0; k < have.size(); ++k)
    for (std::int64_t i = 0; i < have[k].num_elements(); ++i) {
      const double a = get(have[k], i), b = get(want[k], i);
      EXPECT_LE(std::abs(a - b), tolerance * (1 + std::abs(b))) << what << ", result " << k << " element " << i << ": " << a << " not " << b;
    }
}

inline Array stacked(const Arrays& parts) {
  Shape shape = parts[0].shape;
  shape.insert(shape.begin(), std::int64_t(parts.size()));
  Array all(parts[0].dtype, shape);
  for (std::size_t k = 0; k < parts.size(); ++k) std::copy_n(parts[k].data.get(), parts[k].bytes(), all.data.get() + k * parts[k].bytes());
  return all;
}

/// vmap of f over points near x against f at each; for functions, vjps and jvps alike.
inline void checkBatching(const Function& f, const Arrays& x, double tolerance, const std::string& path) {
  std::vector<Arrays> points{x, moved(x, directions(x, 41), 1e-3), moved(x, directions(x, 43), 1e-3)};
  Arrays together;
  for (std::size_t k = 0; k < x.size(); ++k) together.push_back(stacked({points[0][k], points[1][k], points[2][k]}));
  Compiled one(f, x), all(vmapOf(f, 3), together);
  ASSERT_EQ(all.message, "") << "vmap(" << path << ")";
  const Arrays have = onlyFloats(all(together));
  std::vector<Arrays> single;
  for (const Arrays& p : points) single.push_back(onlyFloats(one(p)));
  Arrays want;
  for (std::size_t k = 0; k < have.size(); ++k) want.push_back(stacked({single[0][k], single[1][k], single[2][k]}));
  expectClose(have, want, tolerance, "vmap(" + path + ")");
  if (testing::Test::HasFailure()) ADD_FAILURE() << path << "\n" << one.text() << all.text();
}

/// jvp and vjp of f at x, their batching, and to the given order their derivatives.
inline void checkDerivatives(const Function& f, const Arrays& x, Check check = {}, const std::string& path = "f") {
  Compiled value(f, x);
  const Arrays y = onlyFloats(value(x));
  const Arrays t = directions(x, 11), g = directions(y, 23);
  const Arrays expected = difference(value, x, t, check.step);

  const Function jvp = jvpOf(f, x.size()), vjp = vjpOf(f, x.size());
  Compiled forward(jvp, join(x, t)), reverse(vjp, join(x, g));
  ASSERT_EQ(forward.message + reverse.message, "") << path;
  const Arrays tangents = forward(join(x, t)), cotangents = reverse(join(x, g));
  expectClose(tangents, expected, check.tolerance, "jvp(" + path + ")");
  const double have = inner(cotangents, t), want = inner(g, expected);
  EXPECT_LE(std::abs(have - want), 10 * check.tolerance * (1 + std::abs(want))) << "vjp(" << path << "): " << have << " not " << want;
  if (testing::Test::HasFailure()) {
    ADD_FAILURE() << path << "\n" << value.text() << forward.text() << reverse.text();
    return;
  }
  checkBatching(jvp, join(x, t), 1e-10, "jvp(" + path + ")");
  if (!testing::Test::HasFailure()) checkBatching(vjp, join(x, g), 1e-10, "vjp(" + path + ")");
  if (testing::Test::HasFailure()) return;
  if (check.order <= 1) return;
  if (path == "f") {
    Arrays together;
    for (const Array& a : x) together.push_back(stacked({a, a}));
    Check once = check;
    once.order = 1;
    checkDerivatives(vmapOf(f, 2), together, once, "vmap(f)");
    if (testing::Test::HasFailure()) return;
  }
  Check next = check;
  --next.order;
  next.tolerance *= 10;
  checkDerivatives(vjp, join(x, g), next, "vjp(" + path + ")");
  if (!testing::Test::HasFailure()) checkDerivatives(jvp, join(x, t), next, "jvp(" + path + ")");
}

}  // namespace nuthatch::test
