// The driver's calls about itself, devices and contexts, and errors.
#include <cstdlib>
#include <cstring>

#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {
namespace {

Device& deviceAt(Driver& d, CUdevice k) {
  if (k < 0 || std::size_t(k) >= d.devices.size()) throw Fault(kInvalidDevice, "device " + std::to_string(k) + " of " + std::to_string(d.devices.size()));
  return *d.devices[std::size_t(k)];
}

void initialise(Driver& d) {
  if (const char* text = std::getenv("NUTHATCH_SIMULATED")) d.read(text);
  d.initialised = true;
  for (int k = 0; k < d.settings["devices"]; ++k) d.devices.push_back(std::make_unique<Device>(k, std::uint64_t(d.settings["memory"])));
}

/// By the numbers of CUdevice_attribute.
int attribute(Driver& d, const Device& device, int which) {
  const auto capability = int(d.settings["compute_capability"]);
  switch (which) {
    case 1: case 2: case 3: return 1024;              // threads of a block; its x and y
    case 4: return 64;                                // its z
    case 5: return 2147483647;                        // blocks of a grid: x
    case 6: case 7: return 65535;                     // y, z
    case 8: return 48 << 10;                          // shared memory of a block
    case 9: return 64 << 10;                          // constant memory
    case 10: return 32;                               // threads of a warp
    case 12: case 82: return 65536;                   // registers of a block, of a multiprocessor
    case 13: return 1980000;                          // kHz
    case 15: case 31: case 40: case 41: return 1;     // copies beside kernels, kernels at once, copy engines, one address space
    case 16: return int(d.settings["multiprocessors"]);
    case 18: case 20: case 32: return 0;              // integrated, compute mode, error correction
    case 33: return device.number + 1;                // PCI bus
    case 34: case 50: return 0;                       // PCI device and domain
    case 36: return 2619000;                          // kHz of the memory
    case 37: return 5120;                             // bits of its bus
    case 38: return 50 << 20;                         // second cache
    case 39: return 2048;                             // threads of a multiprocessor
    case 75: return capability / 10;
    case 76: return capability % 10;
    case 78: case 83: case 115: return 0;             // priorities, managed memory, pools
    case 81: return (capability >= 90 ? 228 : 164) << 10;  // shared memory of a multiprocessor
    case 87: return 2;                                // speed of f32 over f64
    case 95: return int(d.settings["cooperative_launch"]);
    case 97: return (capability >= 90 ? 227 : 163) << 10;  // shared memory of a block that asks for it
    case 106: return 32;                              // blocks of a multiprocessor
    default: throw Fault(kInvalidValue, "device attribute " + std::to_string(which));
  }
}

struct Name { int code; const char* name; const char* text; };
constexpr Name kNames[] = {
    {kSuccess, "CUDA_SUCCESS", "no error"},
    {kInvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {kNotInitialized, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {kNoDevice, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {kInvalidDevice, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {kInvalidImage, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {kInvalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {kNoBinaryForGpu, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {kInvalidPtx, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {kUnsupportedPtxVersion, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {kInvalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {kIllegalState, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {kNotFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {kNotReady, "CUDA_ERROR_NOT_READY", "device not ready"},
    {kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {kLaunchOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {kLaunchTimeout, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {kIllegalInstruction, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {kMisalignedAddress, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {kLaunchFailed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {kCooperativeLaunchTooLarge, "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE", "too many blocks in cooperative launch"},
    {kNotSupported, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {kStreamCaptureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {kStreamCaptureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {kStreamCaptureUnmatched, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {kStreamCaptureUnjoined, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {kStreamCaptureImplicit, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing blocking stream"},
    {kCapturedEvent, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {kStreamCaptureWrongThread, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "attempt to terminate a thread-local capture sequence from another thread"},
};

const Name* nameOf(int code) {
  for (const auto& n : kNames)
    if (n.code == code) return &n;
  return nullptr;
}

}  // namespace

SIMULATED cuInit(unsigned flags) {
  Driver& d = driver();
  const std::lock_guard hold(d.lock);
  if (flags != 0) return kInvalidValue;
  try {
    if (!d.initialised) initialise(d);
  } catch (const Fault& fault) {
    d.report = fault.what();
    return fault.code;
  }
  return d.devices.empty() ? kNoDevice : kSuccess;
}

SIMULATED cuDriverGetVersion(int* version) {
  *version = int(driver().settings["driver_version"]);
  return kSuccess;
}

SIMULATED cuDeviceGetCount(int* count) {
  return guarded("cuDeviceGetCount", [&](Driver& d) { *count = int(d.devices.size()); });
}

SIMULATED cuDeviceGet(CUdevice* device, int ordinal) {
  return guarded("cuDeviceGet", [&](Driver& d) { *device = deviceAt(d, ordinal).number; });
}

SIMULATED cuDeviceGetName(char* name, int length, CUdevice device) {
  return guarded("cuDeviceGetName", [&](Driver& d) {
    deviceAt(d, device);
    const std::string text = "Simulated device sm_" + std::to_string(d.settings["compute_capability"]);
    if (length < 1) throw Fault(kInvalidValue, "no room for the name");
    std::strncpy(name, text.c_str(), std::size_t(length));
    name[length - 1] = 0;
  });
}

SIMULATED cuDeviceGetAttribute(int* value, int which, CUdevice device) {
  return guarded("cuDeviceGetAttribute", [&](Driver& d) { *value = attribute(d, deviceAt(d, device), which); });
}

SIMULATED cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return guarded("cuDeviceTotalMem", [&](Driver& d) { *bytes = deviceAt(d, device).memory.size(); });
}

SIMULATED cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  return guarded("cuDevicePrimaryCtxRetain", [&](Driver& d) {
    auto& found = deviceAt(d, device);
    ++found.retained;
    *context = &found;
  });
}

SIMULATED cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxRelease", [&](Driver& d) {
    auto& found = deviceAt(d, device);
    if (found.retained == 0) throw Fault(kInvalidContext, "the context is not retained");
    --found.retained;
  });
}

SIMULATED cuCtxSetCurrent(CUcontext context) {
  Driver& d = driver();
  const std::lock_guard hold(d.lock);
  if (!d.initialised) return kNotInitialized;
  for (const auto& device : d.devices)
    if (device.get() == context && device->retained > 0) {
      current_device = device.get();
      return device->broken;
    }
  if (context) return kInvalidContext;
  current_device = nullptr;
  return kSuccess;
}

SIMULATED cuCtxSynchronize() {
  return guarded("cuCtxSynchronize", [](Driver& d) {
    d.unsafeInCapture("cuCtxSynchronize");
    d.current().finish();
  });
}

SIMULATED cuGetErrorName(int code, const char** name) {
  const auto* found = nameOf(code);
  *name = found ? found->name : nullptr;
  return found ? kSuccess : kInvalidValue;
}

SIMULATED cuGetErrorString(int code, const char** text) {
  const auto* found = nameOf(code);
  *text = found ? found->text : nullptr;
  return found ? kSuccess : kInvalidValue;
}

}  // namespace nuthatch::simulated
