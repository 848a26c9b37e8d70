// Puts the draws of a run into a growing store, chunk by chunk, so that memory holds the newest only.
#pragma once

#include <chrono>
#include <optional>

#include "inference/mcmc/engine.h"
#include "inference/mcmc/results.h"
#include "inference/storage/draw_stream.h"

namespace nuthatch::mcmc {

struct StreamOptions {
  std::string path;
  std::int64_t warmup_draws = 0, draws = 0;  // that a chain will store
  std::int64_t chains = 0, walkers = 1;      // of the engine; of each of its chains
  double publish_every = 1.0;                // seconds
};

class StreamedDraws {
 public:
  StreamedDraws(StreamOptions options, const DataSets& sets, const SiteValues& values, const DrawFields& fields);

  /// Draws of a chain that the engine must have room for.
  std::int64_t buffer_draws() const { return 2 * chunk_; }
  /// Opens the store: a new one, unless `dropped` draws are in one already. `attrs` and observed data of a new one.
  void open(const Attributes& attrs, const std::vector<std::int64_t>& dropped);
  /// Writes chunks that are complete and takes them out of the engine; from time to time, or when it is `the_end`,
  /// writes the others, too, and shows readers what there is.
  void take(Engine& engine, bool the_end);
  /// Forces to disk what was written, before a state that relies on it is.
  void flush() { stream_->flush(); }
  void finish(const Attributes& attrs, const std::vector<std::string>& warnings, const SamplerState& state) {
    stream_->finish(attrs, warnings, state);
  }

  /// Reads the draws back, every k-th such that they take at most so many bytes. Returns k.
  std::int64_t read(Fit& fit, std::int64_t max_bytes) const;

 private:
  /// Where chunks that contain a stored draw begin and end: warm-up has its own.
  struct Section {
    std::size_t group;
    std::int64_t begin, end;
  };
  Section section_of(std::int64_t draw) const;
  detail::StreamLayout layout(const Attributes& attrs) const;
  void write(const Engine& engine, std::int64_t chain, const Section& section, std::int64_t rows);

  StreamOptions options_;
  const DataSets& sets_;
  const SiteValues& values_;
  const DrawFields& fields_;
  std::int64_t chunk_ = 1, row_bytes_ = 0;
  std::optional<detail::DrawStream> stream_;
  std::optional<std::chrono::steady_clock::time_point> published_;
};

}  // namespace nuthatch::mcmc
