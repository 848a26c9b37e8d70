"""Writes tests/ppl/density/multivariate.inc and tests/ppl/functions/multivariate.inc: densities of vectors, matrices and
series from their textbook formulas at 40 digits (mpmath), cross-checked with scipy.stats where it has them.

    pip install mpmath scipy && python tests/ppl/tools/multivariate.py
"""
import mpmath as mp
import numpy as np
from scipy import stats

from rows import add, add_function, write_group

log, pi, m = mp.log, mp.pi, mp.mpf
M = lambda rows: mp.matrix([[m(v) for v in r] for r in rows])
V = lambda values: mp.matrix([m(v) for v in values])
F = lambda matrix: [[float(matrix[i, j]) for j in range(matrix.cols)] for i in range(matrix.rows)]
A = lambda matrix: np.array(F(matrix))
trace = lambda x: sum(x[i, i] for i in range(x.rows))
diagonal = lambda x: [x[i, i] for i in range(x.rows)]


def log_multigamma(a, p):
    return m(p * (p - 1)) / 4 * log(pi) + sum(mp.loggamma(a - m(j) / 2) for j in range(p))


def multigamma_digamma(a, p):
    return sum(mp.digamma(a - m(j) / 2) for j in range(p))


def normal_density(x, loc, covariance):
    r = V(x) - V(loc)
    return -(r.T * covariance ** -1 * r)[0] / 2 - log(mp.det(covariance)) / 2 - m(len(x)) / 2 * log(2 * pi)


def normal_entropy(covariance):
    return (covariance.rows * (1 + log(2 * pi)) + log(mp.det(covariance))) / 2


def t_density(x, df, loc, scale):
    n, r = len(x), V(x) - V(loc)
    q = (r.T * scale ** -1 * r)[0]
    return (mp.loggamma((df + n) / 2) - mp.loggamma(df / 2) - m(n) / 2 * log(df * pi) - log(mp.det(scale)) / 2
            - (df + n) / 2 * log(1 + q / df))


loc = [1.0, -1.0]
tril = M([[1.4, 0], [0.5, 0.8]])
matrix = M([[1.96, 0.7], [0.7, 0.89]])
tril3 = M([[1, 0, 0], [0.3, 0.9, 0], [-0.2, 0.4, 1.2]])
matrix3 = tril3 * tril3.T
pairs = ([0.0, 0.0], [1.0, -1.0], [3.0, 2.0], [-4.0, 0.5], [60.0, -90.0])

# Multivariate normal and t.
for x in pairs:
    add("MultivariateNormal(covariance)", (loc, F(matrix)), x, normal_density(x, loc, matrix),
        stats.multivariate_normal.logpdf(x, loc, A(matrix)))
    add("MultivariateNormal(precision)", (loc, F(matrix)), x, normal_density(x, loc, matrix ** -1),
        stats.multivariate_normal.logpdf(x, loc, A(matrix ** -1)))
    add("MultivariateStudentT", (4.0, loc, F(tril)), x, t_density(x, m(4), loc, tril * tril.T),
        stats.multivariate_t.logpdf(x, loc, A(tril * tril.T), df=4))
    add("MultivariateStudentT", (0.3, loc, F(tril)), x, t_density(x, m(0.3), loc, tril * tril.T),
        stats.multivariate_t.logpdf(x, loc, A(tril * tril.T), df=0.3))
    add("MultivariateStudentT(precision)", (9.5, loc, F(matrix)), x, t_density(x, m(9.5), loc, matrix ** -1))
# Printed in Stan's and NumPyro's tests: loc (1, -1), covariance [[2, .6], [.6, 1]] at the origin.
add("MultivariateNormal(covariance)", (loc, [[2, 0.6], [0.6, 1]]), [0, 0], normal_density([0, 0], loc, M([[2, 0.6], [0.6, 1]])),
    -3.3657129922)
