#pragma once
// A sum over data whose terms are polynomials of degree two in the data, such as the log likelihood of normal
// observations, is the same polynomial in a few sums over the data. In a loop that does not change the data (a sampler,
// an optimiser) those are computed once, and an evaluation costs the same for ten observations and for ten million.
//
//   sum (y - mu)^2  =  S + 2 R (c - mu) + n (c - mu)^2,     c the mean of y, R = sum (y - c), S = sum (y - c)^2
//
// The identity holds for every c, so that the rounding of c does no harm, and nothing cancels that did not cancel before:
// S and n (c - mu)^2 are not negative, R is a rounding error. With several data arrays or a matrix X of predictors, S is
// |T a|^2 with a the coefficients and T the triangular factor of the centred data (QR), never a difference of sums of
// squares. Parameters may be scalars, have some axes of the data, or be looked up by a group index.
//
// The pass changes the rounding of results, so it is part of what a program means, as form-fma is: it runs before
// derivatives are taken, which are then those of the short form, and before the interpreter.
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

void useSufficientStatistics(mlir::ModuleOp);

}  // namespace nuthatch::passes
