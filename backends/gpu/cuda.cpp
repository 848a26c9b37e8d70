#include "backends/gpu/cuda.h"

#include "backends/gpu/library.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu::cuda {
namespace {

/// The first that reads the PTX that is written here (version 8.0).
constexpr int kOldestDriver = 12000;

std::string versionText(int version) { return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10); }

void findFunctions(Library& library, Driver& d) {
  library.find("cuInit", d.init);
  library.find("cuDriverGetVersion", d.driverVersion);
  library.find("cuDeviceGetCount", d.deviceCount);
  library.find("cuDeviceGet", d.device);
  library.find("cuDeviceGetName", d.deviceName);
  library.find("cuDeviceGetAttribute", d.deviceAttribute);
  library.find("cuDeviceTotalMem_v2", d.totalMemory);
  library.find("cuDevicePrimaryCtxRetain", d.retainContext);
  library.find("cuCtxSetCurrent", d.setContext);
  library.find("cuMemGetInfo_v2", d.memoryInfo);
  library.find("cuMemAlloc_v2", d.allocate);
  library.find("cuMemFree_v2", d.free);
  library.find("cuMemHostAlloc", d.allocateHost);
  library.find("cuMemFreeHost", d.freeHost);
  library.find("cuMemcpyHtoDAsync_v2", d.toDevice);
  library.find("cuMemcpyDtoHAsync_v2", d.toHost);
  library.find("cuMemcpyDtoDAsync_v2", d.onDevice);
  library.find("cuMemcpy2DAsync_v2", d.copy2D);
  library.find("cuMemsetD8Async", d.set);
  library.find("cuStreamCreate", d.createStream);
  library.find("cuStreamSynchronize", d.waitForStream);
  library.find("cuEventCreate", d.createEvent);
  library.find("cuEventDestroy_v2", d.destroyEvent);
  library.find("cuEventRecord", d.recordEvent);
  library.find("cuEventSynchronize", d.waitForEvent);
  library.find("cuEventElapsedTime", d.eventMilliseconds);
  library.find("cuModuleLoadDataEx", d.loadModule);
  library.find("cuModuleUnload", d.unloadModule);
  library.find("cuModuleGetFunction", d.function);
  library.find("cuFuncGetAttribute", d.functionAttribute);
  library.find("cuFuncSetAttribute", d.setFunctionAttribute);
  library.find("cuLaunchKernel", d.launch);
  library.find("cuLaunchCooperativeKernel", d.launchCooperative);
  library.find("cuOccupancyMaxActiveBlocksPerMultiprocessor", d.occupancy);
  library.find("cuGetErrorName", d.errorName);
  library.find("cuGetErrorString", d.errorText);
  library.find("cuLinkCreate_v2", d.createLink);
  library.find("cuLinkAddData_v2", d.addToLink);
  library.find("cuLinkComplete", d.completeLink);
  library.find("cuLinkDestroy", d.destroyLink);
  library.find("cuStreamBeginCapture_v2", d.beginCapture);
  library.find("cuStreamEndCapture", d.endCapture);
  library.find("cuGraphInstantiateWithFlags", d.instantiate);
  library.find("cuGraphLaunch", d.launchGraph);
  library.find("cuGraphExecDestroy", d.destroyGraphExec);
  library.find("cuGraphDestroy", d.destroyGraph);
}

Driver open() {
  Driver d{};
  Library library("NUTHATCH_CUDA", {"libcuda.so.1", "libcuda.so"});
  findFunctions(library, d);
  if (!library.problem().empty()) {
    // An old driver lacks newer functions: its age says more than their names.
    const bool old = d.driverVersion && d.driverVersion(&d.version) == kSuccess && d.version < kOldestDriver;
    d.problem = old ? "" : "the CUDA driver cannot be used: " + library.problem();
    if (!old) return d;
  } else if (const Result r = d.init(0); r == kNoDevice) {
    d.problem = "the CUDA driver shows no GPU";
    return d;
  } else if (r != kSuccess) {
    const char *name = nullptr, *text = nullptr;
    const bool known = d.errorName(r, &name) == kSuccess && d.errorText(r, &text) == kSuccess;
    d.problem = "the CUDA driver does not start: " + (known ? std::string(name) + " (" + text + ")" : "error " + std::to_string(r));
    return d;
  } else {
    d.driverVersion(&d.version);
  }
  if (d.version < kOldestDriver)
    d.problem = "the CUDA driver is too old: it is of CUDA " + versionText(d.version) + ", at least " + versionText(kOldestDriver) + " is needed";
  return d;
}

}  // namespace

const Driver& driver() {
  static const Driver d = open();
  return d;
}

std::string describe(Result r) {
  const char *name = nullptr, *text = nullptr;
  const Driver& d = driver();
  if (!d.errorName || d.errorName(r, &name) != kSuccess || !name) return "CUDA error " + std::to_string(r);
  if (d.errorText(r, &text) != kSuccess || !text) return name;
  return std::string(name) + " (" + text + ")";
}

void check(Result r, const std::string& what) {
  if (r != kSuccess) throw Error(what + ": " + describe(r));
}

}  // namespace nuthatch::gpu::cuda
