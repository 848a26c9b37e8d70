#include "backends/cpu/recovery.h"

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <string>
#include <unistd.h>

#include <llvm/Support/ErrorHandling.h>

#include "nuthatch/error.h"

namespace nuthatch::cpu {

namespace {

constexpr size_t kStack = size_t(256) << 20;

struct Job {
  llvm::function_ref<void()> work;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::exception_ptr exception;
  std::optional<std::string> fatal;

  void finish(std::exception_ptr e, std::optional<std::string> message) {
    std::lock_guard lock(mutex);
    exception = std::move(e);
    fatal = std::move(message);
    done = true;
    changed.notify_one();
  }
};

thread_local Job* running = nullptr;

/// Called by LLVM; where it returns, LLVM ends the process.
void onFatalError(void*, const char* reason, bool) {
  if (!running) return;
  running->finish(nullptr, reason);
  for (;;) ::pause();  // see recovery.h
}

void installHandlers() {
  static const bool installed = [] {
    llvm::install_fatal_error_handler(onFatalError);
    llvm::install_bad_alloc_error_handler(onFatalError);
    return true;
  }();
  (void)installed;
}

void* runJob(void* shared) {
  // Shared with the waiting thread, which may be gone where this one stays suspended.
  std::unique_ptr<std::shared_ptr<Job>> job(static_cast<std::shared_ptr<Job>*>(shared));
  running = job->get();
  std::exception_ptr exception;
  try {
    running->work();
  } catch (...) {
    exception = std::current_exception();
  }
  running->finish(exception, std::nullopt);
  return nullptr;
}

bool start(const std::shared_ptr<Job>& job, pthread_t& thread) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  auto shared = std::make_unique<std::shared_ptr<Job>>(job);
  const bool started = pthread_create(&thread, &attributes, runJob, shared.get()) == 0;
  pthread_attr_destroy(&attributes);
  if (started) (void)shared.release();
  return started;
}

}  // namespace

void withRecovery(llvm::function_ref<void()> work) {
  installHandlers();
  if (running) return work();  // inside a job already
  auto job = std::make_shared<Job>(work);
  pthread_t thread;
  if (!start(job, thread)) return work();  // no thread to be had
  {
    std::unique_lock lock(job->mutex);
    job->changed.wait(lock, [&] { return job->done; });
  }
  if (job->fatal) {
    pthread_detach(thread);
    throw Error("the compiler cannot go on: " + *job->fatal);
  }
  pthread_join(thread, nullptr);
  if (job->exception) std::rethrow_exception(job->exception);
}

}  // namespace nuthatch::cpu
