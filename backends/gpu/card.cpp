#include "backends/gpu/card.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

constexpr std::size_t kPiece = std::size_t(4) << 20;  // of a transfer
constexpr std::size_t kSlots = 4;
constexpr std::size_t kMostPitch = 0x7fffffff;  // of a copy of rows

/// Small blocks in steps of 512 bytes; large ones in eighths of a power of two, so that similar requests can share.
std::size_t capacityOf(std::size_t bytes) {
  const std::size_t unit = bytes < (std::size_t(1) << 20) ? 512 : std::bit_floor(bytes) / 8;
  return std::max(unit, (bytes + unit - 1) / unit * unit);
}

/// What goes wrong while the card works; a request that was refused (arguments, memory, code, somebody's recording of a
/// graph) leaves the context as it was.
bool endsContext(cuda::Result r) {
  constexpr cuda::Result kMemoryError = 214, kLinkError = 220, kContained = 226, kIllegalAddress = 700, kTimeOut = 702, kContextGone = 709,
                         kAssertion = 710, kFirstTrap = 714, kLastTrap = 719, kUnknown = 999;
  constexpr cuda::Result all[] = {kMemoryError, kLinkError, kContained, kIllegalAddress, kTimeOut, kContextGone, kAssertion, kUnknown};
  return std::ranges::count(all, r) > 0 || (r >= kFirstTrap && r <= kLastTrap);
}

CardFacts factsOf(cuda::DeviceNumber number) {
  const auto& d = cuda::driver();
  CardFacts f;
  char name[256] = {};
  cuda::check(d.deviceName(name, sizeof name, number), "the name of a GPU");
  f.name = name;
  auto attribute = [&](int which) {
    int value = 0;
    cuda::check(d.deviceAttribute(&value, which, number), "an attribute of " + f.name);
    return value;
  };
  f.major = attribute(cuda::kMajor);
  f.minor = attribute(cuda::kMinor);
  f.multiprocessors = attribute(cuda::kMultiprocessors);
  f.threads_per_multiprocessor = attribute(cuda::kThreadsPerMultiprocessor);
  f.registers_per_multiprocessor = attribute(cuda::kRegistersPerMultiprocessor);
  f.shared_per_multiprocessor = attribute(cuda::kSharedPerMultiprocessor);
  f.shared_per_block = attribute(cuda::kSharedPerBlockOptIn);
  f.cooperative = attribute(cuda::kCooperative) != 0;
  std::size_t memory = 0;
  cuda::check(d.totalMemory(&memory, number), "the memory of " + f.name);
  f.memory = std::int64_t(memory);
  return f;
}

Cards findCards() {
  Cards out;
  const auto& d = cuda::driver();
  if (!d.problem.empty()) {
    out.problem = d.problem;
    return out;
  }
  int count = 0;
  if (const auto r = d.deviceCount(&count); r != cuda::kSuccess || count == 0) {
    out.problem = r == cuda::kSuccess ? "the CUDA driver shows no GPU" : "the CUDA driver shows no GPU: " + cuda::describe(r);
    return out;
  }
  for (int i = 0; i < count; ++i) {
    cuda::DeviceNumber number = 0;
    cuda::check(d.device(&number, i), "GPU number " + std::to_string(i));
    const CardFacts f = factsOf(number);
    out.facts.push_back(f);
    out.problems.push_back(f.major >= 8 ? ""
                                        : "its compute capability is " + std::to_string(f.major) + "." + std::to_string(f.minor) + " (" +
                                              f.name + "), at least 8.0 is needed");
  }
  return out;
}

}  // namespace

const Cards& cards() {
  static const Cards found = findCards();
  return found;
}

