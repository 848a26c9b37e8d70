#include "passes/statistics/affine.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Value;

namespace {

constexpr int kOther = 3;

bool neg(Value v) {
  auto op = v.getDefiningOp<UnaryOp>();
  return op && op.getKind() == UnaryKind::neg;
}

/// The matrix and the vector of a product of the two, the matrix [elements, columns].
struct MatrixTimesVector {
  Value matrix, vector;
  bool transposed = false;
};
std::optional<MatrixTimesVector> matrixTimesVector(Value v) {
  auto dot = v.getDefiningOp<DotGeneralOp>();
  if (!dot || shapeOf(v).size() != 1 || !dot.getLhsBatch().empty() || dot.getLhsContract().size() != 1) return std::nullopt;
  Value x = dot.getLhs(), y = dot.getRhs();
  int64_t contracted = dot.getLhsContract()[0];
  if (shapeOf(x).size() == 1) std::swap(x, y), contracted = dot.getRhsContract()[0];
  if (shapeOf(x).size() != 2 || shapeOf(y).size() != 1) return std::nullopt;
  return MatrixTimesVector{x, y, contracted == 0};
}

}  // namespace

Value AffineForms::binary(BinaryKind kind, Value x, Value y) {
  if (shapeOf(x).size() != shapeOf(y).size()) x = cells.wide(x, b), y = cells.wide(y, b);
  return b.binary(kind, x, y);
}

Value AffineForms::along(const Slope& slope, Value ofData) {
  if (!slope.data->matrix) return times(ofData, slope.of);
  return b.dot(ofData, slope.of, {}, {}, {int64_t(shapeOf(ofData).size()) - 1}, {0});
}

int AffineForms::degree(Value v) {
  auto found = degrees.find(v);
  if (found != degrees.end()) return found->second;
  const int d = degreeOf(v);
  return degrees[v] = d;
}

int AffineForms::degreeOf(Value v) {
  if (cells.isParameter(v)) return 0;
  if (invariants.invariant(v)) return 1;
  if (mapOf(v)) return 1;
  if (auto product = matrixTimesVector(v)) return invariants.invariant(product->matrix) ? 1 : kOther;
  if (guardedProduct(v) || chooser(v)) return 1;
  if (neg(v)) return degree(v.getDefiningOp<UnaryOp>().getX());
  auto op = v.getDefiningOp<BinaryOp>();
  if (!op) return kOther;
  const int x = degree(op.getA()), y = degree(op.getB());
  switch (op.getKind()) {
    case BinaryKind::add: case BinaryKind::sub: return std::max(x, y);
    case BinaryKind::mul:
      if (weightsOf(op, op.getA()) || weightsOf(op, op.getB())) return std::max({x, y, 1});
      return std::min(x + y, kOther);
    case BinaryKind::div: return y == 0 ? x : weightsOf(op, op.getB()) ? std::max(x, 1) : kOther;
    default: return kOther;
  }
}

Value AffineForms::weightsOf(BinaryOp op, Value factor) {
  if (cells.isParameter(factor) || !invariants.invariant(factor)) return {};
  return op.getKind() == BinaryKind::mul || factor == op.getB() ? factor : Value();
}

const CentredData* AffineForms::centre(Value data) {
  if (auto* done = known.lookup(data)) return done;
  Builder p = before();
  const bool matrix = shapeOf(data) != cells.shape();
  Value sums = cells.sums(data, p), sizes = cells.sizes(elementType(data), p);
  if (matrix && shapeOf(sums).size() == 2) sizes = p.broadcast(sizes, shapeOf(sums), {0});
  else if (matrix) sizes = p.broadcast(sizes, shapeOf(sums), {});
  // Any centre is right; the mean is where what is left is small. Of infinite data, and of empty cells, there is none.
  Value mean = p.div(sums, sizes);
  mean = p.select(p.unary(UnaryKind::is_finite, mean), mean, p.like(mean, 0));
  Value centred = p.sub(data, cells.spread(mean, matrix, p));
  all.push_back({centred, mean, cells.sums(centred, p), matrix ? shapeOf(data)[1] : 1, matrix});
  return known[data] = &all.back();
}

Affine AffineForms::dataTimes(Value data, Value slope) {
  Slope s{centre(data), slope};
  return {along(s, s.data->centre), {s}};
}

