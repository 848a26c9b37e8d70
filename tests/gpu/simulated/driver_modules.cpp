// The driver's calls for modules and the linker. A linked image is a line of text in front of the PTX.
#include <cstring>

#include "tests/gpu/simulated/assembler.h"
#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {
namespace {

constexpr const char* kImage = "simulated image sm_";

/// What messages go to: options 5 (a buffer) and 6 (its size).
struct Log {
  char* buffer = nullptr;
  std::size_t size = 0;

  Log(unsigned count, const int* options, void** values) {
    for (unsigned k = 0; k < count; ++k) {
      if (options[k] == 5) buffer = static_cast<char*>(values[k]);
      if (options[k] == 6) size = reinterpret_cast<std::size_t>(values[k]);
    }
    if (buffer && size) buffer[0] = 0;
  }
  void write(const std::string& text) const {
    if (!buffer || !size) return;
    const auto n = std::min(size - 1, text.size());
    std::memcpy(buffer, text.data(), n);
    buffer[n] = 0;
  }
};

void checkTarget(Driver& d, const Module& m) {
  if (m.target > d.settings["compute_capability"])
    throw Fault(kInvalidPtx, "the text is for sm_" + std::to_string(m.target) + ", the device is sm_" + std::to_string(d.settings["compute_capability"]));
  // PTX 8.n came with release 12.n.
  const auto release = (m.version / 10 + 4) * 1000 + m.version % 10 * 10;
  if (release > d.settings["driver_version"])
    throw Fault(kUnsupportedPtxVersion, "PTX " + std::to_string(m.version / 10) + "." + std::to_string(m.version % 10) + " is newer than the driver");
}

/// The text in an image.
std::string textIn(Driver& d, const void* image) {
  std::string text = static_cast<const char*>(image);
  if (!text.starts_with(kImage)) return text;
  const int target = std::atoi(text.c_str() + std::strlen(kImage));
  const auto device = d.settings["compute_capability"];
  if (target / 10 != device / 10 || target > device)
    throw Fault(kNoBinaryForGpu, "an image for sm_" + std::to_string(target) + " on sm_" + std::to_string(device));
  return text.substr(text.find('\n') + 1);
}

void load(Driver& d, CUmodule* out, const std::string& text) {
  Device& device = d.current();
  auto loaded = std::make_unique<LoadedModule>();
  loaded->device = &device;
  try {
    loaded->module = parseModule(text, [&](const Global& g) {
      loaded->memory.push_back(device.memory.allocate(g.bytes));
      std::memcpy(device.memory.at(loaded->memory.back(), g.bytes, "a variable"), g.data.data(), g.bytes);
      return loaded->memory.back();
    });
    checkTarget(d, *loaded->module);
  } catch (const Fault&) {
    for (const auto address : loaded->memory) device.memory.release(address);
    throw;
  }
  *out = loaded.get();
  d.modules[*out] = std::move(loaded);
}

struct Link {
  std::string image;
  Log log;
};

}  // namespace

SIMULATED cuModuleLoadDataEx(CUmodule* out, const void* image, unsigned count, int* options, void** values) {
  return guarded("cuModuleLoadDataEx", [&](Driver& d) {
    const Log log(count, options, values);
    d.unsafeInCapture("cuModuleLoadDataEx");
    if (!image) throw Fault(kInvalidValue, "no image");
    try {
      load(d, out, textIn(d, image));
    } catch (const Fault& fault) {
      log.write(fault.what());
      throw;
    }
  });
}

SIMULATED cuModuleUnload(CUmodule handle) {
  return guarded("cuModuleUnload", [&](Driver& d) {
    d.unsafeInCapture("cuModuleUnload");
    const auto found = d.modules.find(handle);
    if (found == d.modules.end()) throw Fault(kInvalidHandle, "not a module");
    Device& device = *found->second->device;
    device.finish();
    for (const auto address : found->second->memory) device.memory.release(address);
    std::erase_if(d.kernels, [&](const auto& k) { return k.second->loaded == found->second.get(); });
    d.modules.erase(found);
  });
}

SIMULATED cuModuleGetFunction(CUfunction* out, CUmodule handle, const char* name) {
  return guarded("cuModuleGetFunction", [&](Driver& d) {
    const auto found = d.modules.find(handle);
    if (found == d.modules.end()) throw Fault(kInvalidHandle, "not a module");
    const auto* function = found->second->module->kernel(name);
    if (!function) throw Fault(kNotFound, "no kernel '" + std::string(name) + "'");
    auto kernel = std::make_unique<Kernel>(Kernel{found->second.get(), function});
    *out = kernel.get();
    d.kernels[*out] = std::move(kernel);
  });
}

SIMULATED cuLinkCreate_v2(unsigned count, int* options, void** values, CUlinkState* out) {
  return guarded("cuLinkCreate", [&](Driver& d) {
    d.current();
    *out = new Link{{}, Log(count, options, values)};
  });
}

/// Types: 1 is PTX. The text is read here, so that what is wrong with it is an error of the link.
SIMULATED cuLinkAddData_v2(CUlinkState state, int type, void* data, std::size_t size, const char*, unsigned, int*, void**) {
  return guarded("cuLinkAddData", [&](Driver& d) {
    auto& link = *static_cast<Link*>(state);
    if (type != 1) throw Fault(kInvalidValue, "the simulated linker reads PTX only");
    std::string text(static_cast<const char*>(data), size);
    if (const auto end = text.find('\0'); end != std::string::npos) text.resize(end);
    try {
      std::uint64_t next = kDeviceBase;
      const auto module = parseModule(text, [&](const Global& g) { return (next += 4096 + g.bytes) & ~255ull; });
      checkTarget(d, *module);
      if (const auto complaints = complaintsOfAssembler(text); !complaints.empty()) throw Fault(kInvalidPtx, complaints);
    } catch (const Fault& fault) {
      link.log.write(fault.what());
      throw;
    }
    link.image = kImage + std::to_string(d.settings["compute_capability"]) + "\n" + text;
  });
}

SIMULATED cuLinkComplete(CUlinkState state, void** image, std::size_t* size) {
  return guarded("cuLinkComplete", [&](Driver&) {
    auto& link = *static_cast<Link*>(state);
    if (link.image.empty()) throw Fault(kInvalidValue, "nothing to link");
    *image = link.image.data();
    *size = link.image.size() + 1;
  });
}

SIMULATED cuLinkDestroy(CUlinkState state) {
  return guarded("cuLinkDestroy", [&](Driver&) { delete static_cast<Link*>(state); });
}

}  // namespace nuthatch::simulated
