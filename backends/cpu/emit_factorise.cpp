// lu, qr, eigh and svd: the algorithms of ir/ops/linalg/kernels, run on a machine that emits code. One matrix per lane;
// without lanes, rows are walked in vectors of neighbouring elements.
#include <limits>

#include "backends/cpu/emitter.h"
#include "ir/ops/linalg/kernels/svd.h"

namespace nuthatch::cpu {

/// What the algorithms work on: an operand or result of the operation at one index of its batch, or a temporary array.
struct FactorMatrix {
  mlir::Value value;               // null for temporaries
  const Index* batch = nullptr;    // leading coordinates of `value`
  bool vector = false;             // `value` has one more dimension, not two
  LV data = nullptr;
  int64_t columns = 0;
};

class FactorMachine {
 public:
  using Number = Real;
  using Matrix = FactorMatrix;
  using Mask = cpu::Mask;
  struct Index {
    LV v;
  };
  FactorMachine(Emitter& e, Dtype dtype, bool varies) : e(e), dtype(dtype), varies(varies) {}

  Index index(int64_t i) { return {e.i64(i)}; }
  Index next(Index i) { return {e.builder.CreateAdd(i.v, e.i64(1))}; }
  Index backwards(int64_t n, Index i) { return {e.builder.CreateSub(e.i64(n - 1), i.v)}; }
  Real number(double x) { return {llvm::ConstantFP::get(registerType(e.module.getContext(), dtype), x)}; }
  Real count(Index i) { return {emitConvert(i.v, Dtype::i64, dtype)}; }
  Real epsilon() {
    return number(dtype == Dtype::f32 ? double(std::numeric_limits<float>::epsilon()) : std::numeric_limits<double>::epsilon());
  }
  Real bigPower() { return number(dtype == Dtype::f32 ? 0x1p50 : 0x1p400); }
  Real abs(Real x) { return cpu::abs(x); }
  Real sqrt(Real x) { return cpu::sqrt(x); }
  Real fma(Real a, Real b, Real c) { return cpu::fma(a, b, c); }
  Real select(Mask p, Real a, Real b) { return {chooseLanes(p.v, a.v, b.v)}; }

  Real load(const Matrix& a, Index i, Index j) { return loadAt(a, i, {j.v, 0}); }
  Real load(const Matrix& a, Index i, Ix j) { return loadAt(a, i, j); }
  void store(const Matrix& a, Index i, Index j, Real x) { storeAt(a, i, {j.v, 0}, x); }
  void store(const Matrix& a, Index i, Ix j, Real x) { storeAt(a, i, j, x); }
  void storeInteger(const Matrix& a, Index i, Real x) {
    e.store(a.value, coordinates(a, i, {i.v, 0}), emitConvert(x.v, dtype, Dtype::i64));
  }
  template <class Column> void exchange(Mask p, const Matrix& a, Index i, Column j, Index k, Column l) {
    Real x = load(a, i, j), y = load(a, k, l);
    store(a, i, j, select(p, y, x));
    store(a, k, l, select(p, x, y));
  }
  Matrix temporary(int64_t rows, int64_t columns) {
    Matrix out;
    out.data = e.temporary(dtype, rows * columns, varies);
    out.columns = columns;
    return out;
  }

  template <class F> void loop(Index from, Index to, F&& body) {
    e.ifThen(e.builder.CreateICmpSLT(from.v, to.v), [&] {
      e.loop(from.v, to.v, 1, [&](LV i) { body(Index{i}); }, true);
    });
  }
  template <class F> void row(Index from, Index to, F&& body) {
    e.alongRow(from.v, to.v, [&](Ix j) { body(j); });
  }
  template <class F> void when(Mask p, F&& body) { e.ifThen(anyLane(p.v), body); }

 private:
  cpu::Index coordinates(const Matrix& a, Index i, Ix j) {
    cpu::Index at = *a.batch;
    if (!a.vector) at.dims.push_back({i.v, 0});
    at.dims.push_back(j);
    return at;
  }
  Ix position(const Matrix& a, Index i, Ix j) {
    return {e.builder.CreateAdd(e.mul(i.v, a.columns), j.base), j.stride};
  }
  Real loadAt(const Matrix& a, Index i, Ix j) {
    return {a.value ? e.load(a.value, coordinates(a, i, j)) : e.loadAt(a.data, dtype, varies, false, position(a, i, j))};
  }
  void storeAt(const Matrix& a, Index i, Ix j, Real x) {
    if (a.value) return e.store(a.value, coordinates(a, i, j), x.v);
    e.storeAt(a.data, dtype, varies, position(a, i, j), x.v);
  }

  Emitter& e;
  Dtype dtype;
  bool varies;
};

void Emitter::factorise(Operation* op) {
  Value x = op->getOperand(0);
  auto dims = shape(x);
  int64_t rows = dims[dims.size() - 2], columns = dims.back();
  if (rows == 0 || columns == 0) return;
  FactorMachine machine(*this, dtype(x), varies(op->getResult(0)));
  auto input = mlir::isa<ir::LuOp>(op) ? FactorMatrix() : machine.temporary(rows, columns);
  fill(llvm::SmallVector<int64_t>(dims.drop_back(2)), [&](const Index& batch) {
    auto result = [&](unsigned k) {
      FactorMatrix out;
      out.value = op->getResult(k);
      out.batch = &batch;
      out.vector = shape(out.value).size() < dims.size();
      return out;
    };
    if (mlir::isa<ir::LuOp>(op)) input = result(0);
    machine.loop(machine.index(0), machine.index(rows), [&](auto i) {
      machine.row(machine.index(0), machine.index(columns), [&](Ix j) {
        Index at = batch;
        at.dims.push_back({i.v, 0});
        at.dims.push_back(j);
        machine.store(input, i, j, Real{element(x, at)});
      });
    });
    memo.clear();
    if (mlir::isa<ir::LuOp>(op)) ir::kernels::lu(machine, rows, input, result(1));
    else if (mlir::isa<ir::QrOp>(op)) ir::kernels::qr(machine, rows, columns, input, result(0), result(1));
    else if (mlir::isa<ir::EighOp>(op)) ir::kernels::eigh(machine, rows, input, result(0), result(1));
    else ir::kernels::svd(machine, rows, columns, input, result(0), result(1), result(2));
    memo.clear();
  }, false, false, true);
}

}  // namespace nuthatch::cpu
