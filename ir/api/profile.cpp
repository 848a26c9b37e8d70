#include "nuthatch/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "ir/api/regions.h"
#include "nuthatch/detail/profile.h"

namespace nuthatch {

namespace {
/// With the units a person would choose.
std::string duration(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.1f} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.2f} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.2f} ms", seconds * 1e3);
  return fmt::format("{:.2f} s", seconds);
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", int(c));
    else out += c;
  }
  return out + "\"";
}
}  // namespace

std::string to_string(const Profile& p) {
  std::string out = fmt::format("{} a run (mean of {}), {} groups\n", duration(p.seconds), p.runs, p.groups.size());
  out += fmt::format("{:>10} {:>10} {:>6} {:>9} {:>7}  group\n", "time", "self", "share", "calls", "GB/s");
  for (const auto& g : p.groups) {
    const std::string speed = g.bytes > 0 && g.self > 0 ? fmt::format("{:.1f}", g.bytes / g.self / 1e9) : "";
    out += fmt::format("{:>10} {:>10} {:>5.1f}% {:>9.6g} {:>7}  {:{}}{} at {}\n", duration(g.seconds), duration(g.self),
                       p.seconds > 0 ? 100 * g.self / p.seconds : 0.0, g.calls, speed, "", 2 * g.depth, g.what, g.where);
  }
  return out;
}

std::string Profile::trace() const {
  std::string out = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  for (std::size_t k = 0; k < events.size(); ++k) {
    const auto& e = events[k];
    const auto& g = groups[e.group];
    out += fmt::format("{}\n{{\"name\":{},\"cat\":\"group\",\"ph\":\"X\",\"ts\":{:.3f},\"dur\":{:.3f},\"pid\":1,\"tid\":1,\"args\":{{\"where\":{}}}}}",
                       k ? "," : "", quoted(g.what), e.start, e.duration, quoted(g.where));
  }
  return out + "\n]}\n";
}

void Profile::write_trace(const std::string& path, Where where) const {
  std::ofstream file(path);
  file << trace();
  file.close();
  if (!file) throw Error("profile: cannot write " + path, where);
}

namespace detail {

Profile profiled(const Leaves& arguments, Body body, Where where) {
  std::vector<Array> arrays;
  for (const auto& x : arguments) {
    const Value& v = checked("profile", x, where);
    if (!v.concrete()) fail("profile", "an argument is traced; profile a function from outside", where);
    arrays.push_back(v.array);
  }
  const ProgramPtr program = trace_program(
      types_of(arguments),
      [&](const Values& inner) {
        Leaves results = body(arguments_for(arguments, inner));
        for (const auto& y : results) checked("profile", y, where);
        return values_of(results);
      },
      where);
  return profile_program(*program, arrays);
}

}  // namespace detail
}  // namespace nuthatch
