#pragma once
/// A named array with named dimensions and labels: one variable of a data set, such as the draws of `theta` over
/// (chain, draw, school).
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nuthatch/detail/array.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/index.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

/// JSON that is neither a number, a truth value nor a string: lists and objects.
struct Json {
  std::string text;
  bool operator==(const Json&) const = default;
};
/// Value of an attribute of a variable, a group or a file.
using Attribute = std::variant<bool, std::int64_t, double, std::string, Json>;
struct Attributes : std::map<std::string, Attribute> {
  Attributes();
  Attributes(std::initializer_list<value_type> attributes);
  // Defined in one place: their code is large, and every user of a fit would compile it.
  Attributes(const Attributes&);
  Attributes(Attributes&&) noexcept;
  Attributes& operator=(const Attributes&);
  Attributes& operator=(Attributes&&) noexcept;
  ~Attributes();
};

/// Labels along one dimension: integers, real numbers or strings. Cheap to copy.
class Coordinate {
public:
  using Labels = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

  Coordinate();
  Coordinate(std::vector<std::int64_t> labels);
  Coordinate(std::vector<double> labels);
  Coordinate(std::vector<std::string> labels);
  /// 0 ... n-1.
  static Coordinate range(std::int64_t n);

  std::int64_t size() const;
  const Labels& labels() const { return *labels_; }
  /// Label i as text: `Choate`, `3`, `0.5`.
  std::string text(std::int64_t i) const;
  /// Position of a label given as text; -1 when there is none.
  std::int64_t find(std::string_view label) const;
  /// The labels at some positions.
  Coordinate take(const std::vector<std::int64_t>& positions) const;
  bool operator==(const Coordinate& other) const;

private:
  Shared<const Labels> labels_; // one list serves all variables of a group
};
using Coordinates = std::map<std::string, Coordinate>;

/// A label to select by: a string or an integer.
struct Label {
  std::string text;
  Label(const char* label) : text(label) {}
  Label(std::string label) : text(std::move(label)) {}
  template <class T>
  requires std::is_integral_v<T> Label(T label) : text(std::to_string(label)) {}
};

/// Cheap to copy: values are shared and never changed.
class DataArray {
public:
  DataArray();
  // Defined in one place: their code is large, and every user of a fit would compile it.
  DataArray(const DataArray&);
  DataArray(DataArray&&) noexcept;
  DataArray& operator=(const DataArray&);
  DataArray& operator=(DataArray&&) noexcept;
  ~DataArray();
  /// One name per dimension; labels are 0 ... n-1 until `set_coord` gives others.
  DataArray(std::vector<std::string> dims, detail::Array values, Where where = Where::current());
  /// From a concrete tensor.
  DataArray(std::vector<std::string> dims, const Tensor& values, Where where = Where::current());

  const std::string& name() const { return name_; }
  const std::vector<std::string>& dims() const { return dims_; }
  const Shape& shape() const { return values_.shape; }
  std::int64_t ndim() const { return static_cast<std::int64_t>(shape().size()); }
  std::int64_t size() const { return values_.num_elements(); }
  /// Extent of a dimension given by name.
  std::int64_t size(std::string_view dim, Where where = Where::current()) const;
  Dtype dtype() const { return values_.dtype; }
  bool has_dim(std::string_view dim) const { return axis(dim) >= 0; }
  const Coordinates& coords() const { return coords_; }

  void rename(std::string name) { name_ = std::move(name); }
  /// Labels of one dimension; an Error when their number is not its extent.
  void set_coord(const std::string& dim, Coordinate labels, Where where = Where::current());

  /// The part at one label: `theta.at("school", "Choate")` has dimensions (chain, draw).
  DataArray at(std::string_view dim, const Label& label, Where where = Where::current()) const;
  /// The part at one position along a dimension.
  DataArray at_position(std::string_view dim, std::int64_t position, Where where = Where::current()) const;
  /// The parts at some labels, in this order; the dimension stays.
  DataArray sel(std::string_view dim, const std::vector<Label>& labels, Where where = Where::current()) const;
  /// The parts at some positions, in this order; negative ones count from the end.
  DataArray take(std::string_view dim, const std::vector<std::int64_t>& positions,
                 Where where = Where::current()) const;
  /// The named dimensions first, in this order, then the others as they were.
  DataArray with_leading(const std::vector<std::string>& dims, Where where = Where::current()) const;

  /// The values as a tensor; nothing is copied.
  Tensor tensor() const;
  operator Tensor() const { return tensor(); }
  operator Arg() const { return Arg(tensor()); }
  Tensor operator[](const Index& i) const { return tensor()[i]; }
  template <class... I> Tensor operator()(const I&... i) const { return tensor()(i...); }
  /// The values in row-major order, converted to double; true is 1.
  std::vector<double> to_doubles() const;
  template <class T = double> T item() const { return tensor().item<T>(); }
  template <class T = double> std::vector<T> to_vector() const { return tensor().to_vector<T>(); }
  const detail::Array& values() const { return values_; }

  Attributes attrs;

private:
  std::int64_t axis(std::string_view dim) const;
  std::int64_t require_axis(std::string_view dim, Where where) const;

  std::string name_;
  std::vector<std::string> dims_;
  Coordinates coords_;
  detail::Array values_;
};

} // namespace nuthatch
