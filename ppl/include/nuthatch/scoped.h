#pragma once
/// Handlers as objects that are active until the end of the scope, inside a model or around the call of one:
///
///     { Conditioned given({{"a", 0.5}}); component(x); }
///
/// Mask, Scale, Scope and Plate (plate.h) are the same for their effects.
#include "nuthatch/handlers.h"

namespace nuthatch {

template <class H>
class [[nodiscard]] Scoped : public H {
 public:
  template <class... A>
  explicit Scoped(A&&... arguments) : H(std::forward<A>(arguments)...), active_(*this) {}
  explicit Scoped(Values values, Where where = Where::current())
    requires std::constructible_from<H, Values, Where>
      : H(std::move(values), where), active_(*this) {}
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  Active active_;
};

using Seeded = Scoped<SeedHandler>;
using Substituted = Scoped<SubstituteHandler>;
using Conditioned = Scoped<ConditionHandler>;
using Unconditioned = Scoped<UnconditionHandler>;
using Replayed = Scoped<ReplayHandler>;
using Blocked = Scoped<BlockHandler>;
using Lifted = Scoped<LiftHandler>;
using Intervened = Scoped<InterventionHandler>;
using Reparameterised = Scoped<ReparamHandler>;
using InferConfigured = Scoped<InferConfigHandler>;
using Traced = Scoped<TraceHandler>;

}  // namespace nuthatch
