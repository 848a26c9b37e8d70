#ifdef NUTHATCH_HDF5
#include "hdf5.h"

namespace nuthatch::detail::hdf5 {

std::mutex& Session::mutex() {
  static std::mutex one;
  return one;
}

Session::Session() : lock_(mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &report_, &report_to_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}
Session::~Session() { H5Eset_auto2(H5E_DEFAULT, report_, report_to_); }

std::string last_error() {
  std::string out;
  const auto first = [](unsigned, const H5E_error2_t* error, void* text) -> herr_t {
    auto& out = *static_cast<std::string*>(text);
    if (out.empty() && error->desc) out = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &out);
  return out;
}

} // namespace nuthatch::detail::hdf5
#endif
