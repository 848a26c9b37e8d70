#pragma once
/// Models as values: any callable whose parameters are Tensors, Observed, numbers, enums, labels, and structs of these.
///
/// `Model` forgets the type of the callable but not its parameters; `BoundModel` is a model with its arguments. Tensors
/// among the arguments are data: inference replaces them by arguments of the compiled program, so that new data of the
/// same shape do not mean a new program. Everything else, C++ numbers included, is part of the program.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "nuthatch/callable.h"
#include "nuthatch/plate.h"
#include "nuthatch/primitives.h"
#include "nuthatch/tree.h"

namespace nuthatch {

/// One argument of a model whose parameter types are not known where it is given.
class Argument {
 public:
  template <class T>
    requires(!std::same_as<std::decay_t<T>, Argument>)
  Argument(const T& value) : held_(std::make_shared<T>(value)), type_(&typeid(T)) {
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

  std::shared_ptr<const void> held_;
  const std::type_info* type_;
  Tensor tensor_;
  double number_ = 0;
  bool is_number_ = false, integral_ = false, observed_ = false;
};

/// A model and its arguments.
class BoundModel {
 public:
  class Impl {
   public:
    virtual ~Impl() = default;
    virtual std::vector<Tensor> data() const = 0;
    virtual void run(const std::vector<Tensor>& data) const = 0;
  };
  explicit BoundModel(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  /// The tensors found in the arguments, in order.
  std::vector<Tensor> data() const { return impl_->data(); }
  /// Runs the model with these in their place, under the handlers that are active.
  void run(const std::vector<Tensor>& data) const { impl_->run(data); }
  void run() const { run(data()); }
  /// The same model and arguments inside a handler, made anew for every run.
  BoundModel handled(std::function<std::shared_ptr<Handler>()> make) const;

 private:
  std::shared_ptr<const Impl> impl_;
};

namespace detail {

/// The tensors of arguments, in order, without empty observations.
struct CollectData final : tree::Visitor {
  std::vector<Tensor> found;
  void leaf(Tensor& x, const tree::Path*) override {
    if (x.defined()) found.push_back(x);
  }
};
struct ReplaceData final : tree::Visitor {
  explicit ReplaceData(const std::vector<Tensor>& data) : data(data) {}
  const std::vector<Tensor>& data;
  std::size_t next = 0;
  void leaf(Tensor& x, const tree::Path*) override {
    if (x.defined()) x = data.at(next++);
  }
};

template <class... P>
class BoundTo final : public BoundModel::Impl {
 public:
  BoundTo(std::function<void(P...)> f, std::tuple<std::decay_t<P>...> arguments)
      : f_(std::move(f)), arguments_(std::move(arguments)) {}
  std::vector<Tensor> data() const override {
    CollectData visitor;
    auto copy = arguments_;
    tree::walk(copy, visitor, nullptr);
    return std::move(visitor.found);
  }
  void run(const std::vector<Tensor>& data) const override {
    ReplaceData visitor(data);
    auto copy = arguments_;
    tree::walk(copy, visitor, nullptr);
    std::apply([&](auto&... a) { f_(static_cast<P>(a)...); }, copy);
  }

 private:
  std::function<void(P...)> f_;
  std::tuple<std::decay_t<P>...> arguments_;
};

}  // namespace detail

/// Any model, whatever its type.
class Model {
 public:
  template <class F>
    requires(!std::same_as<std::decay_t<F>, Model> && !std::same_as<std::decay_t<F>, BoundModel>)
  Model(const F& f) : Model(std::function<Signature<F>>(function_of(f)), 0) {}

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
  Model handled(std::function<std::shared_ptr<Handler>()> make) const;

 private:
  template <class F>
  static decltype(auto) function_of(const F& f) {
    if constexpr (requires { f.function(); }) return f.function();
    else return f;
  }
  template <class R, class... P>
  Model(std::function<R(P...)> f, int)
      : names_{detail::type_name(typeid(std::decay_t<P>).name())...},
        optional_{std::is_same_v<std::decay_t<P>, Observed>...} {
    describe();
    bind_ = [f = std::function<void(P...)>([f](P... p) { (void)f(std::forward<P>(p)...); })](
                const std::vector<Argument>& a, Where where) {
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return BoundModel(std::make_shared<detail::BoundTo<P...>>(
            f, std::tuple<std::decay_t<P>...>{a[I].template as<std::decay_t<P>>(int(I) + 1, where)...}));
      }(std::index_sequence_for<P...>{});
    };
  }
  void describe();

  std::vector<std::string> names_;
  std::vector<bool> optional_;
  std::string parameters_;
  std::function<BoundModel(const std::vector<Argument>&, Where)> bind_;
};

}  // namespace nuthatch
