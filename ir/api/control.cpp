#include "nuthatch/control.h"

#include <algorithm>

#include "ir/api/regions.h"
#include "nuthatch/array.h"
#include "nuthatch/detail/loops.h"

namespace nuthatch {

namespace tree {
std::string to_string(const Path* path) {
  if (!path) return "";
  std::string step = path->name ? "." + std::string(path->name) : "[" + std::to_string(path->index) + "]";
  return to_string(path->outer) + step;
}
}  // namespace tree

namespace detail {

namespace {
std::string carry(const Paths& paths, std::size_t k) {
  return paths[k].empty() ? "the carry" : "the carry " + paths[k];
}

/// What a body returned, in the types the loop started with; throws Retry where a literal start must follow the body.
Leaves reconciled(const char* op, const Leaves& init, Leaves next, const Paths& paths, Where where) {
  if (next.size() != init.size())
    fail(op, "the carry starts as " + std::to_string(init.size()) + " tensors and comes back as " + std::to_string(next.size()), where);
  Retry retry;
  bool again = false;
  for (std::size_t k = 0; k < init.size(); ++k) {
    const Value& v = checked(op, next[k], where);
    const TensorType& start = value(init[k])->type;
    retry.dtypes.push_back(start.dtype);
    bool fits = v.type.shape == start.shape;
    if (fits && v.type.dtype != start.dtype) {
      const bool literal_start = init[k].is_weak();
      const Dtype common = v.weak || literal_start ? promote(op, init[k], next[k], where) : v.type.dtype;
      if (common == start.dtype && (v.weak || literal_start)) {
        next[k] = convert(next[k], common, where);
      } else if (literal_start && common == v.type.dtype) {
        retry.dtypes.back() = common;
        again = true;
      } else {
        fits = false;
      }
    }
    if (!fits)
      fail(op, carry(paths, k) + " starts as " + describe(start) + " and comes back as " + describe(v.type), where);
  }
  if (again) throw retry;
  return next;
}

void all_defined(const char* op, const Leaves& init, const Paths& paths, Where where) {
  for (std::size_t k = 0; k < init.size(); ++k)
    if (!init[k].defined()) fail(op, carry(paths, k) + " is an empty Tensor", where);
}

bool scalar_bool(const Value& v) { return v.type.dtype == Dtype::bool_ && v.type.shape.empty(); }

Tensor counter(const ValuePtr& v, bool nonnegative) {
  auto marked = share<Value>(*v);
  marked->nonnegative = nonnegative;
  return wrap(std::move(marked));
}

thread_local LoopObserver* observer = nullptr;

/// Tells the observer for how long the body of a loop or branch is traced.
class Inside {
 public:
  Inside(const char* op, Where where) : observer_(observer) {
    if (observer_) observer_->enter(op, where);
  }
  ~Inside() {
    if (observer_) observer_->leave();
  }
  Inside(const Inside&) = delete;

