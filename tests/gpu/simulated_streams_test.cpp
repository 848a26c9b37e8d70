// Streams, events, copies and graphs of the simulated device: work waits until somebody waits for it.
#include <gtest/gtest.h>

#include "tests/gpu/simulated_driver.h"

namespace nuthatch::test {
namespace {

/// p[0] = p[0] * 2 + n
const char* const kDouble = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry step(.param .u64 p, .param .u64 n)
{
  .reg .b64 %d<5>;
  ld.param.b64 %d0, [p];
  ld.param.b64 %d1, [n];
  ld.global.b64 %d2, [%d0];
  mad.lo.s64 %d3, %d2, 2, %d1;
  st.global.b64 [%d0], %d3;
  ret;
}
)";

using Address = unsigned long long;

class SimulatedStreams : public testing::Test {
 protected:
  void SetUp() override {
    driver.start();
    for (auto& s : stream) driver("cuStreamCreate", &s, 1u);
    driver("cuMemAlloc_v2", &memory, std::size_t(64));
    driver("cuMemHostAlloc", reinterpret_cast<void**>(&host), std::size_t(64), 0u);
    kernel = std::make_unique<DeviceKernel>(kDouble, "step");
    fill(0);
  }
  void TearDown() override {
    kernel.reset();
    driver.call("cuMemFree_v2", memory);
    driver.call("cuMemFreeHost", static_cast<void*>(host));
  }
  void fill(unsigned char byte) {
    driver("cuMemsetD8Async", memory, byte, std::size_t(64), stream[0]);
    driver("cuStreamSynchronize", stream[0]);
  }
  void launch(void* where, long long n) {
    void* values[] = {&memory, &n};
    driver("cuLaunchKernel", kernel->function, 1u, 1u, 1u, 1u, 1u, 1u, 0u, where, static_cast<void**>(values), static_cast<void**>(nullptr));
  }
  void toDevice(void* where) { driver("cuMemcpyHtoDAsync_v2", memory, static_cast<const void*>(host), std::size_t(8), where); }
  void toHost(void* where) { driver("cuMemcpyDtoHAsync_v2", static_cast<void*>(host), memory, std::size_t(8), where); }
  long long value() {
    long long out = 0;
    driver("cuCtxSynchronize");
    driver("cuMemcpyDtoHAsync_v2", static_cast<void*>(&out), memory, std::size_t(8), static_cast<void*>(nullptr));
    return out;
  }
  SimulatedDriver& driver = SimulatedDriver::get();
  void* stream[2] = {};
  Address memory = 0;
  long long* host = nullptr;
  std::unique_ptr<DeviceKernel> kernel;
};

TEST_F(SimulatedStreams, NothingIsThereBeforeSomebodyWaits) {
  *host = -1;
  launch(stream[0], 5);
  toHost(stream[0]);
  EXPECT_EQ(*host, -1);
  driver("cuStreamSynchronize", stream[0]);
  EXPECT_EQ(*host, 5);
}

TEST_F(SimulatedStreams, PinnedMemoryIsReadWhenTheCopyHappens) {
  *host = 1;
  toDevice(stream[0]);
  *host = 2;  // too early
  EXPECT_EQ(value(), 2);
  long long own = 3;
  driver("cuMemcpyHtoDAsync_v2", memory, static_cast<const void*>(&own), std::size_t(8), stream[0]);
  own = 4;  // other memory was read at the call
  EXPECT_EQ(value(), 3);
}

TEST_F(SimulatedStreams, StreamsGoOnAloneUnlessTheyWait) {
  launch(stream[0], 5);
  launch(stream[1], 7);
  driver("cuStreamSynchronize", stream[1]);
  EXPECT_EQ(value(), 7 * 2 + 5) << "nobody said that the first must be first";
  fill(0);
  void* event = nullptr;
  driver("cuEventCreate", &event, 2u);
  launch(stream[0], 5);
  driver("cuEventRecord", event, stream[0]);
  launch(stream[0], 100);
  driver("cuStreamWaitEvent", stream[1], event, 0u);
  launch(stream[1], 7);
  toHost(stream[1]);
  driver("cuStreamSynchronize", stream[1]);
  EXPECT_EQ(*host, 5 * 2 + 7);
  EXPECT_EQ(value(), 17 * 2 + 100);
  driver("cuEventDestroy_v2", event);
}

TEST_F(SimulatedStreams, TheDefaultStreamWaitsForThoseThatTakePart) {
  void* blocking = nullptr;
  driver("cuStreamCreate", &blocking, 0u);
  launch(blocking, 5);
  launch(nullptr, 7);
  launch(blocking, 9);
  launch(nullptr, 11);
  driver("cuStreamSynchronize", static_cast<void*>(nullptr));
  EXPECT_EQ(value(), ((5 * 2 + 7) * 2 + 9) * 2 + 11);
  driver("cuStreamDestroy_v2", blocking);
}

TEST_F(SimulatedStreams, AskingForAnEventComesToAnEnd) {
  void *first = nullptr, *last = nullptr;
  driver("cuEventCreate", &first, 0u);
  driver("cuEventCreate", &last, 0u);
  driver("cuEventRecord", first, stream[0]);
  launch(stream[0], 5);
  driver("cuEventRecord", last, stream[0]);
  float time = -1;
  EXPECT_EQ(driver.call("cuEventElapsedTime", &time, first, last), 600);
  int asked = 0;
  while (driver.call("cuEventQuery", last) == 600) ++asked;
  EXPECT_GT(asked, 1);
  driver("cuEventElapsedTime", &time, first, last);
  EXPECT_GE(time, 0);
  EXPECT_EQ(value(), 5);
}

TEST_F(SimulatedStreams, CopiesOfRows) {
  struct {
    std::size_t src_x, src_y;
    int src_type;
    const void* src_host;
    Address src_device;
    void* src_array;
    std::size_t src_pitch, dst_x, dst_y;
    int dst_type;
    void* dst_host;
    Address dst_device;
    void* dst_array;
    std::size_t dst_pitch, width, height;
  } copy = {};
  unsigned char bytes[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, back[64] = {};
  copy.src_type = 1;
  copy.src_host = bytes;
  copy.src_pitch = 4;
  copy.src_x = 1;
  copy.dst_type = 2;
  copy.dst_device = memory;
  copy.dst_pitch = 16;
  copy.dst_y = 1;
  copy.width = 2;
  copy.height = 3;
  driver("cuMemcpy2DAsync_v2", static_cast<const void*>(&copy), stream[0]);
  driver("cuMemcpyDtoHAsync_v2", static_cast<void*>(back), memory, std::size_t(64), stream[0]);
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(back[16 * (row + 1) + k], 4 * row + 1 + k);
  copy.dst_pitch = 1;
  EXPECT_EQ(driver.call("cuMemcpy2DAsync_v2", static_cast<const void*>(&copy), stream[0]), 1);
}

TEST_F(SimulatedStreams, GraphsDoAgainWhatWasCaptured) {
  void *graph = nullptr, *executable = nullptr, *event = nullptr;
  driver("cuEventCreate", &event, 2u);
  driver("cuStreamBeginCapture_v2", stream[0], 1);
  toDevice(stream[0]);
  launch(stream[0], 1);
  driver("cuEventRecord", event, stream[0]);
  driver("cuStreamWaitEvent", stream[1], event, 0u);  // the other stream takes part
  launch(stream[1], 2);
  driver("cuEventRecord", event, stream[1]);
  driver("cuStreamWaitEvent", stream[0], event, 0u);
  launch(stream[0], 3);
  driver("cuStreamEndCapture", stream[0], &graph);
  driver("cuGraphInstantiateWithFlags", &executable, graph, 0ull);
  driver("cuGraphDestroy", graph);
  const auto launches = driver.ask("launches");
  EXPECT_EQ(value(), 0) << "nothing has run";
  for (long long start : {10, 20}) {
    *host = start;
    driver("cuGraphLaunch", executable, stream[0]);
    driver("cuStreamSynchronize", stream[0]);
    EXPECT_EQ(value(), ((start * 2 + 1) * 2 + 2) * 2 + 3);
  }
  EXPECT_EQ(driver.ask("launches") - launches, 6);
  EXPECT_EQ(driver.ask("graph_launches"), 2);
  driver("cuGraphExecDestroy", executable);
  launch(stream[1], 4);  // free again
  driver("cuStreamSynchronize", stream[1]);
}

TEST_F(SimulatedStreams, WhatBreaksACapture) {
  void* graph = nullptr;
  driver("cuStreamBeginCapture_v2", stream[0], 0);
  EXPECT_EQ(driver.call("cuStreamSynchronize", stream[0]), 900);
  EXPECT_EQ(driver.call("cuStreamEndCapture", stream[0], &graph), 901);
  driver("cuStreamBeginCapture_v2", stream[0], 0);
  Address more = 0;
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &more, std::size_t(8)), 900);
  EXPECT_EQ(driver.call("cuStreamEndCapture", stream[0], &graph), 901);
  driver("cuStreamBeginCapture_v2", stream[0], 2);
  EXPECT_EQ(driver.call("cuMemAlloc_v2", &more, std::size_t(8)), 0) << "this mode allows it";
  driver("cuStreamEndCapture", stream[0], &graph);
  EXPECT_EQ(driver.call("cuStreamEndCapture", stream[0], &graph), 401);
  void* event = nullptr;
  driver("cuEventCreate", &event, 2u);
  driver("cuStreamBeginCapture_v2", stream[0], 1);
  driver("cuEventRecord", event, stream[0]);
  driver("cuStreamWaitEvent", stream[1], event, 0u);
  launch(stream[1], 1);
  EXPECT_EQ(driver.call("cuStreamEndCapture", stream[0], &graph), 904) << "the second stream was not waited for";
}

