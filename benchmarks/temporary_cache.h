#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <nuthatch/nuthatch.h>

namespace nuthatch::benchmark {

/// A folder for compiled programs that is empty now and gone in the end; NUTHATCH_CACHE names it.
class TemporaryCache {
 public:
  TemporaryCache() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nh-bench-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw Error("cannot make a temporary folder");
    path_ = pattern;
    if (const char* before = std::getenv("NUTHATCH_CACHE")) before_ = before;
    setenv("NUTHATCH_CACHE", path_.c_str(), 1);
  }
  ~TemporaryCache() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    if (before_) setenv("NUTHATCH_CACHE", before_->c_str(), 1);
    else unsetenv("NUTHATCH_CACHE");
  }
  TemporaryCache(const TemporaryCache&) = delete;
  TemporaryCache& operator=(const TemporaryCache&) = delete;
  void clear() const {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) std::filesystem::remove_all(entry);
  }

 private:
  std::filesystem::path path_;
  std::optional<std::string> before_;
};

}  // namespace nuthatch::benchmark
