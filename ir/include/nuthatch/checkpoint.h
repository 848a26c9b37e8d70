#pragma once
/// Memory for time in reverse mode.
#include "nuthatch/transform.h"

namespace nuthatch {

namespace detail {
Leaves checkpointed(const Leaves& arguments, Body, Where);
}  // namespace detail

/// checkpoint(f)(args...) is f(args...); a gradient through it keeps the arguments, and what f captures, but nothing that
/// f computes on the way: f is computed again when its derivative is. For a loop over a large body,
///
///   scan(checkpoint(step), state, xs)
///
/// then keeps one state per iteration instead of everything `step` needs for its derivative. Values and derivatives are
/// those of f, up to the rounding of products and sums that are fused in one program and not in the other. Nothing
/// changes where no derivative is taken. Captured tensors may be differentiated too. Checks and prints of f happen once.
template <class F>
auto checkpoint(F f, Where where = Where::current()) {
  return [f = std::move(f), where](const auto&... args) {
    const std::tuple<tree::traced_t<decltype(args)>...> all(args...);
    using Result = tree::traced_t<decltype(std::apply(f, all))>;
    if (!detail::tracing_now()) return Result(std::apply(f, all));
    std::optional<Result> example;
    const auto results = detail::checkpointed(
        tree::flatten(all),
        [&](const tree::Leaves& x) { return tree::flatten(example.emplace(std::apply(f, tree::unflatten(all, x)))); }, where);
    return tree::unflatten(*example, results);
  };
}

}  // namespace nuthatch
