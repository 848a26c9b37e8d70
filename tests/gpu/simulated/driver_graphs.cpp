// Capturing what goes into a stream, and doing it again.
#include <algorithm>

#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {

SIMULATED cuStreamBeginCapture_v2(CUstream handle, int mode) {
  return guarded("cuStreamBeginCapture", [&](Driver& d) {
    Stream& s = d.stream(handle);
    if (&s == s.device.standard.get()) throw Fault(kStreamCaptureUnsupported, "the default stream cannot be captured");
    if (s.capture) throw Fault(kIllegalState, "the stream is being captured");
    if (mode < 0 || mode > 2) throw Fault(kInvalidValue, "mode of a capture");
    auto graph = std::make_unique<Graph>();
    graph->streams = {&s};
    graph->mode = mode;
    graph->thread = std::this_thread::get_id();
    s.capture = graph.get();
    d.captures.push_back(std::move(graph));
  });
}

SIMULATED cuStreamEndCapture(CUstream handle, CUgraph* out) {
  return guarded("cuStreamEndCapture", [&](Driver& d) {
    Stream& s = d.stream(handle);
    Graph* graph = s.capture;
    if (!graph) throw Fault(kIllegalState, "the stream is not being captured");
    if (graph->streams[0] != &s) throw Fault(kStreamCaptureUnmatched, "the capture began in another stream");
    if (graph->mode != 2 && graph->thread != std::this_thread::get_id()) throw Fault(kStreamCaptureWrongThread, "the capture began in another thread");
    for (Stream* member : graph->streams) member->capture = nullptr;
    for (auto& [unused, event] : d.events)
      if (event->captured == graph) event->captured = nullptr;
    const auto at = std::find_if(d.captures.begin(), d.captures.end(), [&](const auto& g) { return g.get() == graph; });
    std::shared_ptr<Graph> kept = std::move(*at);
    d.captures.erase(at);
    *out = nullptr;
    if (kept->broken) throw Fault(kStreamCaptureInvalidated, "the capture was broken before");
    if (!kept->joined()) throw Fault(kStreamCaptureUnjoined, "work of another stream that the first does not wait for");
    *out = kept.get();
    d.graphs[*out] = kept;
  });
}

SIMULATED cuGraphInstantiateWithFlags(CUgraphExec* out, CUgraph handle, unsigned long long) {
  return guarded("cuGraphInstantiate", [&](Driver& d) {
    const auto found = d.graphs.find(handle);
    if (found == d.graphs.end()) throw Fault(kInvalidHandle, "not a graph");
    auto copy = std::make_shared<Graph>(*found->second);
    *out = copy.get();
    d.executables[*out] = std::move(copy);
  });
}

SIMULATED cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  return guarded("cuGraphLaunch", [&](Driver& d) {
    const auto found = d.executables.find(handle);
    if (found == d.executables.end()) throw Fault(kInvalidHandle, "not a graph to launch");
    ++d.settings["graph_launches"];
    d.stream(stream).put([graph = found->second] {
      for (const auto& work : graph->work) work();
    });
  });
}

SIMULATED cuGraphExecDestroy(CUgraphExec handle) {
  return guarded("cuGraphExecDestroy", [&](Driver& d) {
    if (!d.executables.erase(handle)) throw Fault(kInvalidHandle, "not a graph to launch");
  });
}

SIMULATED cuGraphDestroy(CUgraph handle) {
  return guarded("cuGraphDestroy", [&](Driver& d) {
    if (!d.graphs.erase(handle)) throw Fault(kInvalidHandle, "not a graph");
  });
}

}  // namespace nuthatch::simulated
