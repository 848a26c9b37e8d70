// NetCDF-4 files: ours, ArviZ's, and ours in the hands of others.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "example_fit.h"
#include "inference/storage/netcdf.h"
#include "nuthatch/fit.h"
#include "nuthatch/loo.h"
#include "oracle_files.h"
#include "python.h"

namespace nuthatch {
namespace {

namespace fs = std::filesystem;
using testing::example_fit;
using testing::filled;

class Netcdf : public ::testing::Test {
protected:
  void SetUp() override {
    if (!detail::has_netcdf()) GTEST_SKIP() << "built without HDF5";
    folder_ = fs::path(::testing::TempDir()) / ("nuthatch_netcdf_" + std::to_string(::getpid()) + "_" +
                                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name = "fit.nc") const { return folder_ / name; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::string error_of(auto f) {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
  fs::path folder_;
};

void expect_equal(const InferenceData& a, const InferenceData& b) {
  ASSERT_EQ(a.groups(), b.groups());
  for (const auto& group : a.groups()) {
    const Dataset &x = a.group(group), &y = b.group(group);
    ASSERT_EQ(x.names(), y.names());
    EXPECT_EQ(x.coords(), y.coords());
    for (const auto& name : x.names()) {
      EXPECT_EQ(x[name].dims(), y[name].dims()) << name;
      EXPECT_EQ(x[name].shape(), y[name].shape()) << name;
      ASSERT_EQ(x[name].dtype(), y[name].dtype()) << name;
      EXPECT_EQ(0, std::memcmp(x[name].values().data.get(), y[name].values().data.get(), x[name].values().bytes()))
          << name;
      EXPECT_EQ(x[name].attrs, y[name].attrs) << name;
    }
  }
}

TEST_F(Netcdf, KeepsEverything) {
  Fit fit = example_fit();
  fit.others["notes"].set("f", DataArray({"i"}, filled(f64, {3}, [](auto i) {
                                           return i == 0 ? std::nan("") : i == 1 ? INFINITY : -0.0;
                                         })));
  fit.others["notes"].set("u", DataArray({"i"}, filled(ui32, {3}, [](auto i) { return i; })));
  DataArray described = fit.posterior["mu"];
  described.attrs["units"] = std::string("points");
  fit.posterior.set("mu", described);
  for (int compression : {0, 1, 9}) {
    fit.save(file(), {.compression = compression});
    const Fit back = load(file());
    expect_equal(fit, back);
    EXPECT_EQ(back.attrs, fit.attrs);
    EXPECT_EQ(back.posterior.attrs.at("sampling_time"), Attribute(0.25));
    EXPECT_EQ(back.warnings, fit.warnings);
    EXPECT_EQ(back.timing().sampling, Seconds(2));
    EXPECT_EQ(back.state().bytes, fit.state().bytes);
    EXPECT_EQ(back.state().attrs, fit.state().attrs);
  }
  EXPECT_EQ(files(), 1u);
  fit.save(file("deep/er/fit.nc"));
  expect_equal(fit, load(file("deep/er/fit.nc")));
}

TEST_F(Netcdf, CompressesInChunks) {
  Fit fit;
  const auto count = [](auto i) { return i; };
  fit.posterior.set("x", DataArray({"chain", "draw", "i"}, filled(f64, {3, 700, 300}, count)));
  fit.save(file(), {.compression = 4});
  expect_equal(fit, load(file()));
  EXPECT_LT(fs::file_size(file()), 3u * 700 * 300 * 8 / 2);
}

TEST_F(Netcdf, ErrorsNamePathAndReason) {
  const auto mistake = [&](const fs::path& path) { return error_of([&] { load(path); }); };
  EXPECT_NE(mistake(file()).find("no such file"), std::string::npos);
  std::ofstream(file("classic.nc")) << "CDF\x01 and so on";
  EXPECT_NE(mistake(file("classic.nc")).find("classic format"), std::string::npos);
  std::ofstream(file("text.nc")) << "words";
  EXPECT_NE(mistake(file("text.nc")).find("neither a NetCDF-4 file nor a Zarr store"), std::string::npos);
  example_fit().save(file());
  const auto size = fs::file_size(file());
  for (const auto keep : {size / 2, size / 8}) {
    example_fit().save(file("cut.nc"));
    fs::resize_file(file("cut.nc"), keep);
    EXPECT_NE(mistake(file("cut.nc")).find("cannot read `" + file("cut.nc").string()), std::string::npos);
  }
  fs::create_directories(file("folder.nc"));
  EXPECT_NE(error_of([&] { example_fit().save(file("folder.nc")); }).find("a folder is there already"),
            std::string::npos);
  EXPECT_NE(error_of([&] { example_fit().save("/proc/fit.nc"); }).find("cannot write `/proc/fit.nc`"),
            std::string::npos);
  Fit clash = example_fit();
  clash.posterior.set("school", clash.posterior["mu"]);
  EXPECT_NE(error_of([&] { clash.save(file("clash.nc")); }).find("`school` of group `posterior` has the name of a dim"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(file("clash.nc")));
}

TEST_F(Netcdf, FullDiskLeavesTheOldFile) {
  Fit fit = example_fit();
  fit.save(file());
  const Fit before = load(file());
  fit.posterior.set("large", DataArray({"chain", "draw", "i"}, filled(f64, {2, 5, 100000}, [](auto i) { return i; })));
  struct rlimit old {
  }, limit{};
  ASSERT_EQ(0, getrlimit(RLIMIT_FSIZE, &old));
  limit = old;
  limit.rlim_cur = 1 << 20;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
  const std::string message = error_of([&] { fit.save(file()); });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find("cannot write `" + file().string() + "`"), std::string::npos) << message;
  EXPECT_EQ(files(), 1u);
  expect_equal(before, load(file()));
  fit.save(file());
  expect_equal(fit, load(file()));
}

TEST_F(Netcdf, ArviZsExamplesOpen) {
  if (!fs::exists(testing::oracle_folder() / "centered_eight.nc"))
    GTEST_SKIP() << "no oracle in " << testing::oracle_folder() << "; set NUTHATCH_ORACLES";
  for (const char* name : {"centered_eight", "non_centered_eight"}) {
    const Fit fit = load(testing::oracle_folder() / (std::string(name) + ".nc"));
    for (const char* group : {"posterior", "posterior_predictive", "log_likelihood", "sample_stats", "prior",
                              "prior_predictive", "observed_data", "constant_data"})
      EXPECT_TRUE(fit.has(group)) << group;
    EXPECT_EQ(fit.posterior["theta"].dims(), (std::vector<std::string>{"chain", "draw", "school"}));
    EXPECT_EQ(fit.posterior["theta"].shape(), (Shape{4, 500, 8}));
    EXPECT_EQ(fit.posterior["theta"].coords().at("school").text(0), "Choate");
    EXPECT_EQ(fit.sample_stats["diverging"].dtype(), bool_);
    EXPECT_TRUE(std::holds_alternative<std::string>(fit.posterior.attrs.at("created_at")));
    // What the file says is what LOO of it says.
    EXPECT_NEAR(loo(fit).elpd, std::string(name) == "centered_eight" ? -30.764147 : -30.734357, 1e-5);
    fit.save(file());
    expect_equal(fit, load(file()));
  }
}

TEST_F(Netcdf, XarrayReadsOurFile) {
  const std::string python = testing::find_python("netCDF4, h5netcdf, xarray");
  if (python.empty()) GTEST_SKIP() << "no Python with netCDF4, h5netcdf and xarray; set NUTHATCH_PYTHON to one";
  for (int compression : {0, 1}) {
    example_fit().save(file(), {.compression = compression});
    EXPECT_TRUE(testing::run_python(python, "read_netcdf.py", "'" + file().string() + "'"));
  }
}

TEST_F(Netcdf, WeReadWhatXarrayWrites) {
  const std::string python = testing::find_python("netCDF4, h5netcdf, xarray");
  if (python.empty()) GTEST_SKIP() << "no Python with netCDF4, h5netcdf and xarray; set NUTHATCH_PYTHON to one";
  ASSERT_TRUE(testing::run_python(python, "write_netcdf.py", "'" + folder_.string() + "'"));
  for (const char* engine : {"netcdf4.nc", "h5netcdf.nc"}) {
    const Fit fit = load(file(engine));
    const DataArray& theta = fit.posterior["theta"];
    EXPECT_EQ(theta.dims(), (std::vector<std::string>{"chain", "draw", "school"}));
    EXPECT_EQ(theta.coords().at("school"), Coordinate(std::vector<std::string>{"Choate", "Zürich", "Ōsaka"}));
    EXPECT_EQ(theta.coords().at("draw").text(0), "10");
    const auto values = theta.to_doubles();
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_TRUE(i == 25 ? std::isnan(values[i]) : std::abs(values[i] - std::sin(static_cast<double>(i))) < 1e-15);
    EXPECT_EQ(fit.posterior["mu"].dtype(), f32);
    EXPECT_EQ(fit.posterior.attrs.at("tuning_steps"), Attribute(std::int64_t{1000}));
    EXPECT_EQ(fit.posterior.attrs.at("sampling_time"), Attribute(1.5));
    EXPECT_EQ(fit.posterior.attrs.at("sample_dims"), Attribute(Json{R"(["chain","draw"])"}));
    EXPECT_EQ(fit.sample_stats["diverging"].dtype(), bool_);
    EXPECT_EQ(fit.sample_stats["diverging"].to_doubles()[5], 1);
    EXPECT_EQ(fit.sample_stats["tree_depth"].dtype(), i64);
    EXPECT_EQ(fit.sample_stats["small"].to_doubles()[11], 11);
    EXPECT_EQ(fit.observed_data["y"].to_doubles(), (std::vector<double>{4294967295.0, 5, 2}));
    EXPECT_EQ(fit.observed_data["y"].coords().at("obs"), Coordinate(std::vector<double>{0.5, 1.5, 2.5}));
    EXPECT_EQ(fit.constant_data["n"].to_doubles()[0], 7);
  }
}

} // namespace
} // namespace nuthatch
