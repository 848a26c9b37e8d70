#pragma once
// Memory of a simulated device. Addresses are not those of the processor, and are never used twice.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/gpu/simulated/launch.h"

namespace nuthatch::simulated {

class DeviceMemory {
 public:
  DeviceMemory(int device, std::uint64_t total) : total(total), next(kDeviceBase + (std::uint64_t(device) << 44) + kGap) {}

  /// New memory holds signalling NaNs. Throws Fault(kOutOfMemory).
  std::uint64_t allocate(std::uint64_t bytes);
  void release(std::uint64_t address);
  /// The processor's place of device memory; throws Fault(kIllegalAddress) where that is not all in one allocation.
  std::byte* at(std::uint64_t address, std::uint64_t bytes, const char* what) const;
  /// All that is allocated, by address.
  std::vector<Span> spans() const;
  std::uint64_t used() const { return used_; }
  std::uint64_t size() const { return total; }
  std::size_t count() const { return allocations.size(); }

 private:
  static constexpr std::uint64_t kGap = 1024;   // so that a step over an end is seen
  static constexpr std::uint64_t kGrain = 512;  // what sizes are rounded up to
  struct Allocation {
    std::uint64_t bytes = 0;
    std::unique_ptr<std::byte[], void (*)(void*)> data;
  };
  std::map<std::uint64_t, Allocation> allocations;
  std::map<std::uint64_t, std::uint64_t> freed;  // for reports
  std::uint64_t total, next, used_ = 0;
};

/// Is it an address of any device?
inline bool isDeviceAddress(std::uint64_t address) { return address - kDeviceBase < kWindow; }

}  // namespace nuthatch::simulated
