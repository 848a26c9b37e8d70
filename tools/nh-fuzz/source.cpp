#include "tools/nh-fuzz/source.h"

#include <cmath>
#include <limits>

#include "nuthatch/detail/kinds.h"
#include "nuthatch/foreign.h"

namespace nuthatch::fuzz {

using detail::Array;
using detail::Binary;
using detail::Compare;
using detail::Unary;

Dtype Source::dtype() {
  const int k = below(100);
  return k < 45 ? Dtype::f64 : k < 65 ? Dtype::f32 : k < 80 ? Dtype::i64 : k < 90 ? Dtype::bool_ : k < 94 ? Dtype::i32
         : k < 97 ? Dtype::ui32 : Dtype::ui64;
}

std::int64_t Source::extent() {
  if (chance(mix.long_extent)) return between(100, 700);
  const int k = below(100);
  return k < 4 ? 0 : k < 22 ? 1 : k < 80 ? between(2, 5) : k < 95 ? between(6, 12) : between(13, 40);
}

Shape Source::shape(int most) {
  const int k = below(100);
  int rank = k < 30 ? 0 : k < 65 ? 1 : k < 90 ? 2 : 3;
  rank = std::min(rank, most);
  Shape out;
  for (int i = 0; i < rank; ++i) out.push_back(extent());
  while (out.num_elements() > 2000) out.pop_back();
  return out;
}

ValuePtr Source::any() {
  const int n = int(pool.size());
  return chance(60) ? pool[std::size_t(n - 1 - below(std::min(n, 8)))] : pool[std::size_t(below(n))];
}

ValuePtr Source::anyFloat() {
  for (int k = 0; k < 6; ++k)
    if (auto v = any(); is_float(dtypeOf(v))) return v;
  return convert(any(), floating());
}

ValuePtr Source::anyNumber() {
  auto v = any();
  return dtypeOf(v) == Dtype::bool_ ? convert(v, dtype() == Dtype::i64 ? Dtype::i64 : Dtype::f64) : v;
}

ValuePtr Source::ofRank(int least, int most) {
  for (int k = 0; k < 8; ++k)
    if (auto v = any(); int(shapeOf(v).size()) >= least && int(shapeOf(v).size()) <= most) return v;
  Shape s;
  for (int i = 0; i < least; ++i) s.push_back(extent());
  return broadcast(scalar(dtype()), s);
}

ValuePtr Source::op(const char* name, const Values& operands, const Attrs& attrs) {
  return detail::emit(name, operands, attrs, std::source_location::current());
}

Values Source::regions(const char* name, const Values& operands, const Attrs& attrs, const std::vector<detail::Region>& bodies) {
  return detail::emit_regions(name, operands, attrs, bodies, std::source_location::current());
}

ValuePtr Source::constant(const TensorType& type, double value) {
  Array a(type.dtype, type.shape);
  for (std::int64_t i = 0; i < a.num_elements(); ++i) switch (type.dtype) {
      case Dtype::bool_: a.as<std::uint8_t>()[i] = value != 0; break;
      case Dtype::i32: case Dtype::ui32: a.as<std::int32_t>()[i] = std::int32_t(value); break;
      case Dtype::i64: case Dtype::ui64: a.as<std::int64_t>()[i] = std::int64_t(value); break;
      case Dtype::f32: a.as<float>()[i] = float(value); break;
      case Dtype::f64: a.as<double>()[i] = value; break;
    }
  return op("constant", {}, {{"value", detail::DenseConstant{a}}});
}

ValuePtr Source::broadcast(ValuePtr x, const Shape& to) {
  if (shapeOf(x) == to) return x;
  if (!shapeOf(x).empty()) x = reshape(op("slice", {x}, {{"start", Extents(shapeOf(x).size(), 0)}, {"limit", Extents(shapeOf(x).size(), 1)}, {"stride", Extents(shapeOf(x).size(), 1)}}), {});
  return op("broadcast", {x}, {{"shape", Extents(to)}, {"dims", Extents()}});
}

ValuePtr Source::reshape(ValuePtr x, const Shape& to) {
  return shapeOf(x) == to ? x : op("reshape", {x}, {{"shape", Extents(to)}});
}

ValuePtr Source::ofType(const TensorType& type) {
  Values same, shaped, scalars;
  for (const auto& v : pool) {
    if (v->type == type) same.push_back(v);
    else if (shapeOf(v) == type.shape) shaped.push_back(v);
    else if (shapeOf(v).empty()) scalars.push_back(v);
  }
  if (!same.empty() && chance(85)) return chance(50) ? same.back() : oneOf(same);
  if (!shaped.empty() && chance(80)) return convert(oneOf(shaped), type.dtype);
  const std::int64_t n = type.shape.num_elements();
  for (int k = 0; k < 4; ++k)  // the elements of some larger array
    if (auto v = any(); !type.shape.empty() && size(v) >= n && n > 0 && shapeOf(v).size() == 1)
      return convert(reshape(op("slice", {v}, {{"start", Extents{size(v) - n}}, {"limit", Extents{size(v)}}, {"stride", Extents{1}}}), type.shape), type.dtype);
  if (!scalars.empty() && chance(70)) return broadcast(convert(oneOf(scalars), type.dtype), type.shape);
  if (type.shape.empty() && chance(60)) {
    auto v = any();
    if (dtypeOf(v) != Dtype::bool_) {
      Extents all;
      for (std::size_t i = 0; i < shapeOf(v).size(); ++i) all.push_back(std::int64_t(i));
      return convert(op("reduce", {v}, {{"kind", Kind{int(chance(60) ? detail::Reduce::sum : detail::Reduce::max)}}, {"dims", all}}), type.dtype);
    }
  }
  return constant(type, std::vector<double>{0, 1, -0.5, 2, 0.25, 3}[std::size_t(below(6))]);
}

ValuePtr Source::into(ValuePtr x, const TensorType& type) {
  if (shapeOf(x) != type.shape) {
    Extents all;
    for (std::size_t i = 0; i < shapeOf(x).size(); ++i) all.push_back(std::int64_t(i));
    if (dtypeOf(x) == Dtype::bool_) x = op("reduce", {x}, {{"kind", Kind{int(detail::Reduce::any)}}, {"dims", all}});
    else if (!all.empty()) x = op("reduce", {x}, {{"kind", Kind{int(detail::Reduce::sum)}}, {"dims", all}});
    if (!type.shape.empty()) x = op("broadcast", {x}, {{"shape", Extents(type.shape)}, {"dims", Extents()}});
  }
  return convert(x, type.dtype);
}

ValuePtr Source::index(std::int64_t extent) {
  if (chance(25)) return constant({Dtype::i64, {}}, double(between(-1, extent)));
  auto v = scalar(Dtype::i64);
  return chance(50) ? v : op("binary", Binary::rem, {v, constant({Dtype::i64, {}}, double(std::max<std::int64_t>(extent, 1)))});
}

ValuePtr Source::key() {
  return ofType({Dtype::ui32, {2}});
}

ValuePtr Source::bounded(ValuePtr x) {
  if (!is_float(dtypeOf(x))) return x;
  switch (below(5)) {
    case 0: return op("unary", Unary::tanh, {x});
    case 1: return op("unary", Unary::sin, {x});
    case 2: return op("unary", Unary::logistic, {x});
    case 3: return op("binary", Binary::div, {x, op("binary", Binary::add, {constant(x->type, 1), op("unary", Unary::abs, {x})})});
    default: return op("binary", Binary::max, {op("binary", Binary::min, {x, constant(x->type, 2)}), constant(x->type, -2)});
  }
}

ValuePtr Source::positive(ValuePtr x, double least) {
  return op("binary", Binary::add, {op("unary", Unary::abs, {bounded(x)}), constant(x->type, least)});
}

Array randomArgument(const TensorType& type, std::uint64_t seed, std::uint64_t index) {
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15u + index + 1);
  const double special[] = {0.0, -0.0, 1.0, -1.0, 1e300, -1e-300, 1e-40, 1e18, std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 0.5};
  const bool tame = random() % 3 != 0;
  auto real = [&] {
    if (!tame && random() % 8 == 0) return special[random() % 12];
    double sum = -6;  // close to normal, and the same with every library
    for (int k = 0; k < 12; ++k) sum += double(random() >> 11) * 0x1p-53;
    return sum;
  };
  auto integer = [&]() -> std::int64_t {
    if (!tame && random() % 16 == 0) return std::int64_t(random());
    return std::int64_t(random() % 8) - 1;
  };
  Array a(type.dtype, type.shape);
  for (std::int64_t i = 0; i < a.num_elements(); ++i) switch (type.dtype) {
      case Dtype::bool_: a.as<std::uint8_t>()[i] = random() % 2; break;
      case Dtype::i32: case Dtype::ui32: a.as<std::int32_t>()[i] = std::int32_t(integer()); break;
      case Dtype::i64: case Dtype::ui64: a.as<std::int64_t>()[i] = integer(); break;
      case Dtype::f32: a.as<float>()[i] = float(real()); break;
      case Dtype::f64: a.as<double>()[i] = real(); break;
    }
  return a;
}

