#pragma once
/// The data of an observation site: measured values, or nothing, in which case the site is sampled.
#include <concepts>
#include <tuple>
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch {

class Observed {
 public:
  Observed() = default;
  Observed(Tensor value) : value_(std::move(value)) {}
  /// Numbers, vectors: whatever a Tensor can be made of.
  template <class T>
    requires(std::convertible_to<const T&, Tensor> && !std::same_as<T, Tensor> && !std::same_as<T, Observed>)
  Observed(const T& value) : value_(Tensor(value)) {}

  bool empty() const { return !value_.defined(); }
  explicit operator bool() const { return value_.defined(); }
  /// The measured values; an empty handle when there are none.
  const Tensor& value() const { return value_; }
  /// A tree of one leaf, undefined when empty.
  auto tree_members() { return std::tie(value_); }

 private:
  Tensor value_;
};

}  // namespace nuthatch
