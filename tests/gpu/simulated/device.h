#pragma once
// The simulated devices, what is known of them, and the settings of tests.
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <vector>

#include "tests/gpu/simulated/memory.h"
#include "tests/gpu/simulated/stream.h"

namespace nuthatch::simulated {

/// What tests may set; counts may be asked for and set to 0.
struct Settings {
  std::map<std::string, long long> values{
      {"devices", 1},            {"compute_capability", 90}, {"driver_version", 13000}, {"memory", 4ll << 30}, {"multiprocessors", 16},
      {"cooperative_launch", 1}, {"registers", 128},         {"workers", 0},            {"seed", 1},           {"race_check", 0},
      {"print", 0},
      {"instructions", 20'000'000'000}, {"fail_allocation_after", -1}, {"fail_launch_after", -1},
      {"launches", 0},           {"cooperative", 0},         {"graph_launches", 0},     {"instructions_run", 0},
      {"bytes_to_device", 0},    {"bytes_to_host", 0}};
  long long& operator[](const std::string& key) { return values.at(key); }
};

struct LoadedModule {
  std::unique_ptr<Module> module;
  Device* device = nullptr;
  std::vector<std::uint64_t> memory;  // of its global variables
};

/// A kernel of a loaded module, with what the program set.
struct Kernel {
  LoadedModule* loaded = nullptr;
  const Function* function = nullptr;
  std::uint32_t dynamic_shared = 48 << 10;  // at most
};

struct Device {
  Device(int number, std::uint64_t bytes) : number(number), memory(number, bytes), standard(std::make_unique<Stream>(*this, true)) {}
  int number;
  DeviceMemory memory;
  Result broken = kSuccess;  // an error that every later call returns
  int retained = 0;
  std::unique_ptr<Stream> standard;  // the default stream
  std::vector<std::unique_ptr<Stream>> streams;

  void finish();
};

/// The state of the driver.
struct Driver {
  std::recursive_mutex lock;
  bool initialised = false;
  Settings settings;
  std::string report;
  std::vector<std::unique_ptr<Device>> devices;
  std::map<void*, std::size_t> pinned;  // host memory
  std::map<void*, std::unique_ptr<Event>> events;
  std::map<void*, std::unique_ptr<LoadedModule>> modules;
  std::map<void*, std::unique_ptr<Kernel>> kernels;
  std::map<void*, std::shared_ptr<Graph>> graphs, executables;
  std::vector<std::unique_ptr<Graph>> captures;

  void read(const std::string& settings);  // "key=value,key=value"
  Device& current();
  Stream& stream(void* handle);
  bool isPinned(const void* at, std::size_t bytes) const;
  /// Refuses what would break a capture that is under way.
  void unsafeInCapture(const char* what);
};

Driver& driver();
extern thread_local Device* current_device;

/// Runs f under the lock, and turns what it throws into an error code. An error of work that ran breaks the device.
template <class F>
int guarded(const char* name, F f) {
  Driver& d = driver();
  const std::lock_guard hold(d.lock);
  try {
    if (!d.initialised) throw Fault(kNotInitialized, "cuInit was not called");
    if (current_device && current_device->broken) return current_device->broken;
    f(d);
    return kSuccess;
  } catch (const Fault& fault) {
    if (fault.code != kNotReady) d.report = std::string(name) + ": " + fault.what();
    return fault.code;
  } catch (const std::bad_alloc&) {
    d.report = std::string(name) + ": the processor has no memory";
    return kOutOfMemory;
  }
}

/// Work of a device: its errors break the device.
Work onDevice(Device&, Work);

}  // namespace nuthatch::simulated