void registerForeign() {
  register_kernel(kForeign, [](const ForeignCall* c) {
    auto* const out = static_cast<double*>(c->results[0]);
    auto* const negative = static_cast<bool*>(c->results[1]);
    double sum = 0;
    for (std::int64_t i = 0; i < c->result_sizes[0]; ++i) {
      for (std::int64_t k = 0; k < c->num_inputs; ++k)
        if (c->input_sizes[k] > 0) sum = 0.5 * sum + static_cast<const double*>(c->inputs[k])[i % c->input_sizes[k]];
      out[i] = sum;
    }
    for (std::int64_t i = 0; i < c->result_sizes[1]; ++i) negative[i] = c->result_sizes[0] > 0 && out[i % c->result_sizes[0]] < 0;
  });
}

Mix mixOf(std::uint64_t seed) {
  Mix mix;
  switch (seed % 8) {
    case 0: mix.depth = 0; mix.statements = 20; break;                // straight line
    case 1: mix.transformations = false; mix.depth = 3; break;       // control flow
    case 2: mix.statements = 6; mix.depth = 2; break;
    case 3: mix.statements = 8; mix.depth = 1; break;
    case 4: mix.statements = 8; mix.depth = 1; mix.long_extent = 15; mix.factorisations = false; break;
    case 5: mix.statements = 10; mix.depth = 2; mix.special = false; break;
    case 6: mix.statements = 5; mix.depth = 3; mix.special = mix.random = false; break;
    default: mix.statements = 10; mix.depth = 1;
  }
  return mix;
}

}  // namespace nuthatch::fuzz
