// The random operations against the known answers of Random123 and an independent Threefry.
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/ir/support.h"

namespace nuthatch::test {
namespace {

nlohmann::json oracle() {
  const char* folder = std::getenv("NUTHATCH_ORACLES");
  std::ifstream file((folder ? std::string(folder) : std::string(NUTHATCH_SOURCE_DIR) + "/../shared/oracles") + "/threefry.json");
  return file ? nlohmann::json::parse(file) : nlohmann::json();
}

using Words = std::vector<std::uint32_t>;

Array key(const Words& words) { return array<std::uint32_t>({2}, words); }
Array bits(Dtype dtype, List shape, const Array& k) { return eval("rng_bits", {k}, {{"dtype", dtype}, {"shape", std::move(shape)}}); }
Array split(std::int64_t count, const Array& k) { return eval("rng_split", {k}, {{"count", count}}); }
Array foldIn(const Array& k, const Array& data) { return eval("rng_fold_in", {k, data}); }

TEST(Random, KnownAnswers) {
  // Random123's first known answer: key (0, 0), counter (0, 0).
  const Array zero = key({0, 0});
  EXPECT_EQ(values<std::uint32_t>(split(1, zero)), (Words{1797259609, 2579123966}));
  EXPECT_EQ(values<std::uint32_t>(bits(ui32, {1}, zero)), (Words{1797259609u ^ 2579123966u}));
  EXPECT_EQ(values<std::uint64_t>(bits(ui64, {1}, zero)), (std::vector<std::uint64_t>{1797259609ull << 32 | 2579123966ull}));
}

TEST(Random, OracleOfAllUses) {
  const auto data = oracle();
  if (data.is_null()) GTEST_SKIP() << "threefry.json is not there";
  for (const auto& c : data["cases"]) {
    const std::uint64_t seed = std::stoull(c["seed"].get<std::string>());
    const Array k = key({std::uint32_t(seed >> 32), std::uint32_t(seed)});
    Words children;
    for (const auto& pair : c["split3"])
      for (std::uint32_t word : pair) children.push_back(word);
    EXPECT_EQ(values<std::uint32_t>(split(3, k)), children);
    EXPECT_EQ(values<std::uint32_t>(foldIn(k, array<std::uint32_t>({}, {7}))), c["fold_in_7"].get<Words>());
    const auto want32 = c["bits32"].get<Words>();
    EXPECT_EQ(values<std::uint32_t>(bits(ui32, {std::int64_t(want32.size())}, k)), want32);
    std::vector<std::uint64_t> want64;
    for (const auto& text : c["bits64"]) want64.push_back(std::stoull(text.get<std::string>()));
    EXPECT_EQ(values<std::uint64_t>(bits(ui64, {std::int64_t(want64.size())}, k)), want64);
  }
}

TEST(Random, BatchesOfKeysAreKeysOneByOne) {
  const Array keys = array<std::uint32_t>({3, 2}, {1, 2, 3, 4, 5, 6});
  const Array data = array<std::uint32_t>({3}, {7, 8, 9});
  const auto all = values<std::uint32_t>(bits(ui32, {2, 2}, keys));
  const auto children = values<std::uint32_t>(split(2, keys));
  const auto folded = values<std::uint32_t>(foldIn(keys, data));
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Array one = key({2 * i + 1, 2 * i + 2});
    EXPECT_EQ(values<std::uint32_t>(bits(ui32, {4}, one)), Words(all.begin() + 4 * i, all.begin() + 4 * i + 4));
    EXPECT_EQ(values<std::uint32_t>(split(2, one)), Words(children.begin() + 4 * i, children.begin() + 4 * i + 4));
    EXPECT_EQ(values<std::uint32_t>(foldIn(one, array<std::uint32_t>({}, {i + 7}))), Words(folded.begin() + 2 * i, folded.begin() + 2 * i + 2));
  }
}

}  // namespace
}  // namespace nuthatch::test
