#pragma once
/// Functions from functions: derivatives, batching, compilation. They compose in any order. A function takes and returns
/// trees (tree.h); numbers among its arguments are static unless a derivative is taken in them.
#include "nuthatch/control.h"
#include "nuthatch/detail/compile.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/tree.h"

namespace nuthatch {

namespace detail {
using Body = FunctionRef<Leaves(const Leaves&)>;

/// The value of a scalar function and its gradient with respect to all leaves.
std::pair<Tensor, Leaves> value_and_gradient(const char* op, const Leaves& primals, FunctionRef<Tensor(const Leaves&)>,
                                             const Paths&, Where);
/// Cotangents of the primals; zero for those that are not floats.
Leaves pull_back(const Leaves& primals, const Leaves& cotangents, const Leaves& values, Body, Where);
/// Values, then tangents.
std::pair<Leaves, Leaves> push_forward(const Leaves& primals, const Leaves& tangents, Body, Where);
Leaves custom_jvp_leaves(const Leaves& primals, Body primal, FunctionRef<Leaves(const Leaves&, const Leaves&)> rule, Where);
/// `forward` gives the results, then the residuals, and states the number of results in its second argument.
Leaves custom_vjp_leaves(const Leaves& primals, Body primal, FunctionRef<Leaves(const Leaves&, std::size_t&)> forward,
                         FunctionRef<Leaves(const Leaves&, const Leaves&)> backward, Where);
Tensor jacobian_of(const Tensor& x, FunctionRef<Tensor(const Tensor&)>, Where);

/// f's result as a tree, with numbers as tensors.
template <class F, class... A>
using result_t = tree::traced_t<std::invoke_result_t<const F&, A...>>;

/// Argument k of A..., as a tensor tree when k is among I..., else as it is.
template <bool differentiated, class A>
using argument_t = std::conditional_t<differentiated, tree::traced_t<A>, std::remove_cvref_t<A>>;
template <std::size_t K, std::size_t... I>
inline constexpr bool among = ((K == I) || ...);

/// The tuple of arguments with those numbered I... as tensor trees.
template <std::size_t... I, class... A>
auto arguments_with(const A&... args) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple<argument_t<among<K, I...>, A>...>(args...);
  }(std::index_sequence_for<A...>{});
}
}  // namespace detail

/// What grad<I...>(f) returns. Gradients have the structure of their argument; several come as a std::tuple.
template <class F, bool with_value, std::size_t... I>
class Gradient {
 public:
  Gradient(F f, Where where) : f_(std::move(f)), where_(where) {}

  template <class... A>
  auto operator()(const A&... args) const {
    static_assert(((I < sizeof...(A)) && ...), "grad<I>: the function has fewer arguments");
    auto all = detail::arguments_with<I...>(args...);
    const std::tuple<std::tuple_element_t<I, decltype(all)>...> wrt(std::get<I>(all)...);
    auto body = [&](const tree::Leaves& leaves) {
      auto replaced = tree::unflatten(wrt, leaves);
      auto inner = all;
      [&]<std::size_t... K>(std::index_sequence<K...>) {
        ((std::get<I>(inner) = std::get<K>(replaced)), ...);
      }(std::index_sequence_for<decltype((void)I, 0)...>{});
      return Tensor(std::apply(f_, inner));
    };
    auto [value, leaves] = detail::value_and_gradient(with_value ? "value_and_grad" : "grad", tree::flatten(wrt), body,
                                                      tree::paths(wrt), where_);
    auto gradients = tree::unflatten(wrt, leaves);
    if constexpr (sizeof...(I) == 1) {
      if constexpr (with_value)
        return std::pair(value, std::get<0>(gradients));
      else
        return std::get<0>(gradients);
    } else {
      if constexpr (with_value)
        return std::pair(value, gradients);
      else
        return gradients;
    }
  }

 private:
  F f_;
  Where where_;
};

/// grad(f)(args...): gradient of a function with a float scalar result with respect to argument 0; grad<0, 2>(f) to
/// arguments 0 and 2. Integer tensors in a tree get zeros; a lone integer tensor is an Error.
template <std::size_t... I, class F>
auto grad(F f, Where where = Where::current()) {
  if constexpr (sizeof...(I) == 0)
    return Gradient<F, false, 0>(std::move(f), where);
  else
    return Gradient<F, false, I...>(std::move(f), where);
}
/// The same with the value: {value, gradient}.
template <std::size_t... I, class F>
auto value_and_grad(F f, Where where = Where::current()) {
  if constexpr (sizeof...(I) == 0)
    return Gradient<F, true, 0>(std::move(f), where);
  else
    return Gradient<F, true, I...>(std::move(f), where);
}

