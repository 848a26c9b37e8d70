#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "example_fit.h"
#include "nuthatch/fit.h"
#include "python.h"

namespace nuthatch {
namespace {

namespace fs = std::filesystem;
using testing::example_fit;
using testing::filled;

/// A folder of the test's own.
class Zarr : public ::testing::Test {
protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("nuthatch_zarr_" + std::to_string(::getpid()) + "_" +
                                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path store(const std::string& name = "fit.zarr") const { return folder_ / name; }
  /// Nothing but these names in the folder: no temporary left behind.
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& e : fs::directory_iterator(folder_)) out.push_back(e.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }
  void write(const fs::path& path, const std::string& content) const {
    std::ofstream(path, std::ios::binary) << content;
  }
  std::string error_of_load(const fs::path& path) const {
    try {
      load(path);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
  fs::path folder_;
};

void expect_equal(const Dataset& a, const Dataset& b) {
  ASSERT_EQ(a.names(), b.names());
  EXPECT_EQ(a.coords(), b.coords());
  for (const auto& name : a.names()) {
    EXPECT_EQ(a[name].dims(), b[name].dims()) << name;
    EXPECT_EQ(a[name].shape(), b[name].shape()) << name;
    ASSERT_EQ(a[name].dtype(), b[name].dtype()) << name;
    EXPECT_EQ(0, std::memcmp(a[name].values().data.get(), b[name].values().data.get(), a[name].values().bytes()))
        << name;
  }
}

void expect_equal(const InferenceData& a, const InferenceData& b) {
  ASSERT_EQ(a.groups(), b.groups());
  for (const auto& group : a.groups()) expect_equal(a.group(group), b.group(group));
}

TEST_F(Zarr, KeepsEverything) {
  Fit fit = example_fit();
  fit.others["notes"].set(
      "f", DataArray({"i"}, filled(f64, {3}, [](auto i) {
                       return i == 0 ? std::nan("") : i == 1 ? std::numeric_limits<double>::infinity() : -0.0;
                     })));
  fit.others["notes"].set("u", DataArray({"i"}, filled(ui32, {3}, [](auto i) { return i; })));
  for (int compression : {0, 1, 9}) {
    fit.save(store(), {.compression = compression});
    const Fit back = load(store());
    expect_equal(fit, back);
    EXPECT_EQ(back.attrs, fit.attrs);
    EXPECT_EQ(back.posterior.attrs.at("sampling_time"), Attribute(0.25));
    EXPECT_EQ(back.warnings, fit.warnings);
    EXPECT_EQ(back.timing().trace, Seconds(0.25));
    EXPECT_EQ(back.timing().compile, Seconds(0.5));
    EXPECT_EQ(back.timing().warmup, Seconds(1));
    EXPECT_EQ(back.timing().sampling, Seconds(2));
    EXPECT_EQ(back.state().bytes, fit.state().bytes);
    EXPECT_EQ(back.state().attrs, fit.state().attrs);
  }
  EXPECT_EQ(names(), std::vector<std::string>{"fit.zarr"});
}

TEST_F(Zarr, CutsLargeArraysIntoChunks) {
  Fit fit;
  const auto count = [](auto i) { return i; };
  fit.posterior.set("x", DataArray({"chain", "draw", "i"}, filled(f64, {3, 1700, 1100}, count)));
  fit.save(store());
  EXPECT_TRUE(fs::exists(store() / "posterior/x/1.0.0")); // two chains each, the last one padded
  expect_equal(fit, load(store()));
  Fit tall; // chunks of 4096 draws, the last one cut short
  tall.posterior.set("x", DataArray({"chain", "draw", "i"}, filled(f64, {1, 9000, 1024}, count)));
  tall.save(store());
  EXPECT_TRUE(fs::exists(store() / "posterior/x/0.2.0"));
  EXPECT_FALSE(fs::exists(store() / "posterior/x/2.0.0"));
  expect_equal(tall, load(store()));
}

TEST_F(Zarr, ReadsWhatArviZWrites) {
  const Fit fit = load(fs::path(NUTHATCH_SOURCE_DIR) / "tests/results/data/arviz_store");
  EXPECT_EQ(fit.groups(), (std::vector<std::string>{"posterior", "sample_stats", "observed_data"}));
  const DataArray& theta = fit.posterior["theta"];
  ASSERT_EQ(theta.shape(), (Shape{2, 600, 3}));
  EXPECT_EQ(theta.coords().at("school"), Coordinate(std::vector<std::string>{"Choate", "Zürich", "Ōsaka"}));
  const auto values = theta.to_doubles(), sums = fit.posterior["mu"].to_doubles();
  const auto depth = fit.sample_stats["tree_depth"].to_doubles(),
             diverging = fit.sample_stats["diverging"].to_doubles(), energy = fit.sample_stats["energy"].to_doubles();
  EXPECT_EQ(fit.sample_stats["diverging"].dtype(), Dtype::bool_);
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t d = 0; d < 600; ++d) {
      const std::size_t i = c * 600 + d;
      double sum = 0;
      for (std::size_t s = 0; s < 3; ++s) {
        const double expected =
            std::sin(static_cast<double>(c) + 0.01 * static_cast<double>(d) + static_cast<double>(s));
        ASSERT_NEAR(values[i * 3 + s], expected, 1e-14);
        sum += expected;
      }
      ASSERT_NEAR(sums[i], sum, 1e-14);
      ASSERT_EQ(depth[i], static_cast<double>(i % 5));
      ASSERT_EQ(diverging[i], d % 97 == 0);
      ASSERT_NEAR(energy[i], values[i * 3], 0.0501);
    }
  EXPECT_EQ(fit.observed_data["y"].to_doubles()[2], -2);
  EXPECT_TRUE(std::isnan(fit.observed_data["y"].to_doubles()[1]));
}

TEST_F(Zarr, ReplacesAStoreAndNothingElse) {
  Fit fit = example_fit();
  fit.save(store());
  fit.posterior.erase("theta");
  fit.save(store());
  EXPECT_FALSE(load(store()).posterior.contains("theta"));
  EXPECT_FALSE(fs::exists(store() / "posterior/theta"));

  fs::create_directories(store("thesis"));
  write(store("thesis/chapter.tex"), "words");
  EXPECT_THROW(fit.save(store("thesis")), Error);
  EXPECT_TRUE(fs::exists(store("thesis/chapter.tex")));
  fs::create_directories(store("empty"));
  fit.save(store("empty"));
  EXPECT_EQ(load(store("empty")).groups(), fit.groups());
  fit.save(folder_ / "deep/er/fit.zarr/");
  EXPECT_EQ(load(folder_ / "deep/er/fit.zarr").groups(), fit.groups());
}

TEST_F(Zarr, FullDiskLeavesTheOldStoreAndTheFit) {
  Fit fit = example_fit();
  fit.save(store());
  const Fit before = load(store());
  const auto count = [](auto i) { return i; };
  fit.posterior.set("large", DataArray({"chain", "draw", "i"}, filled(f64, {2, 5, 100000}, count)));

  // A limit on the size of files stands in for a full disk: write() fails after some of the bytes.
  struct rlimit old {
  }, limit{};
  ASSERT_EQ(0, getrlimit(RLIMIT_FSIZE, &old));
  limit = old;
  limit.rlim_cur = 1 << 20;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
  std::string message = "no error", state_message = "no error";
  try {
    fit.save(store());
  } catch (const Error& e) {
    message = e.what();
  }
  try {
    SamplerState state;
    state.bytes.resize(2 << 20);
    state.save(store("run.state"));
  } catch (const Error& e) {
    state_message = e.what();
  }
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);

