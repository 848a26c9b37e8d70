#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "zarr.h"

namespace nuthatch::detail::zarr {

void fail(const std::filesystem::path& path, const std::string& reason) {
  throw Error(fmt::format("cannot read `{}`: {}", path.string(), reason));
}

std::string type_code(Dtype dtype) {
  switch (dtype) {
  case Dtype::bool_: return "|b1";
  case Dtype::i32: return "<i4";
  case Dtype::i64: return "<i8";
  case Dtype::ui32: return "<u4";
  case Dtype::ui64: return "<u8";
  case Dtype::f32: return "<f4";
  case Dtype::f64: return "<f8";
  }
  return "";
}

nlohmann::ordered_json to_json(const Attributes& attrs) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const auto& [key, value] : attrs) {
    if (const auto* json = std::get_if<Json>(&value)) {
      out[key] = nlohmann::ordered_json::parse(json->text, nullptr, /*allow_exceptions=*/false);
      if (out[key].is_discarded()) throw Error(fmt::format("attribute `{}` is not JSON: {}", key, json->text));
    } else {
      std::visit(
          [&](const auto& plain) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(plain)>, Json>) out[key] = plain;
          },
          value);
    }
  }
  return out;
}

Attributes from_json(const nlohmann::ordered_json& object) {
  Attributes out;
  for (const auto& [key, value] : object.items()) {
    if (value.is_boolean())
      out[key] = value.get<bool>();
    else if (value.is_number_integer())
      out[key] = value.get<std::int64_t>();
    else if (value.is_number())
      out[key] = value.get<double>();
    else if (value.is_string())
      out[key] = value.get<std::string>();
    else
      out[key] = Json{value.dump()};
  }
  return out;
}

nlohmann::ordered_json read_json(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  auto parsed = nlohmann::ordered_json::parse(text, text + bytes.size(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) fail(path, "it is not a JSON object");
  return parsed;
}

} // namespace nuthatch::detail::zarr
