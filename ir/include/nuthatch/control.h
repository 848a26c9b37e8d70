#pragma once
/// Loops and branches of compiled programs. Carries are trees (tree.h); their types must stay what they were, except that
/// a literal start value takes the dtype the body gives it. A body may use any tensor around it.
#include <optional>

#include "nuthatch/detail/function_ref.h"
#include "nuthatch/tree.h"

namespace nuthatch {

struct WhileOptions {
  OnlyNamed only_named{};
  /// A bound on the number of iterations; with it the loop is differentiable in reverse. -1: none.
  std::int64_t max_trip = -1;
};
struct ScanOptions {
  OnlyNamed only_named{};
  /// Visits the slices from last to first; outputs stay at the position of their slice.
  bool reverse = false;
  /// Inside a model: the name of the leading axis of the sites of the body.
  std::string dim{};
};

namespace detail {
using tree::Leaves;
/// Names the leaves of a carry in messages.
using Paths = std::vector<std::string>;

Leaves while_leaves(const Leaves& init, const Paths&, FunctionRef<Tensor(const Leaves&)> condition,
                    FunctionRef<Leaves(const Leaves&)> body, std::int64_t max_trip, Where);
/// Undefined leaves of xs have no slices. body(i, carries, slices) gives the carries, then the outputs.
Leaves scan_leaves(std::int64_t trip, const ScanOptions&, const Leaves& init, const Leaves& xs, const Paths&,
                   FunctionRef<Leaves(const Tensor&, const Leaves&, const Leaves&)> body, Where);
Leaves fori_leaves(const Tensor& low, const Tensor& high, const Leaves& init, const Paths&,
                   FunctionRef<Leaves(const Tensor&, const Leaves&)> body, Where);
Leaves cond_leaves(const Tensor& p, FunctionRef<Leaves()> yes, FunctionRef<Leaves()> no, FunctionRef<Paths()>, Where);
std::int64_t leading_extent(const char* op, const Leaves& xs, const Paths&, Where);
/// Throws when the static parts of a tree changed.
void same_structure(const char* op, const std::string& before, const std::string& after, Where);
}  // namespace detail

/// carry = body(carry) while condition(carry), a bool_ scalar, holds. Differentiable forward, and in reverse with
/// `.max_trip`.
template <class C, class Condition, class Body>
tree::traced_t<C> while_loop(const C& init, Condition&& condition, Body&& body, const WhileOptions& options = {},
                             Where where = Where::current()) {
  using Carry = tree::traced_t<C>;
  const Carry start(init);
  auto rebuild = [&](const tree::Leaves& leaves) { return tree::unflatten(start, leaves); };
  return rebuild(detail::while_leaves(
      tree::flatten(start), tree::paths(start),
      [&](const tree::Leaves& leaves) { return Tensor(condition(rebuild(leaves))); },
      [&](const tree::Leaves& leaves) {
        Carry next(body(rebuild(leaves)));
        detail::same_structure("while_loop", tree::structure(start), tree::structure(next), where);
        return tree::flatten(next);
      },
      options.max_trip, where));
}

/// carry = body(i, carry) for i = low ... high-1; i is an i64 scalar. Bounds that are numbers make a counted loop,
/// bounds that are traced a while loop.
template <class C, class Body>
tree::traced_t<C> fori_loop(const Tensor& low, const Tensor& high, const C& init, Body&& body,
                            Where where = Where::current()) {
  using Carry = tree::traced_t<C>;
  const Carry start(init);
  auto rebuild = [&](const tree::Leaves& leaves) { return tree::unflatten(start, leaves); };
  return rebuild(detail::fori_leaves(
      low, high, tree::flatten(start), tree::paths(start),
      [&](const Tensor& i, const tree::Leaves& leaves) {
        Carry next(body(i, rebuild(leaves)));
        detail::same_structure("fori_loop", tree::structure(start), tree::structure(next), where);
        return tree::flatten(next);
      },
      where));
}

/// (carry, y) = body(carry, x) over the leading axis of the tree xs; returns the last carry and the stacked ys. With an
/// integer n in place of xs the body gets the step number. In a model the body may have sites: each becomes one site
/// with a leading axis (docs/language.md).
template <class C, class X, class Body>
auto scan(const C& init, const X& xs, Body&& body, const ScanOptions& options = {}, Where where = Where::current()) {
  using Carry = tree::traced_t<C>;
  constexpr bool counted = std::is_integral_v<X>;
  using Slice = std::conditional_t<counted, Tensor, tree::traced_t<X>>;
  using Output = tree::traced_t<decltype(body(std::declval<Carry>(), std::declval<Slice>()).second)>;
  const Carry start(init);
  const Slice stacked(xs);
  tree::Leaves carries = tree::flatten(start), slices;
  std::int64_t trip = 0;
  if constexpr (counted) {
    trip = std::int64_t(xs);
  } else {
    slices = tree::flatten(stacked);
    trip = detail::leading_extent("scan", slices, tree::paths(stacked), where);
  }
  std::optional<Output> example;
  tree::Leaves results = detail::scan_leaves(
      trip, options, carries, slices, tree::paths(start),
      [&](const Tensor& i, const tree::Leaves& c, const tree::Leaves& x) {
        auto step = [&] {
          if constexpr (counted)
            return body(tree::unflatten(start, c), i);
          else
            return body(tree::unflatten(start, c), tree::unflatten(stacked, x));
        }();
        Carry next(step.first);
        example.emplace(step.second);
        detail::same_structure("scan", tree::structure(start), tree::structure(next), where);
        tree::Leaves out = tree::flatten(next);
        for (auto& y : tree::flatten(*example)) out.push_back(y);
        return out;
      },
      where);
  tree::Leaves last(results.begin(), results.begin() + carries.size()), ys(results.begin() + carries.size(), results.end());
  return std::pair<Carry, Output>(tree::unflatten(start, last), tree::unflatten(*example, ys));
}

/// f() where the bool_ scalar p holds, else g(); both return trees of the same types. Only one of them is computed (under
/// vmap with a mapped p both may be).
template <class F, class G>
auto cond(const Tensor& p, F&& f, G&& g, Where where = Where::current()) {
  using Result = tree::traced_t<decltype(f())>;
  std::optional<Result> example;
  tree::Leaves leaves = detail::cond_leaves(
      p, [&] { return tree::flatten(example.emplace(f())); }, [&] { return tree::flatten(Result(g())); },
      [&] { return tree::paths(*example); }, where);
  return tree::unflatten(*example, leaves);
}

}  // namespace nuthatch
