"""Writes density/modified.inc and functions/modified.inc: distributions made of others, from their definitions at 40
digits; integrals by quadrature, quantiles by root finding, scipy.stats where it has the distribution.

    pip install mpmath scipy && python tests/ppl/tools/modified.py
"""
import mpmath as mp
from scipy import stats

from rows import add, add_function, write_group

m, log, exp, inf = mp.mpf, mp.log, mp.exp, mp.inf
mp.mp.dps = 40


def normal_pdf(x, loc=0, scale=1):
    return mp.npdf(m(x), m(loc), m(scale))


def normal_cdf(x, loc=0, scale=1):
    return mp.erfc(-(m(x) - m(loc)) / m(scale) / mp.sqrt(2)) / 2


def normal_sf(x, loc=0, scale=1):
    return mp.erfc((m(x) - m(loc)) / m(scale) / mp.sqrt(2)) / 2


def root(f, low, high):
    """Where the increasing f crosses zero, by bisection."""
    low, high = m(low), m(high)
    assert f(low) <= 0 <= f(high), (low, high)
    for _ in range(150):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return low


def continuous(name, parameters, pdf, cdf, sf, points, breaks, quantiles=(), check=None, moments=True, entropy=False,
               mode=None):
    """Rows for a density with distribution function cdf and survival function sf; `breaks` split the support where
    quadrature should, `quantiles` are (q, low, high) with the bracket of the root."""
    for x in points:
        add(name, parameters, x, log(pdf(m(x))), check and check.logpdf(x))
        add_function(name, parameters, "cdf", x, cdf(m(x)), check and check.cdf(x))
        add_function(name, parameters, "log_cdf", x, log(cdf(m(x))))
        add_function(name, parameters, "survival", x, sf(m(x)), check and check.sf(x))
        add_function(name, parameters, "log_survival", x, log(sf(m(x))))
    for q, low, high in quantiles:
        value = root(lambda x: cdf(x) - m(q) if q <= 0.5 else 1 - m(q) - sf(x), low, high)
        add_function(name, parameters, "icdf", q, value)
    if moments:
        mean = mp.quad(lambda x: x * pdf(x), breaks)
        add_function(name, parameters, "mean", None, mean, check and check.mean())
        add_function(name, parameters, "variance", None, mp.quad(lambda x: (x - mean) ** 2 * pdf(x), breaks),
                     check and check.var())
    if entropy:
        add_function(name, parameters, "entropy", None, -mp.quad(lambda x: pdf(x) * log(pdf(x)), breaks))
    if mode is not None:
        add_function(name, parameters, "mode", None, mode)


def counts(name, parameters, mass, high, points, low=0, entropy=True, mode=True, moments=True, quantiles=True):
    table = {k: mass(k) for k in range(low, high + 1)}
    assert abs(mp.fsum(table.values()) - 1) < m(10) ** -25, (name, mp.fsum(table.values()))

    def cdf(x):
        return mp.fsum(v for k, v in table.items() if k <= x)

    def sf(x):
        return mp.fsum(v for k, v in table.items() if k > x)

    for k in points:
        add(name, parameters, k, log(table[k]))
        add_function(name, parameters, "cdf", k, cdf(k))
        if sf(k) > 0:
            add_function(name, parameters, "survival", k, sf(k))
            add_function(name, parameters, "log_survival", k, log(sf(k)))
    if quantiles:
        for q in (1e-6, 0.1, 0.35, 0.5, 0.8, 0.99):
            add_function(name, parameters, "icdf", q, next(k for k in sorted(table) if cdf(k) >= m(q)))
    if moments:
        mean = mp.fsum(k * v for k, v in table.items())
        add_function(name, parameters, "mean", None, mean)
        add_function(name, parameters, "variance", None, mp.fsum((k - mean) ** 2 * v for k, v in table.items()))
    if entropy:
        add_function(name, parameters, "entropy", None, -mp.fsum(v * log(v) for v in table.values() if v > 0))
    if mode:
        add_function(name, parameters, "mode", None, max(table, key=lambda k: table[k]))


def poisson(k, rate):
    return m(rate) ** k * exp(-m(rate)) / mp.factorial(k)


def binomial(k, n, p):
    return mp.binomial(n, k) * m(p) ** k * (1 - m(p)) ** (n - k) if k <= n else m(0)


