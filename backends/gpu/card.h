#pragma once
// One GPU: its context, its stream, its memory.
//
// Everything that this process does on a GPU goes through one stream, in order. So a block of memory that was given back
// may be handed out again at once, while kernels that use it still wait for their turn.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/gpu/cuda.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/device.h"

namespace nuthatch::gpu {

class Card;

/// Memory of a card, given back at the end.
class Block {
 public:
  Block(Card& card, std::size_t bytes);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  cuda::Pointer at() const { return at_; }
  std::size_t bytes() const { return bytes_; }
  Card& card() const { return card_; }

 private:
  Card& card_;
  cuda::Pointer at_ = 0;
  std::size_t bytes_;
};

struct CardFacts {
  std::string name;
  int major = 0, minor = 0, multiprocessors = 0, threads_per_multiprocessor = 0, registers_per_multiprocessor = 0;
  std::int64_t shared_per_multiprocessor = 0, shared_per_block = 0, memory = 0;
  bool cooperative = false;
  /// Of the code that is made for it: "sm_80" or "sm_90".
  std::string architecture() const { return major >= 9 ? "sm_90" : "sm_80"; }
};

class Card {
 public:
  Card(int index, cuda::DeviceNumber, CardFacts);

  const CardFacts& facts() const { return facts_; }
  int index() const { return index_; }
  cuda::Stream stream() const { return stream_; }
  /// Makes the card's context the calling thread's. Throws when the card has failed before.
  void use();
  /// The same, to end something: says whether it can be done, does not throw.
  bool useToEnd() noexcept;
  /// Throws nuthatch::Error naming the card and `what`. Most failures end the context: later uses fail at once and say so.
  void check(cuda::Result, const char* what);

  /// Waits for everything that was given to the stream.
  void wait();
  /// Through page-locked memory, in pieces. toHost waits; toDevice has read all of `from` when it returns.
  void toDevice(cuda::Pointer to, const void* from, std::size_t bytes);
  void toHost(void* to, cuda::Pointer from, std::size_t bytes);
  /// The first `bytes` of each of `rows` rows, which begin `pitch` bytes apart on the card, one after the other. Waits.
  void rowsToHost(void* to, cuda::Pointer from, std::size_t bytes, std::size_t pitch, std::size_t rows);

  DeviceMemory memory();
  /// Bytes that a program could get.
  double available();

  /// Held while something is given to the stream.
  std::recursive_mutex& mutex() { return mutex_; }

 private:
  friend class Block;
  cuda::Pointer allocate(std::size_t bytes);
  void release(cuda::Pointer, std::size_t bytes) noexcept;
  bool freeKept() noexcept;
  struct Transfer {
    std::size_t at, bytes;                        // in the host's memory
    std::function<cuda::Result(void* to)> start;  // gives it to the stream
  };
  void toHost(void* to, const std::vector<Transfer>&);
  struct Slot {  // of page-locked memory
    void* memory = nullptr;
    cuda::Event event = nullptr;
    bool busy = false;
  };
  Slot& nextSlot();

  const int index_;
  const cuda::DeviceNumber number_;
  const CardFacts facts_;
  cuda::Context context_ = nullptr;
  cuda::Stream stream_ = nullptr;
  std::string failure_;  // that ended the context
  std::recursive_mutex mutex_;
  std::multimap<std::size_t, cuda::Pointer> kept_;
  std::int64_t used_ = 0, held_ = 0, peak_ = 0;
  std::vector<Slot> slots_;
  std::size_t slot_ = 0;
};

struct Cards {
  std::vector<CardFacts> facts;       // of all GPUs that the driver shows
  std::vector<std::string> problems;  // per GPU: why it cannot be used
  std::string problem;                // why there is none
};
/// The driver is asked at the first call.
const Cards& cards();
/// Opened at the first call; never closed. Throws nuthatch::Error where it cannot be used.
Card& card(int index);

}  // namespace nuthatch::gpu
