// The driver's calls for streams and events.
#include <algorithm>

#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {
namespace {

Event& eventOf(Driver& d, CUevent handle) {
  const auto found = d.events.find(handle);
  if (found == d.events.end()) throw Fault(kInvalidHandle, "not an event");
  return *found->second;
}

Event& waitable(Driver& d, CUevent handle) {
  Event& event = eventOf(d, handle);
  if (event.captured) throw Fault(kCapturedEvent, "the event was recorded in a stream that is being captured");
  return event;
}

void notCaptured(const Stream& s) {
  if (!s.capture) return;
  s.capture->broken = true;
  throw Fault(kStreamCaptureUnsupported, "waiting for a stream that is being captured");
}

}  // namespace

SIMULATED cuStreamCreate(CUstream* out, unsigned flags) {
  return guarded("cuStreamCreate", [&](Driver& d) {
    if (flags > 1) throw Fault(kInvalidValue, "flags of a stream");
    Device& device = d.current();
    *out = device.streams.emplace_back(std::make_unique<Stream>(device, flags == 0)).get();
  });
}

SIMULATED cuStreamDestroy_v2(CUstream handle) {
  return guarded("cuStreamDestroy", [&](Driver& d) {
    Stream& s = d.stream(handle);
    if (&s == s.device.standard.get()) throw Fault(kInvalidHandle, "the default stream");
    notCaptured(s);
    s.finish();  // its work goes on; here it ends first
    std::erase_if(s.device.streams, [&](const auto& p) { return p.get() == &s; });
  });
}

SIMULATED cuStreamSynchronize(CUstream handle) {
  return guarded("cuStreamSynchronize", [&](Driver& d) {
    Stream& s = d.stream(handle);
    notCaptured(s);
    s.finish();
  });
}

SIMULATED cuStreamWaitEvent(CUstream handle, CUevent which, unsigned) {
  return guarded("cuStreamWaitEvent", [&](Driver& d) {
    Stream& s = d.stream(handle);
    Event& event = eventOf(d, which);
    if (event.captured) {  // the stream takes part in the capture
      if (s.capture && s.capture != event.captured) throw Fault(kStreamCaptureUnsupported, "two captures cannot be joined");
      s.capture = event.captured;
      auto& streams = s.capture->streams;
      if (std::find(streams.begin(), streams.end(), &s) == streams.end()) streams.push_back(&s);
      auto& share = s.capture->shares[event.stream];
      if (share.work == event.work && event.stream != &s) share.joined = &s;
    } else if (s.capture) {
      throw Fault(kStreamCaptureUnsupported, "a captured stream waits for an event outside of the capture");
    } else if (event.marker && !event.marker->done) {
      s.waitFor(event.marker);
    }
  });
}

SIMULATED cuEventCreate(CUevent* out, unsigned flags) {
  return guarded("cuEventCreate", [&](Driver& d) {
    auto event = std::make_unique<Event>();
    event->device = &d.current();
    event->timed = !(flags & 2);
    *out = event.get();
    d.events[*out] = std::move(event);
  });
}

SIMULATED cuEventDestroy_v2(CUevent handle) {
  return guarded("cuEventDestroy", [&](Driver& d) {
    eventOf(d, handle);
    d.events.erase(handle);
  });
}

SIMULATED cuEventRecord(CUevent handle, CUstream stream) {
  return guarded("cuEventRecord", [&](Driver& d) {
    Event& event = eventOf(d, handle);
    Stream& s = d.stream(stream);
    if (event.device != &s.device) throw Fault(kInvalidHandle, "an event of another device");
    event.captured = s.capture;
    if (!s.capture) event.marker = s.mark();
    else event.stream = &s, event.work = s.capture->shares[&s].work;
  });
}

SIMULATED cuEventSynchronize(CUevent handle) {
  return guarded("cuEventSynchronize", [&](Driver& d) {
    const auto marker = waitable(d, handle).marker;
    if (marker && !marker->done) marker->stream->finish(*marker);
  });
}

/// Every question lets the stream get on by one step, so that asking in a loop comes to an end.
SIMULATED cuEventQuery(CUevent handle) {
  return guarded("cuEventQuery", [&](Driver& d) {
    const auto marker = waitable(d, handle).marker;
    if (!marker || marker->done) return;
    marker->stream->step();
    throw Fault(kNotReady, "not yet");
  });
}

SIMULATED cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
  return guarded("cuEventElapsedTime", [&](Driver& d) {
    const Event &a = waitable(d, from), &b = waitable(d, to);
    if (!a.timed || !b.timed || !a.marker || !b.marker) throw Fault(kInvalidHandle, "events that keep no time, or were not recorded");
    if (!a.marker->done || !b.marker->done) throw Fault(kNotReady, "not yet");
    *milliseconds = std::chrono::duration<float, std::milli>(b.marker->when - a.marker->when).count();
  });
}

}  // namespace nuthatch::simulated
