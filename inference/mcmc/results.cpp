#include "inference/mcmc/results.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch::mcmc {
namespace {

using detail::Array;

std::vector<SiteInfo> stored_sites(const LogDensity& density, const std::vector<std::string>& exclude) {
  std::vector<SiteInfo> sites(density.sites().begin(), density.sites().end());
  const auto place = [](const SiteInfo& s) {
    return std::tuple(std::string(s.where.file_name()), s.where.line(), s.where.column(), s.name);
  };
  std::sort(sites.begin(), sites.end(), [&](const SiteInfo& a, const SiteInfo& b) {
    return place(a) < place(b);
  });
  sites.insert(sites.end(), density.deterministics().begin(), density.deterministics().end());
  std::erase_if(sites, [&](const SiteInfo& s) {
    return std::find(exclude.begin(), exclude.end(), s.name) != exclude.end();
  });
  return sites;
}

/// position, data -> values of the sites.
detail::ProgramPtr constrain_program(const LogDensity& density, const std::vector<SiteInfo>& sites) {
  std::vector<detail::TensorType> types{{f64, {density.dim()}}};
  for (const Tensor& x : density.data()) types.push_back({x.dtype(), x.shape()});
  return detail::trace_program(
      types,
      [&](const detail::Values& arguments) {
        std::vector<Tensor> data;
        for (std::size_t i = 1; i < arguments.size(); ++i) data.push_back(detail::wrap(arguments[i]));
        const Values values = density.constrain(detail::wrap(arguments[0]), data);
        detail::Values results;
        // A value that depends on no latent variable may be a constant.
        for (const SiteInfo& s : sites)
          results.push_back(detail::value(broadcast_to(values.at(s.name).cast(s.dtype), s.shape)));
        return results;
      },
      std::source_location::current());
}

std::vector<std::string> dims_of(const SiteInfo& site) {
  std::vector<std::string> dims = site.dims;
  for (std::size_t k = 0; k < dims.size(); ++k)
    if (dims[k].empty()) dims[k] = site.name + "_dim_" + std::to_string(k);
  return dims;
}

void set_coords(Dataset& to, const SiteInfo& site) {
  for (const PlateFrame& plate : site.plates)
    if (!plate.labels.empty() && std::find(site.dims.begin(), site.dims.end(), plate.name) != site.dims.end())
      to.set_coord(plate.name, Coordinate(std::vector<std::string>(plate.labels)));
}

Tensor reshaped(Array values, std::int64_t chains, std::int64_t draws, const Shape& event) {
  values.shape = {chains, draws};
  values.shape.insert(values.shape.end(), event.begin(), event.end());
  return detail::wrap(detail::concrete(std::move(values)));
}

/// Sees the values of observed sites.
class ObservedValues final : public Handler {
 public:
  void finish(Message& m) override {
    if (m.primitive == Primitive::sample && m.observed && m.value.is_concrete()) values[m.name] = m.value;
  }
  Values values;
};

}  // namespace

ConstrainedDraws constrain_draws(const LogDensity& density, const Array& positions, std::int64_t rows,
                                 const std::vector<std::string>& exclude, int threads, bool interpret) {
  ConstrainedDraws result{stored_sites(density, exclude), {}};
  for (const SiteInfo& s : result.sites) {
    Shape shape{rows};
    shape.insert(shape.end(), s.shape.begin(), s.shape.end());
    result.values.emplace_back(s.dtype, shape);
  }
  if (rows == 0 || result.sites.empty()) return result;
  const detail::ProgramPtr program = constrain_program(density, result.sites);
  std::vector<Array> arguments{positions};
  for (const Tensor& x : density.data()) arguments.push_back(detail::value(x)->array);
  if (!interpret) {
    detail::LaneOptions options;
    options.width = lane_width(rows, 1, {});
    options.varying_argument.assign(arguments.size(), false);
    options.varying_argument[0] = true;
    options.varying_result.assign(result.sites.size(), true);
    result.values = detail::executor().compile_lanes(program, options)->run(arguments, rows, threads, {});
    return result;
  }
  const std::int64_t dim = density.dim();
  for (std::int64_t row = 0; row < rows; ++row) {
    arguments[0] = Array(f64, {dim});
    std::copy_n(positions.as<double>() + row * dim, dim, arguments[0].as<double>());
    const auto values = detail::interpret(*program, arguments);
    for (std::size_t i = 0; i < values.size(); ++i)
      std::memcpy(result.values[i].data.get() + std::size_t(row) * values[i].bytes(), values[i].data.get(),
                  values[i].bytes());
  }
  return result;
}

DrawStore part_of(const DrawStore& store, std::int64_t begin, std::int64_t end) {
  const std::int64_t n = end - begin, dim = store.positions.shape[2], columns = store.stats.shape[2];
  if (begin == 0 && end == store.capacity) return store;
  DrawStore part = make_draw_store(store.chains, n, dim, columns);
  for (std::int64_t c = 0; c < store.chains; ++c) {
    std::copy_n(store.positions.as<double>() + (c * store.capacity + begin) * dim, n * dim,
                part.positions.as<double>() + c * n * dim);
    std::copy_n(store.stats.as<double>() + (c * store.capacity + begin) * columns, n * columns,
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

void fill_posterior(Dataset& to, const LogDensity& density, const DrawStore& draws,
                    const std::vector<std::string>& exclude, int threads, bool interpret) {
  const ConstrainedDraws constrained = constrain_draws(density, draws.positions, draws.chains * draws.capacity, exclude,
                                                       threads, interpret);
  for (std::size_t i = 0; i < constrained.sites.size(); ++i) {
    const SiteInfo& site = constrained.sites[i];
    set_coords(to, site);
    to.set_draws(site.name, reshaped(constrained.values[i], draws.chains, draws.capacity, site.shape), dims_of(site));
  }
}

void fill_sample_stats(Dataset& to, const std::vector<Statistic>& statistics, const DrawStore& draws) {
  const std::int64_t rows = draws.chains * draws.capacity, columns = std::int64_t(statistics.size());
  for (std::int64_t k = 0; k < columns; ++k) {
    const Statistic& s = statistics[std::size_t(k)];
    Array values(s.dtype, {rows});
    for (std::int64_t i = 0; i < rows; ++i) {
      const double x = draws.stats.as<double>()[i * columns + k];
      if (s.dtype == f64) values.as<double>()[i] = x;
      if (s.dtype == i64) values.as<std::int64_t>()[i] = std::int64_t(x);
      if (s.dtype == bool_) values.as<std::uint8_t>()[i] = x > 0.5;
    }
    to.set_draws(s.name, reshaped(std::move(values), draws.chains, draws.capacity, {}));
  }
}

void fill_observed_data(Dataset& to, const LogDensity& density) {
  ObservedValues seen;
  {
    Active active(seen);
    // Traced: latent values are placeholders, so that nothing is computed. Data are concrete all the same.
    detail::trace_program({{f64, {density.dim()}}},
                          [&](const detail::Values& z) {
                            return detail::Values{detail::value(density(detail::wrap(z[0])))};
                          },
                          std::source_location::current());
  }
  for (const SiteInfo& site : density.observations()) {
    const auto found = seen.values.find(site.name);
    if (found == seen.values.end()) continue;
    set_coords(to, site);
    to.set_data(site.name, found->second, dims_of(site));
  }
}

}  // namespace nuthatch::mcmc
