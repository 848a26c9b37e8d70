// Names and labels of the dimensions of a site's draws.
#pragma once

#include "nuthatch/dataset.h"
#include "nuthatch/log_density.h"

namespace nuthatch {

/// The plate of each axis; `theta_dim_0` where there is none.
std::vector<std::string> dims_of(const SiteInfo& site);
/// The labels of the plates that are dimensions of the site.
void set_plate_labels(Dataset& to, const SiteInfo& site);

}  // namespace nuthatch
