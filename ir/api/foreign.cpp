#include "nuthatch/foreign.h"

#include <map>
#include <mutex>

#include "ir/api/operands.h"
#include "ir/api/regions.h"
#include "nuthatch/detail/foreign.h"
#include "nuthatch/error.h"
#include "nuthatch/transform.h"

namespace nuthatch {

namespace detail {

namespace {
struct Table {
  std::mutex mutex;
  std::map<std::string, ForeignFunction> functions;  // nodes keep their address
};
Table& table() {
  static Table t;
  return t;
}

void add(ForeignFunction f, const char* op, Where where) {
  if (f.name.empty()) fail(op, "the name is empty", where);
  if (!f.general && !f.simple) fail(op, "'" + f.name + "' has no code", where);
  std::lock_guard lock(table().mutex);
  auto [at, fresh] = table().functions.try_emplace(f.name, f);
  const ForeignFunction& known = at->second;
  if (!fresh && (known.general != f.general || known.simple != f.simple || known.elementwise != f.elementwise))
    fail(op, "'" + f.name + "' is registered already, for another function", where);
}

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t n = 1;
  for (std::size_t d = first; d < last; ++d) n *= shape[d];
  return n;
}
}  // namespace

const ForeignFunction* find_foreign(const std::string& name) {
  std::lock_guard lock(table().mutex);
  auto at = table().functions.find(name);
  return at == table().functions.end() ? nullptr : &at->second;
}

const ForeignFunction& foreign_function(const std::string& name) {
  if (auto* f = find_foreign(name)) return *f;
  throw Error("custom_call: no function is registered under the name '" + name + "'");
}

void call_foreign(const ForeignFunction& f, std::span<const void* const> inputs, std::span<const std::int64_t> input_sizes,
                  std::span<void* const> results, std::span<const std::int64_t> result_sizes) {
  try {
    if (f.simple) {
      std::vector<const double*> in;
      for (auto p : inputs) in.push_back(static_cast<const double*>(p));
      return f.simple(in.data(), static_cast<double*>(results[0]), result_sizes[0]);
    }
    const ForeignCall call{std::int64_t(inputs.size()), inputs.data(), input_sizes.data(),
                           std::int64_t(results.size()), results.data(), result_sizes.data()};
    f.general(&call);
  } catch (const std::exception& e) {
    throw Error("foreign function '" + f.name + "': " + e.what());
  }
}

void call_foreign(const ForeignFunction& f, std::int64_t batch, std::span<const Array> inputs, std::span<Array> results) {
  std::vector<const void*> in;
  std::vector<void*> out;
  std::vector<std::int64_t> in_sizes, out_sizes, in_bytes, out_bytes;
  const auto leading = f.elementwise ? 0 : std::size_t(batch);
  std::int64_t calls = 1;
  for (const Array& x : inputs) {
    calls = product(x.shape, 0, leading);
    in.push_back(x.data.get());
    in_sizes.push_back(product(x.shape, leading, x.shape.size()));
    in_bytes.push_back(in_sizes.back() * std::int64_t(size_of(x.dtype)));
  }
  for (Array& y : results) {
    calls = product(y.shape, 0, leading);
    out.push_back(y.data.get());
    out_sizes.push_back(product(y.shape, leading, y.shape.size()));
    out_bytes.push_back(out_sizes.back() * std::int64_t(size_of(y.dtype)));
  }
  for (std::int64_t i = 0; i < calls; ++i) {
    call_foreign(f, in, in_sizes, out, out_sizes);
    for (std::size_t k = 0; k < in.size(); ++k) in[k] = static_cast<const std::byte*>(in[k]) + in_bytes[k];
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<std::byte*>(out[k]) + out_bytes[k];
  }
}

}  // namespace detail

using namespace detail;

void register_kernel(const std::string& name, CustomKernel kernel, Where where) {
  add({name, kernel, nullptr, false}, "register_kernel", where);
}

std::vector<Tensor> custom_call(const std::string& name, const std::vector<Tensor>& inputs,
                                const std::vector<ResultType>& results, Where where) {
  if (!find_foreign(name)) fail("custom_call", "no function is registered under the name '" + name + "'", where);
  std::vector<TensorType> types;
  for (const auto& r : results) {
    for (auto extent : r.shape)
      if (extent < 0) fail("custom_call", "a result of shape " + to_string(r.shape), where);
    types.push_back({r.dtype, r.shape});
  }
  for (const auto& x : inputs) checked("custom_call", x, where);
  return wrapped(emit_all("custom_call", values_of(inputs), {{"function", name}, {"batch", std::int64_t(0)}, {"types", types}}, where));
}

Foreign::Foreign(ForeignOptions options, Where where) : options_(std::move(options)), where_(where) {
  add({options_.name, nullptr, options_.cpu, options_.elementwise}, "foreign", where);
}

Foreign foreign(ForeignOptions options, Where where) { return Foreign(std::move(options), where); }

Tensor Foreign::apply(const std::vector<Tensor>& given) const {
  const std::string op = "foreign '" + options_.name + "'";
  std::vector<Tensor> inputs;
  std::vector<Shape> shapes;
  for (const auto& x : given) {
    checked(op.c_str(), x, where_);
    inputs.push_back(convert(x, Dtype::f64, where_));
    shapes.push_back(x.shape());
  }
  if (!options_.shape && shapes.empty()) fail(op.c_str(), "has no inputs and no .shape", where_);
  const Shape shape = options_.shape ? options_.shape(shapes) : shapes[0];
  for (const auto& s : shapes)
    if (options_.elementwise && s != shape)
      fail(op.c_str(), "is elementwise, with an input of shape " + to_string(s) + " for a result of shape " + to_string(shape), where_);
  auto call = [&](const Leaves& x) { return custom_call(options_.name, x, {{Dtype::f64, shape}}, where_); };
  if (!options_.vjp) return call(inputs)[0];
  return custom_vjp_leaves(
      inputs, call,
      [&](const Leaves& x, std::size_t& results) {
        Leaves out = call(x);
        results = 1;
        out.insert(out.end(), x.begin(), x.end());
        return out;
      },
      [&](const Leaves& x, const Leaves& ct) {
        Leaves out = options_.vjp(x, ct[0]);
        if (out.size() != x.size())
          fail(op.c_str(), ".vjp gives " + std::to_string(out.size()) + " cotangents for " + std::to_string(x.size()) + " inputs", where_);
        return out;
      },
      where_)[0];
}

}  // namespace nuthatch
