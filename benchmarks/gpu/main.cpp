// nh-gpu-bench: how long things take on a GPU. One JSON object per line; medians and minima over repetitions. Fails where a
// result is wrong.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "benchmarks/gpu/parts.h"

using namespace nuthatch;
using namespace nuthatch::benchmark;

namespace {

struct Part {
  const char* name;
  void (*measure)(const gpu::Options&);
};
constexpr Part kParts[] = {
    {"eight_schools", gpu::eight_schools_draws},
    {"stochastic_volatility", gpu::stochastic_volatility_draws},
    {"hidden_markov", gpu::hidden_markov_draws},
    {"logistic", gpu::logistic_draws},
    {"covertype", gpu::covertype_gradient},
    {"scan", gpu::long_scan},
    {"elementwise", gpu::elementwise_chain},
    {"matrix_product", gpu::matrix_products},
    {"first_draw", gpu::first_draw},
};

std::string part_names() {
  std::string names;
  for (const Part& p : kParts) names += (names.empty() ? "" : ", ") + std::string(p.name);
  return names;
}

/// The command that starts this program on this device: by /proc, also after the file has been built anew. As a part of
/// nh-gpu-check it is called by a word.
std::string command(const char* called, const std::string& device, bool small) {
  std::string self = "/proc/" + std::to_string(getpid()) + "/exe";
  if (std::string(called) == "bench") self += " bench";
  return self + " --device '" + device + "'" + (small ? " --small" : "");
}

/// Everything that is wanted; how many parts failed.
int measure(const gpu::Options& options, const std::vector<std::string>& wanted) {
  int failures = 0;
  for (const Part& part : kParts) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), part.name) == wanted.end()) continue;
    try {
      part.measure(options);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", part.name, error.what());
      ++failures;
    }
  }
  return failures;
}

}  // namespace

int main(int argc, char** argv) {
  gpu::Options options;
  std::string device = "gpu:0";
  std::vector<std::string> wanted;
  bool stop = false;
  CLI::App app("Benchmarks on a GPU");
  app.add_option("--device", device, "gpu:0, gpu:1, ... or cpu");
  app.add_option("--what", wanted, part_names() + "; default all")->delimiter(',')->check([](const std::string& name) {
    const bool known = std::any_of(std::begin(kParts), std::end(kParts), [&](const Part& p) { return p.name == name; });
    return known ? std::string() : "'" + name + "' is none of " + part_names();
  });
  app.add_option("--repetitions", options.repetitions, "repetitions of each measurement")->check(CLI::PositiveNumber);
  app.add_option("--budget", options.budget, "seconds one sampling run may take")->check(CLI::PositiveNumber);
  app.add_flag("--small", options.small, "sizes for a GPU that is simulated");
  app.add_flag("--stop-at-first-draw", stop, "print the time of the first draw, and end (used by first_draw itself)");
  CLI11_PARSE(app, argc, argv);
  try {
    setenv("NUTHATCH_DEVICE", device.c_str(), 1);
    options.device = default_device();
    set_default_device(Device::cpu());  // what is to run there says so
    auto last = jit([](Tensor x) { return x + 1.0; }, {.device = options.device});
    options.wait = [last] { last(Tensor(0.0)).item(); };  // what a device is given it does in order
    options.self = command(argv[0], device, options.small);
    if (stop) return gpu::stop_at_first_draw(options);
    return measure(options, wanted) == 0 && gpu::all_checked() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
