// The driver's calls for kernels.
#include <thread>

#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {
namespace {

Kernel& kernelOf(Driver& d, CUfunction handle) {
  const auto found = d.kernels.find(handle);
  if (found == d.kernels.end()) throw Fault(kInvalidHandle, "not a kernel");
  return *found->second;
}

int mostSharedBytes(Driver& d) { return (d.settings["compute_capability"] >= 90 ? 227 : 163) << 10; }

/// The assembler keeps to what the largest block of the kernel may have.
std::uint64_t registersOf(Driver& d, const Kernel& k) {
  return std::min<std::uint64_t>(std::uint64_t(d.settings["registers"]), 65536 / k.function->max_threads);
}

/// Blocks that a multiprocessor holds at once.
int occupancy(Driver& d, const Kernel& k, std::uint64_t threads, std::uint64_t dynamic_shared) {
  if (threads == 0 || threads > k.function->max_threads) return 0;
  const auto warps = (threads + 31) / 32;
  const auto registers = registersOf(d, k) * 32 * warps, shared = k.loaded->module->shared_bytes + dynamic_shared;
  std::uint64_t blocks = std::min<std::uint64_t>({32, 64 / warps, 65536 / registers});
  if (shared) blocks = std::min(blocks, std::uint64_t(mostSharedBytes(d) + 1024) / (shared + 1024));
  return int(blocks);
}

void checkSizes(Driver& d, const Kernel& k, const LaunchOptions& o) {
  auto refuse = [](Result code, const std::string& what) { throw Fault(code, what); };
  const auto threads = o.block.product();
  if (o.grid.product() == 0 || threads == 0) refuse(kInvalidValue, "a launch of no threads");
  if (threads > 1024 || o.block.z > 64 || o.grid.x > 2147483647u || o.grid.y > 65535 || o.grid.z > 65535)
    refuse(kInvalidValue, "a grid or block that is too large");
  if (threads > k.function->max_threads)
    refuse(kInvalidValue, "a block of " + std::to_string(threads) + " threads of a kernel for " + std::to_string(k.function->max_threads));
  if (o.dynamic_shared > k.dynamic_shared || k.loaded->module->shared_bytes + o.dynamic_shared > std::uint32_t(mostSharedBytes(d)))
    refuse(kInvalidValue, std::to_string(o.dynamic_shared) + " bytes of shared memory, which the kernel was not given");
  if (!o.cooperative) return;
  if (!d.settings["cooperative_launch"]) refuse(kNotSupported, "a cooperative launch");
  const auto most = std::uint64_t(occupancy(d, k, threads, o.dynamic_shared)) * std::uint64_t(d.settings["multiprocessors"]);
  if (o.grid.product() > most)
    refuse(kCooperativeLaunchTooLarge, std::to_string(o.grid.product()) + " blocks, " + std::to_string(most) + " at once");
}

std::vector<std::byte> parametersOf(const Function& f, void** values) {
  std::vector<std::byte> out;
  for (std::size_t k = 0; k < f.parameters.size(); ++k) {
    if (!values || !values[k]) throw Fault(kInvalidValue, "a kernel without its parameters");
    const auto at = out.size();
    out.resize(at + (f.parameters[k].bytes + 7) / 8 * 8);
    std::memcpy(out.data() + at, values[k], f.parameters[k].bytes);
  }
  return out;
}

void run(Driver& d, Device& device, const Kernel& k, const std::vector<std::byte>& parameters, LaunchOptions o) {
  auto& left = d.settings["fail_launch_after"];
  if (left == 0) throw Fault(kLaunchFailed, "a launch fails because the test asks for it");
  if (left > 0) --left;
  const auto number = d.settings["launches"]++;
  if (o.cooperative) ++d.settings["cooperative"];
  o.seed = std::uint64_t(d.settings["seed"] + number);
  o.check_races = d.settings["race_check"] != 0;
  o.instructions = d.settings["instructions"];
  const auto workers = d.settings["workers"];
  o.workers = workers > 0 ? int(workers) : int(std::thread::hardware_concurrency());
  const auto spans = device.memory.spans();
  d.settings["instructions_run"] += runKernel(*k.loaded->module, *k.function, parameters, spans, o);
}

void launch(Driver& d, CUfunction handle, const LaunchOptions& o, CUstream stream, void** parameters) {
  const Kernel& k = kernelOf(d, handle);
  Stream& s = d.stream(stream);
  Device& device = s.device;
  if (k.loaded->device != &device) throw Fault(kInvalidHandle, "a kernel of another device");
  checkSizes(d, k, o);
  s.put(onDevice(device, [&d, &device, k, o, values = parametersOf(*k.function, parameters)] { run(d, device, k, values, o); }));
}

}  // namespace

SIMULATED cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUstream stream,
                         void** parameters, void** extra) {
  return guarded("cuLaunchKernel", [&](Driver& d) {
    if (extra) throw Fault(kInvalidValue, "parameters as one piece");
    launch(d, f, {.grid = {gx, gy, gz}, .block = {bx, by, bz}, .dynamic_shared = shared}, stream, parameters);
  });
}

SIMULATED cuLaunchCooperativeKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                                    CUstream stream, void** parameters) {
  return guarded("cuLaunchCooperativeKernel", [&](Driver& d) {
    launch(d, f, {.grid = {gx, gy, gz}, .block = {bx, by, bz}, .dynamic_shared = shared, .cooperative = true}, stream, parameters);
  });
}

SIMULATED cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction f, int threads, std::size_t shared) {
  return guarded("cuOccupancyMaxActiveBlocksPerMultiprocessor", [&](Driver& d) {
    if (threads <= 0) throw Fault(kInvalidValue, "a block of no threads");
    *blocks = occupancy(d, kernelOf(d, f), std::uint64_t(threads), shared);
  });
}

/// By the numbers of CUfunction_attribute.
SIMULATED cuFuncGetAttribute(int* value, int which, CUfunction f) {
  return guarded("cuFuncGetAttribute", [&](Driver& d) {
    const Kernel& k = kernelOf(d, f);
    switch (which) {
      case 0: *value = int(k.function->max_threads); break;
      case 1: *value = int(k.loaded->module->shared_bytes); break;
      case 2: *value = 0; break;
      case 3: *value = int(k.loaded->module->local_bytes); break;
      case 4: *value = int(registersOf(d, k)); break;
      case 5: *value = k.loaded->module->version; break;
      case 6: *value = int(d.settings["compute_capability"]); break;
      case 8: *value = int(k.dynamic_shared); break;
      default: throw Fault(kInvalidValue, "kernel attribute " + std::to_string(which));
    }
  });
}

SIMULATED cuFuncSetAttribute(CUfunction f, int which, int value) {
  return guarded("cuFuncSetAttribute", [&](Driver& d) {
    Kernel& k = kernelOf(d, f);
    if (which == 9) return;  // a wish how to divide the first cache
    if (which != 8) throw Fault(kInvalidValue, "kernel attribute " + std::to_string(which));
    if (value < 0 || value > mostSharedBytes(d)) throw Fault(kInvalidValue, std::to_string(value) + " bytes of shared memory");
    k.dynamic_shared = std::uint32_t(value);
  });
}

}  // namespace nuthatch::simulated
