"""Writes tests/ppl/density/reference.inc: log densities from mpmath at 40 digits, cross-checked with scipy.stats.

    pip install mpmath scipy && python tests/ppl/tools/reference.py > tests/ppl/density/reference.inc
"""
import mpmath as mp
import numpy as np
from scipy import stats

from rows import add, write

log, lgamma, pi = mp.log, mp.loggamma, mp.pi
m = mp.mpf


def normal(x, loc, scale):
    return log(mp.npdf(m(x), m(loc), m(scale)))


def gamma_density(x, a, b):
    x, a, b = m(x), m(a), m(b)
    return log(b ** a * x ** (a - 1) * mp.exp(-b * x) / mp.gamma(a))


def t_density(x, df, loc, scale):
    z = (m(x) - m(loc)) / m(scale)
    df = m(df)
    return log(mp.gamma((df + 1) / 2) / (mp.sqrt(df * pi) * mp.gamma(df / 2)) * (1 + z * z / df) ** (-(df + 1) / 2) / m(scale))


real = [-30.0, -4.0, -1.5, -0.2, 0.0, 0.3, 1.0, 1.7, 2.5, 6.0, 11.0, 80.0]
positive = [1e-6, 0.01, 0.1, 0.3, 0.7, 1.0, 1.6, 2.5, 4.0, 9.0, 20.0, 60.0]
unit = [1e-8, 1e-3, 0.05, 0.1, 0.2, 0.4, 0.5, 0.6, 0.77, 0.9, 0.99, 0.99999]
counts = [0, 1, 2, 3, 4, 5, 7, 10, 15, 30, 60, 150]

for x in real:
    add("Normal", (1.0, 2.0), x, normal(x, 1, 2), stats.norm.logpdf(x, 1, 2))
    add("Cauchy", (0.5, 2.0), x, -log(pi * 2 * (1 + ((m(x) - m(0.5)) / 2) ** 2)), stats.cauchy.logpdf(x, 0.5, 2))
    add("StudentT", (3.0, 1.0, 2.0), x, t_density(x, 3, 1, 2), stats.t.logpdf(x, 3, 1, 2))
    add("StudentT", (0.7, -1.0, 0.5), x, t_density(x, 0.7, -1, 0.5), stats.t.logpdf(x, 0.7, -1, 0.5))
    add("Laplace", (1.0, 2.0), x, -abs(m(x) - 1) / 2 - log(4), stats.laplace.logpdf(x, 1, 2))
    z = (m(x) - 1) / 2
    add("Logistic", (1.0, 2.0), x, log(mp.exp(-z) / (2 * (1 + mp.exp(-z)) ** 2)), stats.logistic.logpdf(x, 1, 2))
    mixture = log(m("0.3") * mp.npdf(m(x), -1, m("0.5")) + m("0.7") * mp.npdf(m(x), 2, 1))
    add("MixtureSameFamily", ([0.3, 0.7], [-1.0, 2.0], [0.5, 1.0]), x, mixture)
for x in positive:
    add("HalfNormal", (2.0,), x, log(2) + normal(x, 0, 2), stats.halfnorm.logpdf(x, 0, 2))
    add("HalfCauchy", (1.5,), x, log(2 / (pi * m(1.5) * (1 + (m(x) / m(1.5)) ** 2))), stats.halfcauchy.logpdf(x, 0, 1.5))
    add("Exponential", (2.0,), x, log(2) - 2 * m(x), stats.expon.logpdf(x, scale=0.5))
    for a, b in ((2.5, 1.5), (0.3, 2.0), (50.0, 0.5), (1.0, 1.0)):
        add("Gamma", (a, b), x, gamma_density(x, a, b), stats.gamma.logpdf(x, a, scale=1 / b))
    inverse = gamma_density(1 / m(x), 2.5, 1.5) - 2 * log(m(x))
    add("InverseGamma", (2.5, 1.5), x, inverse, stats.invgamma.logpdf(x, 2.5, scale=1.5))
    add("LogNormal", (1.0, 0.5), x, normal(log(m(x)), 1, 0.5) - log(m(x)), stats.lognorm.logpdf(x, 0.5, scale=np.exp(1)))
for x in unit:
    for a, b in ((2.0, 3.0), (0.4, 0.6), (1.0, 1.0), (20.0, 0.5)):
        exact = log(m(x) ** (m(a) - 1) * (1 - m(x)) ** (m(b) - 1) / mp.beta(m(a), m(b)))
        add("Beta", (a, b), x, exact, stats.beta.logpdf(x, a, b))
    add("Uniform", (-1.0, 3.0), 4 * x - 1, -log(4), stats.uniform.logpdf(4 * x - 1, -1, 4))
