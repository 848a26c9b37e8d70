// nh-gpu-check: everything that is to be run on a machine with a GPU, in one file.
//   nh-gpu-check devices                     what there is
//   nh-gpu-check test [cpu|gpu|fuzz] [flags of gtest]
//                                            tests/cpu (those of Codegen and the like on NUTHATCH_DEVICE), tests/fuzz, and
//                                            tests/gpu on the first GPU
//   nh-gpu-check fuzz [--device gpu:0 ...]   nh-fuzz
//   nh-gpu-check bench [--device gpu:0 ...]  nh-gpu-bench
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "nuthatch/device.h"
#include "nuthatch/error.h"

int fuzz_main(int argc, char** argv);
int bench_main(int argc, char** argv);

namespace {

/// tests/gpu asks for the simulated driver before main begins; here the environment is the user's, and there is a driver.
void restore_environment() {
  for (const char* name : {"NUTHATCH_DEVICE", "NUTHATCH_CUDA", "NUTHATCH_CUBLAS", "NUTHATCH_CUSOLVER"}) unsetenv(name);
  std::ifstream in("/proc/self/environ");
  for (std::string entry; std::getline(in, entry, '\0');) {
    const std::size_t equals = entry.find('=');
    if (entry.starts_with("NUTHATCH_") && equals != std::string::npos) setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
  }
  setenv("NUTHATCH_CUDA", "libcuda.so.1", 0);
}

/// The names of all tests in a folder of tests/, as a filter.
std::string tests_of(const std::string& folder) {
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  std::string filter;
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestInfo& test = *suite.GetTestInfo(t);
      if (std::strstr(test.file(), ("tests/" + folder + "/").c_str())) filter += std::string(suite.name()) + "." + test.name() + ":";
    }
  }
  return filter;
}

int test(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1) {
    const std::string filter = tests_of(argv[1]);
    if (filter.empty()) {
      std::fprintf(stderr, "no tests are called '%s': cpu, gpu or fuzz\n", argv[1]);
      return 2;
    }
    const std::string given = GTEST_FLAG_GET(filter);  // -Name: without those
    GTEST_FLAG_SET(filter, filter + (given.starts_with("-") ? given : ""));
  }
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
constexpr Part kParts[] = {{"devices", devices}, {"test", test}, {"fuzz", fuzz_main}, {"bench", bench_main}};

}  // namespace

int main(int argc, char** argv) {
  restore_environment();
  if (argc > 1 && std::strncmp(argv[1], "--gtest", 7) == 0) return test(argc, argv);  // tests start themselves so
  for (const Part& part : kParts)
    if (argc > 1 && std::strcmp(argv[1], part.name) == 0) return part.run(argc - 1, argv + 1);
  std::fprintf(stderr, "usage: nh-gpu-check devices | test [cpu | gpu | fuzz] | fuzz | bench [flags]\n");
  return 2;
}
