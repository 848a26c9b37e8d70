#pragma once
// The forward recursion of a hidden Markov model, written with logarithms,
//
//   a'_j = log sum_i exp(a_i + T_ij) + e_j
//
// takes an exponential for every pair of states and a logarithm for every state at every step, one after the other. With
// numbers that are scaled to have the sum one (Rabiner 1989, section V.A) a step is a product with exp(T), computed once:
//
//   u = (p exp(T)) exp(e),  z = sum(u),  p' = u / z;  a = log(p) + log of all z so far.
//
// What is far below the largest probability would underflow. A run in which a probability or a scale gets near that
// is computed again with logarithms: the result is a `case` on what the scaled recursion saw. A step is accurate to
// rounding otherwise.
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

/// Loops whose only carry is such a vector, with T from outside the loop and no stacked results in use.
void scaleForwardRecursions(mlir::ModuleOp);

}  // namespace nuthatch::passes
