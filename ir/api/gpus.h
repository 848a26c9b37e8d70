#pragma once
// What the API asks about GPUs; backends/driver answers.
#include "nuthatch/device.h"
#include "nuthatch/detail/array.h"

namespace nuthatch::detail {

struct Gpus {
  std::vector<std::string> names;     // of all GPUs that the driver shows
  std::vector<std::string> problems;  // per GPU: why it cannot be used; empty: it can
  std::string problem;                // why there is none
};
/// The driver is asked at the first call.
const Gpus& usable_gpus();
DeviceMemory gpu_memory(int index, Where);
/// The same elements on a GPU, or brought from there.
Array on_gpu(const Array&, int index);

}  // namespace nuthatch::detail
