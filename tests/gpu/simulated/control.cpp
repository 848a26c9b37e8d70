// How tests ask and steer.
#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {
namespace {

long long count(Driver& d, const std::string& key) {
  long long out = 0;
  for (const auto& device : d.devices) out += key == "allocated" ? (long long)device->memory.used() : (long long)device->memory.count();
  return out;
}

/// As if the driver was never initialised. What programs still hold is void.
void reset(Driver& d) {
  current_device = nullptr;
  d.initialised = false;
  d.report.clear();
  d.captures.clear();
  d.graphs.clear();
  d.executables.clear();
  d.kernels.clear();
  d.modules.clear();
  d.events.clear();
  d.devices.clear();
  d.settings = {};
}

}  // namespace

/// Sets what the driver is, or asks (with a value of -2): the former value. Keys: those of Settings; "allocated" and
/// "allocations", bytes and pieces of device memory now in use; "pinned", pieces of host memory; "reset". -1: no such key.
extern "C" __attribute__((visibility("default"))) long long nuthatch_simulated(const char* key, long long value) {
  Driver& d = driver();
  const std::lock_guard hold(d.lock);
  const std::string name = key;
  if (name == "allocated" || name == "allocations") return count(d, name);
  if (name == "pinned") return (long long)d.pinned.size();
  if (name == "reset") return reset(d), 0;
  const auto found = d.settings.values.find(name);
  if (found == d.settings.values.end()) return -1;
  const auto before = found->second;
  if (value != -2) found->second = value;
  return before;
}

/// What is known of the last error.
extern "C" __attribute__((visibility("default"))) const char* nuthatch_simulated_report() { return driver().report.c_str(); }

}  // namespace nuthatch::simulated
