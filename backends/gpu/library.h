#pragma once
// Shared libraries of the CUDA toolkit, opened when they are first needed: one build serves machines with and without.
#include <string>
#include <vector>

namespace nuthatch::gpu {

class Library {
 public:
  /// Opens the file that the environment variable names, else the first of the names that the system finds.
  Library(const char* variable, const std::vector<const char*>& names);

  /// Why it is not open, or which function it lacks; empty: all is well.
  const std::string& problem() const { return problem_; }
  /// Puts the function's address where `into` points.
  template <class F>
  void find(const char* name, F*& into) {
    into = reinterpret_cast<F*>(address(name));
  }

 private:
  void* address(const char* name);
  std::string file_, problem_;
  void* handle_ = nullptr;
};

}  // namespace nuthatch::gpu