for name, parameters, covariance in (("MultivariateNormal", (loc, F(tril)), tril * tril.T),
                                     ("MultivariateNormal(covariance)", (loc, F(matrix)), matrix),
                                     ("MultivariateNormal(precision)", (loc, F(matrix)), matrix ** -1)):
    add_function(name, parameters, "mean", None, loc)
    add_function(name, parameters, "mode", None, loc)
    add_function(name, parameters, "variance", None, diagonal(covariance))
    add_function(name, parameters, "entropy", None, normal_entropy(covariance),
                 stats.multivariate_normal.entropy(loc, A(covariance)))
for df in (4.0, 1.5, 0.3):
    parameters, S, n = (df, loc, F(tril)), tril * tril.T, 2
    d = m(df)
    add_function("MultivariateStudentT", parameters, "mean", None, loc if df > 1 else [mp.nan] * 2)
    add_function("MultivariateStudentT", parameters, "mode", None, loc)
    add_function("MultivariateStudentT", parameters, "variance", None,
                 [d / (d - 2) * v if df > 2 else mp.inf if df > 1 else mp.nan for v in diagonal(S)])
    entropy = (-mp.loggamma((d + n) / 2) + mp.loggamma(d / 2) + m(n) / 2 * log(d * pi) + log(mp.det(S)) / 2
               + (d + n) / 2 * (mp.digamma((d + n) / 2) - mp.digamma(d / 2)))
    add_function("MultivariateStudentT", parameters, "entropy", None, entropy)

low_loc, low_factor, low_diagonal = [0.5, -1.0, 2.0], [[0.5, 1.0], [-1.5, 0.2], [0.3, 0.7]], [0.5, 0.2, 1.5]
low = M(low_factor) * M(low_factor).T + mp.diag([m(v) for v in low_diagonal])
for x in ([0.5, -1.0, 2.0], [0.0, 0.0, 0.0], [3.0, -4.0, 1.0], [-20.0, 30.0, 9.0]):
    add("LowRankMultivariateNormal", (low_loc, low_factor, low_diagonal), x, normal_density(x, low_loc, low))
add_function("LowRankMultivariateNormal", (low_loc, low_factor, low_diagonal), "variance", None, diagonal(low))
add_function("LowRankMultivariateNormal", (low_loc, low_factor, low_diagonal), "entropy", None, normal_entropy(low))

