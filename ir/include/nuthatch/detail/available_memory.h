#pragma once
/// What memory there is, for predictions made before something is computed.
#include <string>

namespace nuthatch::detail {

/// Memory of the machine, or the share of it that its control group may use. Bytes.
double machine_memory();
/// What this process may still take of it; what the system could give up (cached files) counts as free. Bytes. Reads the
/// system's figures anew, some microseconds.
double available_memory();
/// "12.5 MB", "3.0 GB".
std::string memory_text(double bytes);

}  // namespace nuthatch::detail