 private:
  LoopObserver* observer_;
};
}  // namespace

void observe_loops(LoopObserver* by) { observer = by; }

void same_structure(const char* op, const std::string& before, const std::string& after, Where where) {
  if (before != after)
    fail(op, "the static parts of a tree (numbers, enums, sizes) changed; what changes must be a Tensor", where);
}

Leaves while_leaves(const Leaves& init, const Paths& paths, FunctionRef<Tensor(const Leaves&)> condition,
                    FunctionRef<Leaves(const Leaves&)> body, std::int64_t max_trip, Where where) {
  all_defined("while_loop", init, paths, where);
  if (max_trip < -1) fail("while_loop", ".max_trip is " + std::to_string(max_trip), where);
  const Inside inside("while_loop", where);
  return with_retry(init, where, [&](const Leaves& start) {
    const auto types = types_of(start);
    Region test{types, [&](const Values& args) {
                  Tensor p = condition(arguments_for(start, args));
                  if (!scalar_bool(checked("while_loop", p, where)))
                    fail("while_loop", "the condition is " + describe(p) + ", not a bool scalar", where);
                  return Values{value(p)};
                }};
    Region step{types, [&](const Values& args) {
                  return values_of(reconciled("while_loop", start, body(arguments_for(start, args)), paths, where));
                }};
    return wrapped(emit_regions("while", values_of(start), {{"max_trip", max_trip}}, {test, step}, where));
  });
}

Leaves for_leaves(const char* op, std::int64_t trip, bool reverse, const Leaves& init, const Leaves& xs, const Paths& paths,
                  FunctionRef<Leaves(const Tensor&, const Leaves&, const Leaves&)> body, Where where) {
  all_defined(op, init, paths, where);
  if (trip < 0) fail(op, std::to_string(trip) + " steps", where);
  return with_retry(init, where, [&](const Leaves& start) {
    std::vector<TensorType> types{{Dtype::i64, {}}};
    for (const auto& t : types_of(start)) types.push_back(t);
    for (auto t : types_of(xs)) {
      t.shape.erase(t.shape.begin());
      types.push_back(t);
    }
    Region step{types, [&](const Values& args) {
                  Leaves slices = wrapped(Values(args.begin() + 1 + std::ptrdiff_t(start.size()), args.end()));
                  Leaves out = body(counter(args[0], true), arguments_for(start, args, 1), slices);
                  Leaves next(out.begin(), out.begin() + std::ptrdiff_t(start.size()));
                  next = reconciled(op, start, std::move(next), paths, where);
                  std::copy(next.begin(), next.end(), out.begin());
                  return values_of(out);
                }};
    Values operands = values_of(start);
    for (const auto& x : xs) operands.push_back(value(x));
    return wrapped(emit_regions("for", operands,
                                {{"trip", trip}, {"num_carries", std::int64_t(start.size())}, {"reverse", reverse}}, {step},
                                where));
  });
}

Leaves scan_leaves(std::int64_t trip, const ScanOptions& options, const Leaves& init, const Leaves& xs, const Paths& paths,
                   FunctionRef<Leaves(const Tensor&, const Leaves&, const Leaves&)> body, Where where) {
  Leaves present;
  for (const auto& x : xs)
    if (x.defined()) present.push_back(x);
  auto step = [&](const Tensor& i, const Leaves& carries, const Leaves& slices) {
    Leaves all(xs.size());
    std::size_t next = 0;
    for (std::size_t k = 0; k < xs.size(); ++k)
      if (xs[k].defined()) all[k] = slices[next++];
    return body(i, carries, all);
  };
  if (observer) return observer->scan(trip, options, init, present, paths, step, where);
  return for_leaves("scan", trip, options.reverse, init, present, paths, step, where);
}

Leaves fori_leaves(const Tensor& low, const Tensor& high, const Leaves& init, const Paths& paths,
                   FunctionRef<Leaves(const Tensor&, const Leaves&)> body, Where where) {
  auto bound = [&](const Tensor& x) {
    if (!checked("fori_loop", x, where).type.shape.empty()) fail("fori_loop", "bounds are scalars, not " + describe(x), where);
    return to_index("fori_loop", x, where);
  };
  const Tensor from = bound(low), to = bound(high);
  auto known = [](const Tensor& x) { return x.is_concrete() && (x.is_weak() || !tracing()); };
  const Inside inside("fori_loop", where);
  if (known(from) && known(to)) {
    const std::int64_t start = from.item<std::int64_t>(), trip = std::max<std::int64_t>(to.item<std::int64_t>() - start, 0);
    return for_leaves(
        "fori_loop", trip, false, init, {}, paths,
        [&](const Tensor& i, const Leaves& carries, const Leaves&) {
          Tensor at = start == 0 ? i : counter(value(binary(Binary::add, "fori_loop", i, literal_integer(start), where)), start > 0);
          return body(at, carries);
        },
        where);
  }
  Leaves carries{from};
  carries.insert(carries.end(), init.begin(), init.end());
  Paths names{"counter"};
  names.insert(names.end(), paths.begin(), paths.end());
  Leaves out = while_leaves(
      carries, names, [&](const Leaves& c) { return compare(Compare::lt, "fori_loop", c[0], to, where); },
      [&](const Leaves& c) {
        Leaves next = body(c[0], Leaves(c.begin() + 1, c.end()));
        next.insert(next.begin(), binary(Binary::add, "fori_loop", c[0], literal_integer(1), where));
        return next;
      },
      -1, where);
  out.erase(out.begin());
  return out;
}

std::int64_t leading_extent(const char* op, const Leaves& xs, const Paths& paths, Where where) {
  std::int64_t extent = -1;
  std::size_t first = 0;
  auto named = [&](std::size_t k) { return paths[k].empty() ? std::string("xs") : "xs" + paths[k]; };
  for (std::size_t k = 0; k < xs.size(); ++k) {
    if (!xs[k].defined()) continue;
    const Shape& shape = checked(op, xs[k], where).type.shape;
    if (shape.empty()) fail(op, named(k) + " is a scalar and has no leading axis", where);
    if (extent < 0) extent = shape[0], first = k;
    if (shape[0] != extent)
      fail(op, "leading extents differ: " + named(first) + " has " + std::to_string(extent) + ", " + named(k) + " has " + std::to_string(shape[0]), where);
  }
  if (extent < 0) fail(op, "xs has no tensors; pass the number of steps instead", where);
  return extent;
}

Leaves cond_leaves(const Tensor& p, FunctionRef<Leaves()> yes, FunctionRef<Leaves()> no, FunctionRef<Paths()> paths, Where where) {
  if (!scalar_bool(checked("cond", p, where)))
    fail("cond", "the condition is " + describe(p) + ", not a bool scalar; use select(p, a, b) elementwise", where);
  const Inside inside("cond", where);
  std::vector<Dtype> dtypes;  // common ones, once known
  auto settled = [&](Leaves xs) {
    for (std::size_t k = 0; k < dtypes.size(); ++k) xs[k] = convert(xs[k], dtypes[k], where);
    return xs;
  };
  const Tensor index = convert(p, Dtype::i64, where);
  for (;;) {
    Leaves otherwise;
    Region second{{}, [&](const Values&) {
                    otherwise = settled(no());
                    return values_of(otherwise);
                  }};
    Region first{{}, [&](const Values&) {
                   Leaves xs = settled(yes());
                   if (xs.size() != otherwise.size())
                     fail("cond", "the branches return " + std::to_string(xs.size()) + " and " + std::to_string(otherwise.size()) + " tensors", where);
                   Retry retry;
                   bool again = false;
                   for (std::size_t k = 0; k < xs.size(); ++k) {
                     const Value &a = checked("cond", xs[k], where), &b = checked("cond", otherwise[k], where);
                     if (a.type.shape != b.type.shape)
                       fail("cond", "the branches return " + describe(a.type) + " and " + describe(b.type) + " for the result" + paths()[k], where);
                     retry.dtypes.push_back(promote("cond", xs[k], otherwise[k], where));
                     again = again || a.type.dtype != b.type.dtype;
                   }
                   if (again) throw retry;
                   return values_of(xs);
                 }};
    try {
      return wrapped(emit_regions("case", {value(index)}, {}, {second, first}, where));
    } catch (const Retry& retry) {
      dtypes = retry.dtypes;
    }
  }
}

}  // namespace detail
}  // namespace nuthatch
