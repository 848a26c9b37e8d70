// Keys and distributions: the stored outside values bit for bit, moments of the rest.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
nlohmann::json oracle() {
  const char* folder = std::getenv("NUTHATCH_ORACLES");
  std::ifstream file((folder ? std::string(folder) : std::string(NUTHATCH_SOURCE_DIR) + "/../shared/oracles") + "/threefry.json");
  return file ? nlohmann::json::parse(file) : nlohmann::json();
}
using Words = std::vector<unsigned>;
}  // namespace

TEST(Random, StoredValuesBitForBit) {
  const auto data = oracle();
  if (data.is_null()) GTEST_SKIP() << "threefry.json is not there";
  for (const auto& c : data["cases"]) {
    Key key(std::stoull(c["seed"].get<std::string>()));
    auto children = c["split3"].get<std::vector<Words>>();
    Key keys = split(key, 3);
    auto [a, b, third] = split<3>(key);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(keys[i].tensor().to_vector<unsigned>(), children[std::size_t(i)]);
    EXPECT_EQ(third.tensor().to_vector<unsigned>(), children[2]);
    EXPECT_EQ(fold_in(key, 7).tensor().to_vector<unsigned>(), c["fold_in_7"].get<Words>());
    EXPECT_EQ(random_bits(key, {5}, ui32).to_vector<unsigned>(), c["bits32"].get<Words>());
    auto doubles = uniform(key, {5}).to_vector();
    auto floats = uniform(key, {5}, f32).to_vector<float>();
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(doubles[i], std::stod(c["uniform_f64"][i].get<std::string>()));
      EXPECT_EQ(floats[i], std::stof(c["uniform_f32"][i].get<std::string>()));
    }
  }
}

TEST(Random, Keys) {
  Key keys = split(Key(3), 4);
  EXPECT_EQ(keys.shape(), Shape({4}));
  EXPECT_EQ(keys.size(), 4);
  EXPECT_EQ(keys[1].shape(), Shape());
  EXPECT_MESSAGE(Key(1)[0], "one key cannot be indexed; split it first");
  EXPECT_MESSAGE(Key(1).size(), "one key has no size");
  EXPECT_MESSAGE(uniform(Key()), "uniform: an empty Key is used");
  EXPECT_MESSAGE(Key::from_tensor(zeros(2)), "key data are ui32[..., 2], not f64[2]");
  EXPECT_MESSAGE(split(Key(1), 0), "split: into 0 keys");
  EXPECT_MESSAGE((uniform(Key(1), {2}, i64)), "uniform: dtype is f32 or f64, not i64");
  EXPECT_MESSAGE(fold_in(Key(1), 0.5), "fold_in: takes integers, not f64[]");
  EXPECT_EQ(fold_in(Key(1), Tensor{1, 2, 3}).shape(), Shape({3}));
  EXPECT_EQ(uniform(keys, {2}).shape(), Shape({4, 2}));
  EXPECT_TENSOR(uniform(keys, {2})[1], uniform(keys[1], {2}));
}

TEST(Random, Moments) {
  const std::int64_t n = 20000;
  auto [a, b, c, d, e, f, g] = split<7>(Key(42));
  Tensor z = normal(a, {n});
  EXPECT_NEAR(mean(z).item(), 0, 0.03);
  EXPECT_NEAR(variance(z).item(), 1, 0.04);
  EXPECT_NEAR(mean(z * z * z * z).item(), 3, 0.25);
  EXPECT_EQ(normal(a, {3}, f32).dtype(), f32);
  Tensor u = uniform(b, {n}, -2.0, 3.0);
  EXPECT_NEAR(mean(u).item(), 0.5, 0.05);
  EXPECT_GE(min(u).item(), -2.0);
  EXPECT_LT(max(u).item(), 3.0);
  EXPECT_NEAR(mean(exponential(c, {n})).item(), 1, 0.03);
  EXPECT_NEAR(mean(gumbel(d, {n})).item(), 0.5772, 0.04);
  EXPECT_NEAR(mean(bernoulli(e, 0.3, {n}).cast(f64)).item(), 0.3, 0.015);
  Tensor k = categorical(f, log(Tensor{0.3, 0.5, 0.2}), {n});
  EXPECT_CLOSE(bincount(k, 3) / double(n), Tensor{0.3, 0.5, 0.2}, 0.015);
  Tensor r = randint(g, {n}, -1, 4);
  EXPECT_EQ(r.dtype(), i64);
  EXPECT_CLOSE(bincount(r + 1, 5) / double(n), full(5, 0.2), 0.015);
  EXPECT_EQ(randint(g, {2}, 0, 5, i32).dtype(), i32);
  EXPECT_MESSAGE(randint(g, {2}, 5, 5), "randint: low 5 is not below high 5");
  EXPECT_MESSAGE(randint(g, {2}, Tensor{0, 7}, 6), "randint: low 7 is not below high 6");
  EXPECT_TENSOR(jit([&](Tensor high) { return randint(g, {2}, 5, high); })(Tensor{5}[0]), Tensor{5, 5});
}

TEST(Random, Shapes) {
  EXPECT_EQ(bernoulli(Key(0), Tensor{0.1, 0.9}).shape(), Shape({2}));
  EXPECT_EQ(categorical(Key(0), zeros({4, 3})).shape(), Shape({4}));
  EXPECT_EQ(categorical(Key(0), zeros({4, 3}), {6, 4}).shape(), Shape({6, 4}));
  EXPECT_MESSAGE((bernoulli(Key(0), zeros(3), {2})), "cannot broadcast [3] with [2]");
  EXPECT_MESSAGE((randint(Key(0), {2}, 0.5, 2)), "randint: bounds are integers, not f64[]");
  EXPECT_MESSAGE(categorical(Key(0), 1.0), "logits need a dimension of categories");
}

TEST(Random, MapsOverKeys) {
  Key keys = split(Key(9), 3);
  Tensor z = vmap([](Key k) { return normal(k, {2}); })(keys);
  EXPECT_EQ(z.shape(), Shape({3, 2}));
  EXPECT_TENSOR(z[2], normal(keys[2], {2}));
  auto [last, draws] = scan(Tensor(0.0), keys, [](Tensor s, Key k) { return std::pair{s + uniform(k), normal(k)}; });
  EXPECT_TENSOR(draws[1], normal(keys[1]));
}
