#pragma once
/// Variables over shared dimensions: one group of an `InferenceData`.
#include "nuthatch/data_array.h"

namespace nuthatch {

class Dataset {
public:
  Dataset();
  // Defined in one place: their code is large, and every user of a fit would compile it.
  Dataset(const Dataset&);
  Dataset(Dataset&&) noexcept;
  Dataset& operator=(const Dataset&);
  Dataset& operator=(Dataset&&) noexcept;
  ~Dataset();
  bool empty() const { return variables_.empty(); }
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// The variable of that name; an Error that lists the names when there is none.
  const DataArray& operator[](std::string_view name) const { return at(name); }
  const DataArray& at(std::string_view name, Where where = Where::current()) const;
  /// In the order in which they were set.
  const std::vector<DataArray>& variables() const { return variables_; }
  std::vector<std::string> names() const;
  const Coordinates& coords() const { return coords_; }

  /// Adds or replaces a variable. Extents must agree with those of the dimensions already here; labels known to the
  /// data set win over 0 ... n-1, and two different lists of labels for one dimension are an Error.
  void set(const std::string& name, DataArray variable, Where where = Where::current());
  /// Draws (chain, draw, ...event): dimensions not named become `name_dim_0`, `name_dim_1`, ...
  void set_draws(const std::string& name, const Tensor& draws, std::vector<std::string> event_dims = {},
                 Where where = Where::current());
  /// A plain array, its unnamed dimensions called `name_dim_0`, ...
  void set_data(const std::string& name, const Tensor& values, std::vector<std::string> dims = {},
                Where where = Where::current());
  /// Labels of a dimension, for all variables that have it and those set later.
  void set_coord(const std::string& dim, Coordinate labels, Where where = Where::current());
  void erase(std::string_view name);

  Attributes attrs;

private:
  const DataArray* find(std::string_view name) const;

  std::vector<DataArray> variables_;
  Coordinates coords_;
};

} // namespace nuthatch