TEST_F(SimulatedStreams, HandlesThatAreNone) {
  int other = 0;
  EXPECT_EQ(driver.call("cuStreamSynchronize", static_cast<void*>(&other)), 400);
  EXPECT_EQ(driver.call("cuEventQuery", static_cast<void*>(&other)), 400);
  EXPECT_EQ(driver.call("cuModuleUnload", static_cast<void*>(&other)), 400);
  EXPECT_EQ(driver.call("cuGraphLaunch", static_cast<void*>(&other), stream[0]), 400);
  EXPECT_EQ(driver.call("cuMemcpyHtoDAsync_v2", memory, reinterpret_cast<const void*>(memory), std::size_t(8), stream[0]), 1);
  EXPECT_EQ(driver.call("cuMemcpyHtoDAsync_v2", memory, static_cast<const void*>(host), std::size_t(65), stream[0]), 700);
}

TEST_F(SimulatedStreams, ImagesOfTheLinker) {
  void *link = nullptr, *image = nullptr, *module = nullptr;
  std::size_t size = 0;
  char log[200] = {};
  int options[] = {5, 6};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  driver("cuLinkCreate_v2", 2u, options, values, &link);
  auto add = [&](std::string text) {
    return driver.call("cuLinkAddData_v2", link, 1, static_cast<void*>(text.data()), text.size(), "text", 0u, static_cast<int*>(nullptr),
                       static_cast<void**>(nullptr));
  };
  auto load = [&](const std::string& text) {
    return driver.call("cuModuleLoadDataEx", &module, static_cast<const void*>(text.data()), 0u, static_cast<int*>(nullptr), static_cast<void**>(nullptr));
  };
  EXPECT_EQ(add("nonsense"), 218);
  EXPECT_NE(std::string(log).find("'nonsense' is not understood"), std::string::npos);
  EXPECT_EQ(add(kDouble), 0);
  driver("cuLinkComplete", link, &image, &size);
  const std::string kept(static_cast<const char*>(image), size);
  driver("cuLinkDestroy", link);
  EXPECT_EQ(load(kept), 0);
  driver("cuModuleUnload", module);
  driver.set("compute_capability", 80);
  EXPECT_EQ(load(kept), 209);
}

