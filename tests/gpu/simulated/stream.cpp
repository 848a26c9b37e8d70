#include "tests/gpu/simulated/stream.h"

#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {

bool Graph::joined() const {
  for (const auto& [stream, share] : shares) {
    Stream* at = stream;
    for (std::size_t steps = 0; at && at != streams[0] && steps <= shares.size(); ++steps) {
      const auto found = shares.find(at);
      at = found == shares.end() ? nullptr : found->second.joined;
    }
    if (at != streams[0]) return false;
  }
  return true;
}

void Stream::defer(Work work) {
  queue.push_back(std::move(work));
  if (queue.size() < kMost) return;
  while (queue.size() > kMost / 2) step();
}

void Stream::put(Work work) {
  if (capture) {
    if (capture->broken) throw Fault(kStreamCaptureInvalidated, "the capture was broken before");
    capture->work.push_back(std::move(work));
    auto& share = capture->shares[this];
    ++share.work;
    share.joined = nullptr;
    return;
  }
  // The default stream waits for the others, and they for it.
  Stream& standard = *device.standard;
  if (this == &standard) {
    for (const auto& other : device.streams)
      if (other->blocking && !other->idle()) waitFor(other->mark());
  } else if (blocking && !standard.idle()) {
    waitFor(standard.mark());
  }
  defer(std::move(work));
}

bool Stream::step() {
  if (queue.empty()) return false;
  const auto work = std::move(queue.front());
  queue.pop_front();
  work();
  return true;
}

void Stream::finish() {
  while (step()) {}
}

std::shared_ptr<Marker> Stream::mark() {
  auto marker = std::make_shared<Marker>();
  marker->stream = this;
  defer([marker] {
    marker->done = true;
    marker->when = std::chrono::steady_clock::now();
    marker->stream = nullptr;
  });
  return marker;
}

void Stream::finish(const Marker& m) {
  while (!m.done && step()) {}
}

void Stream::waitFor(std::shared_ptr<Marker> marker) {
  defer([marker] {
    if (!marker->done) marker->stream->finish(*marker);
  });
}

}  // namespace nuthatch::simulated
