#include "inference/kernels/lanes.h"

#include "nuthatch/detail/emit.h"

namespace nuthatch {

Tensor lane_any(const Tensor& p, Where where) {
  return detail::wrap(detail::emit("lane_any", {detail::value(p)}, {}, where));
}

void emit_to_stream(int stream, const Tensor& mask, const Tensor& index, const Tensor& value, Where where) {
  detail::emit_all("emit", {detail::value(mask), detail::value(index), detail::value(value)},
                   {{"stream", std::int64_t(stream)}}, where);
}

}  // namespace nuthatch
