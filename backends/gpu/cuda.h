#pragma once
// The CUDA driver's interface, as far as it is used here: declared by ourselves, found at run time.
#include <cstddef>
#include <cstdint>
#include <string>

namespace nuthatch::gpu::cuda {

using Result = int;
using DeviceNumber = int;
using Pointer = std::uint64_t;  // into the device's memory
struct ContextHandle;
struct StreamHandle;
struct EventHandle;
struct ModuleHandle;
struct FunctionHandle;
struct LinkHandle;
struct GraphHandle;
struct GraphExecHandle;
using Context = ContextHandle*;
using Stream = StreamHandle*;
using Event = EventHandle*;
using Module = ModuleHandle*;
using Function = FunctionHandle*;
using Link = LinkHandle*;
using Graph = GraphHandle*;
using GraphExec = GraphExecHandle*;

inline constexpr Result kSuccess = 0, kOutOfMemory = 2, kNoDevice = 100, kNoBinaryForGpu = 209, kInvalidPtx = 218, kNotReady = 600;

/// Of a device.
inline constexpr int kMaxThreadsPerBlock = 1, kMultiprocessors = 16, kThreadsPerMultiprocessor = 39, kMajor = 75, kMinor = 76,
                     kSharedPerMultiprocessor = 81, kRegistersPerMultiprocessor = 82, kCooperative = 95, kSharedPerBlockOptIn = 97;
/// Of a function.
inline constexpr int kSharedBytes = 1, kLocalBytes = 3, kRegisters = 4, kMaxDynamicShared = 8;
/// Of a link.
inline constexpr int kInputPtx = 1, kErrorLog = 5, kErrorLogBytes = 6;
inline constexpr unsigned kNonBlocking = 1, kNoTiming = 2;
inline constexpr int kCaptureThreadLocal = 1;

/// CUDA_MEMCPY2D.
struct Copy2D {
  std::size_t from_x = 0, from_y = 0;
  int from_kind = 0;
  const void* from_host = nullptr;
  Pointer from_device = 0;
  void* from_array = nullptr;
  std::size_t from_pitch = 0;
  std::size_t to_x = 0, to_y = 0;
  int to_kind = 0;
  void* to_host = nullptr;
  Pointer to_device = 0;
  void* to_array = nullptr;
  std::size_t to_pitch = 0;
  std::size_t width = 0, height = 0;
};
inline constexpr int kHostMemory = 1, kDeviceMemory = 2;

struct Driver {
  Result (*init)(unsigned);
  Result (*driverVersion)(int*);
  Result (*deviceCount)(int*);
  Result (*device)(DeviceNumber*, int);
  Result (*deviceName)(char*, int, DeviceNumber);
  Result (*deviceAttribute)(int*, int, DeviceNumber);
  Result (*totalMemory)(std::size_t*, DeviceNumber);
  Result (*retainContext)(Context*, DeviceNumber);
  Result (*setContext)(Context);
  Result (*memoryInfo)(std::size_t*, std::size_t*);
  Result (*allocate)(Pointer*, std::size_t);
  Result (*free)(Pointer);
  Result (*allocateHost)(void**, std::size_t, unsigned);
  Result (*freeHost)(void*);
  Result (*toDevice)(Pointer, const void*, std::size_t, Stream);
  Result (*toHost)(void*, Pointer, std::size_t, Stream);
  Result (*onDevice)(Pointer, Pointer, std::size_t, Stream);
  Result (*copy2D)(const Copy2D*, Stream);
  Result (*set)(Pointer, unsigned char, std::size_t, Stream);
  Result (*createStream)(Stream*, unsigned);
  Result (*waitForStream)(Stream);
  Result (*createEvent)(Event*, unsigned);
  Result (*destroyEvent)(Event);
  Result (*recordEvent)(Event, Stream);
  Result (*waitForEvent)(Event);
  Result (*eventMilliseconds)(float*, Event, Event);
  Result (*loadModule)(Module*, const void*, unsigned, int*, void**);
  Result (*unloadModule)(Module);
  Result (*function)(Function*, Module, const char*);
  Result (*functionAttribute)(int*, int, Function);
  Result (*setFunctionAttribute)(Function, int, int);
  Result (*launch)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**, void**);
  Result (*launchCooperative)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**);
  Result (*occupancy)(int*, Function, int, std::size_t);
  Result (*errorName)(Result, const char**);
  Result (*errorText)(Result, const char**);
  Result (*createLink)(unsigned, int*, void**, Link*);
  Result (*addToLink)(Link, int, void*, std::size_t, const char*, unsigned, int*, void**);
  Result (*completeLink)(Link, void**, std::size_t*);
  Result (*destroyLink)(Link);
  Result (*beginCapture)(Stream, int);
  Result (*endCapture)(Stream, Graph*);
  Result (*instantiate)(GraphExec*, Graph, unsigned long long);
  Result (*launchGraph)(GraphExec, Stream);
  Result (*destroyGraphExec)(GraphExec);
  Result (*destroyGraph)(Graph);
  int version = 0;      // 12040: 12.4
  std::string problem;  // why it cannot be used; empty: it can
};

/// Opened and initialised at the first call.
const Driver& driver();
/// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)".
std::string describe(Result);
/// Throws nuthatch::Error naming `what` where the result is not success.
void check(Result, const std::string& what);

}  // namespace nuthatch::gpu::cuda
