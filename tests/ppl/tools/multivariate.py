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


def mean_log_chi(k):
    """E log of the root of a chi-square number with k degrees of freedom, by quadrature."""
    density = lambda x: x ** (k - 1) * mp.exp(-x * x / 2) / (2 ** (k / 2 - 1) * mp.gamma(k / 2))
    return mp.quad(lambda x: log(x) * density(x), [0, m("0.01"), 1, 3, 8, 20])


def wishart_entropy(nu, S, inverse=False):
    """-E log p; log det X is twice the sum of logarithms of chi numbers, plus log det S."""
    p = S.rows
    half = sum(mean_log_chi(nu - i) for i in range(p)) * (-1 if inverse else 1) + log(mp.det(S)) / 2
    normaliser = nu / 2 * log(mp.det(S)) + nu * p / 2 * log(2) + log_multigamma(nu / 2, p)
    if inverse:
        return nu * p / 2 + (nu + p + 1) * half - nu / 2 * log(mp.det(S)) + nu * p / 2 * log(2) + log_multigamma(nu / 2, p)
    return nu * p / 2 - (nu - p - 1) * half + normaliser


assert abs(wishart_entropy(m(4), matrix) - stats.wishart.entropy(4, A(matrix))) < 1e-12
for nu in (7.5, 4.0):
    # scipy 1.17 differs from the mean of its own log densities (-1.75, not -2.79 for 7.5), which checks this value.
    exact = wishart_entropy(m(nu), matrix, True)
    sampled = -np.array([stats.invwishart.logpdf(x, nu, A(matrix)) for x in stats.invwishart.rvs(nu, A(matrix), size=20000, random_state=1)])
    assert abs(sampled.mean() - exact) < 4 * sampled.std() / np.sqrt(20000)
    add_function("InverseWishart", (nu, F(matrix)), "entropy", None, exact)
# From X to its factor C: the mean of log |dX / dC| is known from those of log C_ii.
for nu in (4.5, 8.0):
    logs = [log(m(tril3[i, i])) + mean_log_chi(m(nu) - i) for i in range(3)]
    add_function("WishartCholesky", (nu, F(tril3)), "entropy", None,
                 wishart_entropy(m(nu), matrix3) - 3 * log(2) - sum((3 - i) * logs[i] for i in range(3)))
    logs = [log(m(tril3[i, i])) - mean_log_chi(m(nu) - 2 + i) for i in range(3)]
    add_function("InverseWishartCholesky", (nu, F(tril3)), "entropy", None,
                 wishart_entropy(m(nu), matrix3, True) - 3 * log(2) - sum((3 - i) * logs[i] for i in range(3)))
a = m(5.5)
add_function("InverseWishart", (7.5, F(matrix)), "variance", None,
             [[((a + 1) * matrix[i, j] ** 2 + (a - 1) * matrix[i, i] * matrix[j, j]) / (a * (a - 1) ** 2 * (a - 3))
               for j in range(2)] for i in range(2)], stats.invwishart.var(7.5, A(matrix)))

# Dirichlet.
for a in ([0.5, 2.0, 3.0], [1.5, 2.0, 4.0], [1.0, 1.0, 1.0, 1.0]):
    exact, n = [m(v) for v in a], len(a)
    total = sum(exact)
    add_function("Dirichlet", (a,), "mean", None, [v / total for v in exact], stats.dirichlet.mean(a))
    add_function("Dirichlet", (a,), "variance", None, [v * (total - v) / total ** 2 / (total + 1) for v in exact], stats.dirichlet.var(a))
    add_function("Dirichlet", (a,), "mode", None, [(v - 1) / (total - n) if min(exact) > 1 else mp.nan for v in exact])
    entropy = (sum(mp.loggamma(v) for v in exact) - mp.loggamma(total) + (total - n) * mp.digamma(total)
               - sum((v - 1) * mp.digamma(v) for v in exact))
    add_function("Dirichlet", (a,), "entropy", None, entropy, stats.dirichlet.entropy(a))
add("Dirichlet", ([1.0, 2.0, 1.0],), [0.0, 0.4, 0.6], log(m(6) * m(0.4)))


# LKJ of order 3 by quadrature: with independent partial correlations r12, r13, p the density of R is
# ((1 - r12^2)(1 - r13^2)(1 - p^2))^(eta - 1), and dr23/dp = sqrt((1 - r12^2)(1 - r13^2)).
def lkj_normalisers(e):
    return (mp.quad(lambda r: (1 - r * r) ** (e - m(1) / 2), [-1, 0, 1]), mp.quad(lambda r: (1 - r * r) ** (e - 1), [-1, 0, 1]))