def negative_binomial(k, mean, c):
    c, p = m(c), m(mean) / (m(mean) + m(c))
    return mp.gamma(k + c) / (mp.gamma(c) * mp.factorial(k)) * (1 - p) ** c * p ** k


def gamma_pdf(x, a, b):
    a, b = m(a), m(b)
    return b ** a * x ** (a - 1) * exp(-b * x) / mp.gamma(a)


def gamma_cdf(x, a, b):
    return mp.gammainc(m(a), 0, m(b) * x, regularized=True)


def gamma_sf(x, a, b):
    return mp.gammainc(m(a), m(b) * x, inf, regularized=True)


def sigmoid(x):
    return 1 / (1 + exp(-m(x)))


# ---- zero inflation and hurdles ----
def inflated(mass, gate):
    return lambda k: (1 - m(gate)) * mass(k) + (m(gate) if k == 0 else 0)


def hurdle(mass, gate):
    return lambda k: m(gate) if k == 0 else (1 - m(gate)) * mass(k) / (1 - mass(0))


counts("ZeroInflatedPoisson", (0.2, 2.5), inflated(lambda k: poisson(k, 2.5), 0.2), 80, (0, 1, 4, 17), entropy=False)
counts("ZeroInflatedPoisson", (0.7, 9.0), inflated(lambda k: poisson(k, 9.0), 0.7), 120, (0, 1, 9, 30), entropy=False)
counts("ZeroInflatedBinomial", (0.25, 10, 0.6), inflated(lambda k: binomial(k, 10, 0.6), 0.25), 10, (0, 1, 6, 9))
counts("ZeroInflated", (-0.8, 12, 0.3), inflated(lambda k: binomial(k, 12, 0.3), sigmoid(-0.8)), 12, (0, 1, 6, 11))
counts("ZeroInflatedNegativeBinomial", (0.4, 3.0, 2.0), inflated(lambda k: negative_binomial(k, 3, 2), 0.4), 400,
       (0, 1, 4, 30), entropy=False)
counts("HurdlePoisson", (0.2, 2.5), hurdle(lambda k: poisson(k, 2.5), 0.2), 80, (0, 1, 4, 17), entropy=False)
counts("HurdlePoisson", (0.6, 1e-7), hurdle(lambda k: poisson(k, 1e-7), 0.6), 20, (0, 1, 2), entropy=False,
       quantiles=False)
counts("Hurdle", (-0.5, 2.5), hurdle(lambda k: poisson(k, 2.5), sigmoid(-0.5)), 80, (0, 1, 4, 17), entropy=False)
counts("HurdleNegativeBinomial", (0.4, 3.0, 2.0), hurdle(lambda k: negative_binomial(k, 3, 2), 0.4), 400, (0, 1, 4, 30),
       entropy=False)
for name, parameters, gate, pdf, cdf in (
        ("HurdleGamma", (0.2, 2.5, 1.5), 0.2, lambda x: gamma_pdf(x, 2.5, 1.5), lambda x: gamma_cdf(x, 2.5, 1.5)),
        ("HurdleLogNormal", (0.3, 0.5, 0.8), 0.3, lambda x: normal_pdf(log(x), 0.5, 0.8) / x,
         lambda x: normal_cdf(log(x), 0.5, 0.8))):
    g = m(gate)
    add(name, parameters, 0, log(g))
    add_function(name, parameters, "cdf", 0, g)
    add_function(name, parameters, "cdf", -1, 0)
    for x in (0.05, 0.7, 2.0, 9.0):
        add(name, parameters, x, log((1 - g) * pdf(m(x))))
        add_function(name, parameters, "cdf", x, g + (1 - g) * cdf(m(x)))
        add_function(name, parameters, "log_survival", x, log((1 - g) * (1 - cdf(m(x)))))
    for q in (0.01, 0.15):
        add_function(name, parameters, "icdf", q, 0)
    add_function(name, parameters, "icdf", 0.6, root(lambda x: g + (1 - g) * cdf(x) - m(0.6), 0.1, 9))
    first = mp.quad(lambda x: x * pdf(x), [0, 1, 5, 20, inf])
    second = mp.quad(lambda x: x * x * pdf(x), [0, 1, 5, 20, inf])
    add_function(name, parameters, "mean", None, (1 - g) * first)
    add_function(name, parameters, "variance", None, (1 - g) * second - ((1 - g) * first) ** 2)

