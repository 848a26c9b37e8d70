#include "inference/fit/site_dims.h"

#include <algorithm>

namespace nuthatch {

std::vector<std::string> dims_of(const SiteInfo& site) {
  std::vector<std::string> dims = site.dims;
  for (std::size_t k = 0; k < dims.size(); ++k)
    if (dims[k].empty()) dims[k] = site.name + "_dim_" + std::to_string(k);
  return dims;
}

void set_plate_labels(Dataset& to, const SiteInfo& site) {
  for (const PlateFrame& plate : site.plates)
    if (!plate.labels.empty() && std::find(site.dims.begin(), site.dims.end(), plate.name) != site.dims.end())
      to.set_coord(plate.name, Coordinate(std::vector<std::string>(plate.labels)));
}

}  // namespace nuthatch
