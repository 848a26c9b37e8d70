#pragma once
/// Any callable of one signature, as a value: std::function without the price of including <functional> and of
/// instantiating it in every model file. Copies share the callable and whatever it captured.
#include <memory>
#include <type_traits>
#include <utility>

namespace nuthatch {

namespace detail {
struct Held {
  virtual ~Held() = default;
};
template <class F>
struct HeldAs final : Held {
  explicit HeldAs(F&& f) : f(std::move(f)) {}
  explicit HeldAs(const F& f) : f(f) {}
  F f;
};
}  // namespace detail

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
      : held_(static_cast<detail::Held*>(new detail::HeldAs<std::decay_t<F>>(std::forward<F>(f)))),
        call_([](detail::Held* held, P... arguments) -> R {
          auto& callable = static_cast<detail::HeldAs<std::decay_t<F>>*>(held)->f;
          if constexpr (std::is_void_v<R>) (void)callable(static_cast<P&&>(arguments)...);
          else return callable(static_cast<P&&>(arguments)...);
        }) {}

  /// Calling an empty Function is undefined.
  R operator()(P... arguments) const { return call_(held_.get(), static_cast<P&&>(arguments)...); }
  explicit operator bool() const { return call_ != nullptr; }

 private:
  std::shared_ptr<detail::Held> held_;
  R (*call_)(detail::Held*, P...) = nullptr;
};

}  // namespace nuthatch