for x in counts:
    for rate in (2.5, 0.1, 14.0, 300.0):
        add("Poisson", (rate,), x, x * log(m(rate)) - m(rate) - log(mp.factorial(x)), stats.poisson.logpmf(x, rate))
    for mu, c in ((3.0, 2.0), (30.0, 0.8)):
        p = m(c) / (m(c) + m(mu))
        exact = lgamma(x + m(c)) - lgamma(m(c)) - log(mp.factorial(x)) + m(c) * log(p) + x * log(1 - p)
        add("NegativeBinomial", (mu, c), x, exact, stats.nbinom.logpmf(x, c, float(p)))
    for n, p in ((10, 0.3), (200, 0.7), (40, 0.01)):
        if x <= n:
            exact = log(mp.binomial(n, x) * m(p) ** x * (1 - m(p)) ** (n - x))
            add("Binomial", (n, p), x, exact, stats.binom.logpmf(x, n, p))
    if x <= 10:
        p = 1 / (1 + mp.exp(m("0.8")))
        add("Binomial(logits)", (10.0, -0.8), x, log(mp.binomial(10, x) * p ** x * (1 - p) ** (10 - x)))
add("Binomial", (5, 0.0), 0, 0)
add("Binomial", (5, 1.0), 5, 0)
add("Poisson", (0.0,), 0, 0)
for p in (0.3, 0.9, 0.5, 1e-9):
    add("Bernoulli", (p,), 1, log(m(p)), stats.bernoulli.logpmf(1, p))
    add("Bernoulli", (p,), 0, log(1 - m(p)), stats.bernoulli.logpmf(0, p))
for l in (-0.7, 3.0, 40.0, -600.0):
    add("Bernoulli(logits)", (l,), 1, -mp.log1p(mp.exp(-m(l))))
    add("Bernoulli(logits)", (l,), 0, -mp.log1p(mp.exp(m(l))))
for k, p in enumerate((0.2, 0.5, 0.3)):
    add("Categorical", ([0.2, 0.5, 0.3],), k, log(m(p)))
logits = [m(v) for v in (-1.0, 2.0, 0.5, 0.0)]
for k in range(4):
    add("Categorical(logits)", ([float(v) for v in logits],), k, logits[k] - log(sum(mp.exp(v) for v in logits)))

for a in ([0.5, 2.0, 3.0], [1.0, 1.0, 1.0], [12.0, 0.1, 4.0]):
    for x in ([0.2, 0.3, 0.5], [0.05, 0.9, 0.05], [0.7, 0.125, 0.175], [0.001, 0.499, 0.5]):
        total = mp.gamma(sum(m(v) for v in a))
        for v, xi in zip(a, x):
            total *= m(xi) ** (m(v) - 1) / mp.gamma(m(v))
        add("Dirichlet", (a,), x, log(total))

tril = mp.matrix([[1.4, 0], [0.5, 0.8]])
precision = (tril * tril.T) ** -1
determinant = mp.det(tril * tril.T)
for x in ([0.0, 0.0], [1.0, -1.0], [3.0, 2.0], [-4.0, 0.5], [10.0, -9.0]):
    d = mp.matrix([m(x[0]) - 1, m(x[1]) + 1])
    exact = -(d.T * precision * d)[0] / 2 - log(determinant) / 2 - log(2 * pi)
    add("MultivariateNormal", ([1.0, -1.0], [[1.4, 0.0], [0.5, 0.8]]), x, exact,
        stats.multivariate_normal.logpdf(x, [1, -1], np.array((tril * tril.T).tolist(), float)))

# LKJ of order 3. The normaliser is the integral of det(R)^(eta - 1) over correlation matrices: with independent partial
# correlations the determinant is (1 - r12^2)(1 - r13^2)(1 - p^2), and the Jacobian of r23 is sqrt((1-r12^2)(1-r13^2)).
# From R to L: |dR/dL| = prod_i L_ii^(n - i), i = 1 .. n.
for eta in (2.0, 0.7, 1.0, 5.0):
    e = m(eta)
    outer = mp.quad(lambda r: (1 - r * r) ** (e - m(1) / 2), [-1, 0, 1])
    inner = mp.quad(lambda r: (1 - r * r) ** (e - 1), [-1, 0, 1])
    for r12, r13, r23 in ((0.3, -0.2, 0.4), (0.0, 0.0, 0.0), (-0.8, 0.5, -0.4), (0.9, 0.85, 0.7)):
        R = mp.matrix([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])
        L = mp.cholesky(R)
        density = (e - 1) * log(mp.det(R)) - log(outer * outer * inner) + log(L[1, 1])
        add("LKJCholesky", (eta,), [[float(L[i, j]) for j in range(3)] for i in range(3)], density)
add("ImproperUniform", (), 3.0, 0)

write("reference.py")
