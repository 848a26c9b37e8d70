#pragma once
// Machine code on a card. The driver assembles PTX, which takes longer than writing it; what it made is kept on disk
// (backends/runtime/object_cache.h).
#include "backends/gpu/card.h"
#include "backends/gpu/ptx.h"

namespace nuthatch::gpu {

class LoadedKernel {
 public:
  LoadedKernel(Card&, const PtxProgram&);
  ~LoadedKernel();
  LoadedKernel(const LoadedKernel&) = delete;
  LoadedKernel& operator=(const LoadedKernel&) = delete;

  cuda::Function function() const { return function_; }
  int registers() const { return registers_; }      // of a thread
  int local_bytes() const { return local_bytes_; }  // of a thread: what found no register
  int blocks_per_multiprocessor() const { return blocks_; }
  bool from_cache() const { return from_cache_; }

 private:
  Card& card_;
  cuda::Module module_ = nullptr;
  cuda::Function function_ = nullptr;
  int registers_ = 0, local_bytes_ = 0, blocks_ = 0;
  bool from_cache_ = false;
};

}  // namespace nuthatch::gpu
