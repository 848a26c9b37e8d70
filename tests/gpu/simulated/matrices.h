#pragma once
// What the simulated cuBLAS and cuSOLVER share: matrices in device memory, column after column.
#include <Eigen/Dense>
#include <map>
#include <type_traits>

#include "tests/gpu/simulated/api.h"
#include "tests/gpu/simulated/device.h"

namespace nuthatch::simulated {

template <class T>
using Columns = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>, 0, Eigen::OuterStride<>>;

/// Throws Fault(kIllegalAddress) where the matrix is not all in one allocation.
template <class T>
Columns<std::remove_const_t<T>> matrixAt(Device& device, T* address, Eigen::Index rows, Eigen::Index columns, Eigen::Index stride, const char* what) {
  const auto elements = rows > 0 && columns > 0 ? (columns - 1) * stride + rows : 0;
  std::byte* data = elements ? device.memory.at(reinterpret_cast<std::uint64_t>(address), std::uint64_t(elements) * sizeof(T), what) : nullptr;
  return {reinterpret_cast<std::remove_const_t<T>*>(data), rows, columns, Eigen::OuterStride<>(std::max<Eigen::Index>(stride, 1))};
}

inline void require(bool holds, const char* what) {
  if (!holds) throw Fault(kInvalidValue, what);
}

/// A handle of one of the libraries.
struct MathHandle {
  Device* device = nullptr;
  CUstream stream = nullptr;
};

class MathHandles {
 public:
  void* make(Device& device) {
    auto handle = std::make_unique<MathHandle>(MathHandle{&device});
    void* out = handle.get();
    all[out] = std::move(handle);
    return out;
  }
  void destroy(void* handle) {
    if (!all.erase(handle)) throw Fault(kInvalidHandle, "not a handle of the library");
  }
  MathHandle& at(void* handle) {
    const auto found = all.find(handle);
    if (found == all.end()) throw Fault(kInvalidHandle, "not a handle of the library");
    if (found->second->device != current_device) throw Fault(kInvalidContext, "a handle of another device");
    return *found->second;
  }
  /// Does work in the order of the handle's stream.
  void put(Driver& d, void* handle, Work work) {
    MathHandle& h = at(handle);
    d.stream(h.stream).put(onDevice(*h.device, std::move(work)));
  }

 private:
  std::map<void*, std::unique_ptr<MathHandle>> all;
};

}  // namespace nuthatch::simulated