/// auto [y, pull] = vjp(f, args...): the value, and the function from a cotangent of y to cotangents of the arguments (a
/// std::tuple when there are several). `pull` may be called repeatedly.
template <class F, class... A>
class PullBack {
 public:
  using Arguments = std::tuple<tree::traced_t<A>...>;
  using Result = detail::result_t<F, const tree::traced_t<A>&...>;
  PullBack(F f, Arguments arguments, Result value, Where where)
      : f_(std::move(f)), arguments_(std::move(arguments)), value_(std::move(value)), where_(where) {}

  auto operator()(const Result& cotangent) const {
    auto body = [&](const tree::Leaves& leaves) {
      return tree::flatten(Result(std::apply(f_, tree::unflatten(arguments_, leaves))));
    };
    auto leaves = detail::pull_back(tree::flatten(arguments_), tree::flatten(cotangent), tree::flatten(value_), body, where_);
    auto cotangents = tree::unflatten(arguments_, leaves);
    if constexpr (sizeof...(A) == 1)
      return std::get<0>(cotangents);
    else
      return cotangents;
  }

 private:
  F f_;
  Arguments arguments_;
  Result value_;
  Where where_;
};
template <class F, class... A>
auto vjp_at(Where where, F f, const A&... args) {
  using Pull = PullBack<F, A...>;
  typename Pull::Arguments arguments(args...);
  typename Pull::Result value(std::apply(f, arguments));
  return std::pair<typename Pull::Result, Pull>(value, Pull(std::move(f), std::move(arguments), value, where));
}
template <class F, class A>
auto vjp(F f, const A& a, Where where = Where::current()) {
  return vjp_at(where, std::move(f), a);
}
template <class F, class A, class B>
  requires(!std::is_same_v<B, Where>)
auto vjp(F f, const A& a, const B& b, Where where = Where::current()) {
  return vjp_at(where, std::move(f), a, b);
}
template <class F, class A, class B, class C>
  requires(!std::is_same_v<C, Where>)
auto vjp(F f, const A& a, const B& b, const C& c, Where where = Where::current()) {
  return vjp_at(where, std::move(f), a, b, c);
}

/// auto [y, dy] = jvp(f, x, dx): the value and its derivative in direction dx, a tree like x whose leaves broadcast to
/// those of x. A std::tuple of arguments is spread: jvp(f, std::tuple{a, b}, std::tuple{da, db}).
template <class F, class P, class T>
auto jvp(F&& f, const P& primal, const T& tangent, Where where = Where::current()) {
  using Primal = tree::traced_t<P>;
  const Primal x(primal);
  const Primal dx(tangent);
  auto call = [&](const Primal& at) {
    if constexpr (tree::TupleLike<Primal> && !tree::Sequence<Primal>)
      return std::apply(f, at);
    else
      return f(at);
  };
  using Result = tree::traced_t<decltype(call(x))>;
  std::optional<Result> example;
  auto [values, tangents] = detail::push_forward(
      tree::flatten(x), tree::flatten(dx),
      [&](const tree::Leaves& leaves) { return tree::flatten(example.emplace(call(tree::unflatten(x, leaves)))); }, where);
  return std::pair<Result, Result>(tree::unflatten(*example, values), tree::unflatten(*example, tangents));
}

/// jacobian(f)(x, rest...): for x of shape S and f(x, ...) of shape R, a tensor [R..., S...]. Computed forward.
template <class F>
auto jacobian(F f, Where where = Where::current()) {
  return [f = std::move(f), where](const Tensor& x, const auto&... rest) {
    return detail::jacobian_of(x, [&](const Tensor& at) { return Tensor(f(at, rest...)); }, where);
  };
}
/// hessian(f)(x, rest...): second derivatives [S..., S...] of a scalar function; forward over reverse.
template <class F>
auto hessian(F f, Where where = Where::current()) {
  return jacobian(grad(std::move(f), where), where);
}

