#pragma once
/// Discrete Fourier transforms along one axis, with NumPy's scaling: forward unscaled, inverse divided by n. There is no
/// complex dtype: a complex tensor is the pair of its parts. Any length: powers of two by Stockham's radix-2 algorithm,
/// short ones by a product with the matrix of the transform, others by Bluestein's (as convolutions of a power of two).
/// All are compositions of linear operations, so derivatives, vmap and compiled programs follow.
#include "nuthatch/tensor.h"

namespace nuthatch {

/// A tree (tree.h) of two tensors of one shape.
struct Complex {
  Tensor real, imag;
};

/// y_k = sum_j x_j exp(-2 pi i j k / n), and its inverse.
Complex fft(const Complex& x, int axis = -1, Where where = Where::current());
Complex fft(const Tensor& x, int axis = -1, Where where = Where::current());
Complex ifft(const Complex& x, int axis = -1, Where where = Where::current());
/// Of real x: the first n / 2 + 1 terms, from which the others follow by symmetry.
Complex rfft(const Tensor& x, int axis = -1, Where where = Where::current());
/// The real tensor with these first terms; n is 2 (terms - 1) unless given, and terms are n / 2 + 1. The imaginary part
/// of term 0, and of term n / 2 for even n, has no influence.
Tensor irfft(const Complex& x, std::int64_t n = -1, int axis = -1, Where where = Where::current());

/// Frequencies of the terms of fft and rfft for samples d apart, in cycles per unit; f64.
Tensor fftfreq(std::int64_t n, double d = 1.0, Where where = Where::current());
Tensor rfftfreq(std::int64_t n, double d = 1.0, Where where = Where::current());

}  // namespace nuthatch
