// Operations without regions.
#include <algorithm>

#include "nuthatch/detail/kinds.h"
#include "tools/nh-fuzz/source.h"

namespace nuthatch::fuzz {

using namespace nuthatch::detail;

namespace {

// ---- elementwise ----
void unary(Source& s) {
  static const std::vector<Unary> cheap{Unary::neg, Unary::abs, Unary::sign, Unary::floor, Unary::ceil, Unary::round,
                                        Unary::sqrt, Unary::rsqrt, Unary::stop_gradient};
  static const std::vector<Unary> common{Unary::exp, Unary::log, Unary::log1p, Unary::expm1, Unary::sin, Unary::cos,
                                         Unary::tanh, Unary::logistic, Unary::softplus};
  static const std::vector<Unary> special{
      Unary::tan, Unary::erf, Unary::erfc, Unary::erf_inv, Unary::lgamma, Unary::digamma, Unary::trigamma, Unary::atan,
      Unary::asin, Unary::acos, Unary::sinh, Unary::cosh, Unary::asinh, Unary::acosh, Unary::atanh, Unary::exp2,
      Unary::log2, Unary::log10, Unary::cbrt, Unary::erfcx, Unary::ndtri, Unary::log_ndtr, Unary::bessel_i0e, Unary::bessel_i1e};
  if (s.chance(10)) {
    auto x = s.any();
    if (dtypeOf(x) == Dtype::bool_) return s.add(s.op("unary", Unary::logical_not, {x}));
    if (is_integer(dtypeOf(x)))
      return s.add(s.op("unary", s.oneOf<Unary>({Unary::popcount, Unary::neg, Unary::abs, Unary::sign}), {x}));
    return s.add(s.op("unary", Unary::is_finite, {x}));
  }
  auto x = s.anyFloat();
  const int k = s.below(100);
  s.add(s.op("unary", k < 45 ? s.oneOf(cheap) : k < 88 || !s.mix.special ? s.oneOf(common) : s.oneOf(special), {x}));
}

void binary(Source& s) {
  auto x = s.any();
  if (dtypeOf(x) == Dtype::bool_)
    return s.add(s.op("binary", s.oneOf<Binary>({Binary::and_, Binary::or_, Binary::xor_}), {x, s.ofType(x->type)}));
  auto y = s.ofType(x->type);
  if (is_integer(dtypeOf(x)) && s.chance(40))
    return s.add(s.op("binary", s.oneOf<Binary>({Binary::and_, Binary::or_, Binary::xor_, Binary::shl, Binary::shr}), {x, y}));
  if (is_float(dtypeOf(x)) && s.mix.special && s.chance(4)) {
    const auto k = s.oneOf<Binary>({Binary::atan2, Binary::pow, Binary::polygamma, Binary::owens_t, Binary::igamma,
                                    Binary::igammac, Binary::igamma_inv});
    if (k == Binary::igamma || k == Binary::igammac || k == Binary::igamma_inv) x = s.positive(x, 0.2), y = s.positive(y, 0.1);
    if (k == Binary::polygamma) x = s.constant(x->type, double(s.below(4))), y = s.positive(y, 0.3);
    return s.add(s.op("binary", k, {x, y}));
  }
  s.add(s.op("binary", s.oneOf<Binary>({Binary::add, Binary::add, Binary::sub, Binary::mul, Binary::mul, Binary::mul,
                                        Binary::div, Binary::rem, Binary::max, Binary::min}), {x, y}));
}

void ternary(Source& s) {
  auto x = s.anyFloat();
  if (s.mix.special && s.chance(10)) {
    auto a = s.positive(x, 0.3), b = s.positive(s.ofType(x->type), 0.4);
    auto c = s.op("unary", Unary::logistic, {s.ofType(x->type)});
    return s.add(s.op("ternary", s.oneOf<Ternary>({Ternary::betainc, Ternary::betainc_grad_x, Ternary::betainc_inv}), {a, b, c}));
  }
  s.add(s.op("fma", {x, s.ofType(x->type), s.ofType(x->type)}));
}

void compare(Source& s) {
  auto x = s.any();
  s.add(s.op("compare", Compare(s.below(6)), {x, s.ofType(x->type)}));
}

void select(Source& s) {
  auto x = s.any();
  s.add(s.op("select", {s.ofType({Dtype::bool_, shapeOf(x)}), x, s.ofType(x->type)}));
}

void convert(Source& s) { s.add(s.op("convert", {s.any()}, {{"dtype", s.dtype()}})); }

/// Of reals with the NaNs taken out: which NaN an operation gives is not defined.
void bitcast(Source& s) {
  auto x = s.anyNumber();
  const bool wide = size_of(dtypeOf(x)) == 8;
  if (is_float(dtypeOf(x)))
    x = s.op("select", {s.op("compare", Compare::eq, {x, x}), x, s.constant(x->type, 1)});
  const Dtype to = wide ? s.oneOf<Dtype>({Dtype::i64, Dtype::ui64, Dtype::f64}) : s.oneOf<Dtype>({Dtype::i32, Dtype::ui32, Dtype::f32});
  s.add(s.op("bitcast", {x}, {{"dtype", to}}));
}

void tame(Source& s) { s.add(s.bounded(s.anyFloat())); }

// ---- shapes ----
void literal(Source& s) {
  if (s.chance(40)) {
    Shape shape = s.shape();
    if (shape.empty()) shape.push_back(s.extent());
    const Dtype d = s.dtype() == Dtype::i64 ? Dtype::i64 : s.oneOf<Dtype>({Dtype::f64, Dtype::f32, Dtype::ui32});
    return s.add(s.op("iota", {}, {{"dtype", d}, {"shape", Extents(shape)}, {"dim", std::int64_t(s.below(int(shape.size())))}}));
  }
  s.add(s.constant({s.dtype(), s.shape(2)}, double(s.between(-2, 3)) * 0.75));
}

void broadcast(Source& s) {
  auto x = s.ofRank(0, 2);
  Shape to = shapeOf(x);
  Extents dims;
  for (std::size_t i = 0; i < to.size(); ++i) dims.push_back(std::int64_t(i));
  for (int k = 1 + s.below(2); k > 0 && to.size() < 4; --k) {
    const int at = s.below(int(to.size()) + 1);
    to.insert(to.begin() + at, s.between(1, 4));
    for (auto& d : dims) d += d >= at;
  }
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (shapeOf(x)[i] == 1 && s.chance(60)) to[std::size_t(dims[i])] = s.extent();
  if (to.num_elements() > 4000) return;
  s.add(s.op("broadcast", {x}, {{"shape", Extents(to)}, {"dims", dims}}));
}

void reshape(Source& s) {
  auto x = s.any();
  Shape to;
  for (auto left = size(x); ; ) {
    if (left == 0) { to = {s.between(0, 3), 0}; break; }
    std::vector<std::int64_t> divisors;
    for (std::int64_t d = 1; d <= left; ++d)
      if (left % d == 0) divisors.push_back(d);
    const auto d = s.oneOf(divisors);
    to.push_back(d);
    left /= d;
    if (to.size() >= 3 || left == 1) {
      if (left > 1) to.push_back(left);
      break;
    }
  }
  s.add(s.reshape(x, to));
}

void transpose(Source& s) {
  auto x = s.ofRank(2, 4);
  Extents perm;
  for (std::size_t i = 0; i < shapeOf(x).size(); ++i) perm.insert(perm.begin() + s.below(int(i) + 1), std::int64_t(i));
  s.add(s.op("transpose", {x}, {{"perm", perm}}));
}

void slice(Source& s) {
  auto x = s.ofRank(1, 4);
  Extents start, limit, stride;
  for (auto e : shapeOf(x)) {
    start.push_back(s.chance(50) ? 0 : s.between(0, e));
    limit.push_back(s.chance(50) ? e : s.between(start.back(), e));
    stride.push_back(s.chance(60) ? 1 : s.between(1, 3));
  }
  s.add(s.op("slice", {x}, {{"start", start}, {"limit", limit}, {"stride", stride}}));
}

Extents someDims(Source& s, std::size_t rank, int percent) {
  Extents dims;
  for (std::size_t i = 0; i < rank; ++i)
    if (s.chance(percent)) dims.push_back(std::int64_t(i));
  return dims;
}

void reverse(Source& s) {
  auto x = s.ofRank(1, 3);
  s.add(s.op("reverse", {x}, {{"dims", someDims(s, shapeOf(x).size(), 60)}}));
}

void pad(Source& s) {
  auto x = s.ofRank(1, 3);
  Extents low, high, interior;
  for (std::size_t i = 0; i < shapeOf(x).size(); ++i) {
    low.push_back(s.below(3));
    high.push_back(s.below(3));
    interior.push_back(s.chance(75) ? 0 : s.below(3));
  }
  if (size(x) > 1000) return;
  s.add(s.op("pad", {x, s.scalar(dtypeOf(x))}, {{"low", low}, {"high", high}, {"interior", interior}}));
}

void concatenate(Source& s) {
  auto x = s.ofRank(1, 3);
  const auto dim = s.below(int(shapeOf(x).size()));
  Values parts{x};
  for (int k = 1 + s.below(3); k > 0; --k) {
    Shape shape = shapeOf(x);
    shape[std::size_t(dim)] = s.chance(50) ? shape[std::size_t(dim)] : s.between(0, 4);
    parts.push_back(s.ofType({dtypeOf(x), shape}));
  }
  s.add(s.op("concatenate", parts, {{"dim", std::int64_t(dim)}}));
}

// ---- indexing ----
void dynamicSlice(Source& s) {
  auto x = s.ofRank(1, 3);
  Values operands{x};
  Extents sizes;
  for (auto e : shapeOf(x)) {
    sizes.push_back(s.chance(40) ? std::min<std::int64_t>(1, e) : s.between(0, e));
    operands.push_back(s.index(e));
  }
  s.add(s.op("dynamic_slice", operands, {{"sizes", sizes}}));
}

void dynamicUpdate(Source& s) {
  auto x = s.ofRank(1, 3);
  Shape block;
  for (auto e : shapeOf(x)) block.push_back(s.chance(40) ? std::min<std::int64_t>(1, e) : s.between(0, e));
  Values operands{x, s.ofType({dtypeOf(x), block})};
  for (auto e : shapeOf(x)) operands.push_back(s.index(e));
  s.add(s.op("dynamic_update_slice", operands));
}

/// Index vectors for `dims` of x: an i64 array whose last dimension has their number.
ValuePtr indices(Source& s, const Shape& numbering, std::size_t dims) {
  Shape shape = numbering;
  shape.push_back(std::int64_t(dims));
  if (s.chance(40)) {
    auto count = s.op("iota", {}, {{"dtype", Dtype::i64}, {"shape", Extents(shape)}, {"dim", std::int64_t(s.below(int(shape.size())))}});
    return s.op("binary", Binary::mul, {count, s.constant({Dtype::i64, shape}, double(s.between(-1, 2)))});
  }
  return s.ofType({Dtype::i64, shape});
}

/// How blocks lie in x, the same for gather and scatter.
struct Blocks {
  Extents collapsed, map, sizes;  // sizes: of every dimension of x
  Shape numbering, kept;
  Extents places;  // of the kept dimensions among those of the result
};
Blocks blocks(Source& s, const Shape& x) {
  Blocks b;
  const std::size_t rank = x.size();
  for (std::size_t i = 0; i < rank; ++i)
    if (s.chance(70) || (b.map.empty() && i + 1 == rank)) b.map.push_back(std::int64_t(i));
  if (s.chance(30)) std::reverse(b.map.begin(), b.map.end());
  for (std::size_t i = 0; i < rank; ++i) {
    const bool one = x[i] >= 1 && s.chance(60);
    b.sizes.push_back(one ? 1 : s.chance(50) ? x[i] : s.between(0, x[i]));
    if (one && s.chance(80)) b.collapsed.push_back(std::int64_t(i));
    else b.kept.push_back(b.sizes.back());
  }
  b.numbering = s.shape(2);
  while (!b.numbering.empty() && b.numbering.num_elements() * std::max<std::int64_t>(b.kept.num_elements(), 1) > 2000) b.numbering.pop_back();
  const int total = int(b.numbering.size() + b.kept.size());
  for (int i = 0, left = int(b.kept.size()); i < total; ++i)
    if (left > 0 && (total - i == left || s.chance(50))) b.places.push_back(i), --left;
  return b;
}

void gather(Source& s) {
  auto x = s.ofRank(1, 3);
  const Blocks b = blocks(s, shapeOf(x));
  s.add(s.op("gather", {x, indices(s, b.numbering, b.map.size())},
             {{"offset_dims", b.places}, {"collapsed_dims", b.collapsed}, {"operand_batch_dims", Extents()},
              {"indices_batch_dims", Extents()}, {"index_map", b.map}, {"slice_sizes", b.sizes}}));
}

void scatter(Source& s) {
  auto x = s.ofRank(1, 3);
  const Blocks b = blocks(s, shapeOf(x));
  Shape updates;
  for (std::size_t i = 0, place = 0, number = 0; i < b.numbering.size() + b.kept.size(); ++i)
    if (place < b.places.size() && b.places[place] == std::int64_t(i)) updates.push_back(b.kept[place++]);
    else updates.push_back(b.numbering[number++]);
  const auto kind = dtypeOf(x) == Dtype::bool_ ? Scatter::set : Scatter(s.below(5));
  s.add(s.op("scatter", {x, indices(s, b.numbering, b.map.size()), s.ofType({dtypeOf(x), updates})},
             {{"kind", Kind{int(kind)}}, {"window_dims", b.places}, {"inserted_dims", b.collapsed},
              {"operand_batch_dims", Extents()}, {"indices_batch_dims", Extents()}, {"index_map", b.map}}));
}

// ---- reductions ----
void reduce(Source& s) {
  auto x = s.ofRank(s.chance(90) ? 1 : 0, 4);
  const auto kind = dtypeOf(x) == Dtype::bool_ ? s.oneOf<Reduce>({Reduce::all, Reduce::any})
                    : s.chance(60)             ? Reduce::sum
                                               : s.oneOf<Reduce>({Reduce::prod, Reduce::max, Reduce::min});
  s.add(s.op("reduce", {x}, {{"kind", Kind{int(kind)}}, {"dims", someDims(s, shapeOf(x).size(), 65)}}));
}

void argReduce(Source& s) {
  auto x = s.ofRank(1, 3);
  if (dtypeOf(x) == Dtype::bool_) x = s.op("convert", {x}, {{"dtype", Dtype::f64}});
  const auto dim = s.below(int(shapeOf(x).size()));
  if (shapeOf(x)[std::size_t(dim)] == 0) return;
  s.add(s.op("arg_reduce", {x}, {{"max", s.chance(50)}, {"dim", std::int64_t(dim)}}));
}

void cumulative(Source& s) {
  auto x = s.ofRank(1, 3);
  if (dtypeOf(x) == Dtype::bool_) x = s.op("convert", {x}, {{"dtype", Dtype::i32}});
  const auto kind = is_float(dtypeOf(x)) ? Cumulative(s.below(5)) : Cumulative(s.below(4));
  s.add(s.op("cumulative", {x}, {{"kind", Kind{int(kind)}}, {"dim", std::int64_t(s.below(int(shapeOf(x).size())))}, {"reverse", s.chance(40)}}));
}

void argsort(Source& s) {
  auto x = s.ofRank(1, 2);
  Values keys{x};
  if (s.chance(30)) keys.push_back(s.ofType({s.dtype(), shapeOf(x)}));
  for (auto& k : keys)
    if (dtypeOf(k) == Dtype::bool_) k = s.op("convert", {k}, {{"dtype", Dtype::i32}});
  s.add(s.op("argsort", keys, {{"dim", std::int64_t(s.below(int(shapeOf(x).size())))}}));
}

// ---- linear algebra ----
void contraction(Source& s) {
  auto x = s.ofRank(1, 3);
  if (!is_float(dtypeOf(x))) x = s.op("convert", {x}, {{"dtype", s.floating()}});
  Extents leftBatch, rightBatch, leftSum, rightSum;
  Shape right;
  for (std::size_t i = 0; i < shapeOf(x).size(); ++i) {
    const int role = s.below(4);  // 0: batch, 1 and 2: contracted, 3: free
    if (role == 3) continue;
    (role == 0 ? leftBatch : leftSum).push_back(std::int64_t(i));
    (role == 0 ? rightBatch : rightSum).push_back(std::int64_t(right.size()));
    right.push_back(shapeOf(x)[i]);
  }
  for (int k = s.below(2); k > 0; --k) right.push_back(s.extent());
  if (right.num_elements() > 2000) return;
  s.add(s.op("dot_general", {x, s.ofType({dtypeOf(x), right})},
             {{"lhs_batch", leftBatch}, {"rhs_batch", rightBatch}, {"lhs_contract", leftSum}, {"rhs_contract", rightSum}}));
}

ValuePtr matrix(Source& s, std::int64_t rows, std::int64_t columns) {
  Shape shape{rows, columns};
  if (s.chance(30)) shape.insert(shape.begin(), s.between(1, 3));
  return s.bounded(s.ofType({s.floating(), shape}));
}

/// x xᵀ + n I of a square matrix, so that factorisations exist.
ValuePtr definite(Source& s, ValuePtr x) {
  const auto rank = shapeOf(x).size();
  const auto n = shapeOf(x).back();
  Extents batch, contract{std::int64_t(rank) - 1};
  if (rank == 3) batch.push_back(0);
  auto square = s.op("dot_general", {x, x}, {{"lhs_batch", batch}, {"rhs_batch", batch}, {"lhs_contract", contract}, {"rhs_contract", contract}});
  auto row = s.op("iota", {}, {{"dtype", Dtype::i64}, {"shape", Extents(shapeOf(x))}, {"dim", std::int64_t(rank) - 2}});
  auto column = s.op("iota", {}, {{"dtype", Dtype::i64}, {"shape", Extents(shapeOf(x))}, {"dim", std::int64_t(rank) - 1}});
  auto diagonal = s.op("select", {s.op("compare", Compare::eq, {row, column}), s.constant(x->type, double(n)), s.constant(x->type, 0)});
  return s.op("binary", Binary::add, {square, diagonal});
}

void factorisation(Source& s) {
  const std::int64_t n = s.chance(10) ? 0 : s.between(1, s.mix.long_extent ? 10 : 4);
  switch (s.below(6)) {
    case 0: return s.add(s.op("cholesky", {definite(s, matrix(s, n, n))}));
    case 1: {
      auto a = definite(s, matrix(s, n, n));
      Shape right = shapeOf(a);
      right.back() = s.between(0, 4);
      return s.add(s.op("triangular_solve", {a, s.ofType({dtypeOf(a), right})},
                        {{"lower", s.chance(50)}, {"transpose", s.chance(50)}, {"unit_diagonal", s.chance(20)}}));
    }
    case 2:
    case 3:
    case 4:
    default: {
      const int k = s.below(4);
      if (k > 0 && s.chance(60)) return factorisation(s);  // long code
      const std::int64_t small = std::min<std::int64_t>(n, 4);
      const char* const names[] = {"lu", "qr", "eigh", "svd"};
      const std::int64_t rows = k == 1 || k == 3 ? small + s.below(3) : small;
      for (auto& v : detail::emit_all(names[k], {matrix(s, rows, small)}, {}, std::source_location::current())) s.add(v);
    }
  }
}

// ---- long loops ----
/// Reals whose every element differs: sin(a i + b j + a value in scope).
ValuePtr table(Source& s, Dtype d, const Shape& shape) {
  auto sum = s.broadcast(s.bounded(s.scalar(d)), shape);
  for (std::size_t dim = 0; dim < shape.size(); ++dim) {
    auto count = s.op("iota", {}, {{"dtype", d}, {"shape", Extents(shape)}, {"dim", std::int64_t(dim)}});
    sum = s.op("fma", {count, s.constant({d, shape}, dim ? 1.91 : 0.37), sum});
  }
  return s.op("unary", Unary::sin, {sum});
}

ValuePtr product(Source& s, ValuePtr x, ValuePtr y, std::int64_t dimOfX, std::int64_t dimOfY) {
  return s.op("dot_general", {x, y}, {{"lhs_batch", Extents()}, {"rhs_batch", Extents()}, {"lhs_contract", Extents{dimOfX}}, {"rhs_contract", Extents{dimOfY}}});
}

/// X b, something of it, and X^T r: one pass over the rows of X, where there are enough; or products of whole matrices.
void tallProducts(Source& s) {
  const Dtype d = s.floating();
  const auto rows = s.chance(15) ? s.between(1500, 2500) : s.between(60, 300), columns = s.between(1, 20);
  auto x = table(s, d, {rows, columns});
  if (s.chance(25)) return s.add(product(s, x, s.chance(50) ? x : table(s, d, {rows, s.between(1, 9)}), 0, 0));
  auto b = s.chance(80) ? table(s, d, {columns}) : table(s, d, {columns, s.between(1, 9)});
  auto eta = product(s, x, b, 1, 0);
  auto weight = s.op("unary", s.oneOf<Unary>({Unary::logistic, Unary::tanh, Unary::neg}), {eta});
  if (s.chance(50)) s.add(s.op("reduce", {s.op("unary", Unary::softplus, {eta})}, {{"kind", Kind{int(Reduce::sum)}}, {"dims", Extents{0}}}));
  s.add(s.chance(50) ? product(s, weight, x, 0, 0) : product(s, x, weight, 0, 0));
  if (s.chance(30)) s.add(eta);
}

// ---- foreign code, reports ----
/// Has no derivative, so none is asked for.
void foreign(Source& s) {
  Values operands;
  for (int k = 1 + s.below(2); k > 0; --k) {
    auto x = s.convert(s.any(), Dtype::f64);
    operands.push_back(s.op("unary", Unary::stop_gradient, {x}));
  }
  const std::vector<TensorType> types{{Dtype::f64, shapeOf(operands[0])}, {Dtype::bool_, s.shape(2)}};
  for (auto& v : emit_all("custom_call", operands, {{"function", std::string(kForeign)}, {"batch", std::int64_t(0)}, {"types", types}}, std::source_location::current()))
    s.add(v);
}

/// Of something that no compiler knows never to happen.
void report(Source& s) {
  auto x = s.anyFloat();
  const auto absolute = s.op("unary", Unary::abs, {x});
  const auto mask = s.op("compare", Compare::lt, {absolute, s.constant(x->type, -1.0)});
  emit_all("report", {mask, s.op("unary", Unary::stop_gradient, {x})}, {{"text", std::string("x = {}")}, {"fatal", s.chance(50)}}, std::source_location::current());
}

// ---- random numbers ----
void threefry(Source& s) {
  auto key = s.key();
  switch (s.below(3)) {
    case 0: return s.add(s.op("rng_bits", {key}, {{"dtype", s.chance(50) ? Dtype::ui32 : Dtype::ui64}, {"shape", Extents(s.shape(2))}}));
    case 1: return s.add(s.op("rng_split", {key}, {{"count", s.between(0, 3)}}));
    default: return s.add(s.op("rng_fold_in", {key, s.scalar(Dtype::ui32)}));
  }
}

// ---- barriers ----
void barrier(Source& s) {
  Values operands{s.any()};
  for (int k = s.below(3); k > 0; --k) operands.push_back(s.any());
  s.add(s.op("barrier", operands));
}

}  // namespace

void plainStatement(Source& s) {
  struct Entry { int weight; void (*make)(Source&); };
  static const Entry table[] = {{10, unary}, {16, binary}, {4, ternary}, {4, compare}, {5, select}, {4, convert}, {1, bitcast}, {8, tame},
                                {3, literal}, {6, broadcast}, {4, reshape}, {4, transpose}, {5, slice}, {2, reverse}, {2, pad}, {4, concatenate},
                                {5, dynamicSlice}, {5, dynamicUpdate}, {4, gather}, {4, scatter},
                                {9, reduce}, {2, argReduce}, {3, cumulative}, {2, argsort}, {7, contraction}, {1, barrier}, {1, foreign}, {1, report}};
  if (s.mix.factorisations && s.chance(2)) return factorisation(s);
  if (s.mix.random && s.chance(2)) return threefry(s);
  if (s.mix.long_extent && s.chance(5)) return tallProducts(s);
  int total = 0;
  for (const auto& e : table) total += e.weight;
  int k = s.below(total);
  for (const auto& e : table)
    if ((k -= e.weight) < 0) return e.make(s);
}

void sharedLoops(Source& s) {
  const Shape shape = s.chance(50) ? Shape{s.between(60000, 70000)} : Shape{s.between(6000, 7000), s.between(9, 12)};
  auto x = s.op("unary", Unary::exp, {s.op("unary", Unary::tanh, {s.op("unary", Unary::softplus, {table(s, Dtype::f64, shape)})})});
  const Extents dims = s.chance(50) && shape.size() == 2 ? Extents{1} : someDims(s, shape.size(), 100);
  const auto sum = s.op("reduce", {x}, {{"kind", Kind{int(Reduce::sum)}}, {"dims", dims}});
  s.add(s.op("reduce", {s.op("compare", Compare::lt, {x, s.constant(x->type, 1.0)})}, {{"kind", Kind{int(Reduce::any)}}, {"dims", dims}}));
  s.add(shapeOf(sum).empty() ? sum : s.op("slice", {sum}, {{"start", Extents{7}}, {"limit", Extents{shape[0]}}, {"stride", Extents{500}}}));
}

}  // namespace nuthatch::fuzz