// Never destroyed: arrays that live as long as the process give their memory back after everything else.
Card& card(int index) {
  static std::mutex mutex;
  static auto* open = new std::map<int, Card*>;
  const std::lock_guard lock(mutex);
  if (auto at = open->find(index); at != open->end()) return *at->second;
  const Cards& all = cards();
  if (index < 0 || index >= int(all.facts.size()))
    throw Error("there is no GPU number " + std::to_string(index) + (all.problem.empty() ? "" : ": " + all.problem));
  if (!all.problems[std::size_t(index)].empty()) throw Error("GPU number " + std::to_string(index) + ": " + all.problems[std::size_t(index)]);
  cuda::DeviceNumber number = 0;
  cuda::check(cuda::driver().device(&number, index), "GPU number " + std::to_string(index));
  return *open->emplace(index, new Card(index, number, all.facts[std::size_t(index)])).first->second;
}

Block::Block(Card& card, std::size_t bytes) : card_(card), at_(card.allocate(bytes)), bytes_(bytes) {}
Block::~Block() { card_.release(at_, bytes_); }

Card::Card(int index, cuda::DeviceNumber number, CardFacts facts) : index_(index), number_(number), facts_(std::move(facts)) {
  const auto& d = cuda::driver();
  check(d.retainContext(&context_, number_), "opening it");
  check(d.setContext(context_), "opening it");
  check(d.createStream(&stream_, cuda::kNonBlocking), "making a stream");
}

void Card::use() {
  const std::lock_guard lock(mutex_);
  if (!failure_.empty()) throw Error("gpu:" + std::to_string(index_) + " (" + facts_.name + ") cannot be used any more in this process: " + failure_);
  check(cuda::driver().setContext(context_), "making its context current");
}

bool Card::useToEnd() noexcept { return cuda::driver().setContext(context_) == cuda::kSuccess; }

void Card::check(cuda::Result r, const char* what) {
  if (r == cuda::kSuccess) return;
  const std::lock_guard lock(mutex_);
  const std::string text = std::string(what) + ": " + cuda::describe(r);
  if (endsContext(r) && failure_.empty()) failure_ = text;
  throw Error("gpu:" + std::to_string(index_) + " (" + facts_.name + "): " + text);
}

void Card::wait() {
  use();
  check(cuda::driver().waitForStream(stream_), "waiting for a program");
}

Card::Slot& Card::nextSlot() {
  const auto& d = cuda::driver();
  if (slots_.empty()) slots_.resize(kSlots);
  Slot& s = slots_[slot_++ % kSlots];
  if (!s.memory) {
    check(d.allocateHost(&s.memory, kPiece, 0), "page-locked memory");
    check(d.createEvent(&s.event, cuda::kNoTiming), "making an event");
  }
  if (s.busy) check(d.waitForEvent(s.event), "waiting for a transfer");
  s.busy = false;
  return s;
}

void Card::toDevice(cuda::Pointer to, const void* from, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  use();
  const auto& d = cuda::driver();
  for (std::size_t done = 0; done < bytes; done += kPiece) {
    const std::size_t n = std::min(kPiece, bytes - done);
    Slot& s = nextSlot();
    std::memcpy(s.memory, static_cast<const std::byte*>(from) + done, n);
    check(d.toDevice(to + done, s.memory, n, stream_), "copying to it");
    check(d.recordEvent(s.event, stream_), "an event");
    s.busy = true;
  }
}

/// The next pieces are on their way while one is copied out.
void Card::toHost(void* to, const std::vector<Transfer>& transfers) {
  const std::lock_guard lock(mutex_);
  use();
  const auto& d = cuda::driver();
  std::vector<Slot*> coming;
  std::size_t finished = 0;
  auto finish = [&] {
    Slot& s = *coming[finished];
    check(d.waitForEvent(s.event), "copying from it");
    s.busy = false;
    std::memcpy(static_cast<std::byte*>(to) + transfers[finished].at, s.memory, transfers[finished].bytes);
    ++finished;
  };
  for (const Transfer& t : transfers) {
    Slot& s = nextSlot();
    check(t.start(s.memory), "copying from it");
    check(d.recordEvent(s.event, stream_), "an event");
    s.busy = true;
    coming.push_back(&s);
    if (coming.size() - finished == kSlots - 1) finish();
  }
  while (finished < coming.size()) finish();
}

