#pragma once
// The notation of print, for those who format piece by piece.
#include <span>
#include <string_view>

#include "nuthatch/detail/function_ref.h"
#include "nuthatch/print.h"

namespace nuthatch::detail {

/// visit(text, false) for what stands between fields, braces unescaped; visit(spec, true) for each field {} or {:spec}.
/// Error for a brace without its partner and a field with a name.
void for_each_piece(std::string_view format, FunctionRef<void(std::string_view, bool)> visit);
/// One argument under a spec, which may be empty.
std::string field_text(std::string_view spec, const PrintArgument&);
std::string format_arguments(std::string_view format, std::span<const PrintArgument> arguments);

}  // namespace nuthatch::detail
