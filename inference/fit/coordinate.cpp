#include <fmt/format.h>

#include <numeric>

#include "nuthatch/data_array.h"

namespace nuthatch {

Coordinate::Coordinate() : Coordinate(std::vector<std::int64_t>()) {}
Coordinate::Coordinate(std::vector<std::int64_t> labels) : labels_(share<const Labels>(std::move(labels))) {}
Coordinate::Coordinate(std::vector<double> labels) : labels_(share<const Labels>(std::move(labels))) {}
Coordinate::Coordinate(std::vector<std::string> labels) : labels_(share<const Labels>(std::move(labels))) {}

bool Coordinate::operator==(const Coordinate& other) const {
  return labels_ == other.labels_ || *labels_ == *other.labels_;
}

Coordinate Coordinate::range(std::int64_t n) {
  std::vector<std::int64_t> labels(static_cast<std::size_t>(n));
  std::iota(labels.begin(), labels.end(), std::int64_t{0});
  return labels;
}

std::int64_t Coordinate::size() const {
  return std::visit([](const auto& labels) { return static_cast<std::int64_t>(labels.size()); }, *labels_);
}

std::string Coordinate::text(std::int64_t i) const {
  return std::visit([&](const auto& labels) { return fmt::format("{}", labels.at(static_cast<std::size_t>(i))); },
                    *labels_);
}

std::int64_t Coordinate::find(std::string_view label) const {
  for (std::int64_t i = 0; i < size(); ++i)
    if (text(i) == label) return i;
  return -1;
}

Coordinate Coordinate::take(const std::vector<std::int64_t>& positions) const {
  return std::visit(
      [&](const auto& labels) -> Coordinate {
        std::decay_t<decltype(labels)> out;
        for (auto i : positions) out.push_back(labels.at(static_cast<std::size_t>(i)));
        return out;
      },
      *labels_);
}

} // namespace nuthatch
