#pragma once
// Loads, stores, atomic operations, fences: instructions with many spellings.
#include <optional>

#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {

/// Forms may end in a digit, which goes into e (an Order).
std::optional<Entry> memoryInstruction(const std::string& name);

/// Loads and stores of parameters, whose base is a variable in the thread's slots.
std::optional<Entry> parameterInstruction(const std::string& name);

}  // namespace nuthatch::simulated
