#pragma once
// Compiled objects on disk: $NUTHATCH_CACHE, else $XDG_CACHE_HOME/nuthatch, else ~/.cache/nuthatch; NUTHATCH_CACHE=off
// turns it off. Entries are written to a temporary file and renamed, carry a checksum, and are deleted oldest first
// beyond 512 MiB (NUTHATCH_CACHE_MB). Anything unreadable is a miss. The folder has mode 0700, since it holds code that
// will be run; one that belongs to another user, or that others may write to, is not used.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nuthatch::runtime {

struct CachedObject {
  std::int64_t workspace_bytes = 0;
  std::vector<char> object;
};

std::optional<CachedObject> loadCached(const std::string& key);
void storeCached(const std::string& key, const CachedObject&);
/// Changes with every build of this library; part of the keys.
const std::string& buildIdentity();

}  // namespace nuthatch::runtime
