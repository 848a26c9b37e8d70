// Where threads wait for each other: barriers of a warp and of a block, and exchanges between the lanes of a warp.
#include <bit>

#include "tests/gpu/simulated/launch.h"
#include "tests/gpu/simulated/races.h"
#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {
namespace {

std::string hex(std::uint32_t x) {
  char out[16];
  std::snprintf(out, sizeof out, "0x%08x", x);
  return out;
}

std::vector<Thread*> lanesOf(Thread& t, std::uint32_t mask) {
  std::vector<Thread*> out;
  Thread* first = t.block->threads.data() + t.index / 32 * 32;
  for (int k = 0; k < 32; ++k)
    if ((mask >> k) & 1) out.push_back(first + k);
  return out;
}

void goOn(Block& block, const std::vector<Thread*>& threads) {
  for (Thread* t : threads) t->state = State::ready;
  if (auto* races = block.core->races) races->join(threads);
}

/// Waits for the lanes in `mask`. True for the last one, when all go on.
bool waitForLanes(Thread& t, const Instruction& i, State state, std::uint32_t mask) {
  Warp& warp = t.block->warpOf(t);
  const std::uint32_t mine = 1u << (t.index % 32);
  if (state == State::at_warp_barrier) mask &= warp.lanes;  // a block may have fewer lanes than a mask of all ones names
  if (!(mask & mine)) throw Fault(kIllegalInstruction, "lane " + std::to_string(t.index % 32) + " waits for lanes " + hex(mask) + ", without itself");
  t.state = state;
  t.waits_with = mask;
  t.waits_at = &i;
  t.stop();
  warp.waiting |= mine;
  if ((warp.waiting & mask) != mask) return false;
  const auto lanes = lanesOf(t, mask);
  for (const Thread* other : lanes) {
    if (other->state == state && other->waits_with == mask && (state == State::at_warp_barrier || other->waits_at == &i)) continue;
    throw Fault(kIllegalInstruction, "lanes " + hex(mask) + " wait for each other, but lane " + std::to_string(other->index % 32) +
                                         " waits in line " + std::to_string(other->waits_at->line) + ", for lanes " + hex(other->waits_with));
  }
  warp.waiting &= ~mask;
  goOn(*t.block, lanes);
  return true;
}

void warpBarrier(Thread& t, const Instruction& i) { waitForLanes(t, i, State::at_warp_barrier, t.get<std::uint32_t>(i.a)); }

/// All threads of a warp that wait in a block's barrier must do so in the same place, where the instruction says so.
void checkAligned(const Block& block, std::uint32_t number) {
  for (const Thread& t : block.threads) {
    if (t.state != State::at_block_barrier || t.waits_with != number) continue;
    const Thread& first = block.threads[t.index / 32 * 32];
    if (first.waits_at != t.waits_at || first.state != t.state)
      throw Fault(kIllegalInstruction, "threads of one warp are at barriers in lines " + std::to_string(t.waits_at->line) + " and " +
                                           (first.waits_at ? std::to_string(first.waits_at->line) : "none"));
  }
}

template <bool aligned>
void blockBarrier(Thread& t, const Instruction& i) {
  Block& block = *t.block;
  const auto number = t.get<std::uint32_t>(i.a), asked = t.get<std::uint32_t>(i.b);
  if (number > 15) throw Fault(kIllegalInstruction, "barrier " + std::to_string(number) + " of 16");
  if (asked % 32) throw Fault(kIllegalInstruction, "a barrier for " + std::to_string(asked) + " threads, not a multiple of 32");
  BlockBarrier& barrier = block.barriers[number];
  const auto expects = i.b == kZero ? std::uint32_t(block.threads.size()) : asked;
  if (barrier.arrived && barrier.expects != expects)
    throw Fault(kIllegalInstruction, "threads wait for " + std::to_string(expects) + " and " + std::to_string(barrier.expects) + " at the same barrier");
  barrier.expects = expects;
  t.state = State::at_block_barrier;
  t.waits_with = number;
  t.waits_at = &i;
  t.stop();
  if (++barrier.arrived < expects) return;
  if (aligned) checkAligned(block, number);
  std::vector<Thread*> all;
  for (Thread& other : block.threads)
    if (other.state == State::at_block_barrier && other.waits_with == number) all.push_back(&other);
  barrier = {};
  goOn(block, all);
}

enum class Shuffle { up, down, butterfly, index };

template <Shuffle kind>
void shuffle(Thread& t, const Instruction& i) {
  const auto mask = t.get<std::uint32_t>(std::uint32_t(i.value));
  if (!waitForLanes(t, i, State::exchanging, mask)) return;
  const auto lanes = lanesOf(t, mask);
  std::uint32_t values[32];
  for (const Thread* lane : lanes) values[lane->index % 32] = lane->get<std::uint32_t>(i.a);
  for (Thread* at : lanes) {
    const int lane = int(at->index % 32), by = int(at->get<std::uint32_t>(i.b) & 31);
    const auto c = at->get<std::uint32_t>(i.c);
    const int segment = int((c >> 8) & 31), last = (lane & segment) | (int(c & 31) & ~segment);
    int from = 0;
    switch (kind) {
      case Shuffle::up: from = lane - by; break;
      case Shuffle::down: from = lane + by; break;
      case Shuffle::butterfly: from = lane ^ by; break;
      case Shuffle::index: from = (lane & segment) | (by & ~segment); break;
    }
    const bool inside = kind == Shuffle::up ? from >= last : from <= last;
    if (!inside) from = lane;
    if (!((mask >> from) & 1))
      throw Fault(kIllegalInstruction, "lane " + std::to_string(lane) + " reads from lane " + std::to_string(from) + ", which does not take part");
    at->put(i.d, values[from]);
    if (i.e) at->setPredicate(i.e, inside);
  }
}

enum class Vote { all, any, same, ballot };

template <Vote kind>
void vote(Thread& t, const Instruction& i) {
  const auto mask = t.get<std::uint32_t>(i.b);
  if (!waitForLanes(t, i, State::exchanging, mask)) return;
  const auto lanes = lanesOf(t, mask);
  std::uint32_t yes = 0;
  for (const Thread* lane : lanes) yes |= std::uint32_t(lane->predicate(i.a)) << (lane->index % 32);
  for (Thread* lane : lanes) switch (kind) {
      case Vote::all: lane->setPredicate(i.d, yes == mask); break;
      case Vote::any: lane->setPredicate(i.d, yes != 0); break;
      case Vote::same: lane->setPredicate(i.d, yes == 0 || yes == mask); break;
      case Vote::ballot: lane->put(i.d, yes); break;
    }
}

template <class T, class F>
void addReduction(Table& table, const std::string& name, F) {
  table.add("redux.sync." + name, "dab", [](Thread& t, const Instruction& i) {
    const auto mask = t.get<std::uint32_t>(i.b);
    if (!waitForLanes(t, i, State::exchanging, mask)) return;
    const auto lanes = lanesOf(t, mask);
    T all = lanes[0]->get<T>(i.a);
    for (std::size_t k = 1; k < lanes.size(); ++k) all = F{}(all, lanes[k]->get<T>(i.a));
    for (Thread* lane : lanes) lane->put(i.d, all);
  });
}

}  // namespace

