#pragma once
/// Independent pieces of work spread over threads.
#include <cstddef>
#include <functional>

namespace nuthatch::detail {

/// How many workers `for_each_piece` uses for so many pieces: num_threads() at most.
std::size_t workers_for(std::size_t pieces);

/// Calls `work(worker, piece)` once for every piece, on several threads; `worker` < workers_for(pieces) tells them
/// apart. The first exception is thrown again when all have stopped. Results must not depend on the worker.
void for_each_piece(std::size_t pieces, const std::function<void(std::size_t worker, std::size_t piece)>& work);

} // namespace nuthatch::detail
