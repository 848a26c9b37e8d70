#pragma once
/// Where NaN and infinities come from when operations are evaluated outside of traces.
#include <source_location>
#include <string>

namespace nuthatch::detail {

/// While it lives, remembers the first operation of this thread that made a number NaN or infinite from finite ones.
class WatchNonFinite {
 public:
  WatchNonFinite();
  ~WatchNonFinite();
  WatchNonFinite(const WatchNonFinite&) = delete;

  bool found() const { return !op.empty(); }
  void reset() { op.clear(); }
  std::string op;  // "log", "divide", ...
  std::source_location where;

 private:
  WatchNonFinite* before_;
};

}  // namespace nuthatch::detail