# ---- mixtures ----
w = [m("0.3"), m("0.7")]
spread = ([0.3, 0.7], [-1.0, 2.0], [0.5, 1.0])
for name in ("MixtureSameFamily", "NormalMixture"):
    continuous(name, spread,
               lambda x: w[0] * normal_pdf(x, -1, m(0.5)) + w[1] * normal_pdf(x, 2, 1),
               lambda x: w[0] * normal_cdf(x, -1, m(0.5)) + w[1] * normal_cdf(x, 2, 1),
               lambda x: w[0] * normal_sf(x, -1, m(0.5)) + w[1] * normal_sf(x, 2, 1),
               (-12.0, -1.5, 0.0, 1.0, 2.5, 11.0), [-inf, -5, -1, 0, 2, 6, inf],
               ((1e-20, -20, -4), (0.01, -3, -1), (0.3, -2, 1), (0.6, 0, 3), (0.999, 3, 7)))
continuous("Mixture", ([0.3, 0.7], -1.0, 0.5),
           lambda x: w[0] * normal_pdf(x, -1) + (w[1] * m(0.5) * exp(-m(0.5) * x) if x >= 0 else 0),
           lambda x: w[0] * normal_cdf(x, -1) + (w[1] * -mp.expm1(-m(0.5) * x) if x >= 0 else 0),
           lambda x: w[0] * normal_sf(x, -1) + w[1] * (exp(-m(0.5) * x) if x >= 0 else 1),
           (-9.0, -1.5, -0.1, 0.3, 2.0, 30.0), [-inf, -5, -1, 0, 2, 6, 20, inf],
           ((1e-20, -20, -5), (0.01, -5, -1), (0.6, 0.1, 3), (0.999, 3, 30)))
counts("MixtureGeneral", ([0.3, 0.7], 6.0, 0.4),
       lambda k: w[0] * poisson(k, 6) + w[1] * m(0.4) * (1 - m(0.4)) ** k, 300, (0, 1, 4, 17), entropy=False, mode=False)
counts("MixtureSameFamily(Poisson)", ([0.3, 0.7], [1.0, 9.0]), lambda k: w[0] * poisson(k, 1) + w[1] * poisson(k, 9), 150,
       (0, 1, 4, 17), entropy=False, mode=False)


# ---- truncation ----
def truncated(pdf, cdf, sf, low, high):
    """With everything relative to the mass between low and high, from the tail it is in."""
    def between(a, b):
        return cdf(b) - cdf(a) if sf(a) > 0.5 else sf(a) - sf(b)

    mass = between(low, high)
    return (lambda x: pdf(x) / mass), (lambda x: between(low, x) / mass), (lambda x: between(x, high) / mass)


mp.mp.dps = 60
for loc, scale, low, high, points in ((0.0, 1.0, -1.0, 2.0, (-0.9, -0.5, 0.3, 1.5)),
                                      (0.0, 1.0, -16.0, -15.0, (-15.9, -15.3, -15.01)),
                                      (1.0, 2.0, 30.0, 40.0, (30.01, 31.0, 35.0))):
    pdf, cdf, sf = truncated(lambda x: normal_pdf(x, loc, scale), lambda x: normal_cdf(x, loc, scale),
                             lambda x: normal_sf(x, loc, scale), m(low), m(high))
    breaks = [m(low) + (m(high) - m(low)) * i / 8 for i in range(9)]
    continuous("Truncated", (loc, scale, low, high), pdf, cdf, sf, points, breaks,
               [(q, low, high) for q in (0.001, 0.3, 0.5, 0.9)], entropy=True, mode=min(max(loc, low), high),
               check=stats.truncnorm((low - loc) / scale, (high - loc) / scale, loc, scale) if low == -1 else None)
for loc, scale, low, points in ((0.0, 1.0, 5.0, (5.1, 6.0, 9.0)), (0.0, 1.0, -0.5, (-0.4, 0.5, 3.0))):
    pdf, cdf, sf = truncated(lambda x: normal_pdf(x, loc, scale), lambda x: normal_cdf(x, loc, scale),
                             lambda x: normal_sf(x, loc, scale), m(low), inf)
    continuous("Truncated(lower)", (loc, scale, low), pdf, cdf, sf, points, [low, low + 1, low + 3, low + 10, inf],
               [(q, low, low + 8) for q in (0.001, 0.5, 0.999)], entropy=True)
