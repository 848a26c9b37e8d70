#pragma once
// Expressions over an array that are polynomials in data with parameters as coefficients: y - mu, (y - a - b x) / sigma,
// (y - X beta)^2. An affine one is kept as its value at the centre of the data plus coefficients times centred data.
#include <deque>

#include "passes/statistics/cells.h"

namespace nuthatch::passes {

/// Data that the loop does not change, less their mean in each cell. Computed in front of the loop.
struct CentredData {
  mlir::Value centred;    // the full array, or a matrix [elements, columns]
  mlir::Value centre;     // of cells; of a matrix [columns] or [cells, columns]
  mlir::Value remainder;  // sums of `centred`, shaped like `centre`: zero but for the rounding of the centre
  int64_t columns = 1;
  bool matrix = false;
};

struct Slope {
  const CentredData* data;
  mlir::Value of;  // of cells; of a matrix [columns]
};

/// x f(y) with data x and a parameter y, where 0 f(y) is 0 even if f(y) is infinite: xlogy(x, y).
struct GuardedProduct {
  mlir::Value data, empty, parameter, instead;  // empty: where data that are 0 meet a parameter like that
  std::optional<ir::UnaryKind> function;  // none: x y
};

struct Affine {
  mlir::Value base;  // its value at the centre; of cells
  llvm::SmallVector<Slope, 2> slopes;
};

/// factor * left * right for each element; no factor is one.
struct Product {
  mlir::Value factor;  // of cells
  Affine left, right;
};

struct Quadratic {
  std::optional<Affine> affine;
  llvm::SmallVector<Product, 2> products;
};

class AffineForms {
 public:
  AffineForms(Cells& cells, LoopInvariants& invariants, ir::Builder b) : cells(cells), invariants(invariants), b(b) {}

  /// A summand as a polynomial of degree two at most in data; nothing when it is none.
  std::optional<Quadratic> quadratic(mlir::Value);

  /// Binary arithmetic on values of cells.
  mlir::Value binary(ir::BinaryKind, mlir::Value, mlir::Value);
  mlir::Value times(mlir::Value x, mlir::Value y) { return binary(ir::BinaryKind::mul, x, y); }
  /// What a slope times some [columns] or [cells, columns] is, for each cell.
  mlir::Value along(const Slope&, mlir::Value ofData);

 private:
  int degree(mlir::Value);  // in data: 0, 1, 2; 3 stands for anything else
  int degreeOf(mlir::Value);
  std::optional<Affine> affine(mlir::Value);
  std::optional<Affine> affineOf(mlir::Value);
  std::optional<Quadratic> quadraticProduct(ir::BinaryOp);

  // In choices.cpp.
  std::optional<GuardedProduct> guardedProduct(mlir::Value);
  Affine guarded(const GuardedProduct&);
  mlir::Value chooser(mlir::Value);
  bool isChoice(mlir::Value, mlir::Value chooser, int depth = 8);
  mlir::Value chosen(mlir::Value, mlir::Value any, mlir::Value chooser, bool which);
  std::optional<Affine> choice(mlir::Value, mlir::Value chooser);

  const CentredData* centre(mlir::Value data);
  Affine dataTimes(mlir::Value data, mlir::Value slope);
  std::optional<Affine> matrixTimes(mlir::Value dot);
  std::optional<Affine> mapped(const LinearMap&, std::optional<Affine>);
  std::optional<LinearMap> mapOf(mlir::Value);
  std::optional<Affine> sum(ir::BinaryKind, std::optional<Affine>, std::optional<Affine>);
  std::optional<Affine> scaled(ir::BinaryKind, std::optional<Affine>, mlir::Value factor);
  std::optional<Affine> weighted(std::optional<Affine>, mlir::Value weights);
  /// The factor that multiplies or divides, when it is data of its own for each element; in front of the loop.
  mlir::Value weightsOf(ir::BinaryOp, mlir::Value factor);
  ir::Builder before() { return {invariants.builder, b.loc}; }

  Cells& cells;
  LoopInvariants& invariants;
  ir::Builder b;  // at the sum
  llvm::DenseMap<mlir::Value, int> degrees;
  llvm::DenseMap<mlir::Value, std::optional<Affine>> forms;
  llvm::DenseMap<mlir::Value, const CentredData*> known;
  std::deque<CentredData> all;
};

}  // namespace nuthatch::passes
