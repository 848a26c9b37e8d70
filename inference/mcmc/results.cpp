#include "inference/mcmc/results.h"

#include <algorithm>
#include <cstring>

#include "nuthatch/array.h"
#include "nuthatch/handlers.h"
#include "nuthatch/math.h"

namespace nuthatch::mcmc {
namespace {

using detail::Array;

/// Sees the values of observed sites.
class ObservedValues final : public Handler {
 public:
  void finish(Message& m) override {
    if (m.primitive == Primitive::sample && m.observed && m.value.is_concrete()) values[m.name] = m.value;
  }
  Values values;
};

Values observed_values(const LogDensity& density) {
  ObservedValues seen;
  Active active(seen);
  // Traced: latent values are placeholders, so that nothing is computed. Data are concrete all the same.
  detail::trace_program({{f64, {density.dim()}}},
                        [&](const detail::Values& z) {
                          return detail::Values{detail::value(density(detail::wrap(z[0])))};
                        },
                        std::source_location::current());
  return seen.values;
}

/// Rows of one data set each become (outer, sets, inner): `parts[s]` is [outer, ...].
Array interleaved(const std::vector<Array>& parts, std::int64_t outer, const Shape& shape) {
  if (parts.size() == 1) {
    Array all = parts.front();
    all.shape = shape;
    return all;
  }
  Array all(parts.front().dtype, shape);
  const std::size_t row = outer == 0 ? 0 : parts.front().bytes() / std::size_t(outer);
  std::byte* to = all.data.get();
  for (std::int64_t i = 0; i < outer; ++i)
    for (const Array& part : parts) {
      std::memcpy(to, part.data.get() + std::size_t(i) * row, row);
      to += row;
    }
  return all;
}

/// Collects a variable over the data sets and puts it into a group.
class Groups {
 public:
  Groups(const DataSets& sets, std::int64_t chains, std::int64_t draws) : sets_(sets), chains_(chains), draws_(draws) {}

  void set(Dataset& to, const std::string& name, const std::vector<Array>& parts, const Shape& event,
           const std::vector<std::string>& event_dims) const {
    Shape shape{chains_, draws_};
    std::vector<std::string> dims{"chain", "draw"};
    if (sets_.stacked()) {
      shape.push_back(sets_.size());
      dims.push_back(sets_.dim());
    }
    shape.insert(shape.end(), event.begin(), event.end());
    dims.insert(dims.end(), event_dims.begin(), event_dims.end());
    if (sets_.stacked()) to.set_coord(sets_.dim(), sets_.labels());
    to.set(name, DataArray(dims, interleaved(parts, chains_ * draws_, shape)));
  }

