#include "nuthatch/checkpoint.h"

#include "ir/api/regions.h"

namespace nuthatch::detail {

Leaves checkpointed(const Leaves& arguments, Body f, Where where) {
  for (const auto& x : arguments) checked("checkpoint", x, where);
  Region body{types_of(arguments), [&](const Values& inner) {
                Leaves results = f(arguments_for(arguments, inner));
                for (const auto& y : results) checked("checkpoint", y, where);
                return values_of(results);
              }};
  return wrapped(emit_regions("checkpoint", values_of(arguments), {}, {body}, where));
}

}  // namespace nuthatch::detail
