#include "backends/runtime/data_threads.h"

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace nuthatch::runtime {
namespace {

thread_local int allowed = 1;

/// One loop that is being computed. Lives on the stack of the thread that started it.
struct Job {
  Chunk chunk;
  void* environment;
  std::int64_t count;
  int seats;        // threads that may still join
  int working = 0;  // threads of the pool that are at it
  std::atomic<std::int64_t> next{0};

  void work() noexcept {
    for (std::int64_t k; (k = next.fetch_add(1, std::memory_order_relaxed)) < count;) chunk(environment, k);
  }
};

/// Threads that wait for loops. They start when first needed and last as long as the process.
class Pool {
 public:
  /// Seats as many idle threads as the job has seats, works, and returns when nobody works at the job any more. A job
  /// never waits for a thread that has not joined, so a process that forked, whose pool is gone, does all by itself.
  void run(Job& job) noexcept {
    {
      const std::lock_guard lock(mutex_);
      try {
        jobs_.push_back(&job);
        while (threads_ < job.seats) start_one();
      } catch (...) {  // no memory, or no more threads: those there are do it
      }
    }
    for (int i = 0; i < job.seats; ++i) wake_.notify_one();
    job.work();
    std::unique_lock lock(mutex_);
    jobs_.remove(&job);
    done_.wait(lock, [&] { return job.working == 0; });
  }

 private:
  void start_one() {
    std::thread([this] { serve(); }).detach();
    ++threads_;
  }

  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      Job* job = nullptr;
      wake_.wait(lock, [&] { return (job = open_job()) != nullptr; });
      --job->seats;
      ++job->working;
      lock.unlock();
      job->work();
      lock.lock();
      --job->working;
      done_.notify_all();
    }
  }

  Job* open_job() {
    for (Job* job : jobs_)
      if (job->seats > 0 && job->next.load(std::memory_order_relaxed) < job->count) return job;
    return nullptr;
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::list<Job*> jobs_;
  int threads_ = 0;
};

// Never destroyed: its threads wait for work until the process ends.
Pool& pool() {
  static Pool* all = new Pool;
  return *all;
}

}  // namespace

DataThreads::DataThreads(int threads) : outer_(allowed) { allowed = threads > 1 ? threads : 1; }
DataThreads::~DataThreads() { allowed = outer_; }

void runChunks(Chunk chunk, void* environment, std::int64_t count) noexcept {
  const std::int64_t seats = allowed - 1 < count - 1 ? allowed - 1 : count - 1;
  if (seats < 1) {
    for (std::int64_t k = 0; k < count; ++k) chunk(environment, k);
    return;
  }
  Job job{chunk, environment, count, int(seats)};
  pool().run(job);
}

}  // namespace nuthatch::runtime
