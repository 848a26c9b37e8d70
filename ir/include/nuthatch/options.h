#pragma once
/// Shared pieces of option structs and argument lists.
#include <initializer_list>
#include <source_location>
#include <vector>

namespace nuthatch {

/// The caller's source line, captured by the last default parameter of every entry point.
using Where = std::source_location;

/// First member of every options struct. Its only constructor is explicit, so that a braced list of values cannot fill
/// the struct by position: `sum(x, {.axis = 0})` compiles, `sum(x, {0, true})` does not.
struct OnlyNamed {
  explicit constexpr OnlyNamed() {}
};

/// One axis, several axes, or (default) all of them; negative axes count from the end.
class Axes {
 public:
  Axes();
  Axes(int axis);
  Axes(std::initializer_list<int> axes);
  Axes(std::vector<int> axes);
  Axes(const Axes&);
  Axes(Axes&&) noexcept;
  Axes& operator=(const Axes&);
  Axes& operator=(Axes&&) noexcept;
  ~Axes();
  bool all() const { return all_; }
  const std::vector<int>& list() const { return list_; }

 private:
  bool all_ = true;
  std::vector<int> list_;
};

}  // namespace nuthatch
