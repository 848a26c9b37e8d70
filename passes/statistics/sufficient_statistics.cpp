#include "passes/statistics/sufficient_statistics.h"

#include <limits>
#include <map>
#include <numeric>

#include "ir/trace/program.h"
#include "passes/advice/notes.h"
#include "passes/simplify/patterns.h"
#include "passes/statistics/affine.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::Operation;
using mlir::Value;

namespace {

constexpr int64_t kFewElements = 16;           // below, a sum costs less than its statistics
constexpr int64_t kLongestFactorisation = 50'000'000;  // flops in front of a loop

/// The sum of a polynomial over all elements of an array.
class SumOfPolynomial {
 public:
  SumOfPolynomial(Cells& cells, LoopInvariants& invariants, Builder b)
      : cells(cells), invariants(invariants), b(b), forms(cells, invariants, b) {}

  Value of(Value summand) {
    auto q = forms.quadratic(summand);
    if (!q) return {};
    Value total;
    if (q->affine) total = affine(*q->affine);
    for (const Product& p : q->products) {
      Value term = product(p);
      if (!term) return {};
      total = total ? b.add(total, term) : term;
    }
    return total;
  }

 private:
  Builder before() { return {invariants.builder, b.loc}; }
  Value total(Value ofCells) { return shapeOf(ofCells).empty() ? ofCells : b.sum(ofCells, {0}); }
  Value sizes(Value like) {
    Builder p = before();
    return cells.sizes(elementType(like), p);
  }

  /// sum over cells of n base + slope R.
  Value affine(const Affine& x) {
    Value sum = forms.times(sizes(x.base), cells.wide(x.base, b));
    for (const Slope& s : x.slopes) sum = forms.binary(BinaryKind::add, sum, forms.along(s, s.data->remainder));
    return total(sum);
  }

  /// The data of two forms, those of both once.
  static SmallVector<const CentredData*> dataOf(const Affine& x, const Affine& y) {
    SmallVector<const CentredData*> all;
    for (const Affine* form : {&x, &y})
      for (const Slope& s : form->slopes)
        if (!llvm::is_contained(all, s.data)) all.push_back(s.data);
    return all;
  }
  Value slopeOf(const Affine& x, const CentredData* data) {
    for (const Slope& s : x.slopes)
      if (s.data == data) return s.of;
    auto shape = data->matrix ? SmallVector<int64_t>{data->columns} : SmallVector<int64_t>{};
    return b.zeros(mlir::RankedTensorType::get(shape, elementType(x.base)));
  }

  Value product(const Product& p) {
    const bool square = p.left.base == p.right.base;
    Value left = cells.wide(p.left.base, b), right = cells.wide(p.right.base, b);
    Value sum = forms.times(sizes(left), forms.times(left, right));
    auto mixed = [&](Value base, const Affine& other) {
      Value r;
      for (const Slope& s : other.slopes) {
        Value one = forms.along(s, s.data->remainder);
        r = r ? forms.binary(BinaryKind::add, r, one) : one;
      }
      return r ? forms.times(base, r) : Value();
    };
    for (Value r : {mixed(left, p.right), square ? Value() : mixed(right, p.left)}) {
      if (!r) continue;
      if (square) r = b.add(r, r);
      sum = forms.binary(BinaryKind::add, sum, r);
    }
    auto data = dataOf(p.left, p.right);
    Value own = data.empty() ? Value() : productOfCentred(p, data, square);
    if (!data.empty() && !own) return {};
    if (own && shapeOf(own).size() == shapeOf(sum).size()) sum = b.add(sum, own), own = {};
    if (p.factor) sum = forms.times(sum, p.factor);
    if (own && p.factor && !shapeOf(p.factor).empty()) return {};
    if (own && p.factor) own = b.mul(own, p.factor);
    return own ? b.add(total(sum), own) : total(sum);
  }

