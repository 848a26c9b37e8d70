#pragma once
/// The table of foreign functions. Compiled programs refer to entries by name, resolved when the program is loaded.
#include <span>
#include <string>
#include <vector>

#include "nuthatch/detail/array.h"
#include "nuthatch/foreign.h"

namespace nuthatch::detail {

struct ForeignFunction {
  std::string name;
  CustomKernel general = nullptr;  // one of the two
  ForeignKernel simple = nullptr;
  bool elementwise = false;
};

/// The entry of a name; its address stays valid. Throws nuthatch::Error for a name that nobody registered.
const ForeignFunction& foreign_function(const std::string& name);
/// The same, null for an unknown name.
const ForeignFunction* find_foreign(const std::string& name);

/// One call on row-major arrays with these element counts.
void call_foreign(const ForeignFunction&, std::span<const void* const> inputs, std::span<const std::int64_t> input_sizes,
                  std::span<void* const> results, std::span<const std::int64_t> result_sizes);
/// For each index of the `batch` leading dimensions.
void call_foreign(const ForeignFunction&, std::int64_t batch, std::span<const Array> inputs, std::span<Array> results);

}  // namespace nuthatch::detail