  EXPECT_EQ(message, "cannot write `" + store().string() + "`: File too large");
  EXPECT_EQ(state_message, "cannot write `" + store("run.state").string() + "`: File too large");
  EXPECT_EQ(names(), std::vector<std::string>{"fit.zarr"});
  expect_equal(before, load(store()));
  EXPECT_EQ(fit.posterior["large"].to_doubles()[999999], 999999);
  fit.save(store()); // and can be saved once there is room
  expect_equal(fit, load(store()));
}

TEST_F(Zarr, WritingErrorsNamePathAndReason) {
  write(store("file"), "");
  for (const fs::path& path : {store("file/fit.zarr"), store("file"), fs::path("/proc/fit.zarr"), fs::path()}) {
    try {
      example_fit().save(path);
      ADD_FAILURE() << path;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(path.empty() ? "empty" : path.string()), std::string::npos) << e.what();
    }
  }
  Fit fit = example_fit();
  fit.posterior.set("../escape", fit.posterior["mu"]);
  EXPECT_THROW(fit.save(store()), Error);
  EXPECT_EQ(names(), std::vector<std::string>{"file"});
}

TEST_F(Zarr, ReadingErrorsNamePathAndReason) {
  const auto expect = [&](const fs::path& path, const std::string& culprit, const std::string& reason) {
    const std::string message = error_of_load(path);
    EXPECT_NE(message.find(culprit), std::string::npos) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message;
  };
  expect(store("nowhere.zarr"), "nowhere.zarr", "no such file");
  write(store("file.nc"), "CDF");
  expect(store("file.nc"), "file.nc", "classic format");
  fs::create_directories(store("folder"));
  expect(store("folder"), "folder", "no file .zgroup");
  write(store("folder/zarr.json"), "{}");
  expect(store("folder"), "folder", "version 3");
  fs::create_directories(store("hollow"));
  write(store("hollow/.zgroup"), R"({"zarr_format": 2})");
  expect(store("hollow"), "hollow", "no group");

  const fs::path mu = store() / "posterior/mu";
  const auto damage = [&](const fs::path& file, const std::string& content, const std::string& reason) {
    example_fit().save(store());
    write(file, content);
    expect(store(), file.string(), reason);
  };
  damage(mu / "0.0", std::string(79, 'x'), "79 bytes instead of 80");
  damage(mu / ".zarray", "{\"shape\": [", "not a JSON object");
  damage(mu / ".zattrs", R"({"_ARRAY_DIMENSIONS": ["chain"]})", "names 1 of 2 dimensions");
  const auto header = [](const std::string& type, const std::string& compressor, const std::string& more = "") {
    return R"({"shape": [2, 5], "chunks": [2, 5], "dtype": ")" + type + R"(", "compressor": )" + compressor +
           R"(, "fill_value": null, "filters": null, "order": "C", "zarr_format": 2)" + more + "}";
  };
  damage(mu / ".zarray", header(">f8", "null"), "element type >f8");
  damage(mu / ".zarray", header("<c16", "null"), "element type <c16");
  damage(mu / ".zarray", R"({"shape": [4000000000, 4000000000], "chunks": [1, 1], "zarr_format": 2})", "does not fit");
  damage(mu / ".zarray", R"({"shape": [2, -5], "chunks": [2, 5], "zarr_format": 2})", "`shape` is damaged");
  damage(mu / ".zarray", R"({"zarr_format": 3})", "version 2");
  const auto chunk_error = [&](const std::string& compressor, const std::string& content, const std::string& reason) {
    example_fit().save(store());
    write(mu / ".zarray", header("<f8", compressor));
    write(mu / "0.0", content);
    expect(store(), (mu / "0.0").string(), reason);
  };
  chunk_error(R"({"id": "lzma"})", "x", "compressor `lzma`");
  chunk_error(R"({"id": "zlib"})", "nothing zlib wrote", "damaged or truncated");
  chunk_error(R"({"id": "blosc"})", "short", "damaged or truncated");
  const std::string size{80, 0, 0, 0};
  chunk_error(R"({"id": "blosc"})", std::string("\2\1\x81\10", 4) + size + size + std::string("\x14\0\0\0", 4) + "    ",
              "zstd");
  chunk_error(R"({"id": "blosc"})",
              std::string("\2\1\x31\10", 4) + size + size + std::string("\x18\0\0\0", 4) +
                  std::string("\x14\0\0\0", 4) + "    ",
              "damaged or truncated");
  example_fit().save(store());
  fs::remove(mu / "0.0");
  expect(store(), (mu / "0.0").string(), "missing");
}

TEST_F(Zarr, TruncatedCompressedChunksAreFound) {
  example_fit().save(store(), {.compression = 6});
  const fs::path chunk = store() / "posterior/theta/0.0.0";
  const auto size = fs::file_size(chunk);
  for (std::uintmax_t keep : {std::uintmax_t{0}, size / 2, size - 1}) {
    fs::resize_file(chunk, keep);
    EXPECT_NE(error_of_load(store()).find("damaged or truncated"), std::string::npos) << keep;
  }
}

TEST_F(Zarr, SamplerStateFile) {
  const SamplerState state = example_fit().state();
  state.save(store("run.state"));
  EXPECT_EQ(load_state(store("run.state")).bytes, state.bytes);
  EXPECT_EQ(load_state(store("run.state")).attrs, state.attrs);
  std::fstream file(store("run.state"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-3, std::ios::end);
  file.put('!');
  file.close();
  EXPECT_THROW(load_state(store("run.state")), Error);
  fs::resize_file(store("run.state"), fs::file_size(store("run.state")) - 1);
  EXPECT_THROW(load_state(store("run.state")), Error);
  write(store("other"), "something else");
  EXPECT_THROW(load_state(store("other")), Error);
  EXPECT_THROW(load_state(store("nothing")), Error);
}

/// The other direction of ReadsWhatArviZWrites, with the readers themselves where they are installed.
TEST_F(Zarr, XarrayReadsOurStore) {
  const std::string python = testing::find_python("zarr, xarray");
  if (python.empty()) GTEST_SKIP() << "no Python with zarr and xarray; set NUTHATCH_PYTHON to one that has them";
  for (int compression : {0, 1}) {
    example_fit().save(store(), {.compression = compression});
    EXPECT_TRUE(testing::run_python(python, "read_store.py", "'" + store().string() + "'"));
  }
}

} // namespace
} // namespace nuthatch
