#include "inference/mcmc/predicted_memory.h"

#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"

namespace nuthatch::mcmc {

void require_memory_for_draws(const DrawMemory& of_chain, std::int64_t chains, std::int64_t draws, bool streamed, Where where) {
  using detail::memory_text;
  constexpr double kLarge = 256e6;
  const double needed = of_chain.sum() * double(chains);
  if (needed < kLarge) return;
  const double free = detail::available_memory();
  if (needed <= free) return;
  std::string message = "MCMC: " + std::to_string(draws) + " draws of " + std::to_string(chains) + " chains need " + memory_text(needed) +
                        " of memory, " + memory_text(of_chain.sum()) + " for each chain, more than the " + memory_text(free) +
                        " that are free: " + memory_text(of_chain.stored * double(chains)) + " while it runs, " +
                        memory_text(of_chain.results * double(chains)) + " in the fit";
  if (of_chain.log_densities > 0) message += ", " + memory_text(of_chain.log_densities * double(chains)) + " for log densities";
  message += streamed ? "; a smaller .max_memory keeps fewer of them" : "; .stream_to writes draws to disk, .thinning keeps fewer";
  if (of_chain.log_densities > of_chain.stored) message += ", .log_likelihood = false leaves out the largest part";
  throw Error(message, where);
}

}  // namespace nuthatch::mcmc
