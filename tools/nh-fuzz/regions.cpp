// Loops, branches and transformations, and the program around them.
#include "nuthatch/detail/kinds.h"
#include "nuthatch/error.h"
#include "tools/nh-fuzz/source.h"

namespace nuthatch::fuzz {

using namespace nuthatch::detail;

namespace {

/// Values made inside a region are gone after it.
struct Scope {
  explicit Scope(Source& s) : s(s), size(s.pool.size()) {}
  ~Scope() { s.pool.resize(size); }
  Source& s;
  std::size_t size;
};

std::vector<TensorType> typesOf(const Values& values) {
  std::vector<TensorType> out;
  for (const auto& v : values) out.push_back(v->type);
  return out;
}

/// A region that takes `arguments`, computes and yields values of the types wanted.
Region body(Source& s, std::vector<TensorType> arguments, std::vector<TensorType> wanted, int depth) {
  return {std::move(arguments), [&s, wanted, depth](const Values& given) {
            Scope scope(s);
            for (const auto& v : given) s.add(v);
            statements(s, 1 + s.below(4), depth);
            Values out;
            for (const auto& t : wanted) {
              const auto& late = s.pool[s.pool.size() - 1 - std::size_t(s.below(std::min<int>(int(s.pool.size()), 3)))];
              out.push_back(s.chance(60) && (!is_float(t.dtype) || is_float(dtypeOf(late))) ? s.into(late, t) : s.ofType(t));
            }
            return out;
          }};
}

Values some(Source& s, int most) {
  Values out;
  for (int k = s.below(most + 1); k > 0; --k) out.push_back(s.any());
  return out;
}

std::vector<TensorType> newTypes(Source& s, int most) {
  std::vector<TensorType> out;
  for (int k = s.below(most + 1); k > 0; --k) out.push_back(s.chance(50) ? s.any()->type : TensorType{s.dtype(), s.shape(2)});
  return out;
}

Shape withoutFirst(Shape shape) {
  shape.erase(shape.begin());
  return shape;
}

void forLoop(Source& s, int depth) {
  std::int64_t trip = s.chance(8) ? 0 : s.chance(10) ? 1 : s.between(2, 5);
  Values inputs = some(s, 3);
  const auto carries = std::int64_t(inputs.size());
  if (s.chance(50)) {
    auto stack = s.ofRank(1, 3);
    if (shapeOf(stack)[0] <= 12) {
      trip = shapeOf(stack)[0];
      inputs.push_back(stack);
    }
  }
  if (s.chance(30)) {
    Shape shape = s.shape(1);
    shape.insert(shape.begin(), trip);
    inputs.push_back(s.ofType({s.dtype(), shape}));
  }
  std::vector<TensorType> arguments{{Dtype::i64, {}}}, yields;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto t = inputs[i]->type;
    if (std::int64_t(i) >= carries) t.shape = withoutFirst(t.shape);
    else yields.push_back(t);
    arguments.push_back(t);
  }
  for (auto& t : newTypes(s, 2)) yields.push_back(t);
  for (auto& v : s.regions("for", inputs, {{"trip", trip}, {"num_carries", carries}, {"reverse", s.chance(30)}},
                           {body(s, arguments, yields, depth)}))
    s.add(v);
}

/// A counter that grows ends the loop; a condition on other carries may end it earlier.
void whileLoop(Source& s, int depth) {
  Values inits{s.constant({Dtype::i64, {}}, double(s.between(-1, 2)))};
  for (auto& v : some(s, 3)) inits.push_back(v);
  const auto types = typesOf(inits);
  const auto limit = double(s.between(0, 4));
  Region condition{types, [&](const Values& carries) {
                     Scope scope(s);
                     for (const auto& v : carries) s.add(v);
                     auto more = s.op("compare", Compare::lt, {carries[0], s.constant({Dtype::i64, {}}, limit)});
                     if (s.chance(60)) more = s.op("binary", Binary::and_, {more, s.scalar(Dtype::bool_)});
                     return Values{more};
                   }};
  Region step{types, [&](const Values& carries) {
                Values out = body(s, types, std::vector<TensorType>(types.begin() + 1, types.end()), depth).body(carries);
                out.insert(out.begin(), s.op("binary", Binary::add, {carries[0], s.constant({Dtype::i64, {}}, 1)}));
                return out;
              }};
  for (auto& v : s.regions("while", inits, {{"max_trip", s.chance(50) ? std::int64_t(-1) : s.between(0, 4)}}, {condition, step})) s.add(v);
}

void branch(Source& s, int depth) {
  auto index = s.chance(70) ? s.op("convert", {s.scalar(Dtype::bool_)}, {{"dtype", Dtype::i64}}) : s.scalar(Dtype::i64);
  auto types = newTypes(s, 3);
  if (types.empty()) types.push_back(s.any()->type);
  std::vector<Region> branches;
  for (int k = s.chance(75) ? 2 : 1 + s.below(3); k > 0; --k) branches.push_back(body(s, {}, types, depth));
  for (auto& v : s.regions("case", {index}, {}, branches)) s.add(v);
}

void vmap(Source& s, int depth) {
  auto mapped = s.ofRank(1, 3);
  const auto axis = std::int64_t(s.below(int(shapeOf(mapped).size())));
  const auto extent = shapeOf(mapped)[std::size_t(axis)];
  if (extent > 12) return;
  Values inputs{mapped};
  Extents axes{axis};
  std::vector<TensorType> arguments{mapped->type};
  arguments[0].shape.erase(arguments[0].shape.begin() + axis);
  for (auto& v : some(s, 2)) {
    inputs.push_back(v);
    arguments.push_back(v->type);
    const bool also = !shapeOf(v).empty() && shapeOf(v)[0] == extent && s.chance(70);
    axes.push_back(also ? 0 : -1);
    if (also) arguments.back().shape = withoutFirst(shapeOf(v));
  }
  auto yields = newTypes(s, 2);
  yields.push_back(arguments[0]);
  for (auto& t : yields)
    if (t.shape.num_elements() * extent > 3000) t.shape = {};
  for (auto& v : s.regions("vmap", inputs, {{"size", extent}, {"in_axes", axes}}, {body(s, arguments, yields, depth)})) s.add(v);
}

Values floats(Source& s, int most) {
  Values out{s.anyFloat()};
  for (int k = s.below(most); k > 0; --k) out.push_back(s.chance(70) ? s.anyFloat() : s.any());
  return out;
}

void vjp(Source& s, int depth) {
  Values primals = floats(s, 3);
  Extents wrt;
  for (std::size_t i = 0; i < primals.size(); ++i)
    if (is_float(dtypeOf(primals[i])) && (i == 0 || s.chance(70))) wrt.push_back(std::int64_t(i));
  std::vector<TensorType> yields{{s.chance(70) ? Dtype::f64 : Dtype::f32, s.chance(60) ? Shape{} : s.shape(1)}};
  if (s.chance(20)) yields.push_back(s.any()->type);
  Values inputs = primals;
  for (const auto& t : yields) inputs.push_back(s.chance(50) ? s.constant(t, 1) : s.ofType(t));
  for (auto& v : s.regions("vjp", inputs, {{"num_primals", std::int64_t(primals.size())}, {"wrt", wrt}},
                           {body(s, typesOf(primals), yields, depth)}))
    s.add(v);
}

void jvp(Source& s, int depth) {
  Values primals = floats(s, 2), inputs = primals;
  for (const auto& v : primals) inputs.push_back(s.ofType(v->type));
  std::vector<TensorType> yields = newTypes(s, 1);
  yields.push_back(primals[0]->type);
  for (auto& v : s.regions("jvp", inputs, {}, {body(s, typesOf(primals), yields, depth)})) s.add(v);
}

void customDerivative(Source& s, int depth) {
  Values inputs = floats(s, 2);
  const auto in = typesOf(inputs);
  const std::vector<TensorType> out{in[0]}, residual{s.any()->type};
  auto join = [](std::vector<TensorType> a, const std::vector<TensorType>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  };
  if (s.chance(50)) {
    for (auto& v : s.regions("custom_derivative", inputs, {{"num_residuals", std::int64_t(-1)}},
                             {body(s, in, out, depth), body(s, join(in, in), join(out, out), depth)}))
      s.add(v);
    return;
  }
  for (auto& v : s.regions("custom_derivative", inputs, {{"num_residuals", std::int64_t(1)}},
                           {body(s, in, out, depth), body(s, in, join(out, residual), depth), body(s, join(residual, out), in, depth)}))
    s.add(v);
}

void checkpoint(Source& s, int depth) {
  Values inputs = floats(s, 2);
  if (s.chance(30)) inputs.push_back(s.any());
  for (auto& v : s.regions("checkpoint", inputs, {}, {body(s, typesOf(inputs), newTypes(s, 1 + s.below(2)), depth)})) s.add(v);
}

}  // namespace