/// An axis of vmap: a number, or `shared` for what is not mapped.
struct Axis {
  int value;
  constexpr Axis(int axis) : value(axis) {}
  constexpr bool mapped() const { return value != -1000; }
};
inline constexpr Axis shared{-1000};

struct VmapOptions {
  OnlyNamed only_named{};
  /// The mapped axis of every argument, applied to all its leaves; default 0 for all. Numbers are always shared.
  std::vector<Axis> in{};
  /// Where the mapped axis stands in results.
  int out = 0;
};
namespace detail {
Leaves vmap_leaves(const Leaves& mapped, const std::vector<int>& axes, const Paths&, int out, Body, Where);
Axis vmap_axis(const VmapOptions&, std::size_t argument, std::size_t arguments, Where);
}  // namespace detail

/// vmap(f, {.in = {shared, 0}})(args...): f on each slice along the mapped axes, all at once.
template <class F>
auto vmap(F f, VmapOptions options = {}, Where where = Where::current()) {
  return [f = std::move(f), options = std::move(options), where](const auto&... args) {
    using Arguments = std::tuple<std::conditional_t<tree::Static<std::remove_cvref_t<decltype(args)>>,
                                                    std::remove_cvref_t<decltype(args)>, tree::traced_t<decltype(args)>>...>;
    const Arguments all(args...);
    using Result = decltype([&] { return tree::traced_t<decltype(std::apply(f, all))>(std::apply(f, all)); }());
    tree::Leaves leaves, mapped;
    std::vector<int> axes;
    std::vector<std::size_t> position;
    detail::Paths paths;
    std::size_t argument = 0;
    auto add = [&](const auto& arg) {
      const Axis axis = detail::vmap_axis(options, argument, sizeof...(args), where);
      const detail::Paths names = tree::paths(arg);
      std::size_t k = 0;
      for (auto& leaf : tree::flatten(arg)) {
        if (axis.mapped()) {
          position.push_back(leaves.size());
          mapped.push_back(leaf);
          axes.push_back(axis.value);
          paths.push_back(std::to_string(argument) + names[k]);
        }
        leaves.push_back(leaf);
        ++k;
      }
      ++argument;
    };
    std::apply([&](const auto&... a) { (add(a), ...); }, all);
    std::optional<Result> example;
    auto results = detail::vmap_leaves(mapped, axes, paths, options.out,
                                       [&](const tree::Leaves& slices) {
                                         tree::Leaves inner = leaves;
                                         for (std::size_t k = 0; k < slices.size(); ++k) inner[position[k]] = slices[k];
                                         example.emplace(std::apply(f, tree::unflatten(all, inner)));
                                         return tree::flatten(*example);
                                       },
                                       where);
    return tree::unflatten(*example, results);
  };
}

/// f with a forward derivative of one's own: rule(args..., tangents...) gives the tangent of the result. Argument trees
/// keep their integer tensors out of the derivative (their tangents are zeros).
template <class F, class Rule>
auto custom_jvp(F f, Rule rule, Where where = Where::current()) {
  return [f = std::move(f), rule = std::move(rule), where](const auto&... args) {
    const std::tuple<tree::traced_t<decltype(args)>...> all(args...);
    using Result = tree::traced_t<decltype(std::apply(f, all))>;
    std::optional<Result> example;
    auto results = detail::custom_jvp_leaves(
        tree::flatten(all),
        [&](const tree::Leaves& x) { return tree::flatten(example.emplace(std::apply(f, tree::unflatten(all, x)))); },
        [&](const tree::Leaves& x, const tree::Leaves& dx) {
          return tree::flatten(Result(std::apply(rule, std::tuple_cat(tree::unflatten(all, x), tree::unflatten(all, dx)))));
        },
        where);
    return tree::unflatten(*example, results);
  };
}

