#include "nuthatch/detail/site_info.h"

namespace nuthatch::detail {

SiteInfo site_info(const Message& m) {
  SiteInfo s;
  s.name = m.name;
  s.shape = m.value.shape();
  s.dtype = m.value.dtype();
  s.plates = m.plates;
  s.where = m.where;
  s.dims.assign(s.shape.size(), "");
  const std::size_t event = m.primitive == Primitive::sample ? m.distribution.event_shape().size() : 0;
  for (const PlateFrame& plate : m.plates) {
    const std::int64_t axis = std::int64_t(s.shape.size() - event) + plate.dim;
    if (axis >= 0 && s.shape[std::size_t(axis)] == plate.size) s.dims[std::size_t(axis)] = plate.name;
  }
  return s;
}

}  // namespace nuthatch::detail
