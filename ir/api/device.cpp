#include "nuthatch/device.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "ir/api/gpus.h"
#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"
#include "nuthatch/threads.h"

namespace nuthatch {
namespace {

std::mutex mutex;
std::optional<Device> chosen;

/// NUTHATCH_DEVICE: "cpu", "gpu" or "gpu:1".
Device from_environment() {
  const char* text = std::getenv("NUTHATCH_DEVICE");
  if (!text || !*text || std::string(text) == "cpu") return {};
  const std::string s = text;
  int index = 0;
  if (s != "gpu") {
    const auto [rest, problem] = std::from_chars(s.data() + std::min<std::size_t>(4, s.size()), s.data() + s.size(), index);
    if (!s.starts_with("gpu:") || problem != std::errc() || rest != s.data() + s.size())
      throw Error("NUTHATCH_DEVICE is `" + s + "`; it must be cpu, gpu, or gpu: and a number");
  }
  return Device::gpu(index);
}

std::string number_of(int gpus) { return gpus == 1 ? "there is 1" : "there are " + std::to_string(gpus); }

}  // namespace

Device Device::gpu(int index, Where where) {
  const detail::Gpus found = detail::usable_gpus();
  const std::string asked = "Device::gpu(" + std::to_string(index) + "): ";
  if (found.names.empty()) throw Error(asked + "no GPU can be used: " + found.problem, where);
  if (index < 0 || index >= int(found.names.size()))
    throw Error(asked + number_of(int(found.names.size())) + ", numbered from 0", where);
  if (const std::string& problem = found.problems[std::size_t(index)]; !problem.empty()) throw Error(asked + problem, where);
  Device d;
  d.index_ = index;
  return d;
}

std::string name(const Device& d) {
  if (d.is_gpu()) return "gpu:" + std::to_string(d.index()) + " (" + detail::usable_gpus().names[std::size_t(d.index())] + ")";
  const int n = num_threads();
  return "cpu:0 (" + std::to_string(n) + (n == 1 ? " processor)" : " processors)");
}

std::vector<Device> gpus() {
  const detail::Gpus found = detail::usable_gpus();
  std::vector<Device> out;
  for (std::size_t i = 0; i < found.names.size(); ++i)
    if (found.problems[i].empty()) out.push_back(Device::gpu(int(i)));
  return out;
}

std::vector<Device> devices() {
  std::vector<Device> out = gpus();
  out.insert(out.begin(), Device::cpu());
  return out;
}

DeviceMemory memory(const Device& d, Where where) {
  if (d.is_gpu()) return detail::gpu_memory(d.index(), where);
  DeviceMemory m;
  m.total = std::int64_t(detail::machine_memory());
  m.free = std::int64_t(detail::available_memory());
  return m;
}

Device default_device() {
  const std::lock_guard lock(mutex);
  if (!chosen) chosen = from_environment();
  return *chosen;
}
void set_default_device(const Device& d) {
  const std::lock_guard lock(mutex);
  chosen = d;
}

}  // namespace nuthatch
