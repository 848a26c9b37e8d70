#include "staged_path.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "nuthatch/error.h"

namespace nuthatch::detail {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& shown, int error) {
  throw Error(fmt::format("cannot write `{}`: {}", shown.string(), std::strerror(error)));
}

/// Forces a file or folder to disk. File systems that cannot are no error.
void flush(const fs::path& path, int flags, const fs::path& shown) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) fail(shown, errno);
  const int status = ::fsync(fd), reason = errno;
  ::close(fd);
  if (status != 0 && reason != EINVAL && reason != EROFS) fail(shown, reason);
}

/// Everything below a path. The first flush commits the journal for all of it, so the others cost little.
void flush_all(const fs::path& path, const fs::path& shown) {
  if (!fs::is_directory(path)) return flush(path, O_RDONLY, shown);
  for (const auto& entry : fs::recursive_directory_iterator(path))
    flush(entry.path(), entry.is_directory() ? O_RDONLY | O_DIRECTORY : O_RDONLY, shown);
  flush(path, O_RDONLY | O_DIRECTORY, shown);
}

} // namespace

StagedPath::StagedPath(fs::path target) : target_(std::move(target)) {
  // "results.zarr/" names the folder, too.
  if (!target_.has_filename()) target_ = target_.parent_path();
  static std::atomic<unsigned> serial{0};
  staged_ = target_;
  staged_.replace_filename(fmt::format(".{}.partial-{}-{}", target_.filename().string(), ::getpid(), serial++));
}

StagedPath::~StagedPath() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove_all(staged_, ignored);
}

void StagedPath::commit(bool durable) {
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  if (durable) flush_all(staged_, target_);
  std::error_code error;
  const bool replaces = fs::exists(fs::symlink_status(target_, error));
  if (replaces && fs::is_directory(staged_)) {
    // A folder cannot be renamed over one that has files in it.
    if (::renameat2(AT_FDCWD, staged_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
      const fs::path old = staged_.string() + "-old";
      if (::rename(target_.c_str(), old.c_str()) != 0) fail(target_, errno);
      if (::rename(staged_.c_str(), target_.c_str()) != 0) {
        const int reason = errno;
        ::rename(old.c_str(), target_.c_str());
        fail(target_, reason);
      }
      staged_ = old;
    }
    fs::remove_all(staged_, error); // now the old content; what cannot be removed does no harm
  } else if (::rename(staged_.c_str(), target_.c_str()) != 0) {
    fail(target_, errno);
  }
  committed_ = true;
  if (durable) flush(parent, O_RDONLY | O_DIRECTORY, target_);
}

void write_file(const fs::path& path, std::span<const std::byte> bytes, const fs::path& shown) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) fail(shown, errno);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int reason = errno;
      ::close(fd);
      fail(shown, reason);
    }
    done += static_cast<std::size_t>(n);
  }
  if (::close(fd) != 0) fail(shown, errno); // network file systems report a full disk here
}

void write_file(const fs::path& path, const std::string& text, const fs::path& shown) {
  write_file(path, std::as_bytes(std::span(text)), shown);
}

} // namespace nuthatch::detail
