#pragma once
/// From a message to the description of its site.
#include "nuthatch/log_density.h"

namespace nuthatch::detail {

/// Name, shape and dtype of the value; the plate of each axis of the batch, as far as the value has its extent there.
SiteInfo site_info(const Message& message);

}  // namespace nuthatch::detail
