#include "columns.h"

#include <algorithm>

#include "parallel.h"

namespace nuthatch::detail {
namespace {

/// Columns copied together at most and at least: rows lie pages apart, and what is found in one of them has to be worth
/// the way. A cache line holds eight.
constexpr std::size_t kMostTogether = 32, kFewestTogether = 8;
constexpr std::size_t kTile = 8; // rows

/// Fewer together when there are few columns, so that all workers get some.
std::size_t block_of(std::size_t columns) {
  const std::size_t workers = workers_for(columns);
  return std::clamp(columns / (4 * workers), kFewestTogether, kMostTogether);
}

/// Columns [first, first + count) as `count` contiguous runs of `rows` values.
template <class T>
void transpose(const T* values, std::size_t rows, std::size_t columns, std::size_t first, std::size_t count,
               double* out) {
  const T* corner = values + first;
  std::size_t r = 0;
  for (; r + kTile <= rows; r += kTile)
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t i = 0; i < kTile; ++i)
        out[k * rows + r + i] = static_cast<double>(corner[(r + i) * columns + k]);
  for (; r < rows; ++r)
    for (std::size_t k = 0; k < count; ++k) out[k * rows + r] = static_cast<double>(corner[r * columns + k]);
}

void transpose(const Array& values, std::size_t rows, std::size_t columns, std::size_t first, std::size_t count,
               double* out) {
  switch (values.dtype) {
  case Dtype::bool_: return transpose(values.as<std::uint8_t>(), rows, columns, first, count, out);
  case Dtype::i32: return transpose(values.as<std::int32_t>(), rows, columns, first, count, out);
  case Dtype::i64: return transpose(values.as<std::int64_t>(), rows, columns, first, count, out);
  case Dtype::ui32: return transpose(values.as<std::uint32_t>(), rows, columns, first, count, out);
  case Dtype::ui64: return transpose(values.as<std::uint64_t>(), rows, columns, first, count, out);
  case Dtype::f32: return transpose(values.as<float>(), rows, columns, first, count, out);
  case Dtype::f64: return transpose(values.as<double>(), rows, columns, first, count, out);
  }
}

std::size_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::size_t out = 1;
  for (std::size_t k = begin; k < end; ++k) out *= static_cast<std::size_t>(shape[k]);
  return out;
}

} // namespace

Columns::Columns(const DataArray& variable, const std::vector<std::string>& leading, Where where) {
  const DataArray ordered = variable.with_leading(leading, where);
  values_ = ordered.values();
  rows_ = product(ordered.shape(), 0, leading.size());
  columns_ = product(ordered.shape(), leading.size(), ordered.shape().size());
}

Columns::Columns(Array values, std::size_t rows) : values_(std::move(values)), rows_(rows) {
  columns_ = rows == 0 ? 0 : static_cast<std::size_t>(values_.num_elements()) / rows;
}

void Columns::for_each(const std::function<void(std::size_t, std::size_t, std::span<double>)>& visit) const {
  const std::size_t together = block_of(columns_), pieces = (columns_ + together - 1) / together;
  std::vector<std::vector<double>> blocks(workers_for(pieces));
  for_each_piece(pieces, [&](std::size_t worker, std::size_t piece) {
    const std::size_t first = piece * together, count = std::min(together, columns_ - first);
    std::vector<double>& block = blocks[worker];
    block.resize(rows_ * together);
    transpose(values_, rows_, columns_, first, count, block.data());
    for (std::size_t k = 0; k < count; ++k) visit(worker, first + k, std::span(block).subspan(k * rows_, rows_));
  });
}

std::vector<double> Columns::column(std::size_t i) const {
  std::vector<double> out(rows_);
  transpose(values_, rows_, columns_, i, 1, out.data());
  return out;
}

} // namespace nuthatch::detail
