#include "ir/api/index_plan.h"

#include <algorithm>

namespace nuthatch::detail {

namespace {
using Entry = IndexEntry::Kind;

std::string extent_text(int dim, std::int64_t extent) {
  return "axis " + std::to_string(dim) + " with extent " + std::to_string(extent);
}

std::int64_t in_bounds(const char* op, std::int64_t i, int dim, std::int64_t extent, Where where) {
  if (i < -extent || i >= extent)
    fail(op, "index " + std::to_string(i) + " is out of bounds for " + extent_text(dim, extent), where);
  return i < 0 ? i + extent : i;
}

IndexEntry range(const char* op, const Slice& s, int dim, std::int64_t extent, Where where) {
  if (s.step == 0) fail(op, "a slice with step 0", where);
  IndexEntry e{Entry::range, dim};
  e.step = s.step;
  auto bound = [&](std::optional<std::int64_t> b, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
    if (!b) return otherwise;
    return std::clamp(*b < 0 ? *b + extent : *b, low, high);
  };
  if (s.step > 0) {
    e.start = bound(s.start, 0, 0, extent);
    const std::int64_t stop = bound(s.stop, extent, 0, extent);
    e.count = stop > e.start ? (stop - e.start + s.step - 1) / s.step : 0;
  } else {
    e.start = bound(s.start, extent - 1, -1, extent - 1);
    const std::int64_t stop = bound(s.stop, -1, -1, extent - 1);
    e.count = e.start > stop ? (e.start - stop - s.step - 1) / -s.step : 0;
  }
  if (e.count <= 1) e.step = 1;
  if (e.count == 0) e.start = 0;
  return e;
}

IndexEntry tensor_entry(const char* op, const Tensor& index, int dim, std::int64_t extent, Where where) {
  const Value& v = checked(op, index, where);
  if (is_integer(v.type.dtype) && v.concrete() && v.type.shape.empty() && (v.weak || !tracing())) {
    IndexEntry e{Entry::integer, dim};
    e.start = in_bounds(op, integer_at(v.array, 0), dim, extent, where);
    return e;
  }
  IndexEntry e{Entry::tensor, dim};
  e.index = wrapped_index(op, index, dim, extent, where);
  return e;
}
}  // namespace

Tensor wrapped_index(const char* op, const Tensor& index, int dim, std::int64_t extent, Where where) {
  Tensor i = to_index(op, index, where);
  if (index.is_concrete()) {
    const Array& given = value(index)->array;
    bool negative = false;
    Array positive(Dtype::i64, given.shape);
    for (std::int64_t k = 0; k < given.num_elements(); ++k) {
      const std::int64_t at = integer_at(given, k);
      negative = negative || at < 0;
      positive.as<std::int64_t>()[k] = in_bounds(op, at, dim, extent, where);
    }
    return negative ? wrap(concrete(std::move(positive), false, where)) : i;
  }
  if (value(index)->nonnegative || extent == 0) return i;
  Tensor n = literal_integer(extent), zero = literal_integer(0);
  Tensor below = compare(Compare::lt, op, i, zero, where), from_end = binary(Binary::add, op, i, n, where);
  return emit_one("select", {below, from_end, i}, {}, where);
}

Shape IndexPlan::shape(bool newaxes) const {
  Shape out;
  bool placed = !advanced;
  if (advanced && !together) {
    out = batch;
    placed = true;
  }
  for (const auto& e : entries) {
    if (e.kind == Entry::range) {
      out.push_back(e.count);
    } else if (e.kind == Entry::newaxis) {
      if (newaxes) out.push_back(1);
    } else if (!placed) {
      out.insert(out.end(), batch.begin(), batch.end());
      placed = true;
    }
  }
  return out;
}

Ints IndexPlan::range_positions() const {
  Ints out;
  std::int64_t next = 0;
  bool placed = false;
  if (!together) {
    next = std::int64_t(batch.size());
    placed = true;
  }
  for (const auto& e : entries) {
    if (e.kind == Entry::range) {
      out.push_back(next++);
    } else if (e.kind != Entry::newaxis && !placed) {
      next += std::int64_t(batch.size());
      placed = true;
    }
  }
  return out;
}

std::vector<const IndexEntry*> IndexPlan::picks() const {
  std::vector<const IndexEntry*> out;
  for (const auto& e : entries)
    if (e.kind == Entry::integer || e.kind == Entry::tensor) out.push_back(&e);
  return out;
}

const IndexEntry* IndexPlan::range_of(int dim) const {
  for (const auto& e : entries)
    if (e.kind == Entry::range && e.dim == dim) return &e;
  return nullptr;
}

IndexPlan plan_index(const char* op, const Shape& shape, const std::vector<Index>& indices, Where where) {
  std::size_t used = 0, gaps = 0;
  for (const auto& i : indices) {
    used += i.kind != Index::Kind::newaxis && i.kind != Index::Kind::ellipsis;
    gaps += i.kind == Index::Kind::ellipsis;
  }
  if (gaps > 1) fail(op, "more than one ellipsis", where);
  if (used > shape.size()) fail(op, std::to_string(used) + " indices for shape " + to_string(shape), where);

  IndexPlan plan;
  int dim = 0;
  auto fill = [&](std::size_t n) {
    for (; n > 0; --n, ++dim) plan.entries.push_back(range(op, all, dim, shape[std::size_t(dim)], where));
  };
  for (const auto& i : indices) {
    if (i.kind == Index::Kind::newaxis) {
      plan.entries.push_back({Entry::newaxis});
      continue;
    }
    if (i.kind == Index::Kind::ellipsis) {
      fill(shape.size() - used);
      continue;
    }
    const std::int64_t extent = shape[std::size_t(dim)];
    if (i.kind == Index::Kind::integer) {
      IndexEntry e{Entry::integer, dim};
      e.start = in_bounds(op, i.integer, dim, extent, where);
      plan.entries.push_back(e);
    } else if (i.kind == Index::Kind::slice) {
      plan.entries.push_back(range(op, i.range, dim, extent, where));
    } else {
      plan.entries.push_back(tensor_entry(op, i.tensor, dim, extent, where));
    }
    ++dim;
  }
  fill(shape.size() - std::size_t(dim));

  int first = -1, last = -1, picks = 0;
  for (std::size_t k = 0; k < plan.entries.size(); ++k) {
    const auto& e = plan.entries[k];
    if (e.kind == Entry::range) plan.unit_steps = plan.unit_steps && e.step == 1;
    if (e.kind != Entry::integer && e.kind != Entry::tensor) continue;
    if (first < 0) first = int(k);
    last = int(k);
    ++picks;
    if (e.kind == Entry::integer) continue;
    plan.dynamic = true;
    plan.advanced = plan.advanced || e.index.ndim() > 0;
    plan.batch = broadcast_shape(op, plan.batch, e.index.shape(), where);
  }
  plan.together = !plan.advanced || last - first + 1 == picks;
  return plan;
}

Tensor index_vectors(const IndexPlan& plan, const Ints& constant_columns, Where where) {
  Shape column = plan.batch;
  column.push_back(1);
  std::vector<Tensor> columns;
  for (const auto* e : plan.picks()) {
    Tensor i = e->kind == Entry::integer ? literal_integer(e->start) : e->index;
    columns.push_back(reshaped(expand(i, plan.batch, where), column, where));
  }
  for (auto c : constant_columns) columns.push_back(expand(literal_integer(c), column, where));
  if (columns.size() == 1) return columns[0];
  return emit_one("concatenate", columns, {{"dim", std::int64_t(plan.batch.size())}}, where);
}

}  // namespace nuthatch::detail
