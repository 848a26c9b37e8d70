#pragma once
// The assembler of the CUDA toolkit, where NUTHATCH_PTXAS names it: what it does not take, the simulated driver does not
// take either.
#include <string>

namespace nuthatch::simulated {

/// What it complains about; empty: nothing, or there is no assembler.
std::string complaintsOfAssembler(const std::string& ptx);

}  // namespace nuthatch::simulated
