#pragma once
/// What a function costs when it is compiled: how often each input is read, which operations share a loop, what each loop
/// moves through memory, and the buffers in between. The first thing to look at when a model is slower than it should be.
#include <string>

#include "nuthatch/transform.h"

namespace nuthatch {

/// Text about the program that jit(f)(arguments...) runs, for arguments of these types; their values do not matter.
///
///   std::puts(explain(value_and_grad(log_density), theta).c_str());
///
/// Inputs are the arguments, then the tensors that f captures. "read 2 times" means as many bytes as twice the input,
/// which come from main memory when the input is larger than the caches. Groups are in the order in which they run; a
/// value that is not stored stays in registers, or in a tile of a few rows. Bytes are counted for one chain; a `while`
/// counts as one iteration, a condition as all its branches. Memory of a chain in lanes takes the arguments as different
/// for each chain and the captured tensors as shared. Throws Error where f cannot be traced or compiled.
template <class F, class... A>
std::string explain(const F& f, const A&... arguments) {
  return compile(f, arguments...).dump("explain");
}

}  // namespace nuthatch
