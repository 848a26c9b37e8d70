// The cache of compiled objects as a folder: who may use it, what it deletes, and many writers at once. That damaged
// entries are misses is tested through the API, in tests/errors.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <thread>

#include "backends/runtime/object_cache.h"

namespace nuthatch::runtime {
namespace {

namespace fs = std::filesystem;

class ObjectCache : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"NUTHATCH_CACHE", "NUTHATCH_CACHE_MB"})
      if (const char* value = std::getenv(name)) before_.emplace_back(name, value);
    folder = fs::path(testing::TempDir()) / "nuthatch_object_cache";
    fs::remove_all(folder);
    ::setenv("NUTHATCH_CACHE", folder.c_str(), 1);
  }
  void TearDown() override {
    fs::remove_all(folder);
    ::unsetenv("NUTHATCH_CACHE");
    ::unsetenv("NUTHATCH_CACHE_MB");
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  static CachedObject object(std::size_t bytes, char fill) { return {std::int64_t(bytes), std::vector<char>(bytes, fill)}; }
  bool has(const std::string& key) const { return fs::exists(folder / (key + ".o")); }
  fs::path folder;

 private:
  std::vector<std::pair<std::string, std::string>> before_;
};

TEST_F(ObjectCache, TheFolderIsForItsOwnerAlone) {
  storeCached("a", object(10, 'x'));
  struct stat s{};
  ASSERT_EQ(::stat(folder.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0700u);
  ASSERT_TRUE(loadCached("a"));
  EXPECT_EQ(loadCached("a")->object, std::vector<char>(10, 'x'));
  // Others may write: nothing is read from it, and nothing put there.
  for (unsigned mode : {0777u, 0720u, 0702u}) {
    ::chmod(folder.c_str(), mode);
    EXPECT_FALSE(loadCached("a")) << mode;
    storeCached("b", object(10, 'y'));
    EXPECT_FALSE(has("b")) << mode;
  }
  ::chmod(folder.c_str(), 0755);
  EXPECT_TRUE(loadCached("a"));
}

TEST_F(ObjectCache, TheOldestGoBeyondTheCap) {
  ::setenv("NUTHATCH_CACHE_MB", "1", 1);
  fs::create_directories(folder);
  ::chmod(folder.c_str(), 0700);
  std::ofstream(folder / "mine.txt") << "not an entry";
  std::ofstream(folder / "old.123.0.tmp") << "left by a process that was killed";
  std::ofstream(folder / "new.123.0.tmp") << "of a process that is writing";
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(folder / "old.123.0.tmp", now - std::chrono::hours(48));
  for (int i = 0; i < 5; ++i) {
    storeCached("k" + std::to_string(i), object(std::size_t(180) << 10, char('a' + i)));
    fs::last_write_time(folder / ("k" + std::to_string(i) + ".o"), now - std::chrono::minutes(60 - i));
  }
  EXPECT_TRUE(has("k0"));  // 900 KiB
  storeCached("k5", object(std::size_t(180) << 10, 'f'));
  EXPECT_FALSE(has("k0") || has("k1") || has("k2") || has("k3"));
  EXPECT_TRUE(has("k4") && has("k5"));
  EXPECT_TRUE(fs::exists(folder / "mine.txt") && fs::exists(folder / "new.123.0.tmp"));
  EXPECT_FALSE(fs::exists(folder / "old.123.0.tmp"));
}

TEST_F(ObjectCache, WritersOfOneEntryDoNotMix) {
  std::vector<std::thread> writers;
  std::atomic<bool> torn{false};
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&, t] {
      for (int k = 0; k < 50; ++k) {
        storeCached("same", object(std::size_t(20000 + 1000 * t), char('a' + t)));
        const auto read = loadCached("same");
        if (!read) torn = true;
        else if (read->object != std::vector<char>(read->object.size(), read->object[0])) torn = true;
      }
    });
  for (auto& w : writers) w.join();
  EXPECT_FALSE(torn);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace nuthatch::runtime
