#pragma once
// The simulated driver (tests/gpu/simulated), opened as the product opens the real one.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

namespace nuthatch::test {

/// Functions by name, with a check of what they return. It is a copy of the library, with devices of its own: tests of the
/// product in this process keep theirs.
class SimulatedDriver {
 public:
  static SimulatedDriver& get() {
    static SimulatedDriver one;
    return one;
  }

  template <class... A>
  int call(const char* name, A... arguments) const {
    return reinterpret_cast<int (*)(A...)>(find(name))(arguments...);
  }
  /// Throws what the driver reports.
  template <class... A>
  void operator()(const char* name, A... arguments) const {
    if (const int code = call(name, arguments...)) throw std::runtime_error(std::string(name) + " gives " + std::to_string(code) + "\n" + report());
  }
  long long set(const char* key, long long value) const {
    return reinterpret_cast<long long (*)(const char*, long long)>(find("nuthatch_simulated"))(key, value);
  }
  long long ask(const char* key) const { return set(key, -2); }
  std::string report() const { return reinterpret_cast<const char* (*)()>(find("nuthatch_simulated_report"))(); }

  /// A new driver with one device, whose context is current.
  void start(const std::vector<std::pair<const char*, long long>>& settings = {}) const {
    set("reset", 0);
    for (const auto& [key, value] : settings) set(key, value);
    (*this)("cuInit", 0u);
    void* context = nullptr;
    (*this)("cuDevicePrimaryCtxRetain", &context, 0);
    (*this)("cuCtxSetCurrent", context);
  }

 private:
  SimulatedDriver() {
    const auto copy = std::filesystem::temp_directory_path() / ("nuthatch-simulated-" + std::to_string(::getpid()) + ".so");
    std::filesystem::copy_file(NUTHATCH_SIMULATED_CUDA, copy, std::filesystem::copy_options::overwrite_existing);
    library = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
    std::filesystem::remove(copy);
    if (!library) throw std::runtime_error(dlerror());
  }
  void* find(const char* name) const {
    void* found = dlsym(library, name);
    if (!found) throw std::runtime_error(std::string("the driver has no ") + name);
    return found;
  }
  void* library = nullptr;
};

inline void readDevice(unsigned long long address, void* to, std::size_t bytes) {
  if (bytes) SimulatedDriver::get()("cuMemcpyDtoHAsync_v2", to, address, bytes, static_cast<void*>(nullptr));
}

/// Device memory while it lives.
class DeviceBytes {
 public:
  explicit DeviceBytes(std::size_t bytes) { SimulatedDriver::get()("cuMemAlloc_v2", &address, std::max<std::size_t>(bytes, 8)); }
  DeviceBytes(const void* from, std::size_t bytes) : DeviceBytes(bytes) {
    if (bytes) SimulatedDriver::get()("cuMemcpyHtoDAsync_v2", address, from, bytes, static_cast<void*>(nullptr));
    SimulatedDriver::get()("cuStreamSynchronize", static_cast<void*>(nullptr));  // others do not wait for the default stream
  }
  ~DeviceBytes() { if (address) SimulatedDriver::get().call("cuMemFree_v2", address); }
  DeviceBytes(DeviceBytes&& other) noexcept : address(std::exchange(other.address, 0)) {}
  DeviceBytes(const DeviceBytes&) = delete;
  void read(void* to, std::size_t bytes) const { readDevice(address, to, bytes); }
  unsigned long long address = 0;
};

/// A kernel of PTX text.
class DeviceKernel {
 public:
  DeviceKernel(const std::string& ptx, const char* name) {
    auto& d = SimulatedDriver::get();
    d("cuModuleLoadDataEx", &module, static_cast<const void*>(ptx.c_str()), 0u, static_cast<int*>(nullptr), static_cast<void**>(nullptr));
    d("cuModuleGetFunction", &function, module, name);
  }
  ~DeviceKernel() { if (module) SimulatedDriver::get().call("cuModuleUnload", module); }
  DeviceKernel(const DeviceKernel&) = delete;

  /// Does not wait for its end. Throws when it cannot be launched.
  template <class... A>
  void launch(unsigned blocks, unsigned threads, A... arguments) const {
    void* values[] = {static_cast<void*>(&arguments)..., nullptr};
    SimulatedDriver::get()("cuLaunchKernel", function, blocks, 1u, 1u, threads, 1u, 1u, shared, static_cast<void*>(nullptr), static_cast<void**>(values),
                           static_cast<void**>(nullptr));
  }
  template <class... A>
  void launchTogether(unsigned blocks, unsigned threads, A... arguments) const {
    void* values[] = {static_cast<void*>(&arguments)..., nullptr};
    SimulatedDriver::get()("cuLaunchCooperativeKernel", function, blocks, 1u, 1u, threads, 1u, 1u, 0u, static_cast<void*>(nullptr),
                           static_cast<void**>(values));
  }
  void* module = nullptr;
  void* function = nullptr;
  unsigned shared = 0;  // bytes that a launch gives to each block
};

}  // namespace nuthatch::test
