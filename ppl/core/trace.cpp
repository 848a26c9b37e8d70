#include "nuthatch/trace.h"

#include <algorithm>
#include <map>

#include "nuthatch/handlers.h"
#include "nuthatch/math.h"

namespace nuthatch {

const Site* Trace::find(const std::string& name) const {
  auto it = std::find_if(begin(), end(), [&](const Site& s) { return s.name == name; });
  return it == end() ? nullptr : &*it;
}

const Site& Trace::operator[](const SiteName& name) const {
  if (const Site* site = find(name.name)) return *site;
  std::string known;
  for (const Site& s : sites_) known += (known.empty() ? "" : ", ") + s.name;
  throw Error("no site \"" + name.name + "\" in the trace; there are: " + known, name.where);
}

void Trace::add(Site site) {
  if (site.primitive == Primitive::prng_key || site.primitive == Primitive::get_mask) return;
  if (const Site* first = find(site.name)) {
    if (site.primitive == Primitive::plate && first->primitive == Primitive::plate) return;  // entered again
    if (site.primitive == Primitive::mutable_state && first->primitive == Primitive::mutable_state) {
      sites_[std::size_t(first - sites_.data())].value = site.value;
      return;
    }
    if (site.primitive == Primitive::param && first->primitive == Primitive::param) return;  // shared on purpose
    throw Error(site.title() + ": this name is already used at " + to_string(first->where) +
                    "\n  put one of them under Scope(\"...\") or give it another name",
                site.where);
  }
  for (const PlateFrame& frame : site.plates)
    for (const Site& other : sites_)
      for (const PlateFrame& seen : other.plates)
        if (seen.name == frame.name && seen.size != frame.size)
          throw Error("plate \"" + frame.name + "\" has size " + std::to_string(frame.size) + " here and " +
                          std::to_string(seen.size) + " at " + to_string(seen.where),
                      frame.where);
  sites_.push_back(std::move(site));
}

Tensor Trace::log_density() const {
  std::map<std::string, Tensor> terms;
  for (const Site& s : sites_)
    if (s.primitive == Primitive::sample || s.primitive == Primitive::factor) terms[s.name] = sum(s.log_prob());
  Tensor total = 0.0;
  bool first = true;
  for (const auto& [name, term] : terms) {
    total = first ? term : total + term;
    first = false;
  }
  return total;
}

void TraceHandler::finish(Message& m) { trace.add(m); }

Trace trace(const BoundModel& model) {
  TraceHandler handler;
  {
    Active active(handler);
    model.run();
  }
  return std::move(handler.trace);
}

}  // namespace nuthatch
