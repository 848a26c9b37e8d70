#pragma once
/// What a program tells the host while it runs (nh.report): lines to print, and checks that failed.
#include <map>
#include <span>
#include <string>

#include "nuthatch/detail/array.h"

namespace nuthatch::detail {

struct ReportText {
  std::string text;    // {} and {:spec} stand for the values in turn
  bool fatal = false;  // a failed check, else a line to print
};

/// Fields of a text, {{ and }} being braces; -1 where it is malformed.
std::int64_t count_fields(const std::string& text);

/// Collects the reports of one run on the calling thread, from construction to finish. A run inside another (foreign
/// code that runs a program) has its own.
class RunReports {
 public:
  /// `chains`: reports name the chain, and lines are kept for the caller; else they are printed as they come.
  explicit RunReports(bool chains);
  ~RunReports();
  RunReports(const RunReports&) = delete;

  /// Ends the run on this thread; a report that comes later does not belong to it.
  void close();
  /// close(), prints what was kept, and throws nuthatch::Error for the first check that failed.
  void finish();

  /// By chain, so that what is said does not depend on which chains run side by side.
  std::map<std::int64_t, std::string> lines;
  std::string failure;  // of the first failed check of the first chain that has one; empty if none
  std::int64_t failed_chain = -1;

 private:
  friend void report(const ReportText&, const Array& mask, std::span<const Array> values, std::int64_t chain);
  friend void report_failure(const std::string&, std::int64_t);
  bool chains_, open_ = true;
  RunReports* outer_;
};

/// For every element of `mask` that holds, in row-major order, one report with the slices of `values` there. Outside any
/// run prints at once or throws. `chain` is named where the run has chains.
void report(const ReportText&, const Array& mask, std::span<const Array> values, std::int64_t chain);
/// As a failed check with this message.
void report_failure(const std::string& message, std::int64_t chain = -1);

}  // namespace nuthatch::detail