void regionStatement(Source& s, int depth) {
  const int k = s.below(s.mix.transformations ? 100 : 55);
  if (k < 20) forLoop(s, depth);
  else if (k < 35) whileLoop(s, depth);
  else if (k < 55) branch(s, depth);
  else if (k < 69) vmap(s, depth);
  else if (k < 86) vjp(s, depth);
  else if (k < 93) jvp(s, depth);
  else if (k < 96) checkpoint(s, depth);
  else customDerivative(s, depth);
}

void statements(Source& s, int count, int depth) {
  for (; count > 0; --count) {
    if (depth > 0 && s.chance(14)) regionStatement(s, depth - 1);
    else plainStatement(s);
  }
}

ProgramPtr generate(std::uint64_t seed, const Mix& mix) {
  registerForeign();
  Source s(seed, mix);
  std::vector<TensorType> arguments{{Dtype::f64, {}}, {Dtype::i64, {}}, {Dtype::bool_, {}}};
  for (int k = 1 + s.below(4); k > 0; --k) arguments.push_back({s.dtype(), s.shape()});
  return trace_program(
      arguments,
      [&](const Values& given) {
        s.pool = given;
        statements(s, mix.statements / 2 + s.below(mix.statements), mix.depth);
        if (mix.long_extent && s.chance(10)) sharedLoops(s);
        // The latest values, and some of the others; sometimes one twice.
        Values results(s.pool.end() - std::min<std::ptrdiff_t>(std::ptrdiff_t(s.pool.size()), 1 + s.below(5)), s.pool.end());
        for (int k = s.below(4); k > 0; --k) results.push_back(s.any());
        return results;
      },
      std::source_location::current());
}

}  // namespace nuthatch::fuzz
