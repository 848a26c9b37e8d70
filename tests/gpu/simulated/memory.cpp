#include "tests/gpu/simulated/memory.h"

#include <cstdlib>
#include <sstream>

namespace nuthatch::simulated {
namespace {

std::string hex(std::uint64_t x) {
  std::ostringstream out;
  out << "0x" << std::hex << x;
  return out.str();
}

}  // namespace

std::uint64_t DeviceMemory::allocate(std::uint64_t bytes) {
  if (bytes == 0) throw Fault(kInvalidValue, "an allocation of 0 bytes");
  const auto rounded = (bytes + kGrain - 1) / kGrain * kGrain;
  if (rounded > total || used_ > total - rounded)
    throw Fault(kOutOfMemory, std::to_string(bytes) + " bytes asked for, " + std::to_string(used_) + " of " + std::to_string(total) + " in use");
  auto* data = static_cast<std::byte*>(std::aligned_alloc(256, rounded));
  if (!data) throw Fault(kOutOfMemory, "the processor has no memory for " + std::to_string(bytes) + " bytes");
  // A signalling NaN as f64, NaNs as f32, a number out of all bounds as an integer.
  for (std::uint64_t k = 0; k < rounded; k += 8) {
    const std::uint64_t pattern = 0x7ff4dead7fa1dead;
    std::memcpy(data + k, &pattern, 8);
  }
  const auto address = next;
  next += (rounded + kGap + 255) / 256 * 256;
  used_ += rounded;
  allocations.emplace(address, Allocation{bytes, {data, std::free}});
  return address;
}

void DeviceMemory::release(std::uint64_t address) {
  const auto found = allocations.find(address);
  if (found == allocations.end())
    throw Fault(kInvalidValue, hex(address) + (freed.count(address) ? " was freed before" : " is not the begin of an allocation"));
  used_ -= (found->second.bytes + kGrain - 1) / kGrain * kGrain;
  freed[address] = found->second.bytes;
  allocations.erase(found);
}

std::byte* DeviceMemory::at(std::uint64_t address, std::uint64_t bytes, const char* what) const {
  auto after = allocations.upper_bound(address);
  if (after != allocations.begin()) {
    const auto& [begin, a] = *std::prev(after);
    if (bytes <= a.bytes && address - begin <= a.bytes - bytes) return a.data.get() + (address - begin);
  }
  std::string text = std::string(what) + ": " + std::to_string(bytes) + " bytes at " + hex(address) + " are not in one allocation of the device";
  if (after != allocations.begin())
    text += "\n  the one before: " + hex(std::prev(after)->first) + ", " + std::to_string(std::prev(after)->second.bytes) + " bytes";
  auto old = freed.upper_bound(address);
  if (old != freed.begin() && address - std::prev(old)->first < std::prev(old)->second)
    text += "\n  freed: " + hex(std::prev(old)->first) + ", " + std::to_string(std::prev(old)->second) + " bytes";
  throw Fault(kIllegalAddress, text);
}

std::vector<Span> DeviceMemory::spans() const {
  std::vector<Span> out;
  out.reserve(allocations.size());
  for (const auto& [address, a] : allocations) out.push_back({address, address + a.bytes, a.data.get()});
  return out;
}

}  // namespace nuthatch::simulated
