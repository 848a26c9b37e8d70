#pragma once
#include <source_location>

namespace nuthatch::detail {

/// While it lives, operations of this thread carry this source line instead of their own: library functions composed of
/// operators put one at their start, so that messages name the user's line. The outermost one counts. Do not keep one
/// while calling back into user code.
class CallerLine {
 public:
  explicit CallerLine(std::source_location where);
  ~CallerLine();
  CallerLine(const CallerLine&) = delete;
  /// The line in force, `where` outside any CallerLine.
  static std::source_location or_else(std::source_location where);

 private:
  bool outermost_;
};

}  // namespace nuthatch::detail
