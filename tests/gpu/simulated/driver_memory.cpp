// The driver's calls for memory. Copies from and to pinned memory of the host happen when the stream comes to them; those
// of other host memory read it at once, or end when all is written, as the driver promises.
#include <cstdlib>
#include <cstring>

#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {
namespace {

void* host(const void* p) {
  if (!p || isDeviceAddress(reinterpret_cast<std::uint64_t>(p))) throw Fault(kInvalidValue, "not an address of host memory");
  return const_cast<void*>(p);
}

void toDevice(Driver& d, CUdeviceptr to, const void* from, std::size_t bytes, Stream& stream) {
  if (bytes == 0) return;
  host(from);
  Device& device = stream.device;
  device.memory.at(to, bytes, "copy to the device");
  d.settings["bytes_to_device"] += (long long)bytes;
  if (d.isPinned(from, bytes) || stream.capture) {
    stream.put(onDevice(device, [&device, to, from, bytes] { std::memcpy(device.memory.at(to, bytes, "copy to the device"), from, bytes); }));
    return;
  }
  const auto* begin = static_cast<const std::byte*>(from);
  auto staged = std::make_shared<std::vector<std::byte>>(begin, begin + bytes);
  stream.put(onDevice(device, [&device, to, staged] {
    std::memcpy(device.memory.at(to, staged->size(), "copy to the device"), staged->data(), staged->size());
  }));
}

void toHost(Driver& d, void* to, CUdeviceptr from, std::size_t bytes, Stream& stream) {
  if (bytes == 0) return;
  host(to);
  Device& device = stream.device;
  device.memory.at(from, bytes, "copy from the device");
  d.settings["bytes_to_host"] += (long long)bytes;
  stream.put(onDevice(device, [&device, to, from, bytes] { std::memcpy(to, device.memory.at(from, bytes, "copy from the device"), bytes); }));
  if (!d.isPinned(to, bytes) && !stream.capture) stream.finish();
}

/// CUDA_MEMCPY2D.
struct Copy2D {
  std::size_t src_x, src_y;
  int src_type;  // 1: host, 2: device
  const void* src_host;
  CUdeviceptr src_device;
  void* src_array;
  std::size_t src_pitch, dst_x, dst_y;
  int dst_type;
  void* dst_host;
  CUdeviceptr dst_device;
  void* dst_array;
  std::size_t dst_pitch, width, height;
};

void copy2D(const Copy2D& c, Stream& stream, bool all_pinned) {
  if (c.width == 0 || c.height == 0) return;
  auto usable = [&](int type, std::size_t pitch, std::size_t x) {
    if ((type != 1 && type != 2) || (c.height > 1 && pitch < x + c.width)) throw Fault(kInvalidValue, "the type or pitch of a copy of rows");
  };
  usable(c.src_type, c.src_pitch, c.src_x);
  usable(c.dst_type, c.dst_pitch, c.dst_x);
  if (c.src_type == 1) host(c.src_host);
  if (c.dst_type == 1) host(c.dst_host);
  Device& device = stream.device;
  stream.put(onDevice(device, [&device, c] {
    auto place = [&](int type, const void* memory, CUdeviceptr address, std::size_t offset) {
      return type == 2 ? device.memory.at(address + offset, c.width, "copy of rows") : static_cast<std::byte*>(const_cast<void*>(memory)) + offset;
    };
    for (std::size_t row = 0; row < c.height; ++row)
      std::memmove(place(c.dst_type, c.dst_host, c.dst_device, (c.dst_y + row) * c.dst_pitch + c.dst_x),
                   place(c.src_type, c.src_host, c.src_device, (c.src_y + row) * c.src_pitch + c.src_x), c.width);
  }));
  if (!all_pinned && !stream.capture) stream.finish();
}

}  // namespace

SIMULATED cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return guarded("cuMemGetInfo", [&](Driver& d) {
    const auto& memory = d.current().memory;
    *total = memory.size();
    *free = memory.size() - memory.used();
  });
}

SIMULATED cuMemAlloc_v2(CUdeviceptr* out, std::size_t bytes) {
  return guarded("cuMemAlloc", [&](Driver& d) {
    d.unsafeInCapture("cuMemAlloc");
    auto& left = d.settings["fail_allocation_after"];
    if (left == 0) throw Fault(kOutOfMemory, "an allocation fails because the test asks for it");
    *out = d.current().memory.allocate(bytes);
    if (left > 0) --left;
  });
}

SIMULATED cuMemFree_v2(CUdeviceptr address) {
  return guarded("cuMemFree", [&](Driver& d) {
    if (address == 0) return;
    d.unsafeInCapture("cuMemFree");
    Device& device = d.current();
    device.finish();
    device.memory.release(address);
  });
}

SIMULATED cuMemHostAlloc(void** out, std::size_t bytes, unsigned) {
  return guarded("cuMemHostAlloc", [&](Driver& d) {
    d.unsafeInCapture("cuMemHostAlloc");
    d.current();
    if (bytes == 0) throw Fault(kInvalidValue, "an allocation of 0 bytes");
    *out = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!*out) throw Fault(kOutOfMemory, "host memory");
    std::memset(*out, 0xa5, bytes);
    d.pinned[*out] = bytes;
  });
}

SIMULATED cuMemFreeHost(void* memory) {
  return guarded("cuMemFreeHost", [&](Driver& d) {
    d.unsafeInCapture("cuMemFreeHost");
    const auto found = d.pinned.find(memory);
    if (found == d.pinned.end()) throw Fault(kInvalidValue, "not memory that cuMemHostAlloc gave");
    for (const auto& device : d.devices)
      if (!device->broken) device->finish();
    std::memset(memory, 0x5a, found->second);
    std::free(memory);
    d.pinned.erase(found);
  });
}

SIMULATED cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return guarded("cuMemcpyHtoDAsync", [&](Driver& d) { toDevice(d, to, from, bytes, d.stream(stream)); });
}

SIMULATED cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return guarded("cuMemcpyDtoHAsync", [&](Driver& d) { toHost(d, to, from, bytes, d.stream(stream)); });
}

SIMULATED cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return guarded("cuMemcpyDtoDAsync", [&](Driver& d) {
    if (bytes == 0) return;
    Stream& s = d.stream(stream);
    Device& device = s.device;
    device.memory.at(to, bytes, "copy on the device");
    device.memory.at(from, bytes, "copy on the device");
    if (to < from + bytes && from < to + bytes) throw Fault(kInvalidValue, "a copy on the device between places that overlap");
    s.put(onDevice(device, [&device, to, from, bytes] {
      std::memcpy(device.memory.at(to, bytes, "copy on the device"), device.memory.at(from, bytes, "copy on the device"), bytes);
    }));
  });
}

SIMULATED cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream) {
  return guarded("cuMemsetD8Async", [&](Driver& d) {
    if (count == 0) return;
    Stream& s = d.stream(stream);
    Device& device = s.device;
    device.memory.at(to, count, "setting memory");
    s.put(onDevice(device, [&device, to, value, count] { std::memset(device.memory.at(to, count, "setting memory"), value, count); }));
  });
}

SIMULATED cuMemcpy2DAsync_v2(const void* copy, CUstream stream) {
  return guarded("cuMemcpy2DAsync", [&](Driver& d) {
    const auto& c = *static_cast<const Copy2D*>(copy);
    const bool pinned = (c.src_type != 1 || d.isPinned(c.src_host, 1)) && (c.dst_type != 1 || d.isPinned(c.dst_host, 1));
    copy2D(c, d.stream(stream), pinned);
  });
}

}  // namespace nuthatch::simulated