for eta in (2.0, 0.7, 1.0, 5.0):
    e = m(eta)
    outer, inner = lkj_normalisers(e)
    for r12, r13, r23 in ((0.3, -0.2, 0.4), (0.0, 0.0, 0.0), (-0.8, 0.5, -0.4), (0.9, 0.85, 0.7)):
        R = M([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])
        add("LKJ", (eta,), F(R), (e - 1) * log(mp.det(R)) - log(outer * outer * inner))
    spread = mp.quad(lambda r: r * r * (1 - r * r) ** (e - m(1) / 2), [-1, 0, 1]) / outer
    add_function("LKJ", (eta,), "mean", None, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    add_function("LKJ", (eta,), "variance", None, [[0, spread, spread], [spread, 0, spread], [spread, spread, 0]])
    # L = [[1, 0, 0], [r12, sqrt(1 - r12^2), 0], [r13, p sqrt(1 - r13^2), sqrt(1 - r13^2) sqrt(1 - p^2)]].
    # -E log p, with E log(1 - r^2) by quadrature.
    logs = [mp.quad(lambda r: log(1 - r * r) * (1 - r * r) ** power, [-1, -m("0.9"), 0, m("0.9"), 1]) / norm
            for power, norm in ((e - m(1) / 2, outer), (e - 1, inner))]
    entropy = log(outer * outer * inner) - (e - 1) * (2 * logs[0] + logs[1])
    add_function("LKJ", (eta,), "entropy", None, entropy)
    add_function("LKJCholesky", (eta,), "entropy", None, entropy - logs[0] / 2)
    root_outer = mp.quad(lambda r: (1 - r * r) ** e, [-1, 0, 1]) / outer
    root_inner = mp.quad(lambda r: (1 - r * r) ** (e - m(1) / 2), [-1, 0, 1]) / inner
    square_inner = mp.quad(lambda r: r * r * (1 - r * r) ** (e - 1), [-1, 0, 1]) / inner
    add_function("LKJCholesky", (eta,), "mean", None, [[1, 0, 0], [0, root_outer, 0], [0, 0, root_outer * root_inner]])
    add_function("LKJCholesky", (eta,), "variance", None,
                 [[0, 0, 0], [spread, 1 - spread - root_outer ** 2, 0],
                  [spread, (1 - spread) * square_inner, (1 - spread) * (1 - square_inner) - (root_outer * root_inner) ** 2]])
add("LKJ", (2.0,), [[1, 0.3, -0.2], [0.3, 1, 0.4], [-0.2, 0.4, 1]],
    log(mp.det(M([[1, 0.3, -0.2], [0.3, 1, 0.4], [-0.2, 0.4, 1]]))) - log(lkj_normalisers(m(2))[0] ** 2 * lkj_normalisers(m(2))[1]),
    -1.0279730612)


# LKJ covariance factor: the determinant of (s, C) -> L by differences at 40 digits.
def covariance_factor(v):
    s, (c21, c31, c32) = v[:3], v[3:]
    C = [[1, 0, 0], [c21, mp.sqrt(1 - c21 ** 2), 0], [c31, c32, mp.sqrt(1 - c31 ** 2 - c32 ** 2)]]
    return [[s[i] * C[i][j] for j in range(3)] for i in range(3)], C


def lower_part(L):
    return [L[i][j] for i in range(3) for j in range(i + 1)]


for eta, scale in ((2.0, 1.5), (0.7, [1.0, 2.0, 0.5])):
    e = m(eta)
    outer, inner = lkj_normalisers(e)
    for v in ([1.0, 2.0, 0.7, 0.3, -0.2, 0.4], [0.2, 3.0, 1.1, -0.8, 0.1, 0.5]):
        v, h = [m(x) for x in v], m("1e-12")
        columns = []
        for k in range(6):
            up, down = list(v), list(v)
            up[k] += h
            down[k] -= h
            columns.append([(a - b) / (2 * h) for a, b in zip(lower_part(covariance_factor(up)[0]), lower_part(covariance_factor(down)[0]))])
        L, C = covariance_factor(v)
        C = mp.matrix(C)
        density = (e - 1) * log(mp.det(C * C.T)) - log(outer * outer * inner) + log(C[1, 1])  # |dR/dC| = C_22
        for k in range(3):
            sd = m(scale[k] if isinstance(scale, list) else scale)
            density += log(2) + log(mp.npdf(v[k], 0, sd))
        L = [[float(x) for x in row] for row in L]
        add("LKJCholeskyCov", (eta, scale), L, density - log(abs(mp.det(mp.matrix(columns)))))

# Stick breaking: independent Beta(1, a) parts, and the volume of the map to weights.
for a in (1.5, 0.4):
    for parts in ([0.3, 0.5, 0.8], [0.01, 0.9, 0.2], [0.6, 0.001, 0.999]):
        left, weights, density = m(1), [], m(0)
        for b in parts:
            density += log(m(a)) + (m(a) - 1) * log(1 - m(b)) - log(left)
            weights.append(left * m(b))
            left *= 1 - m(b)
        add("StickBreakingWeights", (a,), [float(w) for w in weights] + [float(left)], density)
    add_function("StickBreakingWeights", (a,), "mean", None,
                 [(m(a) / (1 + m(a))) ** k / (1 + m(a)) for k in range(3)] + [(m(a) / (1 + m(a))) ** 3])
add("StickBreakingWeights(one break)", (2.0,), [0.25, 0.75], log(2 * m(0.75)), stats.beta.logpdf(0.25, 1, 2))

# Circulant covariances as full matrices.
for mean, rfft in (([1.0, 0.0, -1.0, 2.0, 0.5], [3.0, 1.5, 0.5]), ([0.0, 1.0, 2.0, 3.0], [2.0, 1.5, 0.5])):
    n = len(mean)
    full = [m(rfft[min(k, n - k)]) for k in range(n)]
    row = [sum(full[k] * mp.cos(2 * pi * j * k / n) for k in range(n)) / n for j in range(n)]
    K = mp.matrix([[row[(i - j) % n] for j in range(n)] for i in range(n)])
    for x in (mean, [0.0] * n, [float(3 - 2 * i) for i in range(n)]):
        add("CirculantNormal", (mean, rfft), x, normal_density(x, mean, K))
    add_function("CirculantNormal", (mean, rfft), "variance", None, [row[0]] * n)
    add_function("CirculantNormal", (mean, rfft), "entropy", None, normal_entropy(K))
row = [2 * mp.exp(-d / m(0.8)) for d in (0, 1, 2, 1)]
K = mp.matrix([[row[(i - j) % 4] for j in range(4)] for i in range(4)])
for x in ([0.0] * 4, [1.0, -2.0, 0.5, 3.0]):
    add("CirculantNormal(covariance_row)", (2.0, 0.8), x, normal_density(x, [0] * 4, K))


# Zero-sum normal: the coordinates in an orthonormal basis of the subspace are independent.
def zero_sum_density(x, scale):
    shape = np.shape(x)
    bases = []
    for n in shape:
        Q, _ = mp.qr(mp.matrix(n, n) + mp.matrix([[1 if j == 0 else (1 if i == j else 0) for j in range(n)] for i in range(n)]))
        bases.append(Q[:, 1:])
    X = M(x) if len(shape) == 2 else M([[v] for v in x])
    Z = bases[0].T * X * bases[1] if len(shape) == 2 else bases[0].T * X
    return sum(log(mp.npdf(z, 0, m(scale))) for z in Z)


for x in ([1.0, -2.0, 0.5, 0.5], [0.0] * 4, [30.0, -10.0, -10.0, -10.0]):
    add("ZeroSumNormal", (1.5,), x, zero_sum_density(x, 1.5))
for x in ([[1.0, -2.0, 1.0], [-1.0, 2.0, -1.0]], [[0.25, 0.25, -0.5], [-0.25, -0.25, 0.5]]):
    add("ZeroSumNormal(matrix)", (0.5,), x, zero_sum_density(x, 0.5))
add_function("ZeroSumNormal", (1.5,), "variance", None, [m(2.25) * 3 / 4] * 4)
add_function("ZeroSumNormal", (1.5,), "entropy", None, m(3) / 2 * (1 + log(2 * pi * m(2.25))))

# Series: products of conditional densities, or the joint normal density of all values.
npdf = lambda x, loc, scale: log(mp.npdf(m(x), m(loc), m(scale)))
walk = mp.matrix([[m(0.25) * min(i, j) for j in (1, 2, 3)] for i in (1, 2, 3)])
add("GaussianRandomWalk", (0.5,), [0.1, 0.5, -0.2], normal_density([0.1, 0.5, -0.2], [0, 0, 0], walk), -1.9973740579)
add("GaussianRandomWalk", (0.5,), [3.0, -4.0, 8.0], normal_density([3.0, -4.0, 8.0], [0, 0, 0], walk))
add_function("GaussianRandomWalk", (0.5,), "variance", None, [0.25, 0.5, 0.75])
drifting = mp.matrix([[9 + m(0.25) * min(i, j) for j in range(4)] for i in range(4)])
trend = [1 + m(0.2) * t for t in range(4)]
for x in ([1.0, 1.5, 0.9, 1.4], [-3.0, -2.0, 0.0, 4.0]):
    add("GaussianRandomWalk(drift)", (0.5, 0.2, 3.0), x, normal_density(x, trend, drifting))
add_function("GaussianRandomWalk(drift)", (0.5, 0.2, 3.0), "mean", None, trend)
steps = lambda x: [m(b) - m(a) for a, b in zip(x, x[1:])]
for x in ([0.5, 1.0, 0.0, 0.3], [-2.0, 5.0, 4.0, 9.0]):
    add("RandomWalk", (0.3, 1.2), x, npdf(x[0], 0.5, 2) + sum(-abs(d - m(0.3)) / m(1.2) - log(2 * m(1.2)) for d in steps(x)))
pair_steps = lambda x: [[m(b[i]) - m(a[i]) for i in range(2)] for a, b in zip([[0, 0]] + x, x)]
for x in ([[0.5, 1.0], [1.0, 0.0], [2.0, 2.0]], [[-3.0, 0.0], [4.0, 1.0], [0.0, 0.0]]):
    add("MvGaussianRandomWalk", (F(tril), [0.1, -0.2]), x, sum(normal_density(d, [0.1, -0.2], tril * tril.T) for d in pair_steps(x)))
    add("MvStudentTRandomWalk", (6.5, F(matrix)), x, sum(t_density(d, m(6.5), [0, 0], matrix) for d in pair_steps(x)))


def ar_density(x, rho, scale, intercept, first):
    total = m(0)
    for t in range(first, len(x)):
        mean = m(intercept) + sum(m(r) * (m(x[t - 1 - k]) if t - 1 - k >= 0 else 0) for k, r in enumerate(rho))
        total += npdf(x[t], mean, scale)
    return total


for x in ([0.5, 1.0, -0.5, 2.0, 0.1], [9.0, -8.0, 4.0, 3.0, -20.0]):
    add("AR", ([0.6, -0.3], 1.5, 0.4), x, ar_density(x, [0.6, -0.3], 1.5, 0.4, 0))
    add("AR(init)", ([0.6, -0.3], 1.5, 2.5), x,
        npdf(x[0], 0.5, 2.5) + npdf(x[1], 0.5, 2.5) + ar_density(x, [0.6, -0.3], 1.5, 0, 2))
    add("AR(init)", ([0.9], 0.5, 1.5), x, npdf(x[0], 0.5, 1.5) + ar_density(x, [0.9], 0.5, 0, 1))


def arma_covariance(ar, ma, scale, steps):
    """x = (Phi^-1 Theta) e with lower triangular Toeplitz matrices of the two polynomials."""
    toeplitz = lambda c: mp.matrix([[m(c[i - j]) if 0 <= i - j < len(c) else m(0) for j in range(steps)] for i in range(steps)])
    Phi, Theta = toeplitz([1] + [-v for v in ar]), toeplitz([1] + list(ma))
    S = Phi ** -1 * Theta
    return Phi ** -1, m(scale) ** 2 * S * S.T


for parameters in (([0.6, -0.3], [0.4], 1.5, 0.4), ([0.9], [-0.5, 0.2], 0.5, -1.0)):
    filtered, K = arma_covariance(*parameters[:3], 4)
    mean = filtered * mp.matrix([m(parameters[3])] * 4)
    for x in ([0.5, 1.0, -0.5, 2.0], [9.0, -8.0, 4.0, 3.0]):
        add("ARMA", parameters, x, normal_density(x, list(mean), K))
for x in ([0.5, 1.0, -0.5, 2.0], [9.0, -8.0, 4.0, 3.0]):
    variance, density = m(1.2) ** 2, m(0)
    for value in x:
        density += npdf(value, 0, mp.sqrt(variance))
        variance = m(0.3) + m(0.2) * m(value) ** 2 + m(0.5) * variance
    add("GARCH11", (0.3, 0.2, 0.5, 1.2), x, density)
transition = M([[0.5, 0.3], [-0.2, 0.9]])
for name, parameters, Q, start in (("GaussianStateSpace", (F(transition), F(tril), [1.0, 2.0]), tril * tril.T, V([1, 2])),
                                   ("GaussianStateSpace(precision)", (F(transition), F(matrix)), matrix ** -1, V([0, 0]))):
    # Joint covariance: Cov(x_s, x_t) = A^(s - t) P_t for s >= t.
    P, means, blocks, mean = mp.matrix(2, 2), [], [], start
    for t in range(3):
        P, mean = transition * P * transition.T + Q, transition * mean
        blocks.append(P.copy())
        means.append(mean)
    joint = mp.matrix(6, 6)
    for s in range(3):
        for t in range(s + 1):
            cross = transition ** (s - t) * blocks[t] if s > t else blocks[t]
            for i in range(2):
                for j in range(2):
                    joint[2 * s + i, 2 * t + j] = cross[i, j]
                    joint[2 * t + j, 2 * s + i] = cross[i, j]
    flat = [v for mean in means for v in mean]
    for x in ([[0.5, 1.0], [1.0, 0.0], [2.0, 2.0]], [[-3.0, 0.0], [4.0, 1.0], [0.0, 0.0]]):
        add(name, parameters, x, normal_density(vector(x), flat, joint))
    add_function(name, parameters, "mean", None, [[v for v in mean] for mean in means])
    add_function(name, parameters, "variance", None, [diagonal(b) for b in blocks])
    add_function(name, parameters, "entropy", None, normal_entropy(joint))
times = [m(v) for v in (0.0, 0.5, 0.7, 1.5)]
for x in ([0.3, 0.8, 1.1, 0.4], [-2.0, 3.0, 0.0, 5.0]):
    density = npdf(x[0], 0.3, 0.8)
    for i in range(3):
        dt, at = times[i + 1] - times[i], m(x[i])
        mean = at + m(0.7) * (m(1.5) + times[i] - at) * dt
        density += npdf(x[i + 1], mean, m(0.4) * mp.sqrt(1 + at ** 2) * mp.sqrt(dt))
    add("EulerMaruyama", (0.7, 1.5, 0.4), x, density)
chain, start = [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9]], [0.2, 0.5, 0.3]
for x in ([0, 0, 0, 0], [1, 2, 0, 1], [2, 2, 2, 1]):
    add("DiscreteMarkovChain", (chain, start), x, log(m(start[x[0]])) + sum(log(m(chain[a][b])) for a, b in zip(x, x[1:])))

