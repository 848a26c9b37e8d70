#pragma once
// A program cut into steps: kernels of ours, and matrix products and factorisations that are left to cuBLAS and cuSOLVER.
// docs/design/cuts.md says where programs are cut.
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "nuthatch/detail/emit.h"

namespace nuthatch::gpu {

/// Number of an array of the schedule.
using ValueId = int;

struct ScheduledValue {
  detail::TensorType type;  // of one chain
  bool varying = false;     // [chains, ...] in memory
};

/// A program of ours. All its inputs are arguments, it has no captures.
struct Kernel {
  detail::ProgramPtr program;
  std::vector<ValueId> arguments, results;
  std::vector<bool> varying_argument;
  /// Run for every chain, all results are [chains, ...]; else run once, as if there were one chain.
  bool varying = false;
  bool emits = false;  // stores to output streams
};

/// Element (i, j) of matrix number b is at b * batch_stride + i * row_stride + j * column_stride. One of the two is 1.
struct Matrix {
  ValueId value = -1;
  std::int64_t row_stride = 0, column_stride = 0, batch_stride = 0;
};

/// c = a b for `batch` matrices, a [m, k], b [k, n], c [m, n].
struct Product {
  Dtype dtype = Dtype::f64;
  std::int64_t m = 0, n = 0, k = 0, batch = 1;
  bool rows_of_chains = false;   // m times the number of chains
  bool batch_of_chains = false;  // batch times the number of chains
  Matrix a, b, c;
};

/// The lower factor of the lower triangles of `batch` matrices [n, n], stored row by row. `info` is 0 where the matrix was
/// positive definite; elsewhere, and above the diagonal, the factor is anything.
struct Factor {
  Dtype dtype = Dtype::f64;
  std::int64_t n = 0, batch = 1;
  bool batch_of_chains = false;
  ValueId x = -1, factor = -1, info = -1;  // info: i32 [batch]
};

/// y with op(a) y = b for `batch` matrices a [n, n] and b [n, columns], stored row by row.
struct Substitution {
  Dtype dtype = Dtype::f64;
  std::int64_t n = 0, columns = 0, batch = 1;
  bool batch_of_chains = false, lower = true, transpose = false, unit_diagonal = false;
  bool chains_are_columns = false;  // one matrix, and a vector of each chain: b and y are [chains, n]
  ValueId a = -1, b = -1, y = -1;
};

struct Step;

/// The body is run until `live` (a bool of each chain, the first carry) is false for all chains, or `trip` times. Between
/// two runs the arrays of each pair in `carries` change places: what the body stored in `second` is `first` of the next.
struct Loop {
  struct Carry { ValueId first, second; };
  struct Part { ValueId slice, whole; };  // `slice` of iteration i is element i of the leading axis (of a chain) of `whole`
  std::vector<Step> body;
  ValueId live = -1;            // -1: a loop with a counter
  std::int64_t trip = -1;       // -1: as long as a chain is live
  ValueId counter = -1;         // i64 scalar: 0, 1, ... or trip - 1, ..., 0
  bool reverse = false;
  std::vector<Carry> carries;
  std::vector<Part> parts;
};

struct Step {
  std::variant<Kernel, Product, Factor, Substitution, Loop> what;
};

struct Schedule {
  std::vector<ScheduledValue> values;
  std::vector<ValueId> arguments;  // the program's arguments, then its captures
  std::vector<ValueId> results;    // no array is two results
  std::vector<Step> steps;
  bool chains = false;             // of a chain program: all results are [chains, ...]

  /// One kernel: nothing was worth cutting.
  bool whole() const { return steps.size() == 1 && std::holds_alternative<Kernel>(steps[0].what); }
};

/// Steps that are run, in their order; with the loops' bodies, each behind its loop.
std::vector<const Step*> allSteps(const std::vector<Step>&);

/// The schedule for people: steps, sizes, where which arrays go. `chains`: how many there will be.
std::string explain(const Schedule&, std::int64_t chains);

}  // namespace nuthatch::gpu
