#pragma once
// What the compiler has to say about a program that works but could be better.
#include <string>

#include "nuthatch/detail/emit.h"

namespace nuthatch::detail {

/// A line for each warning.
std::string warningsText(const Program&);
/// On stderr, for each line of source once in a process.
void printWarnings(const Program&);

}  // namespace nuthatch::detail
