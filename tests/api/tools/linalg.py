"""Writes tests/api/linalg.inc: values of numpy.linalg and scipy.linalg.

    python tests/api/tools/linalg.py > tests/api/linalg.inc
"""
import numpy as np
import scipy.linalg as sl

from text import define

g = np.random.default_rng(3)
a = np.round(g.normal(size=(4, 4)), 3)
b = np.round(g.normal(size=(4, 2)), 3)
tall = np.round(g.normal(size=(5, 3)), 3)
batch = np.round(g.normal(size=(2, 3, 3)), 3)
sym = np.round(a + a.T, 3)
low = np.outer([1.0, 2.0, -1.0, 0.5], [1.0, 0.0, 2.0]) + np.outer([0.0, 1.0, 1.0, 2.0], [0.5, 1.0, -1.0])

define("a", a), define("b", b), define("tall", tall), define("batch", batch), define("sym", sym), define("rank_two", low)
define("solved", np.linalg.solve(a, b)), define("solved_batch", np.stack([np.linalg.solve(m, b[:3]) for m in batch]))
define("inverse", np.linalg.inv(a)), define("determinant", np.linalg.det(batch))
define("log_determinant", np.linalg.slogdet(batch)[1]), define("determinant_sign", np.linalg.slogdet(batch)[0])
q, r = np.linalg.qr(tall)
define("q", q), define("r", r)
q, r = np.linalg.qr(tall.T)
define("wide_q", q), define("wide_r", r)
define("eigenvalues", np.linalg.eigvalsh(sym)), define("singular_values", np.linalg.svd(tall, compute_uv=False))
define("pseudo_inverse", np.linalg.pinv(low)), define("power", np.linalg.matrix_power(a, 5))
define("inverse_power", np.linalg.matrix_power(a, -2))
rhs = np.array([1.0, -2.0, 0.5, 3.0, 1.5])
x, residuals, rank, s = np.linalg.lstsq(tall, rhs, rcond=None)
define("least_squares", x), define("residuals", residuals)
define("low_rank_solution", np.linalg.lstsq(low, rhs[:4], rcond=None)[0])
p, l, u = sl.lu(a)
define("p", p), define("l", l), define("u", u)
define("matrix_exponential", sl.expm(a)), define("matrix_exponential_large", sl.expm(10 * batch))
define("kronecker", np.kron(b, tall[:2])), define("kronecker_vector", np.kron(rhs, b[0]))
define("tensor_dot", np.tensordot(batch, tall[:3, :], axes=([2, 1], [0, 1])))
for name, order in {"fro": "fro", "nuc": "nuc", "one": 1, "minus_one": -1, "two": 2, "minus_two": -2, "inf": np.inf, "minus_inf": -np.inf}.items():
    define("matrix_norm_" + name, np.linalg.norm(tall, order))
for name, order in {"zero": 0, "one": 1, "two": 2, "three": 3, "half": 0.5, "inf": np.inf, "minus_inf": -np.inf}.items():
    define("vector_norm_" + name, np.linalg.norm(rhs, order))
define("norm_of_rows", np.linalg.norm(tall, axis=1)), define("norm_of_batch", np.linalg.norm(batch, 2, axis=(1, 2)))
define("einsum_trace", np.einsum("ii", a)), define("einsum_implicit", np.einsum("ji,jk", a, b))
define("einsum_ellipsis", np.einsum("...ij,...jk->...ik", batch, batch[:1])), define("einsum_diagonal", np.einsum("kii->ki", batch))
define("einsum_order", np.einsum("ba", b)), define("einsum_broadcast", np.einsum("ij,ij->i", a, b[:, :1]))
define("einsum_three", np.einsum("ij,jk,kl->il", a, sym, b)), define("einsum_batch_trace", np.einsum("...ii->...", batch))
