#include "nuthatch/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <stop_token>
#include <thread>

#include "nuthatch/error.h"

namespace nuthatch {
namespace {

int wake[2];  // the handler may only write to a pipe; a thread at its other end requests the stop

void on_sigint(int) {
  std::signal(SIGINT, SIG_DFL);
  const char byte = 1;
  [[maybe_unused]] auto written = write(wake[1], &byte, 1);
}

}  // namespace

StopToken interrupt_on_sigint() {
  static std::stop_source* source = nullptr;  // never destroyed: the thread below outlives static destruction
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  if (source && !source->stop_requested()) return source->get_token();
  if (!source && pipe2(wake, O_CLOEXEC) != 0) throw Error("interrupt_on_sigint: no pipe available");
  source = new std::stop_source;
  std::thread([mine = *source]() mutable {
    char byte;
    if (read(wake[0], &byte, 1) == 1) mine.request_stop();
  }).detach();
  std::signal(SIGINT, on_sigint);
  return source->get_token();
}

}  // namespace nuthatch
