#include "tests/gpu/simulated/races.h"

#include <algorithm>
#include <sstream>

#include "tests/gpu/simulated/launch.h"

namespace nuthatch::simulated {
namespace {

/// The later of both, thread by thread. Many threads know the same, and share it.
template <class C>
std::shared_ptr<const C> later(const std::shared_ptr<const C>& a, const std::shared_ptr<const C>& b) {
  if (!a || a == b) return b;
  if (!b) return a;
  auto out = std::make_shared<C>(*a);
  for (std::size_t k = 0; k < out->size(); ++k) (*out)[k] = std::max((*out)[k], (*b)[k]);
  return out;
}

/// Where the access of a thread is, or belongs.
template <class Accesses>
auto place(Accesses& all, std::uint32_t thread) {
  return std::lower_bound(all.begin(), all.end(), thread, [](const auto& a, std::uint32_t t) { return a.thread < t; });
}

}  // namespace

void Races::note(std::vector<Access>& all, const Access& now) {
  const auto mine = place(all, now.thread);
  if (mine != all.end() && mine->thread == now.thread) *mine = now;
  else all.insert(mine, now);
}

Races::Races(std::uint32_t threads_per_block, std::uint32_t blocks, bool cooperative)
    : threads_per_block(threads_per_block), cooperative(cooperative), known(std::size_t(threads_per_block) * blocks) {}

std::uint32_t Races::number(const Thread& t) const { return t.block->number * threads_per_block + t.index; }

/// Clocks have an entry for each thread of the launch, or of its block: threads of other blocks are known by nobody.
bool Races::knows(std::uint32_t thread, const Access& a) const {
  if (a.thread == thread || a.thread == ~0u) return true;
  if (!cooperative && a.thread / threads_per_block != thread / threads_per_block) return false;
  const auto& others = known[thread].others;
  return others && (*others)[cooperative ? a.thread : a.thread % threads_per_block] >= a.time;
}

std::shared_ptr<const Races::Clock> Races::all(std::uint32_t thread) const {
  const auto& k = known[thread];
  auto out = k.others ? std::make_shared<Clock>(*k.others) : std::make_shared<Clock>(cooperative ? known.size() : threads_per_block);
  (*out)[cooperative ? thread : thread % threads_per_block] = k.own;
  return out;
}

void Races::report(const Thread& t, const Instruction& i, const char* what, const Access& a, const char* before, std::uint64_t address) const {
  std::ostringstream out;
  out << "race: thread " << number(t) << " " << what << " in line " << i.line << " what thread " << a.thread << " " << before << " in line " << a.line
      << ", at 0x" << std::hex << address;
  throw Fault(kLaunchFailed, out.str());
}

template <class F>
void Races::words(const Thread& t, std::uint64_t address, std::uint32_t bytes, F f) {
  // Every block has shared memory of its own.
  if (address - kSharedBase < kWindow) address += std::uint64_t(t.block->number) << 24;
  const bool bytewise = bytes < 4;
  for (std::uint64_t a = address; a < address + bytes; a += bytewise ? 1 : 4) f(shadow[bytewise ? a | 1ull << 63 : a], a);
}

void Races::load(Thread& t, const Instruction& i, std::uint64_t address, std::uint32_t bytes, bool constant) {
  const auto me = number(t);
  words(t, address, bytes, [&](Word& w, std::uint64_t at) {
    // Such loads need not see what the kernel itself wrote, whenever that was.
    if (constant && w.write.thread != ~0u) report(t, i, "reads, as what never changes,", w.write, "wrote", at);
    // Who wrote the same value itself reads it, whoever was first.
    const auto own = place(w.same, me);
    if ((own == w.same.end() || own->thread != me) && !knows(me, w.write)) report(t, i, "reads", w.write, "wrote", at);
    const Access now{me, known[me].own, i.line};
    if (constant) w.constant = now;
    note(w.reads, now);
  });
}

void Races::store(Thread& t, const Instruction& i, std::uint64_t address, std::uint32_t bytes, bool changes) {
  const auto me = number(t);
  // What writes the value that is there disturbs nobody until another one is written.
  if (!changes) return words(t, address, bytes, [&](Word& w, std::uint64_t) { note(w.same, {me, known[me].own, i.line}); });
  words(t, address, bytes, [&](Word& w, std::uint64_t at) {
    if (w.constant.thread != ~0u) report(t, i, "writes", w.constant, "read, as what never changes,", at);
    if (!knows(me, w.write)) report(t, i, "writes", w.write, "wrote", at);
    for (const auto& read : w.reads)
      if (!knows(me, read)) report(t, i, "writes", read, "read", at);
    for (const auto& write : w.same)
      if (!knows(me, write)) report(t, i, "writes", write, "wrote", at);
    w.write = {me, known[me].own, i.line};
    w.reads.clear();
    w.same.clear();
  });
}

void Races::acquire(std::uint32_t thread, const std::shared_ptr<const Clock>& clock) { known[thread].others = later<Clock>(known[thread].others, clock); }

void Races::atomic(Thread& t, const Instruction&, std::uint64_t address, std::uint32_t, Order order, bool writes) {
  const auto me = number(t);
  auto& k = known[me];
  auto& there = released[address];
  if (order == Order::acquire || order == Order::both) acquire(me, there);
  else k.seen = later<Clock>(k.seen, there);
  if (!writes) return;
  there = later<Clock>(there, order == Order::release || order == Order::both ? all(me) : k.fenced);
  ++k.own;
}

void Races::fence(Thread& t) {
  const auto me = number(t);
  acquire(me, known[me].seen);
  known[me].fenced = all(me);
  ++known[me].own;
}

void Races::join(const std::vector<Thread*>& threads) {
  std::shared_ptr<const Clock> sum;
  auto clock = std::make_shared<Clock>(cooperative ? known.size() : threads_per_block);
  for (const Thread* t : threads) {
    auto& k = known[number(*t)];
    if (k.others != sum && k.others) {
      for (std::size_t n = 0; n < clock->size(); ++n) (*clock)[n] = std::max((*clock)[n], (*k.others)[n]);
      sum = k.others;  // neighbours often know the same
    }
  }
  for (const Thread* t : threads) {
    const auto me = number(*t);
    auto& mine = (*clock)[cooperative ? me : me % threads_per_block];
    mine = std::max(mine, known[me].own);
  }
  const std::shared_ptr<const Clock> out = clock;
  for (const Thread* t : threads) {
    auto& k = known[number(*t)];
    k.others = out;
    ++k.own;
  }
}

}  // namespace nuthatch::simulated
