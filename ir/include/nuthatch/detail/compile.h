#pragma once
/// The parts of jit and compile that do not depend on the function.
#include <optional>
#include <string>

#include "nuthatch/compile_stats.h"
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/device.h"
#include "nuthatch/tree.h"

namespace nuthatch {

/// Counts over all jit objects of the process.
struct JitStats {
  long calls = 0, traces = 0, compiles = 0;
};
JitStats jit_stats();

struct JitOptions {
  OnlyNamed only_named{};
  /// Where the programs run; left out, on default_device() of the time of the call.
  std::optional<Device> device = {};
};

namespace detail {

class JitCache;
Shared<JitCache> make_jit_cache(const JitOptions&, Where);

struct JitCall {
  tree::Leaves arguments;
  const void* type;       // identifies the C++ types of arguments and result
  std::string structure;  // static parts
};
/// Runs the program for this signature, tracing `body` when it is new. `example`: in a traced call set by the body, kept,
/// and given back by later calls.
tree::Leaves jit_call(JitCache&, const JitCall&, FunctionRef<tree::Leaves(const tree::Leaves&)> body,
                      Shared<void>& example);
bool tracing_now();

template <class T>
const void* type_key() {
  static const char key = 0;
  return &key;
}

/// Integers, bools, enums and strings are static; floating-point numbers and vectors of numbers are tensors.
template <class A>
using jit_argument_t = std::conditional_t<std::is_integral_v<A> || std::is_enum_v<A>, A, tree::traced_t<A>>;

class CompiledProgram;
Shared<CompiledProgram> compile_leaves(const tree::Leaves& arguments,
                                                FunctionRef<tree::Leaves(const tree::Leaves&)> body, Where);
tree::Leaves run_compiled(CompiledProgram&, const tree::Leaves& arguments);
std::string dump_compiled(const CompiledProgram&, const std::string& what);
const CompileStats& compile_stats(const CompiledProgram&);
Where program_where(const CompiledProgram&);

}  // namespace detail
}  // namespace nuthatch
