#pragma once
/// Models as values: any callable whose parameters are Tensors, Observed, numbers, enums, labels, and structs of these.
///
/// `Model` forgets the type of the callable but not its parameters; `BoundModel` is a model with its arguments. Tensors
/// among the arguments are data: inference replaces them by arguments of the compiled program, so that new data of the
/// same shape do not mean a new program. Everything else, C++ numbers included, is part of the program.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "nuthatch/callable.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/plate.h"
#include "nuthatch/primitives.h"
#include "nuthatch/tree.h"

namespace nuthatch {

/// One argument of a model whose parameter types are not known where it is given.
class Argument {
 public:
  template <class T>
    requires(!std::same_as<std::decay_t<T>, Argument>)
  Argument(const T& value) : held_(share<T>(value)), type_(&typeid(T)) {
    if constexpr (std::is_same_v<T, Observed>) {
      tensor_ = value.value();
      observed_ = true;
    } else if constexpr (std::convertible_to<const T&, Tensor>) {
      tensor_ = Tensor(value);
    }
    if constexpr (std::is_arithmetic_v<T>) {
      number_ = double(value);
      integral_ = std::is_integral_v<T>;
      is_number_ = true;
    }
  }
  template <std::size_t N>
  Argument(const char (&text)[N]) : Argument(std::string(text)) {}

  /// The argument for parameter `position` (from 1) of type P; throws when it does not fit.
  template <class P>
  P as(int position, Where where) const {
    if constexpr (std::is_same_v<P, Tensor>) {
      if (tensor_.defined()) return data();
    } else if constexpr (std::is_same_v<P, Observed>) {
      if (tensor_.defined()) return Observed(data());
      if (observed_) return Observed();
    } else if constexpr (std::is_floating_point_v<P>) {
      if (is_number_) return P(number_);
    } else if constexpr (std::is_integral_v<P>) {
      if (is_number_ && integral_) return P(number_);
    }
    if (*type_ != typeid(P)) mismatch(position, detail::type_name(typeid(P).name()), where);
    return *static_cast<const P*>(held_.get());
  }

 private:
  Tensor data() const;  // literals become data
  [[noreturn]] void mismatch(int position, const std::string& expected, Where where) const;

  Shared<const void> held_;
  const std::type_info* type_;
  Tensor tensor_;
  double number_ = 0;
  bool is_number_ = false, integral_ = false, observed_ = false;
};

namespace detail {

/// A copy of an argument whose type only these functions know.
struct HeldArgument {
  Shared<void> value;
  Shared<void> (*copy)(const void*) = nullptr;
  void (*walk)(void*, tree::Visitor&) = nullptr;
};

template <class T>
HeldArgument hold(const Argument& argument, int position, Where where) {
  return {share<T>(argument.as<T>(position, where)),
          [](const void* value) -> Shared<void> { return share<T>(*static_cast<const T*>(value)); },
          [](void* value, tree::Visitor& visitor) { tree::walk(*static_cast<T*>(value), visitor, nullptr); }};
}
// Every model has some of these; they are compiled once.
extern template HeldArgument hold<Tensor>(const Argument&, int, Where);
extern template HeldArgument hold<Observed>(const Argument&, int, Where);
extern template HeldArgument hold<bool>(const Argument&, int, Where);
extern template HeldArgument hold<int>(const Argument&, int, Where);
extern template HeldArgument hold<std::int64_t>(const Argument&, int, Where);
extern template HeldArgument hold<double>(const Argument&, int, Where);
extern template HeldArgument hold<std::string>(const Argument&, int, Where);

/// One parameter of a model.
struct ModelParameter {
  const std::type_info* type;
  HeldArgument (*hold)(const Argument&, int, Where);
};

/// A model called through pointers to its arguments.
using ErasedCall = Function<void(void* const*)>;

}  // namespace detail

/// A model and its arguments.
class BoundModel {
 public:
  class Impl {
   public:
    virtual ~Impl() = default;
    virtual std::vector<Tensor> data() const = 0;
    virtual void run(const std::vector<Tensor>& data) const = 0;
  };
  explicit BoundModel(Shared<const Impl> impl) : impl_(std::move(impl)) {}

  /// The tensors found in the arguments, in order.
  std::vector<Tensor> data() const { return impl_->data(); }
  /// Runs the model with these in their place, under the handlers that are active.
  void run(const std::vector<Tensor>& data) const { impl_->run(data); }
  void run() const { run(data()); }
  /// The same model and arguments inside a handler, made anew for every run.
  BoundModel handled(HandlerFactory make) const;

 private:
  Shared<const Impl> impl_;
};

/// Any model, whatever its type.
class Model {
 public:
  template <class F>
    requires(!std::same_as<std::decay_t<F>, Model> && !std::same_as<std::decay_t<F>, BoundModel>)
  Model(const F& f) : Model(function_of(f), static_cast<Signature<F>*>(nullptr)) {}
  Model(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(const Model&);
  Model& operator=(Model&&) noexcept;
  ~Model();

  /// "(Tensor, Observed)".
  const std::string& parameters() const { return parameters_; }
  /// The model with arguments. Trailing observations may be missing; anything else that does not fit is an Error that
  /// names the parameter.
  BoundModel bind(const std::vector<Argument>& arguments, Where where = Where::current()) const;
  template <class... A>
  BoundModel operator()(const A&... arguments) const {
    return bind({Argument(arguments)...});
  }
  /// The same model inside a handler, made anew for every run.
  Model handled(HandlerFactory make) const;
  /// The same model, in whose place, once it has its arguments, stands what `change` makes of both.
  Model changed(Function<BoundModel(const BoundModel&)> change) const;

 private:
  template <class F>
  static const auto& function_of(const F& f) {
    if constexpr (requires { f.function(); }) return f.function();
    else return f;
  }
  template <class F, class R, class... P>
  Model(const F& f, R (*)(P...))
      : Model({{&typeid(std::decay_t<P>), &detail::hold<std::decay_t<P>>}...}, [f](void* const* arguments) {
          [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)f(static_cast<P>(*static_cast<std::decay_t<P>*>(arguments[I]))...);
          }(std::index_sequence_for<P...>{});
        }) {}
  Model(std::initializer_list<detail::ModelParameter> parameters, detail::ErasedCall call);

  std::vector<detail::ModelParameter> held_;
  detail::ErasedCall call_;
  std::string parameters_;
  std::vector<Function<BoundModel(const BoundModel&)>> changes_;  // innermost first
};

}  // namespace nuthatch
