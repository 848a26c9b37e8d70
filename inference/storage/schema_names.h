#pragma once
/// Names in our stores that are not ArviZ's. Other readers see them as attributes and pass them over.

namespace nuthatch::detail {

inline constexpr const char* kVariableOrder = "variable_order"; // of a group; folders have none
inline constexpr const char* kTiming = "timing_seconds";
inline constexpr const char* kWarnings = "warnings";
inline constexpr const char* kState = "sampler_state";
inline constexpr const char* kStreamed = "streamed"; // a store that grows: .zmetadata is the truth

} // namespace nuthatch::detail
