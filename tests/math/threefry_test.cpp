// Threefry-2x32-20 and the partitionable generator against known answers.
#include "ir/math/threefry.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

namespace nh = nuthatch::math;
using nlohmann::json;

#ifndef NUTHATCH_SOURCE_DIR
#define NUTHATCH_SOURCE_DIR "."
#endif

class Threefry : public testing::Test {
protected:
  void SetUp() override {
    const char *folder = std::getenv("NUTHATCH_ORACLES");
    std::ifstream file((folder ? std::string(folder) : NUTHATCH_SOURCE_DIR "/../shared/oracles") +
                       "/threefry.json");
    if (!file)
      GTEST_SKIP() << "no oracle file; set NUTHATCH_ORACLES";
    oracle = json::parse(file);
  }
  json oracle;
};

nh::ThreefryKey<std::uint32_t> pair(const json &j) {
  return {j[0].get<std::uint32_t>(), j[1].get<std::uint32_t>()};
}
void expect_equal(const nh::ThreefryPair<std::uint32_t> &got, const json &j) {
  EXPECT_EQ(got.x0, pair(j).x0);
  EXPECT_EQ(got.x1, pair(j).x1);
}

TEST_F(Threefry, KnownAnswers) {
  for (const auto &c : oracle["known_answers"]) {
    const auto counter = pair(c["counter"]);
    expect_equal(nh::threefry2x32(pair(c["key"]), counter.x0, counter.x1), c["result"]);
  }
}

TEST_F(Threefry, KeysBitsAndUniforms) {
  ASSERT_FALSE(oracle["cases"].empty());
  for (const auto &c : oracle["cases"]) {
    const auto key = nh::seed_key(std::stoull(c["seed"].get<std::string>()));
    expect_equal(nh::fold_in(key, 7), c["fold_in_7"]);
    for (std::size_t i = 0; i < c["split3"].size(); ++i)
      expect_equal(nh::split_key(key, i), c["split3"][i]);
    for (std::size_t i = 0; i < c["bits32"].size(); ++i)
      EXPECT_EQ(nh::random_bits32(key, i), c["bits32"][i].get<std::uint32_t>());
    for (std::size_t i = 0; i < c["bits64"].size(); ++i)
      EXPECT_EQ(nh::random_bits64(key, i), std::stoull(c["bits64"][i].get<std::string>()));
    for (std::size_t i = 0; i < c["uniform_f64"].size(); ++i)
      EXPECT_EQ(nh::uniform_from_bits(nh::random_bits64(key, i)),
                std::stod(c["uniform_f64"][i].get<std::string>()));
    for (std::size_t i = 0; i < c["uniform_f32"].size(); ++i)
      EXPECT_EQ(nh::uniform_from_bits(nh::random_bits32(key, i)),
                static_cast<float>(std::stod(c["uniform_f32"][i].get<std::string>())));
  }
}

// A counter above 2^32 uses its high word.
TEST(ThreefryCounter, HighWordOfTheIndex) {
  const auto key = nh::seed_key(0x0123456789abcdef);
  const auto x = nh::threefry2x32(key, std::uint32_t{5}, std::uint32_t{9});
  const std::uint64_t index = std::uint64_t{5} << 32 | 9;
  EXPECT_EQ(nh::random_bits32(key, index), x.x0 ^ x.x1);
  EXPECT_EQ(nh::random_bits64(key, index), std::uint64_t{x.x0} << 32 | x.x1);
}

} // namespace
