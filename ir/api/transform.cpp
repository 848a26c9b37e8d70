#include "nuthatch/transform.h"

#include "ir/api/quiet.h"
#include "ir/api/regions.h"
#include "nuthatch/array.h"

namespace nuthatch::detail {

namespace {
/// The leaves a derivative goes through: the floats.
std::vector<std::size_t> float_leaves(const char* op, const Leaves& xs, Where where) {
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < xs.size(); ++k)
    if (is_float(checked(op, xs[k], where).type.dtype)) out.push_back(k);
  return out;
}
Leaves chosen(const Leaves& xs, const std::vector<std::size_t>& which) {
  Leaves out;
  for (auto k : which) out.push_back(xs[k]);
  return out;
}
Leaves replaced(Leaves xs, const std::vector<std::size_t>& which, const Leaves& by) {
  for (std::size_t j = 0; j < which.size(); ++j) xs[which[j]] = by[j];
  return xs;
}
Ints first_integers(std::size_t n) {
  Ints out;
  for (std::size_t k = 0; k < n; ++k) out.push_back(std::int64_t(k));
  return out;
}
/// A tangent or cotangent in the type of what it belongs to.
Tensor like(const char* op, const char* what, const Tensor& x, const TensorType& type, Where where) {
  const Shape& shape = checked(op, x, where).type.shape;
  if (shape.size() > type.shape.size() || broadcast_shape(op, shape, type.shape, where) != type.shape)
    fail(op, std::string(what) + " of shape " + to_string(shape) + " for a value " + describe(type), where);
  return expand(convert(x, type.dtype, where), type.shape, where);
}
/// Zeros where `which` does not hold a leaf.
Leaves filled(const Leaves& like, const std::vector<std::size_t>& which, const Values& values, std::size_t offset, Where where) {
  Leaves out;
  std::size_t j = 0;
  for (std::size_t k = 0; k < like.size(); ++k) {
    if (j < which.size() && which[j] == k)
      out.push_back(wrap(values[offset + j++]));
    else
      out.push_back(zeros_like(like[k], where));
  }
  return out;
}
}  // namespace

std::pair<Tensor, Leaves> value_and_gradient(const char* op, const Leaves& given, FunctionRef<Tensor(const Leaves&)> f,
                                             const Paths&, Where where) {
  Leaves primals = given;
  for (auto& x : primals)  // grad(f)(3)
    if (x.is_weak() && !is_float(x.dtype())) x = convert(x, Dtype::f64, where);
  const auto wrt = float_leaves(op, primals, where);
  if (wrt.empty())
    fail(op, "the argument " + (primals.empty() ? std::string("has no tensors") : "is " + describe(primals[0])) + "; a derivative needs floats, cast(f64)", where);
  const Leaves floats = chosen(primals, wrt);
  Dtype result = promote(op, floats, where);
  for (;;) {
    Leaves inputs = floats;
    Region body{types_of(floats), [&](const Values& args) {
                  Tensor y = f(replaced(primals, wrt, arguments_for(floats, args)));
                  const TensorType& type = checked(op, y, where).type;
                  if (!type.shape.empty() || !is_float(type.dtype))
                    fail(op, "the function returns " + describe(type) + ", not a float scalar" + (type.shape.empty() ? "" : "; sum it, or use jacobian"), where);
                  if (type.dtype != result) throw Retry{{type.dtype}};
                  return Values{value(y)};
                }};
    inputs.push_back(literal(1, result));
    try {
      Values out = emit_regions("vjp", values_of(inputs),
                                {{"num_primals", std::int64_t(floats.size())}, {"wrt", first_integers(floats.size())}}, {body}, where);
      return {wrap(out[0]), filled(primals, wrt, out, 1, where)};
    } catch (const Retry& retry) {
      result = retry.dtypes[0];
    }
  }
}

