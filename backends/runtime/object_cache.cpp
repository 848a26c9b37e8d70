#include "backends/runtime/object_cache.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace nuthatch::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMagic = 0x326a626f68746e75;  // "unthobj2"
constexpr std::uintmax_t kSizeCap = std::uintmax_t(512) << 20;

/// FNV-1a of the object and of what its header says about it.
std::uint64_t checksum(const char* data, std::size_t n, std::int64_t workspace_bytes) {
  std::uint64_t h = 0xcbf29ce484222325 ^ std::uint64_t(workspace_bytes);
  for (std::size_t i = 0; i < n; ++i) h = (h ^ std::uint8_t(data[i])) * 0x100000001b3;
  return h;
}

fs::path folder() {
  if (const char* p = std::getenv("NUTHATCH_CACHE")) return std::strcmp(p, "off") == 0 ? fs::path() : fs::path(p);
  if (const char* p = std::getenv("XDG_CACHE_HOME"); p && *p) return fs::path(p) / "nuthatch";
  if (const char* p = std::getenv("HOME"); p && *p) return fs::path(p) / ".cache" / "nuthatch";
  return {};
}

struct Header {
  std::uint64_t magic, checksum, size;
  std::int64_t workspace_bytes;
};

/// A folder that someone else owns or may write to is not used: what is loaded from it is run.
bool trusted(const fs::path& dir) {
  struct stat s{};
  return ::stat(dir.c_str(), &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == ::geteuid() && (s.st_mode & 022) == 0;
}

std::uintmax_t sizeCap() {
  const char* megabytes = std::getenv("NUTHATCH_CACHE_MB");
  const long n = megabytes ? std::strtol(megabytes, nullptr, 10) : 0;
  return n > 0 ? std::uintmax_t(n) << 20 : kSizeCap;
}

/// Deletes the oldest entries beyond the cap, and temporary files of processes that did not finish. Other files that
/// share the folder are left alone.
void dropOldest(const fs::path& dir) {
  std::error_code ignore;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::uintmax_t total = 0;
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& f : fs::directory_iterator(dir, ignore)) {
    const auto written = f.last_write_time(ignore);
    if (f.path().extension() == ".tmp" && written < yesterday) fs::remove(f.path(), ignore);
    if (f.path().extension() != ".o" || !f.is_regular_file(ignore)) continue;
    total += f.file_size(ignore);
    files.emplace_back(written, f.path());
  }
  const auto cap = sizeCap();
  if (total <= cap) return;
  std::sort(files.begin(), files.end());
  for (const auto& [time, path] : files) {
    if (total <= cap / 2) break;
    auto size = fs::file_size(path, ignore);
    if (fs::remove(path, ignore)) total -= size;
  }
}

}  // namespace

std::optional<CachedObject> loadCached(const std::string& key) {
  auto dir = folder();
  if (dir.empty() || !trusted(dir)) return {};
  // The size of the file that is open: under its name another writer may have put another one since.
  std::ifstream in(dir / (key + ".o"), std::ios::binary | std::ios::ate);
  const std::streamoff bytes = in.tellg();
  in.seekg(0);
  Header h{};
  if (!in.read(reinterpret_cast<char*>(&h), sizeof h) || h.magic != kMagic || h.size > std::uint64_t(bytes)) return {};
  CachedObject out{h.workspace_bytes, std::vector<char>(h.size)};
  if (!in.read(out.object.data(), std::streamsize(h.size))) return {};
  if (checksum(out.object.data(), out.object.size(), h.workspace_bytes) != h.checksum) return {};
  return out;
}

void storeCached(const std::string& key, const CachedObject& entry) {
  auto dir = folder();
  if (dir.empty()) return;
  std::error_code ignore;
  if (fs::create_directories(dir, ignore)) ::chmod(dir.c_str(), 0700);
  if (!trusted(dir)) return;
  static std::atomic<int> count{0};  // threads may compile the same program
  auto temporary = dir / (key + "." + std::to_string(::getpid()) + "." + std::to_string(count++) + ".tmp");
  {
    std::ofstream out(temporary, std::ios::binary);
    Header h{kMagic, checksum(entry.object.data(), entry.object.size(), entry.workspace_bytes), entry.object.size(), entry.workspace_bytes};
    out.write(reinterpret_cast<const char*>(&h), sizeof h);
    out.write(entry.object.data(), std::streamsize(entry.object.size()));
    out.close();
    if (!out) {
      fs::remove(temporary, ignore);
      return;
    }
  }
  fs::rename(temporary, dir / (key + ".o"), ignore);
  dropOldest(dir);
}

const std::string& buildIdentity() {
  static const std::string identity = [] {
    Dl_info info{};
    struct stat s{};
    if (!dladdr(reinterpret_cast<void*>(&buildIdentity), &info) || !info.dli_fname || ::stat(info.dli_fname, &s) != 0)
      return std::string(__DATE__ " " __TIME__);
    return std::string(info.dli_fname) + " " + std::to_string(s.st_mtim.tv_sec) + "." + std::to_string(s.st_mtim.tv_nsec) +
           " " + std::to_string(s.st_size);
  }();
  return identity;
}

}  // namespace nuthatch::runtime
