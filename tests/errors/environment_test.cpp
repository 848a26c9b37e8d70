// Environment variables and the cache of compiled programs: what is wrong there is either said or does no harm.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "nuthatch/array.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;
namespace fs = std::filesystem;

namespace {

/// Sets a variable for its own lifetime.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (before_) ::setenv(name_, before_->c_str(), 1);
    else ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class Cache : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / "nuthatch_cache_test";
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Compiles one program anew, runs it, and tells whether it came from the cache.
  static bool from_cache() {
    const Tensor x{1.0, 2.0, 3.0};
    auto program = compile([](Tensor a) { return sum(square(a)) + 0.125; }, x);
    EXPECT_EQ(program(x).item(), 14.125);
    return program.stats().from_cache;
  }
  std::vector<fs::path> entries() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder_)) paths.push_back(entry.path());
    return paths;
  }
  fs::path folder_;
};

}  // namespace

TEST_F(Cache, KeepsPrograms) {
  Environment cache("NUTHATCH_CACHE", folder_.string());
  EXPECT_FALSE(from_cache());
  EXPECT_TRUE(from_cache());
  ASSERT_EQ(entries().size(), 1u);  // no temporary file is left
  EXPECT_EQ(entries()[0].extension(), ".o");
}

TEST_F(Cache, DamagedEntriesAreMisses) {
  Environment cache("NUTHATCH_CACHE", folder_.string());
  from_cache();
  const fs::path entry = entries().at(0);
  const auto size = fs::file_size(entry);
  std::vector<char> good(size);
  std::ifstream(entry, std::ios::binary).read(good.data(), std::streamsize(size));
  const auto with = [&](const std::string& what, const std::vector<char>& bytes) {
    std::ofstream(entry, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
    EXPECT_FALSE(from_cache()) << what;
    EXPECT_TRUE(from_cache()) << what << ": not repaired";
  };
  with("empty", {});
  with("header only", {good.begin(), good.begin() + 32});
  with("truncated", {good.begin(), good.end() - 1});
  with("foreign", std::vector<char>(size, 'x'));
  // One bit anywhere in the header (its last field is the size of the scratch memory), and some in the object.
  for (std::size_t i = 0; i < 32; ++i) {
    auto bytes = good;
    bytes[i] = char(bytes[i] ^ 4);
    with("byte " + std::to_string(i), bytes);
  }
  for (std::size_t i : {std::size_t(32), std::size_t(100), std::size_t(size) - 1}) {
    auto bytes = good;
    bytes[i] = char(bytes[i] ^ 64);
    with("byte " + std::to_string(i), bytes);
  }
}

TEST_F(Cache, UnusableFolderIsNoCache) {
  for (const std::string& where : {std::string("/proc/nuthatch"), std::string("/dev/null/cache"), std::string("off"), std::string()}) {
    Environment cache("NUTHATCH_CACHE", where);
    EXPECT_FALSE(from_cache()) << where;
    EXPECT_FALSE(from_cache()) << where;
  }
  // A directory where the entry should be, and a folder without the right to write (which root has all the same).
  Environment cache("NUTHATCH_CACHE", folder_.string());
  from_cache();
  const fs::path entry = entries().at(0);
  fs::remove(entry);
  fs::create_directories(entry / "occupied");
  EXPECT_FALSE(from_cache());
  EXPECT_FALSE(from_cache());
  fs::remove_all(entry);
  ::chmod(folder_.c_str(), 0500);
  EXPECT_FALSE(from_cache());
  from_cache();
  ::chmod(folder_.c_str(), 0700);
}

TEST(Variables, ThreadsAndLanes) {
  const auto run = [] {
    MCMCOptions options{.num_warmup = 20, .num_samples = 10, .num_chains = 2, .progress = false};
    return MCMC(NUTS([] { sample("a", Normal(0.0, 1.0)); }), options).run(Key(0));
  };
  for (const char* bad : {"abc", "4x", "0", "-2", "99999999999999999999"}) {
    Environment threads("NUTHATCH_THREADS", bad);
    EXPECT_EQ(text_of_error([] { num_threads(); }), "NUTHATCH_THREADS is `" + std::string(bad) + "`; it must be a positive number");
    EXPECT_ERROR("NUTHATCH_THREADS is `", run());
  }
  {
    Environment threads("NUTHATCH_THREADS", "3");
    EXPECT_EQ(num_threads(), 3);
  }
  {
    Environment threads("NUTHATCH_THREADS", "");
    EXPECT_GE(num_threads(), 1);
  }
  {
    Environment lanes("NUTHATCH_LANES", "5");
    EXPECT_ERROR("NUTHATCH_LANES is `5`; it must be 1, 4, 8 or 16", run());
  }
  EXPECT_ERROR("set_num_threads: the number of threads must not be negative", set_num_threads(-1));
}
