// Loops of steps: the host gives iterations to the card ahead of knowing whether they are needed, alone or as graphs.
#include <algorithm>
#include <chrono>

#include "backends/gpu/step_run.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

constexpr std::int64_t kMostPairs = 8;   // of iterations between two looks at the chains
constexpr double kShort = 0.5e-3;        // seconds: a pair that takes less is worth a graph
constexpr double kLong = 2e-3;           // between two looks
constexpr std::int64_t kLook = 16;       // iterations of a bounded loop, an even number

struct CaptureFailed {};

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

Poll::Poll(Card& card, std::size_t bytes) : card_(card), bytes_(bytes) {
  card.check(cuda::driver().allocateHost(&memory_, bytes, 0), "page-locked memory");
  card.check(cuda::driver().createEvent(&event_, cuda::kNoTiming), "making an event");
}

Poll::~Poll() {
  if (!card_.useToEnd()) return;
  if (event_) cuda::driver().waitForEvent(event_);  // the last copy may be on its way
  if (event_) cuda::driver().destroyEvent(event_);
  if (memory_) cuda::driver().freeHost(memory_);
}

void Poll::start(cuda::Pointer live) {
  card_.check(cuda::driver().toHost(memory_, live, bytes_, card_.stream()), "asking which chains go on");
  card_.check(cuda::driver().recordEvent(event_, card_.stream()), "an event");
}

bool Poll::anyLive() {
  card_.check(cuda::driver().waitForEvent(event_), "waiting for a program");
  const auto* p = static_cast<const std::uint8_t*>(memory_);
  return std::any_of(p, p + bytes_, [](std::uint8_t x) { return x != 0; });
}

void CompiledSchedule::Kept::forget(GraphOf& g) {
  if (g.exec) cuda::driver().destroyGraphExec(g.exec);
  if (g.graph) cuda::driver().destroyGraph(g.graph);
  g = {};
}
CompiledSchedule::Kept::~Kept() {
  for (auto& [loop, g] : graphs) forget(g);
}

/// While a graph is recorded, what is refused is not a failure of the card.
void ScheduleRun::check(cuda::Result r, const char* what) {
  if (!capturing_) return card_.check(r, what);
  if (r != cuda::kSuccess) throw CaptureFailed{};
}

void ScheduleRun::run(const Loop& loop, const Command& c) { loop.live < 0 || loop.trip >= 0 ? count(loop, c) : repeat(loop, c); }

/// A known number of iterations, or at most so many.
void ScheduleRun::count(const Loop& loop, const Command& c) {
  const auto& s = c_.schedule_;
  const std::size_t carries = 2, parts = carries + 2 * loop.carries.size();
  std::int64_t i = 0;
  for (; i < loop.trip; ++i) {
    if (loop.live >= 0 && !capturing_ && i > 0 && i % kLook == 0) {
      Poll& poll = pollOf(loop, 0);
      poll.start(c.at[1]);
      if (!poll.anyLive()) break;
    }
    const std::int64_t number = loop.reverse ? loop.trip - 1 - i : i;
    if (loop.counter >= 0) copy(c.at[0], counters_.at(&loop) + cuda::Pointer(number) * 8, 8);
    run(c.body[i % 2]);
    for (std::size_t k = 0; k < loop.parts.size(); ++k) {
      const bool rows = s.values[std::size_t(loop.parts[k].slice)].varying;
      cuda::Copy2D copy;
      copy.height = rows ? std::size_t(c_.chains_) : 1;
      copy.width = copy.from_pitch = std::size_t(bytesOf(s, loop.parts[k].slice, 1));
      copy.from_kind = copy.to_kind = cuda::kDeviceMemory;
      copy.from_device = c.at[parts + 2 * k];
      copy.to_device = c.at[parts + 2 * k + 1] + cuda::Pointer(number) * copy.width;
      copy.to_pitch = copy.width * std::size_t(loop.trip);
      if (copy.width == 0) continue;
      check(copy.height == 1 ? cuda::driver().onDevice(copy.to_device, copy.from_device, copy.width, card_.stream())
                             : cuda::driver().copy2D(&copy, card_.stream()),
            "copying a slice");
    }
  }
  if (i % 2)  // what was stored last is in the second arrays
    for (std::size_t k = 0; k < loop.carries.size(); ++k)
      copy(c.at[carries + 2 * k], c.at[carries + 2 * k + 1], bytesOf(s, loop.carries[k].first, c_.chains_));
}