std::optional<Affine> AffineForms::affine(Value v) {
  auto found = forms.find(v);
  if (found != forms.end()) return found->second;
  auto form = affineOf(v);
  return forms[v] = form;
}

std::optional<Affine> AffineForms::affineOf(Value v) {
  if (degree(v) > 1) return std::nullopt;
  if (degree(v) == 0) return Affine{cells.parameter(v, b), {}};
  if (invariants.invariant(v)) {
    const CentredData* data = centre(invariants.before(v));
    return Affine{data->centre, {{data, b.splat(mlir::RankedTensorType::get({}, elementType(v)), 1)}}};
  }
  if (auto map = mapOf(v)) return mapped(*map, affine(map->vector));
  if (matrixTimesVector(v)) return matrixTimes(v);
  if (auto product = guardedProduct(v)) return guarded(*product);
  if (Value mask = chooser(v)) return choice(v, mask);
  if (neg(v)) return scaled(BinaryKind::mul, affine(v.getDefiningOp<UnaryOp>().getX()), b.splat(mlir::RankedTensorType::get({}, elementType(v)), -1));
  auto op = v.getDefiningOp<BinaryOp>();
  Value x = op.getA(), y = op.getB();
  if (op.getKind() == BinaryKind::add || op.getKind() == BinaryKind::sub) return sum(op.getKind(), affine(x), affine(y));
  if (op.getKind() == BinaryKind::mul && degree(x) == 0) std::swap(x, y);
  if (degree(y) == 0) return scaled(op.getKind(), affine(x), cells.parameter(y, b));
  if (op.getKind() == BinaryKind::mul && weightsOf(op, x)) std::swap(x, y);
  Value weights = invariants.before(y);
  if (op.getKind() == BinaryKind::div) weights = before().div(before().like(weights, 1), weights);
  return weighted(affine(x), weights);
}

std::optional<Affine> AffineForms::matrixTimes(Value v) {
  auto product = *matrixTimesVector(v);
  Value matrix = invariants.before(product.matrix);
  return dataTimes(product.transposed ? before().transpose(matrix, {1, 0}) : matrix, product.vector);
}

/// A linear map of an expression that is affine in data, when nothing tells elements apart but data.
std::optional<LinearMap> AffineForms::mapOf(Value v) {
  if (cells.count() != 1) return std::nullopt;
  auto map = linearMap(v, invariants);
  return map && degree(map->vector) <= 1 ? map : std::nullopt;
}

/// M (base 1 + sum of slopes s times data d): the data become M 1 and M d.
std::optional<Affine> AffineForms::mapped(const LinearMap& map, std::optional<Affine> x) {
  if (!x) return std::nullopt;
  Builder p = before();
  auto apply = [&](Value data) {
    const llvm::SmallVector<int64_t> shape(shapeOf(data));
    const int64_t rows = shape[0];
    if (mlir::isa<TriangularSolveOp>(map.op)) {
      Value right = shape.size() == 1 ? p.reshape(data, {rows, 1}) : data;
      return p.reshape(p.one("triangular_solve", {invariants.before(map.op->getOperand(0)), right}, map.op->getAttrs()), shape);
    }
    auto dot = mlir::cast<DotGeneralOp>(map.op);
    const bool left = dot.getLhs() != map.vector;
    Value matrix = invariants.before(left ? dot.getLhs() : dot.getRhs());
    return p.dot(matrix, data, {}, {}, left ? dot.getLhsContract() : dot.getRhsContract(), {0});
  };
  Value ones = p.splat(mlir::RankedTensorType::get(cells.shape(), elementType(x->base)), 1);
  std::optional<Affine> out = dataTimes(apply(ones), x->base);
  for (Slope s : x->slopes) out = sum(BinaryKind::add, out, dataTimes(apply(s.data->centred), s.of));
  return out;
}

std::optional<Affine> AffineForms::sum(BinaryKind kind, std::optional<Affine> x, std::optional<Affine> y) {
  if (!x || !y) return std::nullopt;
  Affine out{binary(kind, x->base, y->base), x->slopes};
  for (Slope s : y->slopes) {
    auto* same = llvm::find_if(out.slopes, [&](const Slope& t) { return t.data == s.data; });
    if (same != out.slopes.end()) same->of = binary(kind, same->of, s.of);
    else out.slopes.push_back({s.data, kind == BinaryKind::sub ? b.neg(s.of) : s.of});
  }
  return out;
}

