#include "tests/gpu/simulated/launch.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <sstream>
#include <thread>

#include "tests/gpu/simulated/races.h"

namespace nuthatch::simulated {
namespace {

std::string describe(const Span& s) {
  std::ostringstream out;
  out << "[0x" << std::hex << s.begin << ", 0x" << s.end << "), " << std::dec << s.end - s.begin << " bytes";
  return out.str();
}

/// A line of the module's text.
std::string quote(const std::string& text, std::uint32_t line) {
  std::size_t at = 0;
  for (std::uint32_t k = 1; k < line && at != std::string::npos; ++k) at = text.find('\n', at) + 1;
  auto out = text.substr(at, text.find('\n', at) - at);
  out.erase(0, out.find_first_not_of(" \t"));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

class Launch {
 public:
  Launch(const Module& m, const Function& f, const std::vector<std::byte>& parameters, std::span<const Span> memory, const LaunchOptions& o)
      : m(m), f(f), parameters(parameters), memory(memory), o(o) {}

  std::int64_t run() {
    o.cooperative ? runTogether() : runOneByOne();
    return total;
  }

 private:
  void fill(Block& block, Core& core, std::uint32_t number) const {
    const auto n = std::uint32_t(o.block.product());
    const std::size_t slots = m.start.size();
    block.module = &m;
    block.core = &core;
    block.number = number;
    block.slots.resize(slots * n);
    block.threads.assign(n, {});
    block.warps.assign((n + 31) / 32, {});
    block.barriers.fill({});
    block.shared.assign(m.shared_bytes + o.dynamic_shared, std::byte(0xa5));
    block.local.assign(std::size_t(m.local_bytes) * n, std::byte(0xa5));
    block.ended = 0;
    for (std::uint32_t k = 0; k < n; ++k) {
      Thread& t = block.threads[k];
      t.r = block.slots.data() + slots * k;
      t.pc = f.code.data();
      t.block = &block;
      t.local = block.local.data() + std::size_t(m.local_bytes) * k;
      t.index = k;
      block.warps[k / 32].lanes |= 1u << (k % 32);
      std::copy(m.start.begin(), m.start.end(), t.r);
      place(t, number);
      std::size_t at = 0;
      for (const auto& p : f.parameters) {
        std::memcpy(t.r + p.slot, parameters.data() + at, p.bytes);
        at += (p.bytes + 7) / 8 * 8;
      }
    }
  }

  void place(Thread& t, std::uint32_t number) const {
    const auto k = t.index, lane = k % 32;
    const std::uint32_t tid[] = {k % o.block.x, k / o.block.x % o.block.y, k / o.block.x / o.block.y};
    const std::uint32_t ntid[] = {o.block.x, o.block.y, o.block.z}, nctaid[] = {o.grid.x, o.grid.y, o.grid.z};
    const std::uint32_t ctaid[] = {number % o.grid.x, number / o.grid.x % o.grid.y, number / o.grid.x / o.grid.y};
    for (std::uint32_t d = 0; d < 3; ++d) {
      t.r[kTid + d] = tid[d];
      t.r[kNtid + d] = ntid[d];
      t.r[kCtaid + d] = ctaid[d];
      t.r[kNctaid + d] = nctaid[d];
    }
    t.r[kLane] = lane;
    t.r[kWarp] = k / 32;
    t.r[kWarps] = t.block->warps.size();
    const std::uint32_t mine = 1u << lane;
    t.r[kLaneMask] = mine;
    t.r[kLanesBefore] = mine - 1;
    t.r[kLanesUpTo] = mine | (mine - 1);
    t.r[kLanesFrom] = ~(mine - 1);
    t.r[kLanesAfter] = ~(mine | (mine - 1));
  }

  /// Each thread that can go on does so until it waits, in an order that is drawn. False when none could.
  bool turn(Block& block, std::mt19937_64& random, std::int64_t most, std::int64_t& used) const {
    std::vector<Thread*> ready;
    for (Thread& t : block.threads)
      if (t.state == State::ready) ready.push_back(&t);
    std::shuffle(ready.begin(), ready.end(), random);
    for (Thread* t : ready) {
      try {
        t->left = most;
        t->unused = 0;
        do {
          const Instruction& i = *t->pc++;
          i.run(*t, i);
        } while (--t->left > 0);
        used += most - t->unused;
      } catch (const Fault& fault) {
        throw Fault(fault.code, fault.what() + where(*t));
      }
      if (used > o.instructions)
        throw Fault(kLaunchTimeout, "more than " + std::to_string(o.instructions) + " instructions" + where(*t));
    }
    return !ready.empty();
  }

  std::string where(const Thread& t) const {
    const auto line = (t.pc > f.code.data() ? t.pc[-1] : t.pc[0]).line;
    return "\n  in kernel " + f.name + ", block " + std::to_string(t.block->number) + " of " + std::to_string(o.grid.product()) + ", thread " +
           std::to_string(t.index) + " of " + std::to_string(o.block.product()) + "\n  line " + std::to_string(line) + ": " + quote(m.text, line);
  }

  [[noreturn]] void stuck(const Block& block) const {
    std::ostringstream out;
    out << "threads wait for others that never come";
    for (const bool ended : {true, false}) {
      int shown = 0;
      for (const Thread& t : block.threads)
        if ((t.state == State::ended) == ended && ++shown <= 4)
          out << "\n  thread " << t.index << (ended ? " has ended in line " : " waits in line ") << t.waits_at->line;
    }
    const auto waits = std::find_if(block.threads.begin(), block.threads.end(), [](const Thread& t) { return t.state != State::ended; });
    throw Fault(kLaunchTimeout, out.str() + where(*waits));
  }

  void runOneByOne() {
    const auto blocks = std::uint32_t(o.grid.product());
    std::atomic<std::uint32_t> next{0};
    std::atomic<bool> failed{false};
    std::mutex lock;
    std::unique_ptr<Fault> first;
    std::unique_ptr<Races> races;
    if (o.check_races) races = std::make_unique<Races>(std::uint32_t(o.block.product()), blocks, false);
    auto work = [&] {
      Core core{memory, {}, races.get(), false};
      Block block;
      std::int64_t sum = 0;
      try {
        for (std::uint32_t k; !failed && (k = next++) < blocks;) {
          const auto number = o.seed % 2 ? blocks - 1 - k : k;
          std::mt19937_64 random(o.seed * 1000003 + number);
          fill(block, core, number);
          std::int64_t used = 0;
          while (block.ended < block.threads.size())
            if (!turn(block, random, o.instructions + 1 - used, used)) stuck(block);
          sum += used;
        }
      } catch (const Fault& fault) {
        failed = true;
        const std::lock_guard hold(lock);
        if (!first) first = std::make_unique<Fault>(fault);
      }
      const std::lock_guard hold(lock);
      total += sum;
    };
    const auto workers = o.check_races ? 1u : std::min<std::uint32_t>(std::uint32_t(std::max(o.workers, 1)), blocks);
    std::vector<std::thread> others;
    for (std::uint32_t k = 1; k < workers; ++k) others.emplace_back(work);
    work();
    for (auto& t : others) t.join();
    if (first) throw *first;
  }

  /// All blocks are there at once and have their turns: a thread that waits for another block does so in a loop.
  void runTogether() {
    const auto blocks = std::uint32_t(o.grid.product());
    std::unique_ptr<Races> races;
    if (o.check_races) races = std::make_unique<Races>(std::uint32_t(o.block.product()), blocks, true);
    Core core{memory, {}, races.get(), true};
    std::vector<Block> all(blocks);
    for (std::uint32_t k = 0; k < blocks; ++k) fill(all[k], core, k);
    std::mt19937_64 random(o.seed);
    std::vector<Block*> order;
    for (auto& b : all) order.push_back(&b);
    while (!order.empty()) {
      std::shuffle(order.begin(), order.end(), random);
      for (Block* b : order)
        if (!turn(*b, random, kSlice, total)) stuck(*b);
      std::erase_if(order, [](const Block* b) { return b->ended == b->threads.size(); });
    }
  }

  static constexpr std::int64_t kSlice = 100'000;
  const Module& m;
  const Function& f;
  const std::vector<std::byte>& parameters;
  std::span<const Span> memory;
  const LaunchOptions& o;
  std::int64_t total = 0;
};

}  // namespace

Span Core::find(std::uint64_t address, std::uint64_t bytes) const {
  const auto after = std::upper_bound(memory.begin(), memory.end(), address, [](std::uint64_t a, const Span& s) { return a < s.begin; });
  if (after != memory.begin()) {
    const Span& s = after[-1];
    if (address < s.end && bytes <= s.end - address) return s;
  }
  std::ostringstream out;
  out << bytes << " bytes at 0x" << std::hex << address << std::dec << " are not in one allocation";
  if (after != memory.begin() && address >= after[-1].end) out << "\n  " << address - after[-1].end << " bytes behind " << describe(after[-1]);
  else if (after != memory.begin()) out << "\n  at byte " << address - after[-1].begin << " of " << describe(after[-1]);
  else if (after != memory.end()) out << "\n  " << after->begin - address << " bytes before " << describe(*after);
  throw Fault(kIllegalAddress, out.str());
}

std::int64_t runKernel(const Module& m, const Function& f, const std::vector<std::byte>& parameters, std::span<const Span> memory, const LaunchOptions& o) {
  return Launch(m, f, parameters, memory, o).run();
}

}  // namespace nuthatch::simulated
