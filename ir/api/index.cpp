// Reading: static parts of an index become slices, a traced scalar a dynamic slice, index tensors a gather.
#include "nuthatch/index.h"

#include "ir/api/index_plan.h"

namespace nuthatch {
using namespace detail;

namespace {
using Entry = IndexEntry::Kind;

/// The ranges of the plan taken, and integers where `integers` says so; all dimensions stay.
Tensor take_ranges(const Tensor& x, const IndexPlan& plan, bool integers, Where where) {
  const Shape& shape = x.shape();
  Ints start(shape.size(), 0), limit(shape), stride(shape.size(), 1), backwards;
  for (const auto& e : plan.entries) {
    if (e.dim < 0 || (e.kind == Entry::integer && !integers) || e.kind == Entry::tensor) continue;
    const auto d = std::size_t(e.dim);
    const std::int64_t last = e.start + (e.count - 1) * e.step;
    start[d] = e.step > 0 ? e.start : last;
    limit[d] = e.count == 0 ? start[d] : (e.step > 0 ? last : e.start) + 1;
    stride[d] = e.step > 0 ? e.step : -e.step;
    if (e.step < 0) backwards.push_back(e.dim);
  }
  Tensor out = sliced(x, start, limit, stride, where);
  return backwards.empty() ? out : emit_one("reverse", {out}, {{"dims", backwards}}, where);
}

Tensor gathered(const Tensor& x, const IndexPlan& plan, Where where) {
  Ints picked, sizes(x.shape());
  for (const auto* e : plan.picks()) {
    picked.push_back(e->dim);
    sizes[std::size_t(e->dim)] = 1;
  }
  for (auto d : picked)
    if (x.shape()[std::size_t(d)] == 0) fail("index", "axis " + std::to_string(d) + " of shape " + to_string(x.shape()) + " is empty", where);
  return emit_one("gather", {x, index_vectors(plan, {}, where)},
                  {{"offset_dims", plan.range_positions()},
                   {"collapsed_dims", picked},
                   {"operand_batch_dims", Ints{}},
                   {"indices_batch_dims", Ints{}},
                   {"index_map", picked},
                   {"slice_sizes", sizes}},
                  where);
}
}  // namespace

Tensor index(const Tensor& x, const std::vector<Index>& indices, Where where) {
  checked("index", x, where);
  const IndexPlan plan = plan_index("index", x.shape(), indices, where);
  if (plan.advanced) return reshaped(gathered(take_ranges(x, plan, false, where), plan, where), plan.shape(true), where);
  Tensor part = take_ranges(x, plan, true, where);
  if (plan.dynamic) {
    Ints sizes(part.shape());
    std::vector<Tensor> operands(1 + sizes.size(), literal_integer(0));
    operands[0] = part;
    for (const auto& e : plan.entries)
      if (e.kind == Entry::tensor) {
        sizes[std::size_t(e.dim)] = 1;
        operands[1 + std::size_t(e.dim)] = e.index;
        if (part.shape()[std::size_t(e.dim)] == 0)
          fail("index", "axis " + std::to_string(e.dim) + " of shape " + to_string(x.shape()) + " is empty", where);
      }
    part = emit_one("dynamic_slice", operands, {{"sizes", sizes}}, where);
  }
  return reshaped(part, plan.shape(true), where);
}

Tensor Tensor::operator[](const Index& i) const { return index(*this, {i}, i.where); }
Tensor Tensor::operator()(const Index& i) const { return index(*this, {i}, i.where); }
Tensor Tensor::operator()(const Index& i, const Index& j) const { return index(*this, {i, j}, i.where); }
Tensor Tensor::operator()(const Index& i, const Index& j, const Index& k) const { return index(*this, {i, j, k}, i.where); }
Tensor Tensor::operator()(const Index& i, const Index& j, const Index& k, const Index& l) const {
  return index(*this, {i, j, k, l}, i.where);
}
Tensor Tensor::operator()(const Index& i, const Index& j, const Index& k, const Index& l, const Index& m) const {
  return index(*this, {i, j, k, l, m}, i.where);
}

Update Tensor::at(const Index& i) const { return {*this, {i}}; }
Update Tensor::at(const Index& i, const Index& j) const { return {*this, {i, j}}; }
Update Tensor::at(const Index& i, const Index& j, const Index& k) const { return {*this, {i, j, k}}; }
Update Tensor::at(const Index& i, const Index& j, const Index& k, const Index& l) const { return {*this, {i, j, k, l}}; }

}  // namespace nuthatch
