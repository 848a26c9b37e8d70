#pragma once
/// Trees of tensors: what can be traced, carried through loops, differentiated and batched. A tree is a Tensor, a Key, a
/// std::pair, tuple, array, vector, optional or string-keyed map of trees, or an aggregate of up to 40 trees. Numbers,
/// enums and strings inside a tree are static: they belong to its structure. An aggregate names its fields, for messages
/// and files, by `static constexpr auto fields = names("a", "b");`. A class that is no aggregate is a tree when it has
/// `auto tree_members() { return std::tie(a, b); }`.
#include <array>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "nuthatch/detail/aggregate.h"
#include "nuthatch/random.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

/// Field names of an aggregate.
template <class... S>
constexpr std::array<const char*, sizeof...(S)> names(S... s) {
  return {s...};
}

namespace tree {

using Leaves = std::vector<Tensor>;

/// Where a leaf sits; steps from the leaf outwards.
struct Path {
  const Path* outer = nullptr;
  const char* name = nullptr;  // a field or a key, else position `index`
  std::size_t index = 0;
};
/// ".state.x[2]"; empty for a tree that is one leaf.
std::string to_string(const Path*);

/// Sees the parts of a tree in order.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void leaf(Tensor& x, const Path* path) = 0;
  /// A static part, as text that identifies its value.
  virtual void fixed(const std::string&, const Path*) {}
};

template <class T>
concept TensorLike = requires(const T& x, Tensor t) {
  { x.tensor() } -> std::convertible_to<const Tensor&>;
  { T::from_tensor(t) } -> std::same_as<T>;
};
template <class T>
concept TupleLike = requires { std::tuple_size<T>::value; };
template <class T>
concept MapLike = requires(T& x) {
  typename T::mapped_type;
  x.begin();
};
template <class T>
concept Sequence = requires(T& x) {
  typename T::value_type;
  x.begin();
  x.end();
};
template <class T>
concept OptionalLike = requires(T& x) {
  x.has_value();
  *x;
};
template <class T>
concept HasMembers = requires(T& x) { x.tree_members(); };
template <class T>
concept HasFieldNames = requires { T::fields.size(); };
template <class T>
concept Static = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string> ||
                 std::is_same_v<T, const char*> || std::is_null_pointer_v<T>;

template <class T, std::size_t I, class Field>
void walk_field(Field& field, Visitor& visitor, Path& step);

template <class T>
void walk(T& x, Visitor& visitor, const Path* path) {
  if constexpr (std::is_base_of_v<Tensor, T>) {
    visitor.leaf(x, path);
  } else if constexpr (TensorLike<T>) {
    Tensor t = x.tensor();
    visitor.leaf(t, path);
    if (t.defined()) x = T::from_tensor(std::move(t));
  } else if constexpr (std::is_arithmetic_v<T>) {
    visitor.fixed(std::to_string(x), path);
  } else if constexpr (std::is_enum_v<T>) {
    visitor.fixed(std::to_string((long long)(x)), path);
  } else if constexpr (Static<T>) {
    if constexpr (!std::is_null_pointer_v<T>) visitor.fixed(std::string(x), path);
  } else if constexpr (HasMembers<T>) {
    auto members = x.tree_members();
    walk(members, visitor, path);
  } else if constexpr (OptionalLike<T>) {
    visitor.fixed(x.has_value() ? "1" : "0", path);
    if (x.has_value()) walk(*x, visitor, path);
  } else if constexpr (MapLike<T>) {
    for (auto& [key, value] : x) {
      Path step{path, key.c_str(), 0};
      visitor.fixed(key, &step);
      walk(value, visitor, &step);
    }
  } else if constexpr (TupleLike<T> && !Sequence<T>) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      Path step{path, nullptr, 0};
      (void)step;
      ((step.index = I, walk(std::get<I>(x), visitor, &step)), ...);
    }(std::make_index_sequence<std::tuple_size_v<T>>{});
  } else if constexpr (Sequence<T>) {
    visitor.fixed(std::to_string(x.size()), path);
    Path step{path, nullptr, 0};
    for (auto&& element : x) {
      if constexpr (std::is_arithmetic_v<typename T::value_type>) {
        typename T::value_type value = element;
        walk(value, visitor, &step);
      } else {
        walk(element, visitor, &step);
      }
      ++step.index;
    }
  } else if constexpr (std::is_aggregate_v<T>) {
    auto references = detail::field_references(x);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      Path step{path, nullptr, 0};
      (void)step;
      ((step.index = I, step.name = nullptr, walk_field<T, I>(std::get<I>(references), visitor, step)), ...);
    }(std::make_index_sequence<std::tuple_size_v<decltype(references)>>{});
  } else {
    static_assert(std::is_aggregate_v<T>,
                  "not a tree of tensors: neither Tensor, number, container nor aggregate; give the class tree_members()");
  }
}
template <class T, std::size_t I, class Field>
void walk_field(Field& field, Visitor& visitor, Path& step) {
  if constexpr (HasFieldNames<T>) {
    static_assert(T::fields.size() == detail::count_fields<T>(), "`fields` must name every field");
    step.name = T::fields[I];
  }
  walk(field, visitor, &step);
}

