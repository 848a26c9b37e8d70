#pragma once
/// Loops under observation: the modelling language, above this layer, must know when the body of a loop is traced, since
/// the statements of a model in there stand for many.
#include "nuthatch/control.h"

namespace nuthatch::detail {

using ScanBodyRef = FunctionRef<Leaves(const Tensor& i, const Leaves& carries, const Leaves& slices)>;

class LoopObserver {
 public:
  virtual ~LoopObserver() = default;
  /// Emits a scan, by for_leaves, with what the observer adds to its slices and outputs. All xs are defined.
  virtual Leaves scan(std::int64_t trip, const ScanOptions&, const Leaves& init, const Leaves& xs, const Paths&,
                      ScanBodyRef body, Where) = 0;
  /// The body of another loop, or the branches of a cond, are traced from enter to leave; pairs nest.
  virtual void enter(const char* op, Where) = 0;
  virtual void leave() = 0;
};

/// From now on in this thread; null for nobody.
void observe_loops(LoopObserver*);

/// The loop itself. body(i, carries, slices) gives the carries, then the outputs.
Leaves for_leaves(const char* op, std::int64_t trip, bool reverse, const Leaves& init, const Leaves& xs, const Paths&,
                  ScanBodyRef body, Where);

}  // namespace nuthatch::detail
