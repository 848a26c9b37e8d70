#include "backends/runtime/thread_group.h"

#include <ucontext.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "nuthatch/error.h"

namespace nuthatch::runtime {
namespace {

constexpr std::size_t kStack = std::size_t(256) << 10;

/// One thread of the group: a stack of its own, and where it waits.
struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[kStack]};
  bool ended = false;
  std::uint64_t given[2] = {0, 0};  // to others, in turn: a slow thread may still have to take what was given before
  std::int64_t exchanges = 0;
};

struct Group {
  const std::function<void(std::int64_t)>& body;
  std::vector<Fiber> fibers;
  ucontext_t scheduler;
  std::int64_t running = -1;

  void start(std::int64_t thread);
  void run(std::uint64_t seed);
};

thread_local Group* group = nullptr;

void entry() {
  const std::int64_t me = group->running;
  group->body(me);
  group->fibers[std::size_t(me)].ended = true;
  swapcontext(&group->fibers[std::size_t(me)].context, &group->scheduler);
}

void Group::start(std::int64_t thread) {
  Fiber& f = fibers[std::size_t(thread)];
  getcontext(&f.context);
  f.context.uc_stack.ss_sp = f.stack.get();
  f.context.uc_stack.ss_size = kStack;
  f.context.uc_link = nullptr;
  makecontext(&f.context, entry, 0);
}

void Group::run(std::uint64_t seed) {
  std::vector<std::int64_t> order;
  for (std::size_t t = 0; t < fibers.size(); ++t) {
    order.push_back(std::int64_t(t));
    start(std::int64_t(t));
  }
  std::minstd_rand random(static_cast<std::uint32_t>(seed % 2147483646 + 1));
  for (std::size_t ended = 0; ended == 0;) {
    std::shuffle(order.begin(), order.end(), random);
    for (std::int64_t thread : order) {
      running = thread;
      swapcontext(&scheduler, &fibers[std::size_t(thread)].context);
      ended += fibers[std::size_t(thread)].ended;
    }
    if (ended && ended < fibers.size()) throw Error("internal: threads of a group wait for others that have ended");
  }
}

}  // namespace

void runGroup(std::int64_t threads, std::uint64_t seed, const std::function<void(std::int64_t)>& body) {
  Group mine{body, std::vector<Fiber>(std::size_t(threads)), {}, -1};
  Group* const outer = group;
  group = &mine;
  try {
    mine.run(seed);
  } catch (...) {
    group = outer;
    throw;
  }
  group = outer;
}

void groupBarrier() noexcept { swapcontext(&group->fibers[std::size_t(group->running)].context, &group->scheduler); }

std::uint64_t groupExchange(std::uint64_t mine, std::int64_t source) noexcept {
  Fiber& me = group->fibers[std::size_t(group->running)];
  const auto turn = std::size_t(me.exchanges++ % 2);
  me.given[turn] = mine;
  groupBarrier();
  return group->fibers[std::size_t(source)].given[turn];
}

}  // namespace nuthatch::runtime