void threadEnds(Thread& t, const Instruction& i) {
  t.state = State::ended;
  t.waits_at = &i;
  t.stop();
  ++t.block->ended;
  t.block->warpOf(t).ended |= 1u << (t.index % 32);
}

void addWaits(Table& table) {
  table.add("bar.warp.sync", "a", warpBarrier);
  for (const char* name : {"bar.sync", "barrier.sync.aligned", "bar.cta.sync", "barrier.cta.sync.aligned"}) table.add(name, "a?b", blockBarrier<true>);
  for (const char* name : {"barrier.sync", "barrier.cta.sync"}) table.add(name, "a?b", blockBarrier<false>);
  table.add("shfl.sync.up.b32", "pabck", shuffle<Shuffle::up>);
  table.add("shfl.sync.down.b32", "pabck", shuffle<Shuffle::down>);
  table.add("shfl.sync.bfly.b32", "pabck", shuffle<Shuffle::butterfly>);
  table.add("shfl.sync.idx.b32", "pabck", shuffle<Shuffle::index>);
  table.add("vote.sync.all.pred", "dab", vote<Vote::all>);
  table.add("vote.sync.any.pred", "dab", vote<Vote::any>);
  table.add("vote.sync.uni.pred", "dab", vote<Vote::same>);
  table.add("vote.sync.ballot.b32", "dab", vote<Vote::ballot>);
  addReduction<std::uint32_t>(table, "add.u32", [](std::uint32_t a, std::uint32_t b) { return a + b; });
  addReduction<std::uint32_t>(table, "add.s32", [](std::uint32_t a, std::uint32_t b) { return a + b; });
  addReduction<std::uint32_t>(table, "min.u32", [](std::uint32_t a, std::uint32_t b) { return b < a ? b : a; });
  addReduction<std::int32_t>(table, "min.s32", [](std::int32_t a, std::int32_t b) { return b < a ? b : a; });
  addReduction<std::uint32_t>(table, "max.u32", [](std::uint32_t a, std::uint32_t b) { return b > a ? b : a; });
  addReduction<std::int32_t>(table, "max.s32", [](std::int32_t a, std::int32_t b) { return b > a ? b : a; });
  addReduction<std::uint32_t>(table, "and.b32", [](std::uint32_t a, std::uint32_t b) { return a & b; });
  addReduction<std::uint32_t>(table, "or.b32", [](std::uint32_t a, std::uint32_t b) { return a | b; });
  addReduction<std::uint32_t>(table, "xor.b32", [](std::uint32_t a, std::uint32_t b) { return a ^ b; });
  table.add("nanosleep.u32", "a", [](Thread& t, const Instruction&) {
    if (t.block->core->cooperative) t.stop();
  });
}

}  // namespace nuthatch::simulated