# Graphs: normal densities with the precision as a matrix.
W = M([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
D = mp.diag([sum(W[i, j] for j in range(4)) for i in range(4)])
for mean, a, tau in (([0.5, 0.0, -1.0, 2.0], 0.8, 1.7), (0.3, -0.6, 0.4)):
    K = (m(tau) * (D - m(a) * W)) ** -1
    full = mean if isinstance(mean, list) else [mean] * 4
    for x in ([0.5, 0.0, -1.0, 2.0], [3.0, -2.0, 1.0, 1.0]):
        add("CAR", (mean, a, tau), x, normal_density(x, full, K))
    add_function("CAR", (mean, a, tau), "variance", None, diagonal(K))
    add_function("CAR", (mean, a, tau), "entropy", None, normal_entropy(K))
soft = (D - W) / m(1.3) ** 2 + mp.ones(4, 4) / (m(0.05) * 4) ** 2
for x in ([0.0] * 4, [1.0, -0.5, 0.2, -0.7], [1.0, 2.0, 3.0, 4.0]):
    add("ICAR", (1.3,), x, normal_density(x, [0] * 4, soft ** -1))

# Kronecker products.
second = M([[1.0, 0.3, 0.1], [0.3, 2.0, 0.2], [0.1, 0.2, 0.7]])
mean = [1.0, 0.0, -1.0, 0.5, 2.0, 0.0]
big = kronecker(matrix, second)
for x in ([0.0] * 6, [1.0, -2.0, 0.5, 3.0, 0.1, -1.0]):
    add("KroneckerNormal", (mean, F(matrix), F(second)), x, normal_density(x, mean, big))
add_function("KroneckerNormal", (mean, F(matrix), F(second)), "variance", None, diagonal(big))
add_function("KroneckerNormal", (mean, F(matrix), F(second)), "entropy", None, normal_entropy(big))
noisy = kronecker(matrix, M([[1, 0.2], [0.2, 0.4]])) + m(0.6) ** 2 * mp.eye(4)
for x in ([0.0] * 4, [1.0, -2.0, 0.5, 3.0]):
    add("KroneckerNormal(sigma)", (F(matrix), [[1, 0.2], [0.2, 0.4]], 0.6), x, normal_density(x, [0] * 4, noisy))
add_function("KroneckerNormal(sigma)", (F(matrix), [[1, 0.2], [0.2, 0.4]], 0.6), "variance", None, diagonal(noisy))
add_function("KroneckerNormal(sigma)", (F(matrix), [[1, 0.2], [0.2, 0.4]], 0.6), "entropy", None, normal_entropy(noisy))


# Projected normal: the integral over the radius. Directions are rounded to doubles; the density takes them as they are.
def projected(x, concentration):
    n, t, square = len(x), sum(m(a) * m(b) for a, b in zip(x, concentration)), sum(m(b) ** 2 for b in concentration)
    peak = (t + mp.sqrt(t * t + 4 * (n - 1))) / 2
    height = (n - 1) * log(peak) - peak ** 2 / 2 + peak * t
    width = 1 / mp.sqrt((n - 1) / peak ** 2 + 1)
    points = [0] + [peak + k * width for k in (-8, -4, -2, 0, 2, 4, 8, 16, 40) if peak + k * width > 0]
    integral = mp.quad(lambda r: mp.exp((n - 1) * log(r) - r * r / 2 + r * t - height) if r > 0 else m(0), points)
    return -square / 2 - m(n) / 2 * log(2 * pi) + height + log(integral)


for concentration in ([1.0, -0.5], [30.0, 40.0], [2.0, 3.0, -1.0], [0.0, 0.0, 0.0], [0.1, 0.0, 4.0, -1.0, 0.5]):
    norm = np.linalg.norm(concentration)
    ahead = list(np.array(concentration) / norm) if norm else [1.0, 0.0, 0.0]
    across = [0.0] * (len(ahead) - 2) + [1.0, 0.0]
    for x in (ahead, [-v for v in ahead], across, [-v for v in across]):
        add("ProjectedNormal", (concentration,), x, projected(x, concentration))


# Angles. The constant of the sine model is the series of Singh, Hnizdo and Demchuk (2002), equation 1.2.
def sine_constant(k1, k2, r):
    return 4 * pi ** 2 * mp.nsum(lambda j: mp.binomial(2 * j, j) * (r * r / (4 * k1 * k2)) ** j * mp.besseli(j, k1) * mp.besseli(j, k2), [0, mp.inf])


angles = ([0.2, -0.3], [0.0, 0.0], [3.0, -2.5], [-1.0, 1.5])
for a, b, k1, k2, r in ((0.2, -0.3, 8.0, 6.0, -3.0), (0.0, 0.0, 2.0, 5.0, 7.0), (1.0, -2.0, 300.0, 200.0, 50.0)):
    constant = log(sine_constant(m(k1), m(k2), m(r)))
    for x in angles:
        p, q = m(x[0]) - m(a), m(x[1]) - m(b)
        add("SineBivariateVonMises", (a, b, k1, k2, r), x,
            m(k1) * mp.cos(p) + m(k2) * mp.cos(q) + m(r) * mp.sin(p) * mp.sin(q) - constant)
weighted = m(0.7) * mp.sqrt(6)
for x in angles:
    add("SineBivariateVonMises(weighted)", (2.0, 3.0, 0.7), x,
        2 * mp.cos(x[0]) + 3 * mp.cos(x[1]) + weighted * mp.sin(x[0]) * mp.sin(x[1]) - log(sine_constant(m(2), m(3), weighted)))
    p, q = m(x[0]) - m(0.3), m(x[1]) + m(0.4)
    base = m(1.5) * mp.cos(p) - log(2 * pi * mp.besseli(0, m(1.5))) + 3 * mp.cos(q) - log(2 * pi * mp.besseli(0, 3))
    add("SineSkewed", ([1.5, 3.0], [0.4, -0.3]), x, base + mp.log1p(m(0.4) * mp.sin(p) - m(0.3) * mp.sin(q)))

write_group("multivariate")
