#pragma once
// The GPU of the tests: a real one, or the simulated driver (docs/design/simulated_gpu.md).
#include <cstdlib>
#include <dlfcn.h>
#include <string>

#include "nuthatch/device.h"

namespace nuthatch::test {

/// The simulated driver, unless NUTHATCH_CUDA names another one. Before anything asks for a GPU. Tests name their devices:
/// the default is the processors.
inline void useSimulatedCard() {
  if (!std::getenv("NUTHATCH_TEST_CHILD")) ::unsetenv("NUTHATCH_DEVICE");
  if (std::getenv("NUTHATCH_CUDA")) return;
  for (const char* variable : {"NUTHATCH_CUDA", "NUTHATCH_CUBLAS", "NUTHATCH_CUSOLVER"}) ::setenv(variable, NUTHATCH_SIMULATED_CUDA, 0);
}
inline bool isSimulated() { return std::string(std::getenv("NUTHATCH_CUDA")) == NUTHATCH_SIMULATED_CUDA; }

/// Reads (-2) or sets something of the simulation; 0 on a real card.
inline long long simulated(const char* key, long long value = -2) {
  static auto* control = reinterpret_cast<long long (*)(const char*, long long)>(dlsym(dlopen(NUTHATCH_SIMULATED_CUDA, RTLD_NOW), "nuthatch_simulated"));
  return control ? control(key, value) : 0;
}

}  // namespace nuthatch::test