 private:
  const DataSets& sets_;
  std::int64_t chains_, draws_;
};

}  // namespace

DrawStore part_of(const DrawStore& store, std::int64_t begin, std::int64_t end) {
  if (begin == 0 && end == store.capacity) return store;
  return part_of(store, 0, store.chains, begin, end);
}

DrawStore part_of(const DrawStore& store, std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t end) {
  const std::int64_t n = end - begin, dim = store.positions.shape[2], columns = store.stats.shape[2];
  DrawStore part = make_draw_store(count, n, dim, columns);
  for (std::int64_t c = 0; c < count; ++c) {
    std::copy_n(store.positions.as<double>() + ((first + c) * store.capacity + begin) * dim, n * dim,
                part.positions.as<double>() + c * n * dim);
    std::copy_n(store.stats.as<double>() + ((first + c) * store.capacity + begin) * columns, n * columns,
                part.stats.as<double>() + c * n * columns);
  }
  return part;
}

DrawStore by_walker(const DrawStore& store, std::int64_t walkers) {
  if (walkers == 1) return store;
  const std::int64_t dim = store.positions.shape[2] / walkers, columns = store.stats.shape[2] / walkers;
  DrawStore result = make_draw_store(walkers, store.capacity, dim, columns);
  const auto copy = [&](const Array& from, Array& to, std::int64_t row) {
    for (std::int64_t t = 0; t < store.capacity; ++t)
      for (std::int64_t w = 0; w < walkers; ++w)
        std::copy_n(from.as<double>() + (t * walkers + w) * row, row,
                    to.as<double>() + (w * store.capacity + t) * row);
  };
  copy(store.positions, result.positions, dim);
  copy(store.stats, result.stats, columns);
  return result;
}

std::vector<Array> statistic_columns(const std::vector<Statistic>& statistics, const Array& stats, std::int64_t rows) {
  const auto columns = std::int64_t(statistics.size());
  std::vector<Array> result;
  for (std::int64_t k = 0; k < columns; ++k) {
    Array values(statistics[std::size_t(k)].dtype, {rows});
    for (std::int64_t i = 0; i < rows; ++i) {
      const double x = stats.as<double>()[i * columns + k];
      if (values.dtype == f64) values.as<double>()[i] = x;
      if (values.dtype == i64) values.as<std::int64_t>()[i] = std::int64_t(x);
      if (values.dtype == bool_) values.as<std::uint8_t>()[i] = x > 0.5;
    }
    result.push_back(std::move(values));
  }
  return result;
}

void fill_draws(Dataset& posterior, Dataset& sample_stats, const DataSets& sets, const SiteValues& site_values,
                const DrawFields& fields, const DrawStore& draws) {
  const std::int64_t chains = draws.chains / sets.size(), rows = chains * draws.capacity;
  std::vector<std::vector<Array>> values, statistics;  // by variable, then by data set
  std::vector<Array> positions;
  for (std::int64_t s = 0; s < sets.size(); ++s) {
    const DrawStore own = sets.size() == 1 ? draws : part_of(draws, s * chains, chains, 0, draws.capacity);
    const auto v = site_values.at(own.positions, rows, data_arrays(sets.densities()[std::size_t(s)]));
    const auto t = statistic_columns(fields.statistics, own.stats, rows);
    values.resize(v.size());
    statistics.resize(t.size());
    for (std::size_t i = 0; i < v.size(); ++i) values[i].push_back(v[i]);
    for (std::size_t i = 0; i < t.size(); ++i) statistics[i].push_back(t[i]);
    positions.push_back(own.positions);
  }
  const Groups groups(sets, chains, draws.capacity);
  const auto& sites = site_values.sites();
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (const auto& [dim, labels] : coords_of(sites[i])) posterior.set_coord(dim, labels);
    groups.set(posterior, sites[i].name, values[i], sites[i].shape, dims_of(sites[i]));
  }
  for (std::size_t i = 0; i < statistics.size(); ++i)
    groups.set(sample_stats, fields.statistics[i].name, statistics[i], {}, {});
  if (fields.unconstrained || fields.gradient) sample_stats.set_coord(unconstrained_dim, sets.density().names());
  const Shape vector{sets.density().dim()};
  if (fields.unconstrained) groups.set(sample_stats, "unconstrained_draw", positions, vector, {unconstrained_dim});
  if (fields.gradient) groups.set(sample_stats, "gradient", values.back(), vector, {unconstrained_dim});
}

void fill_observed_data(Dataset& to, const DataSets& sets) {
  std::vector<Values> values;
  for (const LogDensity& density : sets.densities()) values.push_back(observed_values(density));
  for (const SiteInfo& site : sets.density().observations()) {
    std::vector<Array> parts;
    for (const Values& v : values)
      if (const auto found = v.find(site.name); found != v.end()) parts.push_back(detail::value(found->second)->array);
    if (parts.size() != values.size()) continue;
    for (const auto& [dim, labels] : coords_of(site)) to.set_coord(dim, labels);
    Shape shape = parts.front().shape;
    std::vector<std::string> dims = dims_of(site);
    if (sets.stacked()) {
      shape.insert(shape.begin(), sets.size());
      dims.insert(dims.begin(), sets.dim());
      to.set_coord(sets.dim(), sets.labels());
    }
    to.set(site.name, DataArray(dims, interleaved(parts, 1, shape)));
  }
}

}  // namespace nuthatch::mcmc
