#pragma once
/// Files and folders that appear complete or not at all.
#include <filesystem>
#include <span>
#include <string>

namespace nuthatch::detail {

/// A temporary sibling of a path. Without `commit` it is removed: a failed or interrupted write leaves the old file or
/// folder as it was.
class StagedPath {
public:
  explicit StagedPath(std::filesystem::path target);
  ~StagedPath();
  StagedPath(const StagedPath&) = delete;
  StagedPath& operator=(const StagedPath&) = delete;

  const std::filesystem::path& path() const { return staged_; }
  /// Flushes the sibling to disk (if `durable`) and puts it in place of the target, in one step where the system can
  /// exchange two names.
  void commit(bool durable = true);

private:
  std::filesystem::path target_, staged_;
  bool committed_ = false;
};

/// Creates and writes a file; `StagedPath::commit` flushes it to disk. An Error names `shown` (the path the user gave)
/// and the system's reason.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes,
                const std::filesystem::path& shown);
void write_file(const std::filesystem::path& path, const std::string& text, const std::filesystem::path& shown);

} // namespace nuthatch::detail