pdf, cdf, sf = truncated(lambda x: normal_pdf(x, 0.3, 1.5), lambda x: normal_cdf(x, 0.3, 1.5),
                         lambda x: normal_sf(x, 0.3, 1.5), -inf, m(-1))
continuous("TruncatedNormal", (0.3, 1.5, -1.0), pdf, cdf, sf, (-6.0, -2.0, -1.1), [-inf, -12, -6, -3, -1],
           [(q, -9, -1) for q in (0.001, 0.5, 0.9)], entropy=True, mode=-1)
for low in (2.0, 40.0):
    pdf, cdf, sf = truncated(lambda x: gamma_pdf(x, 2.5, 1.5), lambda x: gamma_cdf(x, 2.5, 1.5),
                             lambda x: gamma_sf(x, 2.5, 1.5), m(low), inf)
    continuous("Truncated(Gamma)", (2.5, 1.5, low), pdf, cdf, sf, (low + 0.1, low + 1.0, low + 7.0),
               [low, low + 1, low + 3, low + 10, low + 40, inf], [(q, low, low + 20) for q in (0.001, 0.5, 0.999)])
pdf, cdf, sf = truncated(lambda x: m(1.5) * exp(-m(1.5) * x), lambda x: -mp.expm1(-m(1.5) * x),
                         lambda x: exp(-m(1.5) * x), m(0), m(2))
continuous("Truncated(Exponential)", (1.5, 2.0), pdf, cdf, sf, (0.01, 0.5, 1.9), [0, 1, 2],
           [(q, 0.0001, 2) for q in (0.001, 0.5, 0.9)], entropy=True, check=stats.truncexpon(3.0, scale=1 / 1.5))
pdf, cdf, sf = truncated(lambda x: 1 / (mp.pi * 2 * (1 + ((x - m(0.5)) / 2) ** 2)),
                         lambda x: m(0) if x == -inf else mp.atan2(2, -(x - m(0.5))) / mp.pi,
                         lambda x: m(0) if x == inf else mp.atan2(2, x - m(0.5)) / mp.pi, m(1), inf)
continuous("TruncatedCauchy", (0.5, 2.0, 1.0), pdf, cdf, sf, (1.1, 3.0, 500.0), [], [(q, 1, 1e6) for q in (0.001, 0.5, 0.999)],
           moments=False, mode=1)
for rate, low, high in ((3.2, 1, 7), (3.2, 25, 30)):
    mass = mp.fsum(poisson(k, rate) for k in range(low, high + 1))
    counts("Truncated(Poisson)", (rate, low, high), lambda k: poisson(k, rate) / mass, high, (low, low + 1, high - 1), low=low)
mp.mp.dps = 40

# ---- censoring ----
parameters = (0.5, 2.0, -1.0, 3.0)
add("Censored", parameters, -1, log(normal_cdf(-1, 0.5, 2)))
add("Censored", parameters, 3, log(normal_sf(3, 0.5, 2)))
for x in (-0.9, 0.4, 2.9):
    add("Censored", parameters, x, log(normal_pdf(x, 0.5, 2)))
    add_function("Censored", parameters, "cdf", x, normal_cdf(x, 0.5, 2))
for x, value in ((-1, normal_cdf(-1, 0.5, 2)), (-1.1, 0), (3, 1)):
    add_function("Censored", parameters, "cdf", x, value)
add_function("Censored", parameters, "icdf", 0.05, -1)
add_function("Censored", parameters, "icdf", 0.5, 0.5)
add_function("Censored", parameters, "icdf", 0.95, 3)


def censored_moments(name, parameters, pdf, cdf, sf, low, high):
    """Mean and variance of a value moved to the nearer bound."""
    path = [low + (high - low) * m(i) / 6 for i in range(7)] if high < inf else [low, low + 1, low + 3, low + 10, low + 40, inf]
    expectation = lambda f: mp.quad(lambda x: f(x) * pdf(x), path) + f(m(low)) * cdf(low) + (f(m(high)) * sf(high) if high < inf else 0)
    mean = expectation(lambda x: x)
    add_function(name, parameters, "mean", None, mean)
    add_function(name, parameters, "variance", None, expectation(lambda x: (x - mean) ** 2))


