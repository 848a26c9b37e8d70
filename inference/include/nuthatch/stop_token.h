#pragma once
/// A request to stop, polled between slices of a run. Takes std::stop_token, any other class with stop_requested(), and
/// any callable that returns whether to stop.
#include <concepts>

#include "nuthatch/function.h"

namespace nuthatch {

class StopToken {
 public:
  /// Never asks to stop.
  StopToken() = default;
  template <class T>
    requires requires(const T& t) { { t.stop_requested() } -> std::convertible_to<bool>; }
  StopToken(const T& token) : requested_([token] { return bool(token.stop_requested()); }) {}
  StopToken(Function<bool()> requested) : requested_(std::move(requested)) {}

  bool stop_requested() const { return requested_ && requested_(); }

 private:
  Function<bool()> requested_;
};

}  // namespace nuthatch
