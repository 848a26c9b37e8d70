#include "nuthatch/path.h"

namespace nuthatch {

Path::Path() = default;
Path::Path(const char* text) : text_(text) {}
Path::Path(std::string text) : text_(std::move(text)) {}
Path::Path(const Path&) = default;
Path::Path(Path&&) noexcept = default;
Path& Path::operator=(const Path&) = default;
Path& Path::operator=(Path&&) noexcept = default;
Path::~Path() = default;

}  // namespace nuthatch