Leaves pull_back(const Leaves& primals, const Leaves& cotangents, const Leaves& values, Body f, Where where) {
  const auto wrt = float_leaves("vjp", primals, where), outputs = float_leaves("vjp", values, where);
  const Leaves floats = chosen(primals, wrt);
  Leaves inputs = floats;
  for (auto k : outputs) inputs.push_back(like("vjp", "a cotangent", cotangents[k], value(values[k])->type, where));
  Region body{types_of(floats), [&](const Values& args) {
                const Quiet again;  // the value has been computed before
                Leaves y = chosen(f(replaced(primals, wrt, arguments_for(floats, args))), outputs);
                for (std::size_t j = 0; j < y.size(); ++j) y[j] = convert(y[j], values[outputs[j]].dtype(), where);
                return values_of(y);
              }};
  Values out = emit_regions("vjp", values_of(inputs),
                            {{"num_primals", std::int64_t(floats.size())}, {"wrt", first_integers(floats.size())}}, {body}, where);
  return filled(primals, wrt, out, outputs.size(), where);
}

std::pair<Leaves, Leaves> push_forward(const Leaves& primals, const Leaves& tangents, Body f, Where where) {
  const auto wrt = float_leaves("jvp", primals, where);
  if (tangents.size() != primals.size())
    fail("jvp", std::to_string(tangents.size()) + " tangents for " + std::to_string(primals.size()) + " tensors", where);
  const Leaves floats = chosen(primals, wrt);
  Leaves inputs = floats;
  for (auto k : wrt) inputs.push_back(like("jvp", "a tangent", tangents[k], value(primals[k])->type, where));
  Region body{types_of(floats), [&](const Values& args) {
                Leaves y = f(replaced(primals, wrt, arguments_for(floats, args)));
                for (const auto& x : y) checked("jvp", x, where);
                return values_of(y);
              }};
  Leaves out = wrapped(emit_regions("jvp", values_of(inputs), {}, {body}, where));
  const auto half = out.begin() + std::ptrdiff_t(out.size() / 2);
  return {Leaves(out.begin(), half), Leaves(half, out.end())};
}

Leaves custom_jvp_leaves(const Leaves& primals, Body f, FunctionRef<Leaves(const Leaves&, const Leaves&)> rule, Where where) {
  const auto wrt = float_leaves("custom_jvp", primals, where);
  const Leaves floats = chosen(primals, wrt);
  const auto types = types_of(floats);
  auto twice = types;
  twice.insert(twice.end(), types.begin(), types.end());
  Region primal{types, [&](const Values& args) { return values_of(f(replaced(primals, wrt, arguments_for(floats, args)))); }};
  Region derivative{twice, [&](const Values& args) {
                      const Leaves x = replaced(primals, wrt, arguments_for(floats, args));
                      const Values tangents(args.begin() + std::ptrdiff_t(floats.size()), args.end());
                      Leaves y = f(x), dy = rule(x, filled(primals, wrt, tangents, 0, where));
                      if (dy.size() != y.size())
                        fail("custom_jvp", "the rule gives " + std::to_string(dy.size()) + " tangents for " + std::to_string(y.size()) + " results", where);
                      Values out = values_of(y);
                      for (std::size_t k = 0; k < y.size(); ++k)
                        out.push_back(value(is_float(y[k].dtype()) ? like("custom_jvp", "a tangent", dy[k], value(y[k])->type, where)
                                                                   : zeros_like(y[k], where)));
                      return out;
                    }};
  return wrapped(emit_regions("custom_derivative", values_of(floats), {{"num_residuals", std::int64_t(-1)}}, {primal, derivative}, where));
}

