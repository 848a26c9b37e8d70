#include "tests/gpu/simulated/device.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace nuthatch::simulated {

thread_local Device* current_device = nullptr;

Driver& driver() {
  static auto* d = new Driver;  // lives to the end: programs free memory in destructors of static variables
  return *d;
}

void Driver::read(const std::string& text) {
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) {
    const auto equals = item.find('=');
    const auto found = settings.values.find(item.substr(0, equals));
    if (found == settings.values.end()) throw Fault(kInvalidValue, "NUTHATCH_SIMULATED: '" + item + "'");
    found->second = equals == std::string::npos ? 1 : std::atoll(item.c_str() + equals + 1);
  }
}

Device& Driver::current() {
  if (!current_device) throw Fault(kInvalidContext, "no context is current");
  return *current_device;
}

Stream& Driver::stream(void* handle) {
  Device& device = current();
  if (handle == nullptr || handle == reinterpret_cast<void*>(1)) return *device.standard;
  for (const auto& d : devices)
    for (const auto& s : d->streams)
      if (s.get() == handle) {
        if (d.get() != &device) throw Fault(kInvalidHandle, "a stream of another device");
        return *s;
      }
  throw Fault(kInvalidHandle, "not a stream");
}

bool Driver::isPinned(const void* at, std::size_t bytes) const {
  auto after = pinned.upper_bound(const_cast<void*>(at));
  if (after == pinned.begin()) return false;
  const auto& [begin, size] = *std::prev(after);
  return static_cast<const char*>(at) + bytes <= static_cast<const char*>(begin) + size;
}

void Driver::unsafeInCapture(const char* what) {
  for (const auto& g : captures) {
    if (g->mode == 2 || (g->mode == 1 && g->thread != std::this_thread::get_id())) continue;
    g->broken = true;
    throw Fault(kStreamCaptureUnsupported, std::string(what) + " while a stream is captured");
  }
}

void Device::finish() {
  standard->finish();
  for (const auto& s : streams) s->finish();
}

Work onDevice(Device& device, Work work) {
  return [&device, work = std::move(work)] {
    if (device.broken) throw Fault(device.broken, driver().report);
    try {
      work();
    } catch (const Fault& fault) {
      device.broken = fault.code;
      driver().report = fault.what();
      if (driver().settings["print"]) std::fprintf(stderr, "simulated device %d: %s\n", device.number, fault.what());
      throw;
    }
  };
}

}  // namespace nuthatch::simulated
