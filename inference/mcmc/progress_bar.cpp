#include "inference/mcmc/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace nuthatch::mcmc {

using Clock = std::chrono::steady_clock;
constexpr auto first_shown_after = std::chrono::milliseconds(300), shown_every = std::chrono::milliseconds(100);

bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0; }

ProgressBar::ProgressBar(bool enabled, std::int64_t num_warmup, std::int64_t total_draws)
    : enabled_(enabled), num_warmup_(num_warmup), total_(total_draws), begin_(Clock::now()), last_(begin_) {}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::update(const std::vector<ChainReport>& chains, double ess) {
  const auto now = Clock::now();
  if (!enabled_ || now - begin_ < first_shown_after || (drawn_ && now - last_ < shown_every)) return;
  last_ = now;
  drawn_ = true;
  std::int64_t slowest = total_, divergences = 0, leapfrogs = 0;
  double done = 0, step_size = 0;
  for (const ChainReport& c : chains) {
    slowest = std::min(slowest, c.draw);
    divergences += c.divergences;
    leapfrogs += c.leapfrogs + c.warmup_leapfrogs;
    step_size += c.step_size;
    done += double(c.draw) / double(std::max<std::int64_t>(1, total_ * std::int64_t(chains.size())));
  }
  constexpr int width = 30;
  const int full = std::clamp(int(done * width), 0, width);
  const std::string bar = std::string(full, '#') + std::string(width - full, '.');
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const std::string sizes = std::isnan(ess) ? "" : " | ESS " + std::to_string(long(ess));
  std::fprintf(stderr,
               "\r%s [%s] %3.0f%% | %zu chains | draw %ld/%ld | %ld divergences | step %.3g%s | %.3g leapfrogs/s | %.0f s left ",
               slowest < num_warmup_ ? "warm-up " : "sampling", bar.c_str(), 100 * done, chains.size(), long(slowest),
               long(total_), long(divergences), step_size / double(chains.size()), sizes.c_str(), double(leapfrogs) / seconds,
               done > 0 ? seconds * (1 - done) / done : 0.0);
  std::fflush(stderr);
}

void ProgressBar::finish() {
  if (drawn_) std::fprintf(stderr, "\n");
  drawn_ = false;
}

}  // namespace nuthatch::mcmc
