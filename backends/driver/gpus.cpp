#include "backends/driver/gpus.h"

#include "ir/api/gpus.h"
#include "nuthatch/error.h"

#ifdef NUTHATCH_GPU
#include "backends/gpu/arrays.h"
#include "backends/gpu/executable.h"
#endif

namespace nuthatch::detail {

#ifdef NUTHATCH_GPU

const Gpus& usable_gpus() {
  static const Gpus found = [] {
    const auto& all = gpu::cards();
    Gpus g{{}, all.problems, all.problem};
    for (const auto& f : all.facts) g.names.push_back(f.name);
    return g;
  }();
  return found;
}

DeviceMemory gpu_memory(int index, Where where) {
  try {
    return gpu::card(index).memory();
  } catch (const Error& e) {
    throw Error(e.what(), where);
  }
}

Array on_gpu(const Array& a, int index) {
  auto& card = gpu::card(index);
  if (gpu::placeOn(card, a)) return a;
  auto bundle = share<gpu::Bundle>(card, a.bytes());
  card.toDevice(bundle->at(), a.data.get(), a.bytes());
  return gpu::arrayIn(bundle, 0, a.dtype, a.shape);
}

Executor& gpu_executor(int index) { return gpu::executor(index); }

#else

const Gpus& usable_gpus() {
  static const Gpus none{{}, {}, "this build of the library has no GPU support (it was configured with NUTHATCH_GPU=OFF)"};
  return none;
}

DeviceMemory gpu_memory(int, Where where) { throw Error(usable_gpus().problem, where); }
Array on_gpu(const Array&, int) { throw Error(usable_gpus().problem); }
Executor& gpu_executor(int) { throw Error(usable_gpus().problem); }

#endif

}  // namespace nuthatch::detail