# Matrix normal: the vector of rows is normal with the Kronecker product as covariance.
def kronecker(a, b):
    return mp.matrix(a.rows * b.rows, a.cols * b.cols) + mp.matrix(
        [[a[i // b.rows, j // b.cols] * b[i % b.rows, j % b.cols] for j in range(a.cols * b.cols)] for i in range(a.rows * b.rows)])


def vector(x):
    return [v for row in x for v in row]


mean23 = [[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]]
for X in ([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[2.0, -1.0, 0.5], [3.0, 1.0, -4.0]]):
    big = kronecker(tril * tril.T, matrix3)
    add("MatrixNormal", (mean23, F(tril), F(tril3)), X, normal_density(vector(X), vector(mean23), big),
        stats.matrix_normal.logpdf(X, mean23, A(tril * tril.T), A(matrix3)))
big = kronecker(tril * tril.T, matrix3)
add_function("MatrixNormal", (mean23, F(tril), F(tril3)), "entropy", None, normal_entropy(big))
add_function("MatrixNormal", (mean23, F(tril), F(tril3)), "variance", None,
             [[(tril * tril.T)[i, i] * matrix3[j, j] for j in range(3)] for i in range(2)])
for X in ([[0.0, 0.0], [0.0, 0.0]], [[2.0, -1.0], [3.0, 1.0]]):
    add("MatrixNormal(covariances)", (F(matrix), F(matrix)), X, normal_density(vector(X), [0] * 4, kronecker(matrix, matrix)))


# Wishart family.
def wishart(X, nu, S):
    p = X.rows
    return ((nu - p - 1) / 2 * log(mp.det(X)) - trace(S ** -1 * X) / 2 - nu / 2 * log(mp.det(S)) - nu * p / 2 * log(2)
            - log_multigamma(nu / 2, p))


def inverse_wishart(X, nu, S):
    p = X.rows
    return (nu / 2 * log(mp.det(S)) - (nu + p + 1) / 2 * log(mp.det(X)) - trace(S * X ** -1) / 2 - nu * p / 2 * log(2)
            - log_multigamma(nu / 2, p))


def volume(C):
    p = C.rows
    return p * log(2) + sum((p - i) * log(C[i, i]) for i in range(p))


points = ([[3.0, 1.0], [1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], [[0.01, -0.02], [-0.02, 5.0]], [[80.0, 30.0], [30.0, 12.0]])
for X in points:
    for nu in (4.0, 2.5):
        add("Wishart", (nu, F(matrix)), X, wishart(M(X), m(nu), matrix), stats.wishart.logpdf(X, nu, A(matrix)))
    add("Wishart(rate_matrix)", (3.5, F(matrix)), X, wishart(M(X), m(3.5), matrix ** -1))
    add("InverseWishart", (7.5, F(matrix)), X, inverse_wishart(M(X), m(7.5), matrix), stats.invwishart.logpdf(X, 7.5, A(matrix)))
    add("InverseWishart(rate_matrix)", (5.5, F(matrix)), X, inverse_wishart(M(X), m(5.5), matrix ** -1))
# NumPyro 0.21.
add("Wishart", (4.0, [[2, 0.5], [0.5, 1]]), [[3, 1], [1, 2]], wishart(M([[3, 1], [1, 2]]), m(4), M([[2, 0.5], [0.5, 1]])), -5.2529697615)
add("InverseWishart", (4.0, [[2, 0.5], [0.5, 1]]), [[3, 1], [1, 2]],
    inverse_wishart(M([[3, 1], [1, 2]]), m(4), M([[2, 0.5], [0.5, 1]])), -8.3379725452)
for C in ([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], [[2.0, 0, 0], [0.5, 1.5, 0], [-1.0, 0.3, 0.2]], [[0.1, 0, 0], [4.0, 3.0, 0], [1.0, -2.0, 5.0]]):
    X = M(C) * M(C).T
    add("WishartCholesky", (4.5, F(tril3)), C, wishart(X, m(4.5), matrix3) + volume(M(C)))
    add("InverseWishartCholesky", (6.5, F(tril3)), C, inverse_wishart(X, m(6.5), matrix3) + volume(M(C)))
for nu in (4.0, 2.5):
    n, p = m(nu), 2
    add_function("Wishart", (nu, F(matrix)), "mean", None, F(n * matrix), stats.wishart.mean(nu, A(matrix)))
    add_function("Wishart", (nu, F(matrix)), "variance", None,
                 [[n * (matrix[i, j] ** 2 + matrix[i, i] * matrix[j, j]) for j in range(p)] for i in range(p)],
                 stats.wishart.var(nu, A(matrix)))
    expected_log_det = multigamma_digamma(n / 2, p) + p * log(2) + log(mp.det(matrix))
    entropy = (n / 2 * log(mp.det(matrix)) + n * p / 2 * log(2) + log_multigamma(n / 2, p)
               - (n - p - 1) / 2 * expected_log_det + n * p / 2)
    add_function("Wishart", (nu, F(matrix)), "entropy", None, entropy, stats.wishart.entropy(nu, A(matrix)))
add_function("Wishart", (4.0, F(matrix)), "mode", None, F(matrix), stats.wishart.mode(4.0, A(matrix)))
add_function("InverseWishart", (7.5, F(matrix)), "mean", None, F(matrix / m(4.5)), stats.invwishart.mean(7.5, A(matrix)))
add_function("InverseWishart", (7.5, F(matrix)), "mode", None, F(matrix / m(10.5)), stats.invwishart.mode(7.5, A(matrix)))
a = m(5.5)
add_function("InverseWishart", (7.5, F(matrix)), "variance", None,
             [[((a + 1) * matrix[i, j] ** 2 + (a - 1) * matrix[i, i] * matrix[j, j]) / (a * (a - 1) ** 2 * (a - 3))
               for j in range(2)] for i in range(2)], stats.invwishart.var(7.5, A(matrix)))

write_group("multivariate")
