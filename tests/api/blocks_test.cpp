// Memory of arrays: large blocks are used again, contents of small ones stay apart, everything is aligned.
#include "ir/api/blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "nuthatch/detail/emit.h"
#include "nuthatch/nuthatch.h"

namespace nuthatch::detail {
namespace {

constexpr std::size_t kMegabyte = std::size_t(1) << 20;

TEST(Blocks, AreAlignedAndWritableToTheLastByte) {
  for (const std::size_t bytes : {std::size_t(0), std::size_t(1), std::size_t(63), std::size_t(65), kMegabyte - 1,
                                  kMegabyte, kMegabyte + 1, 5 * kMegabyte + 17}) {
    std::byte* block = take_block(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0u) << bytes;
    std::memset(block, 7, bytes);
    give_block(block);
  }
  give_block(nullptr);
}

TEST(Blocks, LargeOnesAreUsedAgainForRequestsOfAboutThatSize) {
  std::byte* first = take_block(9 * kMegabyte);
  std::byte* second = take_block(9 * kMegabyte);
  EXPECT_NE(first, second);
  give_block(second);
  EXPECT_EQ(take_block(9 * kMegabyte - 100), second);  // an eighth of a power of two is one size
  std::byte* other = take_block(20 * kMegabyte);
  EXPECT_NE(other, first);
  give_block(first);
  give_block(second);
  give_block(other);
}

TEST(Blocks, NoMoreThanTheLimitIsKept) {
  // 600 MiB given back: the oldest ones are released, the newest is still there.
  std::vector<std::byte*> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(take_block(100 * kMegabyte));
  for (std::byte* block : blocks) give_block(block);
  EXPECT_EQ(take_block(100 * kMegabyte), blocks.back());
  give_block(blocks.back());
  std::byte* huge = take_block(600 * kMegabyte);  // too large to be kept; the pages are never touched
  give_block(huge);
}

TEST(Blocks, ServeThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        std::byte* block = take_block(kMegabyte + std::size_t(i % 3) * kMegabyte);
        block[0] = block[kMegabyte] = std::byte(t);
        std::this_thread::yield();
        wrong[std::size_t(t)] += block[0] != std::byte(t) || block[kMegabyte] != std::byte(t);
        give_block(block);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Blocks, ResultsOfARepeatedCallDoNotPileUp) {
  Tensor x = ones(1'000'000);
  auto f = jit([](Tensor v) { return 2.0 * v; });
  Tensor kept = f(x);
  const void* memory = detail::value(f(x))->array.data.get();  // given back at once
  for (int i = 0; i < 3; ++i) EXPECT_EQ(detail::value(f(x))->array.data.get(), memory);
  EXPECT_EQ(sum(kept).item(), 2e6);
}

}  // namespace
}  // namespace nuthatch::detail
