#include <nlohmann/json.hpp>

#include "schema_names.h"
#include "zarr.h"

namespace nuthatch::detail::zarr {
namespace fs = std::filesystem;
using nlohmann::ordered_json;

Metadata::Metadata(fs::path store) : store_(std::move(store)) {
  if (!fs::exists(store_ / ".zmetadata")) return;
  ordered_json all = read_json(store_ / ".zmetadata");
  if (!all.contains("metadata") || !all["metadata"].is_object()) return;
  ordered_json& files = all["metadata"];
  if (!files.contains(".zattrs") || !files[".zattrs"].is_object() || !files[".zattrs"].contains(kStreamed)) return;
  consolidated_ = std::make_unique<ordered_json>(std::move(files));
}
Metadata::~Metadata() = default;

ordered_json Metadata::read(const std::string& file) const {
  if (!contains(file)) return {};
  return consolidated_ ? (*consolidated_)[file] : read_json(store_ / file);
}

bool Metadata::contains(const std::string& file) const {
  return consolidated_ ? consolidated_->contains(file) : fs::exists(store_ / file);
}

} // namespace nuthatch::detail::zarr