TEST(SimulatedDevices, SeveralAndNone) {
  auto& driver = SimulatedDriver::get();
  driver.start({{"devices", 2}, {"compute_capability", 80}});
  int count = 0, major = 0;
  driver("cuDeviceGetCount", &count);
  EXPECT_EQ(count, 2);
  driver("cuDeviceGetAttribute", &major, 75, 1);
  EXPECT_EQ(major, 8);
  Address first = 0, second = 0;
  driver("cuMemAlloc_v2", &first, std::size_t(8));
  void* context = nullptr;
  driver("cuDevicePrimaryCtxRetain", &context, 1);
  driver("cuCtxSetCurrent", context);
  driver("cuMemAlloc_v2", &second, std::size_t(8));
  EXPECT_EQ(driver.call("cuMemFree_v2", first), 1) << "the memory of the other device";
  EXPECT_EQ(driver.call("cuMemcpyDtoDAsync_v2", second, first, std::size_t(8), static_cast<void*>(nullptr)), 700);
  EXPECT_EQ(driver.call("cuDeviceGetAttribute", &major, 75, 2), 101);
  driver.set("reset", 0);
  EXPECT_EQ(driver.call("cuDeviceGetCount", &count), 3) << "not initialised";
  driver.set("devices", 0);
  EXPECT_EQ(driver.call("cuInit", 0u), 100);
}

}  // namespace
}  // namespace nuthatch::test
