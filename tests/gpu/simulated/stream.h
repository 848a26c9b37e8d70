#pragma once
// Streams, events and graphs. What is put into a stream waits there until somebody waits for it: a program that forgets
// to wait does not see the results.
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "tests/gpu/simulated/fault.h"

namespace nuthatch::simulated {

class Stream;
struct Device;

using Work = std::function<void()>;

/// A point in a stream.
struct Marker {
  bool done = false;
  std::chrono::steady_clock::time_point when;
  Stream* stream = nullptr;  // while it is not done
};

struct Event {
  Device* device = nullptr;
  bool timed = true;
  std::shared_ptr<Marker> marker;    // of the last record
  struct Graph* captured = nullptr;  // recorded while that was captured
  Stream* stream = nullptr;          // in which, behind so much work of it
  std::size_t work = 0;
};

struct Graph {
  std::vector<Work> work;
  std::vector<Stream*> streams;  // that are captured into it; the first began
  struct Share {
    std::size_t work = 0;
    Stream* joined = nullptr;  // that waits for all of it
  };
  std::map<Stream*, Share> shares;
  int mode = 0;                  // 0: nothing unsafe anywhere; 1: nor by this thread; 2: all is allowed
  std::thread::id thread;
  bool broken = false;

  /// Does the stream that began wait for all the others' work?
  bool joined() const;
};

class Stream {
 public:
  Stream(Device& device, bool blocking) : device(device), blocking(blocking) {}

  /// Puts work behind all that was put here, or into the graph that is being captured.
  void put(Work);
  /// Everything that is here now.
  void finish();
  /// One piece of work; false when there is none.
  bool step();
  bool idle() const { return queue.empty(); }
  std::shared_ptr<Marker> mark();
  void waitFor(std::shared_ptr<Marker>);
  void finish(const Marker&);

  Device& device;
  const bool blocking;       // takes part in the order of the default stream
  Graph* capture = nullptr;  // into which it goes

 private:
  void defer(Work);
  std::deque<Work> queue;
  static constexpr std::size_t kMost = 256;  // then the older half is done
};

}  // namespace nuthatch::simulated