std::optional<Affine> AffineForms::scaled(BinaryKind kind, std::optional<Affine> x, Value factor) {
  if (!x) return std::nullopt;
  Affine out{binary(kind, x->base, factor), {}};
  for (Slope s : x->slopes) {
    if (!s.data->matrix) {
      out.slopes.push_back({s.data, binary(kind, s.of, factor)});
      continue;
    }
    if (!shapeOf(factor).empty()) return std::nullopt;
    out.slopes.push_back({s.data, b.binary(kind, s.of, b.spread(factor, shapeOf(s.of)))});
  }
  return out;
}

/// w (base + sum of slopes s times data d): the data become w and w d.
std::optional<Affine> AffineForms::weighted(std::optional<Affine> x, Value weights) {
  if (!x) return std::nullopt;
  std::optional<Affine> out = dataTimes(weights, x->base);
  Builder p = before();
  for (Slope s : x->slopes) {
    Value w = s.data->matrix ? p.broadcast(weights, shapeOf(s.data->centred), {0}) : weights;
    out = sum(BinaryKind::add, out, dataTimes(p.mul(w, s.data->centred), s.of));
  }
  return out;
}

std::optional<Quadratic> AffineForms::quadratic(Value v) {
  if (degree(v) > 2) return std::nullopt;
  if (degree(v) <= 1) {
    auto form = affine(v);
    return form ? std::optional(Quadratic{form, {}}) : std::nullopt;
  }
  if (neg(v)) {
    auto q = quadratic(v.getDefiningOp<UnaryOp>().getX());
    Value minus = b.splat(mlir::RankedTensorType::get({}, elementType(v)), -1);
    if (q && q->affine) q->affine = scaled(BinaryKind::mul, q->affine, minus);
    if (q)
      for (Product& p : q->products) p.factor = p.factor ? b.neg(p.factor) : minus;
    return q;
  }
  auto op = v.getDefiningOp<BinaryOp>();
  if (op.getKind() == BinaryKind::mul || op.getKind() == BinaryKind::div) return quadraticProduct(op);
  auto x = quadratic(op.getA()), y = quadratic(op.getB());
  if (!x || !y) return std::nullopt;
  const bool minus = op.getKind() == BinaryKind::sub;
  if (minus)
    for (Product& p : y->products) p.factor = p.factor ? b.neg(p.factor) : b.splat(mlir::RankedTensorType::get({}, elementType(v)), -1);
  if (x->affine && y->affine) x->affine = sum(op.getKind(), x->affine, y->affine);
  else if (y->affine) x->affine = minus ? scaled(BinaryKind::mul, y->affine, b.splat(mlir::RankedTensorType::get({}, elementType(v)), -1)) : y->affine;
  x->products.append(y->products);
  return x;
}

std::optional<Quadratic> AffineForms::quadraticProduct(BinaryOp op) {
  Value x = op.getA(), y = op.getB();
  const bool quotient = op.getKind() == BinaryKind::div;
  if (!quotient && degree(x) == 1 && degree(y) == 1) {
    auto left = affine(x), right = affine(y);
    return left && right ? std::optional(Quadratic{std::nullopt, {{{}, *left, *right}}}) : std::nullopt;
  }
  if (!quotient && degree(x) < degree(y)) std::swap(x, y);
  auto q = quadratic(x);
  if (!q) return std::nullopt;
  if (degree(y) == 0) {
    Value factor = cells.parameter(y, b);
    if (q->affine && !(q->affine = scaled(op.getKind(), q->affine, factor))) return std::nullopt;
    for (Product& p : q->products) p.factor = p.factor ? binary(op.getKind(), p.factor, factor) : quotient ? b.div(b.like(factor, 1), factor) : factor;
    return q;
  }
  Value weights = invariants.before(y);
  if (quotient) weights = before().div(before().like(weights, 1), weights);
  if (q->affine && !(q->affine = weighted(q->affine, weights))) return std::nullopt;
  for (Product& p : q->products) {
    auto left = weighted(p.left, weights);
    if (!left) return std::nullopt;
    p.left = *left;
  }
  return q;
}

}  // namespace nuthatch::passes
