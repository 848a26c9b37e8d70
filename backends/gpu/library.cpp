#include "backends/gpu/library.h"

#include <cstdlib>
#include <dlfcn.h>

namespace nuthatch::gpu {

// Libraries are never closed: what they start at exit must not outlive them.
Library::Library(const char* variable, const std::vector<const char*>& names) {
  if (const char* chosen = std::getenv(variable); chosen && *chosen) {
    file_ = chosen;
    handle_ = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    if (!handle_) problem_ = std::string(variable) + "=" + chosen + " cannot be opened: " + dlerror();
    return;
  }
  for (const char* name : names)
    if ((handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL))) {
      file_ = name;
      return;
    }
  problem_ = std::string(names.front()) + " is not installed";
}

void* Library::address(const char* name) {
  if (!handle_) return nullptr;
  void* found = dlsym(handle_, name);
  if (!found && problem_.empty()) problem_ = file_ + " has no function " + name;
  return found;
}

}  // namespace nuthatch::gpu
