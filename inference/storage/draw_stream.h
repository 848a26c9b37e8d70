#pragma once
/// A Zarr store that grows: the draws of a run are written to it while they come, a chunk of rows per chain and
/// variable, and at every moment `load` finds in it what was published last.
///
/// What a reader sees is decided by one file, `.zmetadata`, which is replaced in one step; rows that it speaks of do
/// not change any more. Chunks are not compressed, and nothing in the store depends on the time of day, so that a run
/// that was killed and resumed leaves the same bytes as one that was not.
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nuthatch/fit.h"

namespace nuthatch::detail {

/// A variable of draws, (chain, draw, ...).
struct StreamedVariable {
  std::string name;
  std::vector<std::string> dims; // behind chain and draw
  Dtype dtype = Dtype::f64;
  Shape shape; // of one draw
};

/// A group of variables that get their draws together.
struct StreamedGroup {
  std::string name;
  std::vector<StreamedVariable> variables;
  Coordinates coords; // of the dimensions behind chain and draw, where they have labels
};

/// What a store begins with.
struct StreamLayout {
  InferenceData fixed; // attributes, and groups that are known before the first draw
  std::vector<StreamedGroup> groups;
  std::int64_t chains = 0;
  /// Rows of a chunk; a store that exists already keeps its own.
  std::int64_t chunk = 1;
};

class DrawStream {
public:
  /// A new store; one of that name is replaced.
  static DrawStream create(std::filesystem::path path, StreamLayout layout);
  /// The store of a run that goes on; an Error when it was made for other variables.
  static DrawStream open(std::filesystem::path path, StreamLayout layout);
  DrawStream(DrawStream&&) noexcept;
  ~DrawStream();

  std::int64_t chunk() const { return layout_.chunk; }
  /// Writes one chunk of a chain: rows [first, first + n), first a multiple of chunk(), n at most chunk(). `values` has
  /// an array [n, ...] for each variable of the group. Rows written before must have the same values again.
  void write(std::size_t group, std::int64_t chain, std::int64_t first, const std::vector<Array>& values);
  /// Every chain has so many draws of each group now: readers see them from here on.
  void publish(const std::vector<std::int64_t>& draws);
  /// What is known at the end of a run.
  void finish(const Attributes& attrs, const std::vector<std::string>& warnings, const SamplerState& state);
  /// Forces what was written to disk.
  void flush();

  /// The published draws of a group, every `step`-th.
  Dataset read(std::size_t group, std::int64_t step = 1) const;

private:
  DrawStream(std::filesystem::path path, StreamLayout layout);
  void repair();
  void write_labels(std::size_t group, std::int64_t draws);
  /// Replaces a file of the store in one step.
  void replace(const std::filesystem::path& file, std::span<const std::byte> bytes);
  void replace(const std::filesystem::path& file, const std::string& text);
  void publish_metadata();

  std::filesystem::path path_;
  StreamLayout layout_;
  std::vector<std::int64_t> published_;               // draws of each group
  std::vector<std::filesystem::path> unflushed_;
  struct Metadata;
  std::unique_ptr<Metadata> metadata_;
};

} // namespace nuthatch::detail
