#include "inference/mcmc/streamed_draws.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace nuthatch::mcmc {
namespace {

using detail::Array;
using detail::StreamedGroup;
using detail::StreamedVariable;

/// The draws of all chains that wait for their chunks take no more memory than this.
constexpr std::int64_t buffer_bytes = std::int64_t(32) << 20;
constexpr std::int64_t fewest_rows = 16, most_rows = 8192;

std::int64_t bytes_of(const StreamedGroup& group) {
  std::int64_t bytes = 0;
  for (const StreamedVariable& v : group.variables) bytes += std::int64_t(size_of(v.dtype)) * v.shape.num_elements();
  return bytes;
}

StreamedGroup posterior_group(const std::string& name, const SiteValues& values) {
  StreamedGroup group{name, {}, {}};
  for (const SiteInfo& site : values.sites()) {
    group.variables.push_back({site.name, dims_of(site), site.dtype, site.shape});
    for (const auto& [dim, labels] : coords_of(site)) group.coords[dim] = labels;
  }
  return group;
}

StreamedGroup statistics_group(const std::string& name, const DrawFields& fields, const LogDensity& density) {
  StreamedGroup group{name, {}, {}};
  for (const Statistic& s : fields.statistics) group.variables.push_back({s.name, {}, s.dtype, {}});
  const Shape vector{density.dim()};
  if (fields.unconstrained) group.variables.push_back({"unconstrained_draw", {unconstrained_dim}, f64, vector});
  if (fields.gradient) group.variables.push_back({"gradient", {unconstrained_dim}, f64, vector});
  if (fields.unconstrained || fields.gradient) group.coords[unconstrained_dim] = density.names();
  return group;
}

}  // namespace

StreamedDraws::StreamedDraws(StreamOptions options, const DataSets& sets, const SiteValues& values,
                             const DrawFields& fields)
    : options_(std::move(options)), sets_(sets), values_(values), fields_(fields) {
  const auto groups = layout({}).groups;
  for (std::size_t g = groups.size() - 2; g < groups.size(); ++g) row_bytes_ += bytes_of(groups[g]);
  const std::int64_t row = std::max<std::int64_t>(8, row_bytes_) * options_.chains * options_.walkers;
  const auto rows = std::uint64_t(std::clamp(buffer_bytes / row, fewest_rows, most_rows));
  const auto all = std::uint64_t(std::max<std::int64_t>(1, options_.draws));
  chunk_ = std::int64_t(std::min(std::bit_floor(rows), std::bit_ceil(all)));
}

detail::StreamLayout StreamedDraws::layout(const Attributes& attrs) const {
  detail::StreamLayout out;
  out.fixed.attrs = attrs;
  fill_observed_data(out.fixed.observed_data, sets_);
  if (options_.warmup_draws > 0) {
    out.groups.push_back(posterior_group("warmup_posterior", values_));
    out.groups.push_back(statistics_group("warmup_sample_stats", fields_, sets_.density()));
  }
  out.groups.push_back(posterior_group("posterior", values_));
  out.groups.push_back(statistics_group("sample_stats", fields_, sets_.density()));
  out.chains = options_.chains * options_.walkers;
  out.chunk = chunk_;
  return out;
}

void StreamedDraws::open(const Attributes& attrs, const std::vector<std::int64_t>& dropped) {
  const bool goes_on = std::any_of(dropped.begin(), dropped.end(), [](std::int64_t n) { return n > 0; });
  stream_.emplace(goes_on ? detail::DrawStream::open(options_.path, layout(attrs))
                          : detail::DrawStream::create(options_.path, layout(attrs)));
  chunk_ = stream_->chunk();
}

StreamedDraws::Section StreamedDraws::section_of(std::int64_t draw) const {
  const bool warm = draw < options_.warmup_draws;
  const std::int64_t first = warm ? 0 : options_.warmup_draws,
                     last = warm ? options_.warmup_draws : std::numeric_limits<std::int64_t>::max(),
                     begin = first + (draw - first) / chunk_ * chunk_;
  return {warm || options_.warmup_draws == 0 ? 0u : 2u, begin, std::min(begin + chunk_, last)};
}

void StreamedDraws::write(const Engine& engine, std::int64_t chain, const Section& section, std::int64_t rows) {
  const DrawStore draws = by_walker(part_of(engine.draws(), chain, 1, 0, rows), options_.walkers);
  const std::int64_t first = section.begin - (section.group == 0 ? 0 : options_.warmup_draws);
  for (std::int64_t w = 0; w < options_.walkers; ++w) {
    const DrawStore own = options_.walkers == 1 ? draws : part_of(draws, w, 1, 0, rows);
    auto values = values_.at(own.positions, rows);
    auto statistics = statistic_columns(fields_.statistics, own.stats, rows);
    if (fields_.unconstrained) statistics.push_back(own.positions);
    if (fields_.gradient) statistics.push_back(values.back());
    const std::int64_t number = chain * options_.walkers + w;
    stream_->write(section.group, number, first, values);
    stream_->write(section.group + 1, number, first, statistics);
  }
}

void StreamedDraws::take(Engine& engine, bool the_end) {
  const auto now = std::chrono::steady_clock::now();
  const bool publishes = the_end || !published_ ||
                         std::chrono::duration<double>(now - *published_).count() >= options_.publish_every;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  const auto chains = engine.reports();
  for (std::int64_t c = 0; c < std::int64_t(chains.size()); ++c) {
    const std::int64_t saved = chains[std::size_t(c)].saved;
    fewest = std::min(fewest, saved);
    while (true) {
      const std::int64_t begin = engine.draws().dropped_of(c);
      const Section section = section_of(begin);
      const bool complete = saved >= section.end;
      if (saved > begin && (complete || publishes)) write(engine, c, section, std::min(saved, section.end) - begin);
      if (!complete) break;
      engine.drop(c, section.end - begin);
    }
  }
  if (!publishes) return;
  published_ = now;
  const std::int64_t warm = options_.warmup_draws, sampled = std::max<std::int64_t>(0, fewest - warm);
  if (warm > 0) stream_->publish({std::min(fewest, warm), std::min(fewest, warm), sampled, sampled});
  else stream_->publish({sampled, sampled});
}

std::int64_t StreamedDraws::read(Fit& fit, std::int64_t max_bytes) const {
  const std::int64_t draws = options_.warmup_draws + options_.draws,
                     bytes = draws * options_.chains * options_.walkers * std::max<std::int64_t>(1, row_bytes_),
                     step = std::max<std::int64_t>(1, (bytes + max_bytes - 1) / max_bytes);
  std::size_t group = 0;
  if (options_.warmup_draws > 0) {
    fit.warmup_posterior = stream_->read(group++, step);
    fit.warmup_sample_stats = stream_->read(group++, step);
  }
  fit.posterior = stream_->read(group++, step);
  fit.sample_stats = stream_->read(group++, step);
  return step;
}

}  // namespace nuthatch::mcmc