censored_moments("Censored", parameters, lambda x: normal_pdf(x, 0.5, 2), lambda x: normal_cdf(x, 0.5, 2),
                 lambda x: normal_sf(x, 0.5, 2), -1, 3)
censored_moments("Censored(lower)", (0.7, 0.5), lambda x: m(0.7) * exp(-m(0.7) * x), lambda x: -mp.expm1(-m(0.7) * x),
                 lambda x: exp(-m(0.7) * x), m(0.5), inf)
clipped = mp.fsum(min(k, 6) * poisson(k, 4) for k in range(150))
add_function("Censored(Poisson)", (4.0, 6), "mean", None, clipped)
add_function("Censored(Poisson)", (4.0, 6), "variance", None, mp.fsum((min(k, 6) - clipped) ** 2 * poisson(k, 4) for k in range(150)))
add("Censored(lower)", (0.7, 0.5), 0.5, log(-mp.expm1(-m(0.7) * m(0.5))))
add("Censored(lower)", (0.7, 0.5), 2.0, log(m(0.7)) - m(0.7) * 2)
for k in (0, 3, 5):
    add("Censored(Poisson)", (4.0, 6), k, log(poisson(k, 4)))
add("Censored(Poisson)", (4.0, 6), 6, log(mp.fsum(poisson(k, 4) for k in range(6, 100))))
for x in (-40.0, -3.0, 1.0, 9.0, 60.0):
    add("LeftCensored", (1.0, 2.0, 1.0), x, log(normal_cdf(x, 1, 2)))
    add("LeftCensored", (1.0, 2.0, 0.0), x, log(normal_pdf(x, 1, 2)))
    add("RightCensored", (1.0, 2.0, 1.0), x, log(normal_sf(x, 1, 2)))
    add("RightCensored", (1.0, 2.0, 0.0), x, log(normal_pdf(x, 1, 2)))
for a, b in ((-1.0, 3.0), (20.0, 21.0), (-50.0, -48.0)):
    value = normal_sf(a, 1, 2) - normal_sf(b, 1, 2) if a > 0 else normal_cdf(b, 1, 2) - normal_cdf(a, 1, 2)
    add("IntervalCensored", (1.0, 2.0), [a, b], log(value))
add("IntervalCensored", (1.0, 2.0), [2.0, mp.inf], log(normal_sf(2, 1, 2)))
add("IntervalCensored", (1.0, 2.0), [-mp.inf, 2.0], log(normal_cdf(2, 1, 2)))
add("IntervalCensored", (1.0, 2.0), [2.0, 2.0], log(normal_pdf(2, 1, 2)))


# ---- images under maps ----
for loc, scale in ((0.7, 1.2), (0.0, 2.0)):
    continuous("Folded", (loc, scale), lambda x: normal_pdf(x, loc, scale) + normal_pdf(-x, loc, scale),
               lambda x: normal_cdf(x, loc, scale) - normal_cdf(-x, loc, scale),
               lambda x: normal_sf(x, loc, scale) + normal_cdf(-x, loc, scale), (0.01, 0.5, 2.0, 9.0), [0, 1, 3, 8, 20, 60],
               ((0.001, 0, 1), (0.5, 0, 5), (0.999, 1, 20)), stats.foldnorm(loc / scale, scale=scale))


def t_pdf(x):
    return 6 * mp.sqrt(3) / (mp.pi * (3 + x * x) ** 2)


def t_cdf(x):
    return m(1) / 2 + (x / (mp.sqrt(3) * (1 + x * x / 3)) + mp.atan(x / mp.sqrt(3))) / mp.pi


for x in (0.2, 1.0, 8.0):
    x = m(x)
    add("Folded(StudentT)", (3.0, 0.4, 1.0), x, log(t_pdf(x - m(0.4)) + t_pdf(-x - m(0.4))))
    add_function("Folded(StudentT)", (3.0, 0.4, 1.0), "cdf", x, t_cdf(x - m(0.4)) - t_cdf(-x - m(0.4)))

