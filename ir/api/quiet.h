#pragma once
namespace nuthatch::detail {

/// While one exists on a thread, check and debug_print do nothing there: for functions that are traced once more only to
/// compute again what has been computed and reported.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
};

}  // namespace nuthatch::detail
