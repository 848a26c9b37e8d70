// A schedule for people.
#include <algorithm>

#include <fmt/format.h>

#include "backends/gpu/schedule.h"
#include "nuthatch/print.h"

namespace nuthatch::gpu {
namespace {

class Text {
 public:
  Text(const Schedule& s, std::int64_t chains) : s(s), chains(chains) {}

  std::string all() {
    if (s.whole()) return "one kernel: no matrix product or factorisation is large enough for a library\n";
    std::string out = fmt::format("{} steps", allSteps(s.steps).size());
    if (s.chains) out += fmt::format(" for {} chains", chains);
    out += fmt::format("; {} in arrays between them\n", size(between()));
    steps(s.steps, 1, out);
    return out;
  }

 private:
  static std::string size(double bytes) {
    for (auto [unit, name] : {std::pair{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}})
      if (bytes >= unit) return fmt::format("{:.3g} {}", bytes / unit, name);
    return fmt::format("{:.0f} B", bytes);
  }
  double bytes(ValueId id) const {
    const auto& v = s.values[std::size_t(id)];
    double n = double(size_of(v.type.dtype)) * (v.varying ? double(chains) : 1.0);
    for (auto extent : v.type.shape) n *= double(extent);
    return n;
  }
  double between() const {
    double total = 0;
    for (ValueId id = 0; id < ValueId(s.values.size()); ++id)
      if (std::ranges::count(s.arguments, id) + std::ranges::count(s.results, id) == 0) total += bytes(id);
    return total;
  }
  std::string moved(const std::vector<ValueId>& ids) const {
    double total = 0;
    for (auto id : ids) total += bytes(id);
    return fmt::format("{} arrays, {}", ids.size(), size(total));
  }
  std::string forChains(std::int64_t m, bool varying) const { return std::to_string(varying ? m * chains : m); }
  static std::string many(const std::string& count) { return count == "1" ? "" : count + " times "; }

  std::string line(const Kernel& k) const {
    return fmt::format("kernel{}: reads {}; writes {}", s.chains ? (k.varying ? ", every chain" : ", once") : "", moved(k.arguments), moved(k.results));
  }
  std::string line(const Product& p) const {
    return fmt::format("cuBLAS: {}[{}, {}] x [{}, {}] {}, {}, the result has {}", many(forChains(p.batch, p.batch_of_chains)),
                       forChains(p.m, p.rows_of_chains), p.k, p.k, p.n, name(p.dtype), flops(p), size(bytes(p.c.value)));
  }
  std::string flops(const Product& p) const {
    double n = 2.0 * double(p.m) * double(p.n) * double(p.k) * double(p.batch);
    if (p.rows_of_chains || p.batch_of_chains) n *= double(chains);
    return fmt::format("{:.3g} Gflop", n / 1e9);
  }
  std::string line(const Factor& f) const {
    return fmt::format("cuSOLVER: {}Cholesky of [{}, {}] {}", many(forChains(f.batch, f.batch_of_chains)), f.n, f.n, name(f.dtype));
  }
  std::string line(const Substitution& x) const {
    if (x.chains_are_columns) return fmt::format("cuBLAS: solve with triangular [{}, {}] for the vectors of {} chains, {}", x.n, x.n, chains, name(x.dtype));
    return fmt::format("cuBLAS: {}solve with triangular [{}, {}] for {} columns, {}", many(forChains(x.batch, x.batch_of_chains)), x.n, x.n,
                       x.columns, name(x.dtype));
  }
  std::string line(const Loop& l) const {
    if (l.counter >= 0) return fmt::format("{} times:", l.trip);
    return s.values[std::size_t(l.live)].varying ? "while any chain goes on:" : "while the condition holds:";
  }

  void steps(const std::vector<Step>& list, int depth, std::string& out) {
    for (const Step& step : list) {
      out += std::string(std::size_t(depth) * 2, ' ') + std::visit([&](const auto& x) { return line(x); }, step.what) + "\n";
      if (const auto* loop = std::get_if<Loop>(&step.what)) steps(loop->body, depth + 1, out);
    }
  }

  const Schedule& s;
  const std::int64_t chains;
};

}  // namespace

std::string explain(const Schedule& s, std::int64_t chains) { return Text(s, chains).all(); }

}  // namespace nuthatch::gpu
