#include "backends/gpu/schedule_memory.h"

#include <algorithm>

namespace nuthatch::gpu {
namespace {

constexpr std::int64_t kAlign = 256;

struct Span {
  int first = -1, last = -1;
  bool meets(const Span& other) const { return first <= other.last && other.first <= last; }
};

/// When each array is needed, in numbered steps; loops have a number before and one behind their bodies.
class Spans {
 public:
  explicit Spans(const Schedule& s) : of(s.values.size()) {
    visit(s.steps);
    // What a loop uses of its surroundings is needed by its last iteration too; inner loops first.
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop)
      for (Span& v : of)
        if (v.first >= 0 && v.first < loop->first && v.last > loop->first) v.last = std::max(v.last, loop->last);
  }
  std::vector<Span> of;

 private:
  void touch(ValueId id) {
    if (id < 0) return;
    Span& v = of[std::size_t(id)];
    if (v.first < 0) v.first = time;
    v.last = std::max(v.last, time);
  }
  void touch(const std::vector<ValueId>& ids) {
    for (auto id : ids) touch(id);
  }
  void touchLoop(const Loop& l) {
    touch({l.live, l.counter});
    for (const auto& c : l.carries) touch({c.first, c.second});
    for (const auto& p : l.parts) touch({p.slice, p.whole});
  }
  void visit(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (const auto* k = std::get_if<Kernel>(&step.what)) touch(k->arguments), touch(k->results);
      if (const auto* p = std::get_if<Product>(&step.what)) touch({p->a.value, p->b.value, p->c.value});
      if (const auto* f = std::get_if<Factor>(&step.what)) touch({f->x, f->factor, f->info});
      if (const auto* s = std::get_if<Substitution>(&step.what)) touch({s->a, s->b, s->y});
      if (const auto* l = std::get_if<Loop>(&step.what)) {
        const std::size_t mine = loops.size();
        loops.push_back({time, time});
        touchLoop(*l);
        ++time;
        visit(l->body);
        touchLoop(*l);
        loops[mine].last = time;
      }
      ++time;
    }
  }

  std::vector<Span> loops;
  int time = 0;
};

}  // namespace

std::int64_t bytesOf(const Schedule& s, ValueId id, std::int64_t chains) {
  const auto& v = s.values[std::size_t(id)];
  return std::int64_t(size_of(v.type.dtype)) * v.type.shape.num_elements() * (v.varying ? chains : 1);
}

SchedulePlaces placesOf(const Schedule& s, std::int64_t chains) {
  const Spans spans(s);
  SchedulePlaces out{std::vector<std::int64_t>(s.values.size(), -1)};
  std::vector<std::size_t> order;
  for (std::size_t id = 0; id < s.values.size(); ++id) {
    const bool outside = std::ranges::count(s.arguments, ValueId(id)) + std::ranges::count(s.results, ValueId(id)) > 0;
    if (!outside && spans.of[id].first >= 0) order.push_back(id);
  }
  auto size = [&](std::size_t id) { return (std::max<std::int64_t>(bytesOf(s, ValueId(id), chains), 1) + kAlign - 1) / kAlign * kAlign; };
  // Large ones first; each into the lowest gap.
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  std::vector<std::size_t> placed;  // by offset
  for (auto id : order) {
    std::int64_t at = 0;
    for (auto other : placed) {
      if (!spans.of[id].meets(spans.of[other])) continue;
      if (at + size(id) <= out.offset[other]) break;
      at = std::max(at, out.offset[other] + size(other));
    }
    out.offset[id] = at;
    out.bytes = std::max(out.bytes, at + size(id));
    placed.insert(std::ranges::upper_bound(placed, at, {}, [&](std::size_t x) { return out.offset[x]; }), id);
  }
  return out;
}

}  // namespace nuthatch::gpu
