// Random programs give the same bits in the interpreter, after every pass alone, and as native code; so do programs
// that once did not.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "nuthatch/device.h"
#include "tools/nh-fuzz/check.h"
#include "tools/nh-fuzz/generate.h"

namespace nuthatch::fuzz {
namespace {

namespace fs = std::filesystem;

/// Checks seeds first, first + step, ... and returns how many of them cannot be differentiated.
int checkPrograms(std::uint64_t first, std::uint64_t count, std::uint64_t step, const std::vector<int>& widths, bool passes,
                  const std::vector<int>& groups = {}) {
  int refused = 0;
  for (std::uint64_t seed = first; seed < first + count * step && !testing::Test::HasFailure(); seed += step) {
    const auto program = generate(seed, mixOf(seed));
    const Outcome outcome = check(program, {.passes = passes, .widths = widths, .groups = groups, .seed = seed});
    refused += outcome.refused;
    EXPECT_FALSE(outcome.failed()) << "nh-fuzz --seed " << seed << " --count 1 reduces this one: " << outcome.message << "\n"
                                   << program->text();
  }
  return refused;
}

TEST(RandomPrograms, PassesKeepEveryBit) { EXPECT_LE(checkPrograms(0, 2000, 1, {}, true), 20); }
// Compiling takes most of the time: a quarter of the programs without lanes, a twelfth with.
TEST(RandomPrograms, NativeCodeHasTheBitsOfTheInterpreter) { EXPECT_LE(checkPrograms(1, 500, 4, {1}, false), 10); }
TEST(RandomPrograms, LanesHaveTheBitsOfSingleChains) { EXPECT_LE(checkPrograms(2, 160, 12, {8, 16}, false), 5); }

TEST(RandomPrograms, GroupsOfThreadsHaveTheBitsOfSingleChains) {
  EXPECT_LE(checkPrograms(3, 60, 24, {}, false, {32}), 4);
  EXPECT_LE(checkPrograms(4, 60, 24, {}, false, {4}), 4);
  EXPECT_LE(checkPrograms(5, 30, 24, {}, false, {1}), 4);
}

/// On the GPU that NUTHATCH_DEVICE names.
TEST(RandomPrograms, OnADeviceHaveTheBitsOfTheInterpreter) {
  if (!default_device().is_gpu()) GTEST_SKIP() << "NUTHATCH_DEVICE names no GPU";
  for (std::uint64_t seed = 6; seed < 6 + 40 * 24 && !HasFailure(); seed += 24) {
    const auto program = generate(seed, mixOf(seed));
    const int threads[] = {1, 8, 32, 64};
    const Outcome outcome = check(program, {.passes = false, .widths = {}, .gpu_threads = {0, threads[seed / 24 % 4]}, .seed = seed});
    EXPECT_FALSE(outcome.failed()) << "nh-fuzz --device gpu --seed " << seed << " --count 1: " << outcome.message << "\n" << program->text();
  }
}

TEST(RandomPrograms, AreThoseOfTheirSeed) {
  for (std::uint64_t seed : {3u, 4u, 6u}) EXPECT_EQ(generate(seed, mixOf(seed))->text(), generate(seed, mixOf(seed))->text());
  EXPECT_NE(generate(3, mixOf(3))->text(), generate(11, mixOf(11))->text());
}

/// Programs that failed once, reduced. The comment in front of each says how.
TEST(ReducedPrograms, AgreeEveryWay) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(NUTHATCH_SOURCE_DIR) / "tests/fuzz/programs"))
    if (entry.path().extension() == ".mlir") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  EXPECT_GE(files.size(), 3u);
  for (const auto& file : files) {
    std::ifstream in(file);
    const auto program = readProgram({std::istreambuf_iterator<char>(in), {}});
    ASSERT_TRUE(program) << file;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const Outcome outcome = check(program, {.groups = {4}, .seed = seed});
      EXPECT_EQ(outcome.message, "") << file << ", arguments of seed " << seed;
    }
  }
}

}  // namespace
}  // namespace nuthatch::fuzz
