// x.at(...).set(v) and its relatives: blocks become dynamic_update_slice, index tensors a scatter.
#include "ir/api/index_plan.h"
#include "nuthatch/index.h"

namespace nuthatch {
using namespace detail;

namespace {
using Entry = IndexEntry::Kind;

/// What the block holds now, combined with v.
Tensor combined(Scatter kind, const Tensor& now, const Tensor& v, Where where) {
  switch (kind) {
    case Scatter::add: return binary(Binary::add, "at().add", now, v, where);
    case Scatter::mul: return binary(Binary::mul, "at().mul", now, v, where);
    case Scatter::min: return binary(Binary::min, "at().min", now, v, where);
    case Scatter::max: return binary(Binary::max, "at().max", now, v, where);
    case Scatter::set: return v;
  }
  return v;
}

/// A block of consecutive elements, possibly at traced positions.
Tensor update_block(const Tensor& x, const IndexPlan& plan, Scatter kind, const Tensor& v, Where where) {
  Ints sizes(x.shape());
  std::vector<Tensor> starts(sizes.size());
  for (const auto& e : plan.entries) {
    if (e.dim < 0) continue;
    sizes[std::size_t(e.dim)] = e.count;
    starts[std::size_t(e.dim)] = e.kind == Entry::tensor ? e.index : literal_integer(e.start);
  }
  std::vector<Tensor> operands{x};
  operands.insert(operands.end(), starts.begin(), starts.end());
  Tensor update = reshaped(v, Shape(sizes), where);
  if (kind != Scatter::set) {
    Tensor now = emit_one("dynamic_slice", operands, {{"sizes", sizes}}, where);
    update = combined(kind, now, update, where);
  }
  operands.insert(operands.begin() + 1, update);
  return emit_one("dynamic_update_slice", operands, {}, where);
}

Tensor scattered(Scatter kind, const Tensor& x, const Tensor& indices, const Tensor& v, const Ints& window,
                 const Ints& inserted, const Ints& map, Where where) {
  return emit_one("scatter", {x, indices, v},
                  {{"kind", Kind{int(kind)}},
                   {"window_dims", window},
                   {"inserted_dims", inserted},
                   {"operand_batch_dims", Ints{}},
                   {"indices_batch_dims", Ints{}},
                   {"index_map", map}},
                  where);
}

Tensor update_scatter(const Tensor& x, const IndexPlan& plan, Scatter kind, const Tensor& v, Where where) {
  Ints inserted, map, constants;
  for (const auto* e : plan.picks()) inserted.push_back(e->dim);
  map = inserted;
  for (const auto& e : plan.entries)
    if (e.kind == Entry::range && e.start != 0) {
      map.push_back(e.dim);
      constants.push_back(e.start);
    }
  return scattered(kind, x, index_vectors(plan, constants, where), reshaped(v, plan.shape(false), where),
                   plan.range_positions(), inserted, map, where);
}

/// Any index at all: by the flat positions of the elements it selects.
Tensor update_flat(const Tensor& x, const std::vector<Index>& indices, Scatter kind, const Tensor& v, Where where) {
  Tensor positions = index(reshaped(iota(Dtype::i64, Shape{x.size()}, 0, where), x.shape(), where), indices, where);
  const std::int64_t n = positions.size();
  Tensor out = scattered(kind, reshaped(x, {x.size()}, where), reshaped(positions, {n, 1}, where), reshaped(v, {n}, where), {}, {0},
                         {0}, where);
  return reshaped(out, x.shape(), where);
}

Tensor update(const char* op, const Tensor& x, const std::vector<Index>& indices, Scatter kind, const Tensor& value,
              Where where) {
  checked(op, x, where);
  if (promote(op, x, value, where) != x.dtype())
    fail(op, std::string("values are ") + name(value.dtype()) + ", the tensor is " + name(x.dtype()) + "; cast one of them", where);
  if (x.dtype() == Dtype::bool_ && kind != Scatter::set) fail(op, "takes numbers, not " + describe(x), where);
  const IndexPlan plan = plan_index(op, x.shape(), indices, where);
  const Shape shape = plan.shape(true);
  if (broadcast_shape(op, shape, value.shape(), where) != shape)
    fail(op, "values of shape " + to_string(value.shape()) + " do not fit the selection " + to_string(shape), where);
  if (shape.num_elements() == 0) return x;
  Tensor v = expand(convert(value, x.dtype(), where), shape, where);
  if (!plan.unit_steps) return update_flat(x, indices, kind, v, where);
  return plan.advanced ? update_scatter(x, plan, kind, v, where) : update_block(x, plan, kind, v, where);
}
}  // namespace

Tensor Update::set(const Tensor& v, Where where) const { return update("at().set", x_, indices_, Scatter::set, v, where); }
Tensor Update::add(const Tensor& v, Where where) const { return update("at().add", x_, indices_, Scatter::add, v, where); }
Tensor Update::mul(const Tensor& v, Where where) const { return update("at().mul", x_, indices_, Scatter::mul, v, where); }
Tensor Update::min(const Tensor& v, Where where) const { return update("at().min", x_, indices_, Scatter::min, v, where); }
Tensor Update::max(const Tensor& v, Where where) const { return update("at().max", x_, indices_, Scatter::max, v, where); }

}  // namespace nuthatch
