#include "tools/nuthatch/commands.h"

namespace nuthatch::tool {
namespace {

double gigabytes(std::int64_t bytes) { return double(bytes) / 1e9; }

}  // namespace

int devices(bool gpu) {
  const auto all = nuthatch::devices();
  for (const Device& d : all) {
    const DeviceMemory m = memory(d);
    print("{}: {:.1f} GB, {:.1f} GB of it free\n", name(d), gigabytes(m.total), gigabytes(m.free));
  }
  if (all.size() > 1) return 0;
  try {
    Device::gpu(0);
  } catch (const Error& reason) {
    const std::string text = reason.what();
    const auto colon = text.find(": ", text.find("Device::gpu(0)"));
    print("{}\n", colon == std::string::npos ? text : text.substr(colon + 2));
  }
  return gpu ? 1 : 0;
}

}  // namespace nuthatch::tool