/// As long as a chain is live. Iterations come in pairs, behind which all arrays are where they were; what comes after the
/// last chain has ended changes nothing. One batch is under way while the host waits for the news of the one before.
void ScheduleRun::repeat(const Loop& loop, const Command& c) {
  CompiledSchedule::Kept::GraphOf* graph = nullptr;
  std::int64_t at_once = 1;
  auto batch = [&](int slot) {
    if (graph) card_.check(cuda::driver().launchGraph(graph->exec, card_.stream()), "starting a graph");
    else pairs(c, at_once);
    pollOf(loop, slot).start(c.at[1]);
  };
  const bool mayRecord = c_.graphs_ != Graphs::never && canBeGraph(loop.body) && !capturing_;
  batch(0);
  double before = seconds();
  for (int slot = 0;; slot ^= 1) {
    if (mayRecord && !graph && c_.graphs_ == Graphs::always) graph = graphFor(loop, c, kMostPairs);
    batch(slot ^ 1);
    if (!pollOf(loop, slot).anyLive()) break;
    const double now = seconds(), took = now - before;
    before = now;
    if (graph) continue;
    if (mayRecord && at_once >= 2 && took < kShort * double(at_once)) graph = graphFor(loop, c, kMostPairs);
    if (took < kLong) at_once = std::min(2 * at_once, kMostPairs);
  }
}

Poll& ScheduleRun::pollOf(const Loop& loop, int slot) {
  auto& poll = kept_.polls[slot][&loop];
  if (!poll) poll = std::make_unique<Poll>(card_, std::size_t(bytesOf(c_.schedule_, loop.live, c_.chains_)));
  return *poll;
}

void ScheduleRun::pairs(const Command& c, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    run(c.body[0]);
    run(c.body[1]);
  }
}

// ---- graphs ----

/// Kernels and products; loops with a known number of iterations are written out.
bool ScheduleRun::canBeGraph(const std::vector<Step>& steps) const {
  return std::ranges::all_of(steps, [&](const Step& step) {
    if (const auto* l = std::get_if<Loop>(&step.what)) return l->trip >= 0 && l->trip <= 64 && canBeGraph(l->body);
    return std::holds_alternative<Kernel>(step.what) || std::holds_alternative<Product>(step.what);
  });
}

void ScheduleRun::keyOf(const std::vector<Command>& commands, std::vector<cuda::Pointer>& key) const {
  for (const Command& c : commands) {
    key.push_back(c.arguments), key.push_back(c.results);
    key.insert(key.end(), c.at.begin(), c.at.end());
    for (const auto& body : c.body) keyOf(body, key);
  }
}

/// Null where the driver cannot record it; nothing is tried again then.
CompiledSchedule::Kept::GraphOf* ScheduleRun::graphFor(const Loop& loop, const Command& c, std::int64_t n) {
  if (kept_.graphs_fail) return nullptr;
  std::vector<cuda::Pointer> key{workspace_, streams_};
  for (const auto& body : c.body) keyOf(body, key);
  for (const auto& [counted, at] : counters_) key.push_back(at);
  auto& g = kept_.graphs[&loop];
  if (g.exec && g.key == key && g.pairs == n) return &g;
  kept_.forget(g);
  const auto& d = cuda::driver();
  bool recorded = d.beginCapture(card_.stream(), cuda::kCaptureThreadLocal) == cuda::kSuccess;
  if (recorded) {
    capturing_ = true;
    try {
      pairs(c, n);
    } catch (const CaptureFailed&) {
      recorded = false;
    } catch (const Error&) {  // a library that cannot be recorded
      recorded = false;
    }
    capturing_ = false;
    recorded = d.endCapture(card_.stream(), &g.graph) == cuda::kSuccess && recorded && g.graph;
  }
  if (!recorded || d.instantiate(&g.exec, g.graph, 0) != cuda::kSuccess) {
    kept_.forget(g);
    kept_.graphs_fail = true;
    return nullptr;
  }
  g.key = std::move(key);
  g.pairs = n;
  return &g;
}

}  // namespace nuthatch::gpu
