#pragma once
/// Any callable of one signature, as a value: std::function without the price of including <functional> and of
/// instantiating it in every model file. Copies share the callable and whatever it captured.
#include <type_traits>
#include <utility>

#include "nuthatch/detail/shared.h"

namespace nuthatch {

template <class S>
class Function;

template <class R, class... P>
class Function<R(P...)> {
 public:
  Function() = default;
  Function(std::nullptr_t) {}
  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, Function> && std::is_invocable_r_v<R, std::decay_t<F>&, P...>)
  Function(F&& f)
      : held_(share<std::decay_t<F>>(std::forward<F>(f))), call_([](void* held, P... arguments) -> R {
          auto& callable = *static_cast<std::decay_t<F>*>(held);
          if constexpr (std::is_void_v<R>) (void)callable(static_cast<P&&>(arguments)...);
          else return callable(static_cast<P&&>(arguments)...);
        }) {}

  /// Calling an empty Function is undefined.
  R operator()(P... arguments) const { return call_(held_.get(), static_cast<P&&>(arguments)...); }
  explicit operator bool() const { return call_ != nullptr; }

 private:
  Shared<void> held_;
  R (*call_)(void*, P...) = nullptr;
};

}  // namespace nuthatch