logit = lambda y: log(m(y) / (1 - m(y)))
continuous("Transformed", (0.4, 1.3), lambda y: normal_pdf(logit(y), 0.4, 1.3) / (y * (1 - y)),
           lambda y: normal_cdf(logit(y), 0.4, 1.3), lambda y: normal_sf(logit(y), 0.4, 1.3), (0.001, 0.2, 0.7, 0.99), [],
           ((0.001, 0.001, 0.9), (0.5, 0.1, 0.9), (0.99, 0.3, 0.9999)), moments=False)
# y = exp(1 - 2 x), x exponential: x = (1 - log y) / 2 on (0, e).
back = lambda y: (1 - log(m(y))) / 2
continuous("Transformed(decreasing)", (8.0,), lambda y: m(8) * exp(-m(8) * back(y)) / (2 * y),
           lambda y: exp(-m(8) * back(y)), lambda y: -mp.expm1(-m(8) * back(y)), (1e-4, 0.2, 1.0, 2.6), [],
           ((1e-9, 1e-9, 1), (0.001, 1e-9, 1), (0.5, 0.1, 2.7)), moments=False)
# ordered: y0 = x0, y1 = y0 + exp(x1).
for y in ([0.0, 1.0], [-1.5, 3.0], [2.0, 2.001]):
    x1 = log(m(y[1]) - m(y[0]))
    add("Transformed(vector)", ([-1.0, 2.0], [0.5, 1.0]), y, log(normal_pdf(y[0], -1, 0.5)) + log(normal_pdf(x1, 2, 1)) - x1)


# ---- copulas ----
def copula(z, r):
    quadratic = (z[0] ** 2 + z[1] ** 2 - 2 * r * z[0] * z[1]) / (1 - r * r)
    return -log(1 - r * r) / 2 - quadratic / 2 + (z[0] ** 2 + z[1] ** 2) / 2


def normal_quantile(F):
    return mp.sqrt(2) * mp.erfinv(2 * F - 1)


for x in ([0.5, 0.2], [3.0, 0.01], [0.1, 2.0]):
    rates = (m(1), m(2))
    z = [normal_quantile(-mp.expm1(-r * m(v))) for r, v in zip(rates, x)]
    add("GaussianCopula", ([1.0, 2.0], [[1.0, 0.6], [0.6, 1.0]]), x,
        copula(z, m(0.6)) + sum(log(r) - r * m(v) for r, v in zip(rates, x)))
for x in ([0.5, 0.2], [0.05, 0.9], [0.7, 0.7]):
    shapes = ((m(2), m(3)), (m(0.8), m(1.5)))
    z = [normal_quantile(mp.betainc(a, b, 0, m(v), regularized=True)) for (a, b), v in zip(shapes, x)]
    add("GaussianCopulaBeta", ([2.0, 0.8], [3.0, 1.5], [[1.0, 0.0], [0.6, 0.8]]), x,
        copula(z, m(0.6)) + sum(log(m(v) ** (a - 1) * (1 - m(v)) ** (b - 1) / mp.beta(a, b)) for (a, b), v in zip(shapes, x)))

# ---- the rest ----
for x in (-3.0, 1.0, 2.5):
    add("CustomDist", (1.0, 2.0), x, log(normal_pdf(x, 1, 2)))
    add("Masked", (1.0, 2.0), x, log(normal_pdf(x, 1, 2)))
    add("Independent", ([-1.0, 2.0], [0.5, 1.0]), [x, -x], log(normal_pdf(x, -1, 0.5)) + log(normal_pdf(-x, 2, 1)))
    add("Expanded", (1.0, 2.0), [x, -x], log(normal_pdf(x, 1, 2)) + log(normal_pdf(-x, 1, 2)))
add_function("Independent", ([-1.0, 2.0], [0.5, 1.0]), "mean", None, [-1.0, 2.0])
add_function("Expanded", (1.0, 2.0), "mean", None, [1.0, 1.0])
add("Unit", (-1.25,), [], m(-1.25))
add("Delta", (1.5,), 1.5, 0)
add("Delta(event)", ([-1.0, 2.0], -0.3), [-1.0, 2.0], m(-0.3))
add_function("Delta", (1.5,), "mean", None, 1.5)

write_group("modified")
