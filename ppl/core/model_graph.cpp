#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "nuthatch/array.h"
#include "nuthatch/debug.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

/// What a site is computed from: parameters of its distribution, or its value.
std::vector<Tensor> inputs(const Site& s) {
  if (s.primitive != Primitive::sample) return {s.value};
  std::vector<Tensor> result;
  const detail::DistributionImpl* impl = s.distribution.impl().get();
  while (impl->base()) impl = impl->base();
  for (const auto& p : impl->parameters) result.push_back(p.value);
  // Distributions around others have parameters of their own kind: their density tells.
  result.push_back(s.distribution.log_prob_in_support(s.value));
  return result;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && all_of((a == b) | (isnan(a.cast(f64)) & isnan(b.cast(f64)))).item<bool>();
}

bool changed(const Site& before, const Site& after) {
  const auto x = inputs(before), y = inputs(after);
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    if (!same(x[i], y[i])) return true;
  return x.size() != y.size();
}

/// Another value of a site.
Tensor moved(const Site& s) {
  if (s.primitive == Primitive::sample && s.distribution.support().discrete()) {
    Tensor other = s.distribution.sample(Key(1));
    for (std::uint64_t k = 2; k < 20 && same(other, s.value); ++k) other = s.distribution.sample(Key(k));
    return other;
  }
  return full_like(s.value, NAN);
}

bool is_node(const Site& s) {
  return s.primitive == Primitive::sample || s.primitive == Primitive::deterministic || s.primitive == Primitive::param ||
         s.primitive == Primitive::factor;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (char c : text) result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return result + "\"";
}

std::string node(const Site& s) {
  std::string label = s.name;
  if (s.primitive == Primitive::sample) label += "\n" + s.distribution.name();
  std::string text = quoted(label);
  if (auto at = text.find('\n'); at != std::string::npos) text.replace(at, 1, "\\n");
  const char* shape = s.primitive == Primitive::sample ? "ellipse" : s.primitive == Primitive::factor ? "square" : "box";
  return quoted(s.name) + " [label=" + text + ", shape=" + shape +
         (s.observed ? ", style=filled, fillcolor=lightgray" : s.primitive == Primitive::deterministic ? ", style=dashed" : "") +
         "];\n";
}

/// Sites whose plates begin with `path`, inner plates as boxes in the box.
void write_plates(std::string& text, const Trace& trace, const std::vector<std::string>& path, const std::string& indent) {
  std::set<std::string> inner;
  for (const Site& s : trace) {
    if (!is_node(s) || s.plates.size() < path.size()) continue;
    if (!std::equal(path.begin(), path.end(), s.plates.begin(), [](const auto& name, const auto& p) { return name == p.name; }))
      continue;
    if (s.plates.size() == path.size()) {
      text += indent + node(s);
    } else if (const PlateFrame& plate = s.plates[path.size()]; inner.insert(plate.name).second) {
      std::vector<std::string> deeper = path;
      deeper.push_back(plate.name);
      std::string id = "cluster";
      for (const auto& name : deeper) id += "_" + name;
      text += indent + "subgraph " + quoted(id) + " {\n" + indent + "  label=" +
              quoted(plate.name + " " + std::to_string(plate.size)) + ";\n";
      write_plates(text, trace, deeper, indent + "  ");
      text += indent + "}\n";
    }
  }
}

}  // namespace

std::string model_graph(const BoundModel& model, const Key& key) {
  const Trace base = trace(seed(model, key));
  Values values;
  for (const Site& s : base)
    if (s.primitive == Primitive::param || s.primitive == Primitive::deterministic ||
        (s.primitive == Primitive::sample && !s.observed))
      values[s.name] = s.value;
  std::string text = "digraph model {\n";
  write_plates(text, base, {}, "  ");
  detail::NoValidation anywhere;
  for (const auto& [name, value] : values) {
    Values probe = values;
    probe[name] = moved(base[name]);
    // Deterministic sites are computed, but what follows sees their old value unless they are the one that moves.
    class Probe final : public Handler {
     public:
      explicit Probe(const Values& values) : values_(values) {}
      void process(Message& m) override {
        const auto it = values_.find(m.name);
        if (it != values_.end() && m.primitive != Primitive::deterministic && !m.observed) m.value = it->second;
      }
      void finish(Message& m) override {
        after.push_back(m);
        const auto it = values_.find(m.name);
        if (m.primitive == Primitive::deterministic && it != values_.end()) m.value = it->second;
      }
      std::vector<Message> after;

     private:
      const Values& values_;
    } probing(probe);
    {
      Active active(probing);
      seed(model, key).run();
    }
    for (const Message& m : probing.after)
      if (is_node(m) && m.name != name && base.contains(m.name) && changed(base[m.name], m))
        text += "  " + quoted(name) + " -> " + quoted(m.name) + ";\n";
  }
  return text + "}\n";
}

void render_model(const BoundModel& model, const std::string& path, Where where) {
  auto ends_with = [&](const char* suffix) { return path.ends_with(suffix); };
  if (!ends_with(".dot") && !ends_with(".gv") && !ends_with(".txt"))
    throw Error("render_model: " + path + " must end with .dot, .gv or .txt", where);
  std::ofstream file(path);
  file << (ends_with(".txt") ? model_table(model) : model_graph(model));
  if (!file.flush()) throw Error("render_model: cannot write " + path, where);
}

}  // namespace nuthatch
