#include "inference/mcmc/site_values.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::mcmc {
namespace {

using detail::Array;

std::vector<SiteInfo> stored_sites(const LogDensity& density, const std::vector<std::string>& exclude) {
  std::vector<SiteInfo> sites(density.sites().begin(), density.sites().end());
  const auto place = [](const SiteInfo& s) {
    return std::tuple(std::string(s.where.file_name()), s.where.line(), s.where.column(), s.name);
  };
  std::sort(sites.begin(), sites.end(), [&](const SiteInfo& a, const SiteInfo& b) { return place(a) < place(b); });
  sites.insert(sites.end(), density.deterministics().begin(), density.deterministics().end());
  std::erase_if(sites, [&](const SiteInfo& s) {
    return std::find(exclude.begin(), exclude.end(), s.name) != exclude.end();
  });
  return sites;
}

/// position, data -> values of the sites, gradient.
detail::ProgramPtr trace_values(const LogDensity& density, const std::vector<SiteInfo>& sites, bool gradient) {
  std::vector<detail::TensorType> types{{f64, {density.dim()}}};
  for (const Tensor& x : density.data()) types.push_back({x.dtype(), x.shape()});
  return detail::trace_program(
      types,
      [&](const detail::Values& arguments) {
        std::vector<Tensor> data;
        for (std::size_t i = 1; i < arguments.size(); ++i) data.push_back(detail::wrap(arguments[i]));
        const Tensor position = detail::wrap(arguments[0]);
        const Values values = density.constrain(position, data);
        detail::Values results;
        // A value that depends on no latent variable may be a constant.
        for (const SiteInfo& s : sites)
          results.push_back(detail::value(broadcast_to(values.at(s.name).cast(s.dtype), s.shape)));
        if (gradient)
          results.push_back(detail::value(grad([&](const Tensor& z) { return density(z, data); })(position)));
        return results;
      },
      std::source_location::current());
}

}  // namespace

std::vector<Array> data_arrays(const LogDensity& density) {
  std::vector<Array> result;
  for (const Tensor& x : density.data()) result.push_back(detail::value(x)->array);
  return result;
}

SiteValues::SiteValues(const LogDensity& density, const std::vector<std::string>& exclude, bool gradient, int threads,
                       bool interpret)
    : sites_(stored_sites(density, exclude)), data_(data_arrays(density)), dim_(density.dim()), gradient_(gradient),
      threads_(threads) {
  if (sites_.empty() && !gradient) return;
  program_ = trace_values(density, sites_, gradient);
  if (interpret) return;
  detail::LaneOptions options;
  options.width = 8;
  options.varying_argument.assign(1 + data_.size(), false);
  options.varying_argument[0] = true;
  options.varying_result.assign(sites_.size() + (gradient ? 1 : 0), true);
  executable_ = detail::executor().compile_lanes(program_, options);
}

std::vector<Array> SiteValues::at(const Array& positions, std::int64_t rows, const std::vector<Array>& data) const {
  if (!program_) return {};
  if (!executable_ || rows == 0) return interpreted(positions, rows, data);
  std::vector<Array> arguments{positions};
  arguments.insert(arguments.end(), data.begin(), data.end());
  return executable_->run(arguments, rows, threads_, {});
}

std::vector<Array> SiteValues::interpreted(const Array& positions, std::int64_t rows,
                                           const std::vector<Array>& data) const {
  std::vector<Array> results;
  const auto add = [&](Dtype dtype, const Shape& event) {
    Shape shape{rows};
    shape.insert(shape.end(), event.begin(), event.end());
    results.emplace_back(dtype, shape);
  };
  for (const SiteInfo& s : sites_) add(s.dtype, s.shape);
  if (gradient_) add(f64, {dim_});
  std::vector<Array> arguments{Array(f64, {dim_})};
  arguments.insert(arguments.end(), data.begin(), data.end());
  for (std::int64_t row = 0; row < rows; ++row) {
    arguments[0] = Array(f64, {dim_});
    std::copy_n(positions.as<double>() + row * dim_, dim_, arguments[0].as<double>());
    const auto values = detail::interpret(*program_, arguments);
    for (std::size_t i = 0; i < values.size(); ++i)
      std::memcpy(results[i].data.get() + std::size_t(row) * values[i].bytes(), values[i].data.get(), values[i].bytes());
  }
  return results;
}

std::vector<std::string> dims_of(const SiteInfo& site) {
  std::vector<std::string> dims = site.dims;
  for (std::size_t k = 0; k < dims.size(); ++k)
    if (dims[k].empty()) dims[k] = site.name + "_dim_" + std::to_string(k);
  return dims;
}

Coordinates coords_of(const SiteInfo& site) {
  Coordinates coords;
  for (const PlateFrame& plate : site.plates)
    if (!plate.labels.empty() && std::find(site.dims.begin(), site.dims.end(), plate.name) != site.dims.end())
      coords[plate.name] = Coordinate(std::vector<std::string>(plate.labels));
  return coords;
}

}  // namespace nuthatch::mcmc
