#pragma once
// What compiled code calls in the library, and how it says what it passes. Plain C: the records are constants of the
// compiled program, which may come from the cache on disk.
#include <cstdint>

extern "C" {

/// One operand or result. `stride` chains lie side by side for each element: 1, or the lanes of a pack. A bool is one byte
/// with stride 1, else a 64-bit word that is negative for true.
struct NuthatchOperand {
  std::int64_t dtype;  // nuthatch::Dtype
  std::int64_t stride;
  std::int64_t rank;
  const std::int64_t* shape;
};

struct NuthatchHostCall {
  const char* text;  // of a report
  std::int64_t setting;  // a report: whether it is fatal; foreign code: number of batch dimensions
  std::int64_t num_inputs, num_results;
  const NuthatchOperand* operands;  // inputs, then results
};

/// A report of each of the `active` chains from chain0 on: nh.report.
void nuthatch_report(const NuthatchHostCall*, void* const* operands, std::int64_t chain0, std::int64_t active);
/// nh.custom_call; `function` is a nuthatch::detail::ForeignFunction, the program's symbol "nuthatch.foreign.NAME".
void nuthatch_custom_call(const NuthatchHostCall*, void* const* operands, std::int64_t active, const void* function);
}

namespace nuthatch::runtime {
/// The address of a symbol that compiled code may refer to; null for any other name. Throws nuthatch::Error where the
/// name is that of a foreign function which nobody registered.
void* hostSymbol(const char* name);
}  // namespace nuthatch::runtime