  /// sum of (a . d)(b . d) over the centred data d: for each cell, or a scalar for all of them.
  Value productOfCentred(const Product& p, llvm::ArrayRef<const CentredData*> data, bool square) {
    if (data.size() == 1 && !data[0]->matrix) {
      Value x = slopeOf(p.left, data[0]), y = square ? x : slopeOf(p.right, data[0]);
      Builder q = before();
      Value squares = q.mul(data[0]->centred, data[0]->centred);
      const bool pooled = shapeOf(x).empty() && shapeOf(y).empty();
      return forms.times(pooled ? q.total(squares) : cells.sums(squares, q), forms.times(x, y));
    }
    Value triangle = factor(data);
    if (!triangle) return {};
    auto image = [&](const Affine& form) -> Value {
      SmallVector<Value> parts;
      for (auto* d : data) {
        Value s = slopeOf(form, d);
        if (!d->matrix && !shapeOf(s).empty()) return {};  // coefficients of its own for each cell
        parts.push_back(b.reshape(s, {d->columns}));
      }
      return b.dot(triangle, parts.size() == 1 ? parts[0] : b.concatenate(parts, 0), {}, {}, {1}, {0});
    };
    Value x = image(p.left), y = square ? x : image(p.right);
    return x && y ? b.dot(x, y, {}, {}, {0}, {0}) : Value();
  }

  /// T with |T a| = |D a| for the columns D of centred data.
  Value factor(llvm::ArrayRef<const CentredData*> data) {
    int64_t columns = 0;
    for (auto* d : data) columns += d->columns;
    const int64_t rows = cells.elements();
    if (4 * columns > rows || 2 * rows * columns * columns > kLongestFactorisation) return {};
    SmallVector<Value> key;
    for (auto* d : data) key.push_back(d->centred);
    Value& known = factors[std::vector<void*>(llvm::map_iterator(key.begin(), pointer), llvm::map_iterator(key.end(), pointer))];
    if (known) return known;
    Builder q = before();
    SmallVector<Value> parts;
    for (auto* d : data) parts.push_back(q.reshape(d->centred, {rows, d->columns}));
    return known = q.op("qr", parts.size() == 1 ? parts[0] : q.concatenate(parts, 1))->getResult(1);
  }
  static void* pointer(Value v) { return v.getAsOpaquePointer(); }

