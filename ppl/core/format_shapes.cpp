#include <algorithm>

#include "nuthatch/debug.h"
#include "nuthatch/detail/emit.h"

namespace nuthatch {
namespace {

/// "8 3".
std::string extents(const Shape& shape) {
  std::string text;
  for (std::int64_t n : shape) text += (text.empty() ? "" : " ") + std::to_string(n);
  return text;
}

std::string kind(const Site& s) {
  if (s.primitive == Primitive::sample) return s.observed ? "observed" : s.observation ? "predicted" : "latent";
  const std::string title = s.title();
  return title.substr(0, title.find('('));
}

std::string plates_of(const Site& s) {
  std::string text;
  for (const PlateFrame& plate : s.plates)
    text += (text.empty() ? "" : ", ") + plate.name + "=" + std::to_string(plate.size);
  return text;
}

}  // namespace

std::string format_shapes(const Trace& trace) {
  using Row = std::vector<std::string>;
  std::vector<Row> rows{{"Site", "Kind", "Distribution", "Batch", "Event", "Value", "Plates", "Line"}};
  for (const Site& s : trace) {
    const bool sampled = s.primitive == Primitive::sample;
    rows.push_back({s.name, kind(s), sampled ? s.distribution.name() : "", sampled ? extents(s.distribution.batch_shape()) : "",
                    sampled ? extents(s.distribution.event_shape()) : "", extents(s.value.shape()), plates_of(s),
                    to_string(s.where)});
  }
  std::vector<std::size_t> width(rows[0].size());
  for (const Row& row : rows)
    for (std::size_t k = 0; k < row.size(); ++k) width[k] = std::max(width[k], row[k].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) line += row[k] + std::string(width[k] - row[k].size() + 2, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string model_table(const BoundModel& model) {
  std::string text;
  detail::trace_program({}, [&](const detail::Values&) {
    text = format_shapes(trace(seed(model, Key(0))));
    return detail::Values{};
  }, Where::current());
  return text;
}

}  // namespace nuthatch
