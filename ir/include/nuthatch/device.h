#pragma once
/// Where programs run: on this machine's processors, or on an NVIDIA GPU.
///
///     auto f = jit(step, {.device = Device::gpu(0)});
///     MCMC(NUTS(model), {.num_chains = 1024, .device = Device::gpu(0)}).run(Key(0), x, y);
///
/// The CUDA driver is looked for when the first GPU is asked for; a program that never asks needs none. Data go to the
/// device when a program there first needs them, and stay while they live; results stay there until they are looked at.
#include <cstdint>
#include <string>
#include <vector>

#include "nuthatch/options.h"

namespace nuthatch {

class Device {
 public:
  /// The processors.
  Device() = default;
  static Device cpu() { return {}; }
  /// GPU number `index` of those the driver shows (CUDA_VISIBLE_DEVICES). Throws Error where there is none of that
  /// number, saying why: no driver, one that is too old, a GPU that is too old (compute capability below 8.0), no GPU,
  /// or a library that was built without GPUs.
  static Device gpu(int index = 0, Where where = Where::current());

  bool is_gpu() const { return index_ >= 0; }
  /// Number of the GPU; 0 for the processors.
  int index() const { return is_gpu() ? index_ : 0; }
  bool operator==(const Device&) const = default;

 private:
  int index_ = -1;
};

/// "cpu:0 (16 processors)", "gpu:0 (NVIDIA H200)".
std::string name(const Device&);
/// All GPUs that can be used; none where there is no driver.
std::vector<Device> gpus();
/// The processors, then the GPUs.
std::vector<Device> devices();

/// Bytes.
struct DeviceMemory {
  std::int64_t total = 0;  // of the device
  std::int64_t free = 0;   // for anybody
  std::int64_t used = 0;   // by arrays and programs of this process
  std::int64_t held = 0;   // given back by them and kept for the next
  std::int64_t peak = 0;   // most that was used at a time
};
/// Of the processors' memory only total and free are known. Throws Error when the device has failed.
DeviceMemory memory(const Device&, Where where = Where::current());

/// Where jit, compile, MCMC and SVI run what is not told a device. At first what the environment variable NUTHATCH_DEVICE
/// says (cpu, gpu, gpu:1), else the processors. Throws Error where it names what cannot be used.
Device default_device();
void set_default_device(const Device&);

}  // namespace nuthatch