void Card::toHost(void* to, cuda::Pointer from, std::size_t bytes) {
  std::vector<Transfer> pieces;
  for (std::size_t at = 0; at < bytes; at += kPiece) {
    const std::size_t n = std::min(kPiece, bytes - at);
    pieces.push_back({at, n, [this, from, at, n](void* slot) { return cuda::driver().toHost(slot, from + at, n, stream_); }});
  }
  toHost(to, pieces);
}

void Card::rowsToHost(void* to, cuda::Pointer from, std::size_t bytes, std::size_t pitch, std::size_t rows) {
  if (bytes == 0 || rows == 0) return;
  if (bytes == pitch) return toHost(to, from, bytes * rows);
  if (bytes > kPiece || pitch > kMostPitch) {
    for (std::size_t r = 0; r < rows; ++r) toHost(static_cast<std::byte*>(to) + r * bytes, from + r * pitch, bytes);
    return;
  }
  const std::size_t at_once = kPiece / bytes;
  std::vector<Transfer> pieces;
  for (std::size_t r = 0; r < rows; r += at_once) {
    const std::size_t n = std::min(at_once, rows - r);
    pieces.push_back({r * bytes, n * bytes, [=, this](void* slot) {
                        cuda::Copy2D c;
                        c.from_kind = cuda::kDeviceMemory, c.from_device = from + r * pitch, c.from_pitch = pitch;
                        c.to_kind = cuda::kHostMemory, c.to_host = slot, c.to_pitch = bytes;
                        c.width = bytes, c.height = n;
                        return cuda::driver().copy2D(&c, stream_);
                      }});
  }
  toHost(to, pieces);
}

cuda::Pointer Card::allocate(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  use();
  const std::size_t capacity = capacityOf(bytes);
  cuda::Pointer at = 0;
  if (auto found = kept_.find(capacity); found != kept_.end()) {
    at = found->second;
    kept_.erase(found);
    held_ -= std::int64_t(capacity);
  } else {
    auto r = cuda::driver().allocate(&at, capacity);
    if (r == cuda::kOutOfMemory && freeKept()) r = cuda::driver().allocate(&at, capacity);
    if (r == cuda::kOutOfMemory) {
      const DeviceMemory now = memory();
      throw Error("gpu:" + std::to_string(index_) + " (" + facts_.name + ") has no " + detail::memory_text(double(bytes)) + " left: " +
                  detail::memory_text(double(now.free)) + " of " + detail::memory_text(double(now.total)) +
                  " are free, arrays and programs of this process use " + detail::memory_text(double(now.used)));
    }
    check(r, "taking memory");
  }
  used_ += std::int64_t(capacity);
  peak_ = std::max(peak_, used_);
  return at;
}

void Card::release(cuda::Pointer at, std::size_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t capacity = capacityOf(bytes);
  used_ -= std::int64_t(capacity);
  held_ += std::int64_t(capacity);
  try {
    kept_.emplace(capacity, at);
  } catch (...) {  // lost until the process ends
  }
}

/// Of everything that was given back. Waits, since kernels may still use it.
bool Card::freeKept() noexcept {
  const auto& d = cuda::driver();
  if (kept_.empty() || d.waitForStream(stream_) != cuda::kSuccess) return false;
  for (const auto& [capacity, at] : kept_) d.free(at);
  kept_.clear();
  held_ = 0;
  return true;
}

DeviceMemory Card::memory() {
  const std::lock_guard lock(mutex_);
  use();
  std::size_t free = 0, total = 0;
  check(cuda::driver().memoryInfo(&free, &total), "asking for its memory");
  DeviceMemory m;
  m.total = std::int64_t(total), m.free = std::int64_t(free);
  m.used = used_, m.held = held_, m.peak = peak_;
  return m;
}

double Card::available() {
  const DeviceMemory m = memory();
  return double(m.free) + double(m.held);
}

}  // namespace nuthatch::gpu
