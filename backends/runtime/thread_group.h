#pragma once
// A group of threads that run one program together and wait for each other (backends/cpu/emit_threads.cpp), on one thread
// of the processor: what a GPU does with many of its own, for machines without one.
#include <cstdint>
#include <functional>

namespace nuthatch::runtime {

/// Calls body(thread) for 0 <= thread < threads. Wherever they call groupBarrier, all wait for each other. Between two
/// barriers they run one after the other in an order that changes from barrier to barrier and is drawn from `seed`, so
/// that a program that lacks a barrier gives wrong results, and different ones for different seeds.
/// Throws nuthatch::Error when some threads end while others wait.
void runGroup(std::int64_t threads, std::uint64_t seed, const std::function<void(std::int64_t thread)>& body);

/// What programs call under the name kGroupBarrier.
void groupBarrier() noexcept;
inline constexpr const char* kGroupBarrier = "nuthatch_group_barrier";
/// The number that thread `source` passes to the same call; what they call under the name kGroupExchange.
std::uint64_t groupExchange(std::uint64_t mine, std::int64_t source) noexcept;
inline constexpr const char* kGroupExchange = "nuthatch_group_exchange";

}  // namespace nuthatch::runtime
