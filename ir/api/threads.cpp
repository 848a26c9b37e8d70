#include "nuthatch/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "nuthatch/error.h"

namespace nuthatch {
namespace {

std::atomic<int> chosen{0};

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, int(std::thread::hardware_concurrency()));
}

}  // namespace

int num_threads() {
  if (const int n = chosen.load()) return n;
  if (const char* text = std::getenv("NUTHATCH_THREADS"); text && *text) {
    int n = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, problem] = std::from_chars(text, end, n);
    if (problem != std::errc() || rest != end || n < 1)
      throw Error("NUTHATCH_THREADS is `" + std::string(text) + "`; it must be a positive number");
    return n;
  }
  return available_processors();
}

void set_num_threads(int threads) {
  if (threads < 0) throw Error("set_num_threads: the number of threads must not be negative");
  chosen = threads;
}

}  // namespace nuthatch