/// f with a reverse derivative of one's own: forward(args...) gives {result, residuals}, backward(residuals, cotangent)
/// the cotangent of the argument (of several: a std::tuple).
template <class F, class Forward, class Backward>
auto custom_vjp(F f, Forward forward, Backward backward, Where where = Where::current()) {
  return [f = std::move(f), forward = std::move(forward), backward = std::move(backward), where](const auto&... args) {
    using Arguments = std::tuple<tree::traced_t<decltype(args)>...>;
    const Arguments all(args...);
    using Result = tree::traced_t<decltype(std::apply(f, all))>;
    using Residuals = tree::traced_t<decltype(std::apply(forward, all).second)>;
    std::optional<Result> example;
    std::optional<Residuals> saved;
    auto results = detail::custom_vjp_leaves(
        tree::flatten(all),
        [&](const tree::Leaves& x) { return tree::flatten(example.emplace(std::apply(f, tree::unflatten(all, x)))); },
        [&](const tree::Leaves& x, std::size_t& count) {
          auto both = std::apply(forward, tree::unflatten(all, x));
          tree::Leaves out = tree::flatten(Result(both.first));
          count = out.size();
          for (auto& leaf : tree::flatten(saved.emplace(both.second))) out.push_back(leaf);
          return out;
        },
        [&](const tree::Leaves& residuals, const tree::Leaves& cotangents) {
          return tree::flatten(
              Arguments(backward(tree::unflatten(*saved, residuals), tree::unflatten(*example, cotangents))));
        },
        where);
    return tree::unflatten(*example, results);
  };
}

/// jit(f): f compiled, once for every signature of its arguments (structure, dtypes, shapes, numbers). Tensors, also
/// those f captures, are data of the program; integers, enums and strings belong to it. Keep the object: it owns the
/// compiled programs. While another program is traced f is traced into it.
template <class F>
class Jit {
 public:
  Jit(F f, const JitOptions& options, Where where) : f_(std::move(f)), cache_(detail::make_jit_cache(options, where)) {}

  template <class... A>
  auto operator()(const A&... args) const {
    using Arguments = std::tuple<detail::jit_argument_t<A>...>;
    using Result = detail::result_t<F, const detail::jit_argument_t<A>&...>;
    const Arguments all(args...);
    if (detail::tracing_now()) return Result(std::apply(f_, all));
    detail::JitCall call{tree::flatten(all), detail::type_key<std::tuple<Arguments, Result>>(), tree::structure(all)};
    Shared<void> example;
    auto leaves = detail::jit_call(
        *cache_, call,
        [&](const tree::Leaves& inner) {
          auto result = share<Result>(std::apply(f_, tree::unflatten(all, inner)));
          example = result;
          return tree::flatten(*result);
        },
        example);
    return tree::unflatten(*static_cast<Result*>(example.get()), leaves);
  }

 private:
  F f_;
  Shared<detail::JitCache> cache_;
};
template <class F>
Jit<F> jit(F f, Where where = Where::current()) {
  return Jit<F>(std::move(f), {}, where);
}
template <class F>
Jit<F> jit(F f, const JitOptions& options, Where where = Where::current()) {
  return Jit<F>(std::move(f), options, where);
}

/// A program compiled for arguments of given types: compile(f, x)(x). Captured tensors are fixed.
template <class R, class... A>
class Compiled {
 public:
  Compiled(Shared<detail::CompiledProgram> program, std::tuple<A...> like, R example)
      : program_(std::move(program)), like_(std::move(like)), example_(std::move(example)) {}
  R operator()(const A&... args) const {
    std::tuple<A...> all(args...);
    detail::same_structure("compiled program", tree::structure(like_), tree::structure(all), program_where(*program_));
    return tree::unflatten(example_, detail::run_compiled(*program_, tree::flatten(all)));
  }
  /// The IR as traced.
  std::string ir() const { return detail::dump_compiled(*program_, ""); }
  /// "ir" (after the passes), "plan", "llvm" or "asm".
  std::string dump(const std::string& what) const { return detail::dump_compiled(*program_, what); }
  const CompileStats& stats() const { return detail::compile_stats(*program_); }

 private:
  Shared<detail::CompiledProgram> program_;
  std::tuple<A...> like_;
  R example_;
};
/// Traces and compiles f for these arguments.
template <class F, class... A>
auto compile(F f, const A&... args) {
  using Result = detail::result_t<F, const detail::jit_argument_t<A>&...>;
  const std::tuple<detail::jit_argument_t<A>...> all(args...);
  std::optional<Result> example;
  auto program = detail::compile_leaves(
      tree::flatten(all),
      [&](const tree::Leaves& inner) { return tree::flatten(example.emplace(std::apply(f, tree::unflatten(all, inner)))); },
      Where::current());
  return Compiled<Result, detail::jit_argument_t<A>...>(std::move(program), all, *example);
}

}  // namespace nuthatch