/// What a value becomes when it is traced: numbers and vectors of numbers become Tensors, also inside pairs and tuples.
template <class T>
struct Traced {
  using type = T;
};
template <Number T>
struct Traced<T> {
  using type = Tensor;
};
template <Number T, class A>
struct Traced<std::vector<T, A>> {
  using type = Tensor;
};
template <class A, class B>
struct Traced<std::pair<A, B>> {
  using type = std::pair<typename Traced<A>::type, typename Traced<B>::type>;
};
template <class... A>
struct Traced<std::tuple<A...>> {
  using type = std::tuple<typename Traced<A>::type...>;
};
template <class T>
using traced_t = typename Traced<std::remove_cvref_t<T>>::type;

namespace detail_ {
struct Collect final : Visitor {
  Leaves leaves;
  void leaf(Tensor& x, const Path*) override { leaves.push_back(x); }
};
struct Replace final : Visitor {
  explicit Replace(const Leaves& leaves) : next(leaves.data()) {}
  const Tensor* next;
  void leaf(Tensor& x, const Path*) override { x = *next++; }
};
struct Paths final : Visitor {
  std::vector<std::string> paths;
  void leaf(Tensor&, const Path* path) override { paths.push_back(to_string(path)); }
};
struct Structure final : Visitor {
  std::string text;
  void leaf(Tensor&, const Path*) override { text += '*'; }
  void fixed(const std::string& value, const Path*) override { (text += value) += ';'; }
};
}  // namespace detail_

/// The tensors of a tree, in order.
template <class T>
Leaves flatten(T x) {
  detail_::Collect v;
  walk(x, v, nullptr);
  return std::move(v.leaves);
}
/// A tree like x with these tensors.
template <class T>
T unflatten(T x, const Leaves& leaves) {
  detail_::Replace v(leaves);
  walk(x, v, nullptr);
  return x;
}
/// ".x[1]" for each tensor.
template <class T>
std::vector<std::string> paths(T x) {
  detail_::Paths v;
  walk(x, v, nullptr);
  return std::move(v.paths);
}
/// The static parts and the arrangement of a tree as text; equal texts mean equal structure.
template <class T>
std::string structure(T x) {
  detail_::Structure v;
  walk(x, v, nullptr);
  return std::move(v.text);
}
/// f applied to each tensor.
template <class F, class T>
T map(F f, const T& x) {
  Leaves leaves = tree::flatten(x);
  for (auto& leaf : leaves) leaf = f(leaf);
  return tree::unflatten(x, leaves);
}

}  // namespace tree
}  // namespace nuthatch
