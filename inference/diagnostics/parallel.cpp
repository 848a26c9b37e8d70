#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "nuthatch/threads.h"

namespace nuthatch::detail {

std::size_t workers_for(std::size_t pieces) {
  return std::max<std::size_t>(1, std::min(pieces, static_cast<std::size_t>(num_threads())));
}

void for_each_piece(std::size_t pieces, const std::function<void(std::size_t, std::size_t)>& work) {
  const std::size_t workers = workers_for(pieces);
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto run = [&](std::size_t worker) {
    try {
      for (std::size_t piece; (piece = next.fetch_add(1)) < pieces;) work(worker, piece);
    } catch (...) {
      next = pieces; // the others stop after their piece
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t w = 1; w < workers; ++w) threads.emplace_back(run, w);
    run(0);
  }
  if (failure) std::rethrow_exception(failure);
}

} // namespace nuthatch::detail
