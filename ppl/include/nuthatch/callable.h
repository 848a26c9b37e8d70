#pragma once
/// Callables with a readable parameter list. A model's parameters are needed to bind arguments, to wrap it in handlers
/// with the same parameters, and to know which trailing observations may be left out.
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "nuthatch/detail/shared.h"
#include "nuthatch/function.h"
#include "nuthatch/message.h"
#include "nuthatch/observed.h"

namespace nuthatch {

namespace detail {
template <class F>
struct MemberSignature;
template <class C, class R, class... P>
struct MemberSignature<R (C::*)(P...)> { using type = R(P...); };
template <class C, class R, class... P>
struct MemberSignature<R (C::*)(P...) const> { using type = R(P...); };
template <class C, class R, class... P>
struct MemberSignature<R (C::*)(P...) noexcept> { using type = R(P...); };
template <class C, class R, class... P>
struct MemberSignature<R (C::*)(P...) const noexcept> { using type = R(P...); };

template <class F>
struct SignatureOf {
  static_assert(requires { &F::operator(); },
                "a model must state the types of its parameters: Tensor, Observed, int, ...; a generic lambda "
                "(auto parameters) or an overloaded operator() does not");
  using type = typename MemberSignature<decltype(&F::operator())>::type;
};
template <class R, class... P>
struct SignatureOf<R (*)(P...)> { using type = R(P...); };
template <class R, class... P>
struct SignatureOf<R (*)(P...) noexcept> { using type = R(P...); };
template <class F>
  requires requires { typename F::signature; }
struct SignatureOf<F> { using type = typename F::signature; };
}  // namespace detail

/// R(P...) of a function pointer, a lambda or another class with one operator().
template <class F>
using Signature = typename detail::SignatureOf<std::decay_t<F>>::type;

template <class S>
class ModelFunction;

/// A model inside handlers: called with the parameters of the model it wraps; trailing observations may be left out.
template <class R, class... P>
class ModelFunction<R(P...)> {
 public:
  using signature = R(P...);
  explicit ModelFunction(Function<R(P...)> call) : call_(std::move(call)) {}

  template <class... A>
  R operator()(A&&... arguments) const {
    static_assert(sizeof...(A) <= sizeof...(P), "more arguments than the model has parameters");
    return call(std::forward_as_tuple(std::forward<A>(arguments)...), std::index_sequence_for<P...>{});
  }
  const Function<R(P...)>& function() const { return call_; }

 private:
  template <class T, std::size_t... I>
  R call(T&& given, std::index_sequence<I...>) const {
    return call_(argument<I, P>(std::forward<T>(given))...);
  }
  template <std::size_t I, class Q, class T>
  static decltype(auto) argument(T&& given) {
    if constexpr (I < std::tuple_size_v<std::remove_cvref_t<T>>) {
      return std::get<I>(std::forward<T>(given));
    } else {
      static_assert(std::is_same_v<std::decay_t<Q>, Observed>, "only trailing Observed parameters may be left out");
      return Observed();
    }
  }
  Function<R(P...)> call_;
};

/// A plain callable as a model function.
template <class F>
auto model_function(F&& f) {
  if constexpr (requires { f.function(); }) return f;
  else return ModelFunction<Signature<F>>(Function<Signature<F>>(std::forward<F>(f)));
}

namespace detail {
/// f run under a handler that is made anew for every call.
template <class R, class... P>
ModelFunction<R(P...)> handled(Function<R(P...)> f, HandlerFactory make) {
  return ModelFunction<R(P...)>([f = std::move(f), make = std::move(make)](P... arguments) -> R {
    Shared<Handler> handler = make();
    Active active(*handler);
    if constexpr (std::is_void_v<R>) {
      f(std::forward<P>(arguments)...);
      handler->returned();
    } else {
      R result = f(std::forward<P>(arguments)...);
      handler->returned();
      return result;
    }
  });
}
}  // namespace detail

}  // namespace nuthatch
