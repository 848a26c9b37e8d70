// Shapes, costs, reference evaluation and batching of lu, qr, eigh and svd. Matrices are the last two dimensions.
#include "ir/ops/batching_support.h"
#include "ir/ops/eval_support.h"
#include "ir/ops/linalg/kernels/host.h"
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {

//===------------------------------------ shapes ---------------------------------===//
using shapes::fail;

mlir::RankedTensorType like(mlir::RankedTensorType x, std::initializer_list<int64_t> last, mlir::Type element = {}) {
  llvm::SmallVector<int64_t> shape(x.getShape().drop_back(2));
  shape.append(last.begin(), last.end());
  return mlir::RankedTensorType::get(shape, element ? element : x.getElementType());
}

/// Floating point (C1), and square, or with at least as many rows as columns (C2).
bool accepted(ShapeInput& in, bool square) {
  auto x = in.operands[0];
  if (!shapes::isFloat(in.element(0))) fail(in, 1, "takes floating-point numbers, not ", x);
  else if (x.getRank() < 2) fail(in, 2, "takes matrices, not ", x);
  else if (int64_t rows = x.getDimSize(x.getRank() - 2), columns = x.getShape().back(); square && rows != columns)
    fail(in, 2, "the last two dimensions of ", x, " are not square");
  else if (rows < columns)
    fail(in, 2, "the matrices of ", x, " have fewer rows than columns");
  return in.error.empty();
}

Types lu(ShapeInput& in) {
  if (!accepted(in, true)) return {};
  auto x = in.operands[0];
  return {x, like(x, {x.getShape().back()}, elementType(in.context(), Dtype::i64))};
}
Types qr(ShapeInput& in) {
  if (!accepted(in, false)) return {};
  auto x = in.operands[0];
  int64_t n = x.getShape().back();
  return {x, like(x, {n, n})};
}
Types eigh(ShapeInput& in) {
  if (!accepted(in, true)) return {};
  auto x = in.operands[0];
  return {like(x, {x.getShape().back()}), x};
}
Types svd(ShapeInput& in) {
  if (!accepted(in, false)) return {};
  auto x = in.operands[0];
  int64_t n = x.getShape().back();
  return {x, like(x, {n}), like(x, {n, n})};
}

/// Flops per element of an m x n matrix: `factor` n.
template <int factor> double cost(mlir::Operation* op) { return factor * double(shapeOf(op->getOperand(0)).back()); }

//===---------------------------------- evaluation -------------------------------===//

/// body(host, k) for matrix k of the batch, in the operand's number type.
template <class F> void eachMatrix(const Array& x, F&& body) {
  const std::int64_t size = x.shape[x.shape.size() - 2] * x.shape.back(), count = size ? x.num_elements() / size : 0;
  auto run = [&]<class T>(std::type_identity<T>) {
    for (std::int64_t k = 0; k < count; ++k) {
      kernels::Host<T> host;
      body(host, k);
    }
  };
  if (x.dtype == Dtype::f32) run(std::type_identity<float>());
  else run(std::type_identity<double>());
}
/// Matrix k of a batch of [rows, columns], or of vectors when rows is 0.
template <class T> typename kernels::Host<T>::Matrix matrix(Array& a, std::int64_t k, std::int64_t rows, std::int64_t columns) {
  return {a.as<T>() + k * (rows ? rows : 1) * columns, rows ? columns : 0, nullptr};
}
/// The operand's matrix k in memory that may be overwritten.
template <class T>
typename kernels::Host<T>::Matrix copied(kernels::Host<T>& host, const Array& x, std::int64_t k, std::int64_t rows, std::int64_t columns) {
  auto y = host.temporary(rows, columns);
  std::copy_n(x.as<T>() + k * rows * columns, rows * columns, y.data);
  return y;
}

void evalLu(const Attributes&, Operands in, Results out) {
  const std::int64_t n = in[0].shape.back();
  std::copy_n(in[0].data.get(), in[0].bytes(), out[0].data.get());
  eachMatrix(in[0], [&]<class T>(kernels::Host<T>& host, std::int64_t k) {
    typename kernels::Host<T>::Matrix permutation{nullptr, 0, out[1].as<std::int64_t>() + k * n};
    kernels::lu(host, n, matrix<T>(out[0], k, n, n), permutation);
  });
}
void evalQr(const Attributes&, Operands in, Results out) {
  const std::int64_t m = in[0].shape[in[0].shape.size() - 2], n = in[0].shape.back();
  eachMatrix(in[0], [&]<class T>(kernels::Host<T>& host, std::int64_t k) {
    kernels::qr(host, m, n, copied(host, in[0], k, m, n), matrix<T>(out[0], k, m, n), matrix<T>(out[1], k, n, n));
  });
}
void evalEigh(const Attributes&, Operands in, Results out) {
  const std::int64_t n = in[0].shape.back();
  eachMatrix(in[0], [&]<class T>(kernels::Host<T>& host, std::int64_t k) {
    kernels::eigh(host, n, copied(host, in[0], k, n, n), matrix<T>(out[0], k, 0, n), matrix<T>(out[1], k, n, n));
  });
}
void evalSvd(const Attributes&, Operands in, Results out) {
  const std::int64_t m = in[0].shape[in[0].shape.size() - 2], n = in[0].shape.back();
  eachMatrix(in[0], [&]<class T>(kernels::Host<T>& host, std::int64_t k) {
    kernels::svd(host, m, n, copied(host, in[0], k, m, n), matrix<T>(out[0], k, m, n), matrix<T>(out[1], k, 0, n),
                 matrix<T>(out[2], k, n, n));
  });
}

//===----------------------------------- batching --------------------------------===//

/// Leading dimensions are batch dimensions already.
batching::Results leading(Builder& b, mlir::Operation* op, mlir::ValueRange x, llvm::ArrayRef<bool>, int64_t) {
  auto results = b.op(op->getName().stripDialect(), x, op->getAttrs())->getResults();
  return batching::Results(results.begin(), results.end());
}

}  // namespace

void registerFactorise() {
  auto set = [](const char* op, ShapeRule shape, EvalRule eval, CostRule cost) {
    rulesOf(op).shape = shape;
    rulesOf(op).cost = cost;
    rulesOf(op).batch = leading;
    registerEval(op, eval);
  };
  set("lu", lu, evalLu, cost<1>);
  set("qr", qr, evalQr, cost<4>);
  set("eigh", eigh, evalEigh, cost<50>);
  set("svd", svd, evalSvd, cost<50>);
}

}  // namespace nuthatch::ir
