// nh-gpu-check: everything that is to be run on a machine with a GPU, in one file.
//   nh-gpu-check test [--gtest_filter=...]   the conformance tests, on NUTHATCH_DEVICE as well
//   nh-gpu-check fuzz [--device gpu:0 ...]   nh-fuzz
//   nh-gpu-check bench [--device gpu:0 ...]  nh-gpu-bench
//   nh-gpu-check devices                     what there is
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "nuthatch/device.h"
#include "nuthatch/error.h"

int fuzz_main(int argc, char** argv);
int bench_main(int argc, char** argv);

namespace {

int test(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

int devices(int, char**) {
  for (const nuthatch::Device& d : nuthatch::devices()) std::printf("%s\n", nuthatch::name(d).c_str());
  if (!nuthatch::gpus().empty()) return 0;
  try {
    nuthatch::Device::gpu(0);
  } catch (const nuthatch::Error& e) {
    std::printf("%s\n", e.what());
  }
  return 1;
}

struct Part {
  const char* name;
  int (*run)(int argc, char** argv);
};
constexpr Part kParts[] = {{"test", test}, {"fuzz", fuzz_main}, {"bench", bench_main}, {"devices", devices}};

}  // namespace

int main(int argc, char** argv) {
  for (const Part& part : kParts)
    if (argc > 1 && std::strcmp(argv[1], part.name) == 0) return part.run(argc - 1, argv + 1);
  std::fprintf(stderr, "usage: nh-gpu-check test | fuzz | bench | devices [flags]\n");
  return 2;
}
