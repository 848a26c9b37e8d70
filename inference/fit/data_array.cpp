#include "nuthatch/data_array.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "nuthatch/detail/emit.h"

namespace nuthatch {

Attributes::Attributes() = default;
Attributes::Attributes(std::initializer_list<value_type> attributes) : std::map<std::string, Attribute>(attributes) {}
Attributes::Attributes(const Attributes&) = default;
Attributes::Attributes(Attributes&&) noexcept = default;
Attributes& Attributes::operator=(const Attributes&) = default;
Attributes& Attributes::operator=(Attributes&&) noexcept = default;
Attributes::~Attributes() = default;

DataArray::DataArray() = default;
DataArray::DataArray(const DataArray&) = default;
DataArray::DataArray(DataArray&&) noexcept = default;
DataArray& DataArray::operator=(const DataArray&) = default;
DataArray& DataArray::operator=(DataArray&&) noexcept = default;
DataArray::~DataArray() = default;
namespace {

template <class T> std::vector<double> widened(const detail::Array& a) {
  const T* data = a.as<T>();
  return std::vector<double>(data, data + a.num_elements());
}

} // namespace

DataArray::DataArray(std::vector<std::string> dims, detail::Array values, Where where)
    : dims_(std::move(dims)), values_(std::move(values)) {
  if (dims_.size() != values_.shape.size())
    throw Error(fmt::format("DataArray: {} dimension names ({}) for shape {}", dims_.size(), fmt::join(dims_, ", "),
                            to_string(values_.shape)),
                where);
  if (std::set<std::string>(dims_.begin(), dims_.end()).size() != dims_.size())
    throw Error(fmt::format("DataArray: a dimension name occurs twice in ({})", fmt::join(dims_, ", ")), where);
  for (std::size_t i = 0; i < dims_.size(); ++i) coords_[dims_[i]] = Coordinate::range(values_.shape[i]);
}

DataArray::DataArray(std::vector<std::string> dims, const Tensor& values, Where where)
    : DataArray(
          std::move(dims),
          [&] {
            if (!values.defined() || !values.is_concrete())
              throw Error("DataArray: needs a concrete tensor, not a value of a program being traced", where);
            return detail::value(values)->array;
          }(),
          where) {}

std::int64_t DataArray::axis(std::string_view dim) const {
  const auto found = std::find(dims_.begin(), dims_.end(), dim);
  return found == dims_.end() ? -1 : found - dims_.begin();
}

std::int64_t DataArray::require_axis(std::string_view dim, Where where) const {
  const auto found = axis(dim);
  if (found < 0)
    throw Error(fmt::format("`{}` has no dimension `{}`; its dimensions are ({})", name_, dim, fmt::join(dims_, ", ")),
                where);
  return found;
}

std::int64_t DataArray::size(std::string_view dim, Where where) const {
  return shape()[static_cast<std::size_t>(require_axis(dim, where))];
}

void DataArray::set_coord(const std::string& dim, Coordinate labels, Where where) {
  const auto extent = size(dim, where);
  if (labels.size() != extent)
    throw Error(fmt::format("`{}`: {} labels for dimension `{}` of extent {}", name_, labels.size(), dim, extent),
                where);
  coords_[dim] = std::move(labels);
}

DataArray DataArray::at(std::string_view dim, const Label& label, Where where) const {
  (void)require_axis(dim, where);
  const Coordinate& labels = coords_.find(std::string(dim))->second;
  const auto position = labels.find(label.text);
  if (position >= 0) return at_position(dim, position, where);
  std::string known;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(labels.size(), 8); ++i) known += (i ? ", " : "") + labels.text(i);
  if (labels.size() > 8) known += ", ...";
  throw Error(fmt::format("`{}`: no label `{}` in dimension `{}`; its labels are {}", name_, label.text, dim, known),
              where);
}

DataArray DataArray::at_position(std::string_view dim, std::int64_t position, Where where) const {
  const auto k = static_cast<std::size_t>(require_axis(dim, where));
  if (position < 0 || position >= shape()[k])
    throw Error(fmt::format("`{}`: position {} in dimension `{}` of extent {}", name_, position, dim, shape()[k]),
                where);
  Shape rest = shape();
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
  std::size_t outer = 1, inner = size_of(dtype());
  for (std::size_t i = 0; i < k; ++i) outer *= static_cast<std::size_t>(shape()[i]);
  for (std::size_t i = k + 1; i < shape().size(); ++i) inner *= static_cast<std::size_t>(shape()[i]);
  detail::Array part(dtype(), rest);
  const std::size_t stride = inner * static_cast<std::size_t>(shape()[k]);
  for (std::size_t o = 0; o < outer; ++o)
    std::memcpy(part.data.get() + o * inner,
                values_.data.get() + o * stride + static_cast<std::size_t>(position) * inner, inner);
  DataArray out = *this;
  out.values_ = std::move(part);
  out.dims_.erase(out.dims_.begin() + static_cast<std::ptrdiff_t>(k));
  out.coords_.erase(std::string(dim));
  return out;
}

DataArray DataArray::with_leading(const std::vector<std::string>& dims, Where where) const {
  std::vector<std::size_t> order;
  for (const auto& dim : dims) order.push_back(static_cast<std::size_t>(require_axis(dim, where)));
  for (std::size_t i = 0; i < dims_.size(); ++i)
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  if (std::is_sorted(order.begin(), order.end())) return *this;

  // Strides of the source in the order of the result; an odometer over the result walks through it.
  const std::size_t rank = order.size(), width = size_of(dtype());
  std::vector<std::size_t> strides(rank, width);
  for (std::size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(shape()[i]);
  DataArray out = *this;
  Shape extents = shape();
  std::vector<std::size_t> step(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    extents[i] = shape()[order[i]];
    out.dims_[i] = dims_[order[i]];
    step[i] = strides[order[i]];
  }
  out.values_ = detail::Array(dtype(), extents);
  std::vector<std::int64_t> index(rank, 0);
  const std::byte* source = values_.data.get();
  std::byte* target = out.values_.data.get();
  for (std::int64_t n = 0; n < size(); ++n, target += width) {
    std::memcpy(target, source, width);
    for (std::size_t i = rank; i-- > 0;) {
      source += step[i];
      if (++index[i] < extents[i]) break;
      source -= step[i] * static_cast<std::size_t>(extents[i]);
      index[i] = 0;
    }
  }
  return out;
}

Tensor DataArray::tensor() const { return detail::wrap(detail::concrete(values_)); }

std::vector<double> DataArray::to_doubles() const {
  switch (dtype()) {
  case Dtype::bool_: return widened<std::uint8_t>(values_);
  case Dtype::i32: return widened<std::int32_t>(values_);
  case Dtype::i64: return widened<std::int64_t>(values_);
  case Dtype::ui32: return widened<std::uint32_t>(values_);
  case Dtype::ui64: return widened<std::uint64_t>(values_);
  case Dtype::f32: return widened<float>(values_);
  case Dtype::f64: return widened<double>(values_);
  }
  return {};
}

} // namespace nuthatch