  Cells& cells;
  LoopInvariants& invariants;
  Builder b;
  AffineForms forms;
  std::map<std::vector<void*>, Value> factors;
};

/// Where a sum stands, and what it sums. The inner product of two vectors is the sum of theirs.
struct Sum {
  Operation* op;
  Value summand;
  bool product = false;  // the summand was written out for this pass
};

std::optional<Sum> sumOf(Operation* op) {
  auto scalar = [](Value v) { return shapeOf(v).empty() && mlir::isa<mlir::FloatType>(elementType(v)); };
  auto many = [](Value v) { return tensorType(v).getNumElements() >= kFewElements; };
  if (auto reduce = mlir::dyn_cast<ReduceOp>(op)) {
    const bool is = reduce.getKind() == ReduceKind::sum && scalar(reduce.getResult()) && many(reduce.getX());
    return is ? std::optional(Sum{op, reduce.getX()}) : std::nullopt;
  }
  auto dot = mlir::dyn_cast<DotGeneralOp>(op);
  if (!dot || !scalar(dot.getResult()) || shapeOf(dot.getLhs()).size() != 1 || !many(dot.getLhs())) return std::nullopt;
  mlir::OpBuilder at(op);
  return Sum{op, Builder(at, op->getLoc()).mul(dot.getLhs(), dot.getRhs()), true};
}

/// A log density outside of the support: select(data are in the support, terms, -infinity).
struct Supported {
  Value inside, terms, outside;
};
std::optional<Supported> supported(Value v, const LoopInvariants& invariants) {
  auto select = v.getDefiningOp<SelectOp>();
  if (!select || !invariants.invariant(select.getPred())) return std::nullopt;
  Value outside = select.getB();
  if (auto broadcast = outside.getDefiningOp<BroadcastOp>()) outside = broadcast.getX();
  const auto infinite = splatFloat(outside);
  return infinite && *infinite == -std::numeric_limits<double>::infinity() ? std::optional(Supported{select.getPred(), select.getA(), outside})
                                                                           : std::nullopt;
}

Value condensed(const Sum& sum, LoopInvariants& invariants) {
  auto support = supported(sum.summand, invariants);
  Value terms = support ? support->terms : sum.summand;
  auto cells = Cells::of(terms, invariants);
  if (!cells || 2 * cells->count() > cells->elements()) return {};
  mlir::OpBuilder at(sum.op);
  Builder b(at, sum.op->getLoc());
  Value total = SumOfPolynomial(*cells, invariants, b).of(terms);
  if (!total || !support) return total;
  Builder p(invariants.builder, sum.op->getLoc());
  Value mask = invariants.before(support->inside);
  llvm::SmallVector<int64_t> axes(shapeOf(mask).size());
  std::iota(axes.begin(), axes.end(), 0);
  return b.select(p.reduce(ReduceKind::all, mask, axes), total, b.like(total, -std::numeric_limits<double>::infinity()));
}

/// A function that is worth computing once.
bool costs(Operation* op) {
  if (auto unary = mlir::dyn_cast<UnaryOp>(op)) switch (unary.getKind()) {
      case UnaryKind::neg: case UnaryKind::abs: case UnaryKind::sign: case UnaryKind::floor: case UnaryKind::ceil:
      case UnaryKind::round: case UnaryKind::logical_not: case UnaryKind::is_finite: return false;
      default: return true;
    }
  return mlir::isa<TernaryOp>(op);
}

/// Summands of a sum that are functions of data alone, and expensive: taken out of it. Other data stay: the sum of y and
/// that of mu may be large where all y - mu are small.
Value withoutDataOnlyTerms(const Sum& sum, LoopInvariants& invariants) {
  if (sum.product) return {};
  mlir::OpBuilder at(sum.op);
  Builder b(at, sum.op->getLoc());
  Value rest, taken;
  SmallVector<std::pair<Value, bool>> open{{sum.summand, false}};
  auto add = [](Builder& b, Value& to, Value term, bool minus) {
    to = !to ? (minus ? b.neg(term) : term) : minus ? b.sub(to, term) : b.add(to, term);
  };
  while (!open.empty()) {
    auto [v, minus] = open.pop_back_val();
    auto op = v.getDefiningOp<BinaryOp>();
    if (op && !invariants.invariant(v) && (op.getKind() == BinaryKind::add || op.getKind() == BinaryKind::sub)) {
      open.push_back({op.getB(), minus != (op.getKind() == BinaryKind::sub)});
      open.push_back({op.getA(), minus});
    } else if (v.getDefiningOp() && invariants.invariant(v) && costs(v.getDefiningOp())) {
      Builder p(invariants.builder, sum.op->getLoc());
      Value once = p.total(invariants.before(v));
      add(b, taken, once, minus);
    } else {
      add(b, rest, v, minus);
    }
  }
  return taken && rest ? b.add(b.total(rest), taken) : Value();
}

void note(const Sum& sum, Operation* loop, const char* what) {
  if (!Notes::wanted()) return;
  std::string shape;
  for (int64_t extent : shapeOf(sum.summand)) shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
  Notes::add("the sum over [" + shape + "] at " + ir::describe(sum.op->getLoc()) + what + ir::describe(loop->getLoc()));
}

/// Data of a loop that is itself differentiated may have derivatives, which a factorisation need not have.
bool differentiated(Operation* loop) { return loop->getParentOfType<VjpOp>() || loop->getParentOfType<JvpOp>() || loop->getParentOfType<CustomDerivativeOp>(); }

}  // namespace

void useSufficientStatistics(mlir::ModuleOp module) {
  SmallVector<Operation*> inLoops;
  module.walk([&](Operation* op) {
    if (mlir::isa<ReduceOp, DotGeneralOp>(op) && !loopsAround(op).empty()) inLoops.push_back(op);
  });
  llvm::DenseMap<Operation*, std::unique_ptr<LoopInvariants>> known;
  for (Operation* op : inLoops) {
    auto sum = sumOf(op);
    if (!sum) continue;
    Value replacement;
    for (Operation* loop : loopsAround(op)) {
      if (differentiated(loop)) continue;
      auto& invariants = known[loop];
      if (!invariants) invariants = std::make_unique<LoopInvariants>(loop);
      if (invariants->invariant(op->getResult(0))) break;  // hoisted as it is
      replacement = condensed(*sum, *invariants);
      if (replacement) note(*sum, loop, ": sufficient statistics, computed once before the loop at ");
      if (replacement) break;
      replacement = withoutDataOnlyTerms(*sum, *invariants);
      if (replacement) note(*sum, loop, ": terms of data alone are summed once, before the loop at ");
      if (replacement) break;
    }
    if (replacement) op->getResult(0).replaceAllUsesWith(replacement);
    else if (sum->product) sum->summand.getDefiningOp()->erase();
  }
}

}  // namespace nuthatch::passes