Leaves custom_vjp_leaves(const Leaves& primals, Body f, FunctionRef<Leaves(const Leaves&, std::size_t&)> forward,
                         FunctionRef<Leaves(const Leaves&, const Leaves&)> backward, Where where) {
  const auto wrt = float_leaves("custom_vjp", primals, where);
  const Leaves floats = chosen(primals, wrt);
  const auto types = types_of(floats);
  std::size_t results = 0;
  auto run_forward = [&](const Values& args) { return forward(replaced(primals, wrt, arguments_for(floats, args)), results); };

  // The types of the residuals have to be known before the operation is made: a dry run of the forward rule.
  struct DryRun {};
  std::vector<TensorType> saved;
  try {
    emit_regions("custom_derivative", values_of(floats), {{"num_residuals", std::int64_t(0)}},
                 {{types, [&](const Values& args) -> Values {
                     saved = types_of(run_forward(args));
                     throw DryRun{};
                   }}},
                 where);
  } catch (const DryRun&) {
  }
  std::vector<TensorType> back(saved.begin() + std::ptrdiff_t(results), saved.end());
  const std::size_t residuals = back.size();
  back.insert(back.end(), saved.begin(), saved.begin() + std::ptrdiff_t(results));

  Region primal{types, [&](const Values& args) { return values_of(f(replaced(primals, wrt, arguments_for(floats, args)))); }};
  Region fore{types, [&](const Values& args) { return values_of(run_forward(args)); }};
  Region reverse{back, [&](const Values& args) {
                   const auto middle = args.begin() + std::ptrdiff_t(residuals);
                   Leaves ct = backward(wrapped(Values(args.begin(), middle)), wrapped(Values(middle, args.end())));
                   if (ct.size() != primals.size())
                     fail("custom_vjp", "the backward rule gives " + std::to_string(ct.size()) + " cotangents for " + std::to_string(primals.size()) + " tensors", where);
                   Values out;
                   for (auto k : wrt) out.push_back(value(like("custom_vjp", "a cotangent", ct[k], value(primals[k])->type, where)));
                   return out;
                 }};
  return wrapped(emit_regions("custom_derivative", values_of(floats), {{"num_residuals", std::int64_t(residuals)}}, {primal, fore, reverse}, where));
}

Axis vmap_axis(const VmapOptions& options, std::size_t argument, std::size_t arguments, Where where) {
  if (options.in.empty()) return 0;
  if (options.in.size() != arguments)
    fail("vmap", ".in has " + std::to_string(options.in.size()) + " axes for " + std::to_string(arguments) + " arguments", where);
  return options.in[argument];
}

Leaves vmap_leaves(const Leaves& mapped, const std::vector<int>& axes, const Paths& paths, int out, Body f, Where where) {
  if (mapped.empty()) fail("vmap", "no argument is mapped", where);
  std::int64_t size = -1;
  Ints in;
  std::vector<TensorType> types;
  for (std::size_t k = 0; k < mapped.size(); ++k) {
    TensorType t = checked("vmap", mapped[k], where).type;
    const int rank = int(t.shape.size()), axis = axes[k] < 0 ? axes[k] + rank : axes[k];
    if (axis < 0 || axis >= rank)
      fail("vmap", "argument " + paths[k] + " of shape " + to_string(t.shape) + " has no axis " + std::to_string(axes[k]) + "; mark it shared", where);
    const std::int64_t extent = t.shape[std::size_t(axis)];
    if (size >= 0 && extent != size)
      fail("vmap", "argument " + paths[0] + " has " + std::to_string(size) + " slices, argument " + paths[k] + " has " + std::to_string(extent), where);
    size = extent;
    in.push_back(axis);
    t.shape.erase(t.shape.begin() + axis);
    types.push_back(t);
  }
  Region body{types, [&](const Values& args) {
                Leaves y = f(wrapped(args));
                for (const auto& x : y) checked("vmap", x, where);
                return values_of(y);
              }};
  Leaves results = wrapped(emit_regions("vmap", values_of(mapped), {{"size", size}, {"in_axes", in}}, {body}, where));
  if (out != 0)
    for (auto& y : results) y = moveaxis(y, 0, out, where);
  return results;
}

// Forward mode along every unit vector at once.
Tensor jacobian_of(const Tensor& given, FunctionRef<Tensor(const Tensor&)> f, Where where) {
  Tensor x = given;
  if (x.is_weak()) x = convert(x, floating(x.dtype()), where);
  if (!is_float(checked("jacobian", x, where).type.dtype))
    fail("jacobian", "the argument is " + describe(x) + "; a derivative needs floats, cast(f64)", where);
  const std::int64_t n = x.size();
  Shape basis = x.shape();
  basis.insert(basis.begin(), n);
  auto along = [&](const Leaves& direction) {
    return push_forward({x}, direction, [&](const Leaves& at) { return Leaves{f(at[0])}; }, where).second;
  };
  Tensor columns = vmap_leaves({reshaped(eye(n, x.dtype(), where), basis, where)}, {0}, {"0"}, 0, along, where)[0];
  Shape shape(columns.shape().begin() + 1, columns.shape().end());
  shape.insert(shape.end(), x.shape().begin(), x.shape().end());
  return reshaped(moveaxis(columns, 0, -1, where), shape, where);
}

}  // namespace nuthatch::detail
