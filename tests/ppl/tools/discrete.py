"""Writes density/discrete.inc and functions/discrete.inc: probability masses and what follows from them, by summation
of the masses at 40 digits; scipy.stats where it has the distribution.

    pip install mpmath scipy && python tests/ppl/tools/discrete.py
"""
import itertools

import mpmath as mp
from scipy import stats

from rows import add, add_function, write_group

m, log, gamma, binomial, factorial = mp.mpf, mp.log, mp.gamma, mp.binomial, mp.factorial


def masses(mass, low, high):
    return {k: mass(k) for k in range(low, high + 1)}


def record(name, parameters, mass, low, high, points, scipy=None, moments=True, mode=True, entropy=True,
           functions=True, bounded=True):
    """Rows for one distribution whose mass outside low ... high is negligible at 40 digits, or absent."""
    table = masses(mass, low, high)
    total = mp.fsum(table.values())
    assert abs(total - 1) < m(10) ** -25, (name, parameters, total)
    for k in points:
        add(name, parameters, k, log(table[k]), scipy and scipy.logpmf(k))

    def cdf(x):
        return mp.fsum(v for k, v in table.items() if k <= x)

    def survival(x):
        return mp.fsum(v for k, v in table.items() if k > x)

    def put(function, argument, value, check=None):
        add_function(name, parameters, function, argument, value, check)

    if moments:
        mean = mp.fsum(k * v for k, v in table.items())
        put("mean", None, mean, scipy and scipy.mean())
        put("variance", None, mp.fsum((k - mean) ** 2 * v for k, v in table.items()), scipy and scipy.var())
    if mode:
        put("mode", None, max(table, key=lambda k: table[k]))
    if entropy:
        put("entropy", None, -mp.fsum(v * log(v) for v in table.values() if v > 0), scipy.entropy() if scipy and high - low < 200 else None)
    if not functions:
        return
    if bounded:
        put("cdf", low - 1, 0)
    for k in points:
        put("cdf", k, cdf(k), scipy and scipy.cdf(k))
        put("cdf", k + 0.5, cdf(k))
        if survival(k) > m(10) ** -300:
            put("survival", k, survival(k), scipy and scipy.sf(k))
            put("log_survival", k, log(survival(k)))
        put("log_cdf", k, log(cdf(k)))
    for q in (1e-6, 0.02, 0.3, 0.5, 0.8, 0.97, 1 - 1e-9):
        put("icdf", q, next(k for k in sorted(table) if cdf(k) >= m(q)))


for p in (0.3, 0.9):
    record("Bernoulli", (p,), lambda k: m(p) if k else 1 - m(p), 0, 1, (0,), stats.bernoulli(p))
add("Bernoulli", (0.3,), 1, log(m(0.3)))
for l in (-0.7, 3.0, 45.0):
    record("Bernoulli(logits)", (l,), lambda k: 1 / (1 + mp.exp(m(l) * (1 - 2 * k))), 0, 1, (0,))

for n, p in ((10, 0.3), (60, 0.85), (40, 0.01)):
    record("Binomial", (n, p), lambda k: binomial(n, k) * m(p) ** k * (1 - m(p)) ** (n - k), 0, n,
           (0, 1, 3, n // 2, n - 2), stats.binom(n, p))
for n, l in ((10, -0.8), (30, 2.5)):
    p = 1 / (1 + mp.exp(-m(l)))
    record("Binomial(logits)", (n, l), lambda k: binomial(n, k) * p ** k * (1 - p) ** (n - k), 0, n, (0, 2, n // 2, n - 1),
           stats.binom(n, float(p)))

for a, b, n in ((2.0, 3.0, 10), (0.4, 0.7, 25), (30.0, 5.0, 50)):
    record("BetaBinomial", (a, b, n), lambda k: binomial(n, k) * mp.beta(k + m(a), n - k + m(b)) / mp.beta(m(a), m(b)), 0, n,
           (0, 1, 4, n - 3, n - 1), stats.betabinom(n, a, b))


def beta_negative_binomial(k, a, b, n):
    return gamma(k + n) / (gamma(n) * factorial(k)) * mp.beta(k + a, n + b) / mp.beta(a, b)


# The tail is a power: no sum reaches 40 digits. Moments are those of the mixture.
for a, b, n in ((3.0, 6.0, 4.0), (3.0, 12.0, 4.0), (0.7, 0.9, 2.5), (20.0, 2.5, 6.0)):
    for k in (0, 1, 4, 17, 300):
        add("BetaNegativeBinomial", (a, b, n), k, log(beta_negative_binomial(k, m(a), m(b), m(n))))
    with mp.workdps(80):
        for k in (0, 1, 4, 17, 300, 2000):
            F = mp.fsum(beta_negative_binomial(j, m(a), m(b), m(n)) for j in range(k + 1))
            add_function("BetaNegativeBinomial", (a, b, n), "cdf", k, F)
            add_function("BetaNegativeBinomial", (a, b, n), "survival", k, 1 - F)
            add_function("BetaNegativeBinomial", (a, b, n), "log_survival", k, log(1 - F))
        for q in (0.02, 0.5, 0.9):
            k, F = 0, m(0)
            while (F := F + beta_negative_binomial(k, m(a), m(b), m(n))) < m(q):
                k += 1
            add_function("BetaNegativeBinomial", (a, b, n), "icdf", q, k)
    mean = m(n) * m(a) / (m(b) - 1) if b > 1 else mp.inf
    add_function("BetaNegativeBinomial", (a, b, n), "mean", None, mean)
    # E[Var(X | p)] + Var(E[X | p]), odds p / (1 - p) of a Beta: beta prime moments.
    if b > 2:
        odds = m(a) / (m(b) - 1)
        odds2 = m(a) * (m(a) + 1) / ((m(b) - 1) * (m(b) - 2))
        variance = m(n) * (odds + odds2) + m(n) ** 2 * (odds2 - odds ** 2)
    else:
        variance = mp.inf
    add_function("BetaNegativeBinomial", (a, b, n), "variance", None, variance)
    add_function("BetaNegativeBinomial", (a, b, n), "mode", None,
                 max(range(500), key=lambda k: beta_negative_binomial(k, m(a), m(b), m(n))))

weights = [0.2, 0.5, 0.3]
logits = [-1.0, 2.0, 0.5, 0.0]
odds = [mp.exp(m(v)) for v in logits]
record("Categorical", (weights,), lambda k: m(weights[k]) / mp.fsum(m(v) for v in weights), 0, 2, (0, 1))
record("Categorical(logits)", (logits,), lambda k: odds[k] / sum(odds), 0, 3, (0, 1, 2))


def multinomial(x, probs):
    total = factorial(sum(x))
    for n, p in zip(x, probs):
        total *= p ** n / factorial(n)
    return total


for x in ([2, 1, 3], [0, 6, 0], [5, 0, 1]):
    add("Multinomial", (6, weights), x, log(multinomial(x, [m(v) for v in weights])), stats.multinomial.logpmf(x, 6, weights))
for x in ([2, 1, 3, 3], [0, 9, 0, 0]):
    add("Multinomial(logits)", (9, logits), x, log(multinomial(x, [v / sum(odds) for v in odds])))


def entropy_over_counts(n, k, log_mass):
    """-sum of p log p over all vectors of k counts that sum to n."""
    total, mass = m(0), m(0)
    for bars in itertools.combinations(range(n + k - 1), k - 1):
        edges = (-1, *bars, n + k - 1)
        l = log_mass([b - a - 1 for a, b in zip(edges, edges[1:])])
        total -= mp.exp(l) * l
        mass += mp.exp(l)
    assert abs(mass - 1) < m(10) ** -30
    return total


add_function("Multinomial", (6, weights), "entropy", None,
             entropy_over_counts(6, 3, lambda x: log(multinomial(x, [m(v) for v in weights]))), stats.multinomial(6, weights).entropy())
add_function("Multinomial(logits)", (9, logits), "entropy", None,
             entropy_over_counts(9, 4, lambda x: log(multinomial(x, [v / sum(odds) for v in odds]))))


def dirichlet_multinomial(x, a):
    total, n = mp.fsum(m(v) for v in a), sum(x)
    return (mp.loggamma(n + 1) + mp.loggamma(total) - mp.loggamma(n + total)
            + mp.fsum(mp.loggamma(k + m(v)) - mp.loggamma(m(v)) - mp.loggamma(k + 1) for k, v in zip(x, a)))


add_function("DirichletMultinomial", ([0.5, 2.0, 3.5], 7), "entropy", None,
             entropy_over_counts(7, 3, lambda x: dirichlet_multinomial(x, (0.5, 2.0, 3.5))))
add_function("Multinomial", (6, weights), "mean", None, [6 * v for v in weights])
add_function("Multinomial", (6, weights), "variance", None, [6 * m(v) * (1 - m(v)) for v in weights])
add_function("Multinomial", (6, weights), "support_point", None, [1, 4, 1])

joint = [[0.1, 0.2, 0.05], [0.3, 0.25, 0.1]]
for i in range(2):
    for j in range(3):
        add("JointCategorical", (joint,), [i, j], log(m(joint[i][j])))
add_function("JointCategorical", (joint,), "mean", None, [0.65, 0.75])
add_function("JointCategorical", (joint,), "entropy", None, -mp.fsum(m(v) * log(m(v)) for r in joint for v in r))
a = [m(v) for v in (0.5, 2.0, 3.0)]
for x in ([2, 1, 3], [0, 6, 0], [5, 0, 1]):
    value = factorial(6) * gamma(sum(a)) / gamma(6 + sum(a))
    for n, v in zip(x, a):
        value *= gamma(n + v) / (gamma(v) * factorial(n))
    add("DirichletMultinomial", ([0.5, 2.0, 3.0], 6), x, log(value))
share = [v / sum(a) for v in a]
add_function("DirichletMultinomial", ([0.5, 2.0, 3.0], 6), "mean", None, [6 * v for v in share])
add_function("DirichletMultinomial", ([0.5, 2.0, 3.0], 6), "variance", None,
             [6 * v * (1 - v) * (6 + sum(a)) / (1 + sum(a)) for v in share])

for low, high in ((-2, 5), (3, 3), (0, 1000)):
    record("DiscreteUniform", (low, high), lambda k: m(1) / (high - low + 1), low, high, sorted({low, (low + high) // 2}),
           stats.randint(low, high + 1), functions=high > low)

for q, b in ((0.7, 1.4), (0.5, 0.6), (0.9, 1.0)):
    record("DiscreteWeibull", (q, b), lambda k: m(q) ** (m(k) ** m(b)) - m(q) ** (m(k + 1) ** m(b)), 0, 2000,
           (0, 1, 2, 7, 20), mode=False)


def discrete_weibull_by_integrals(q, b):
    """Where the masses reach far: sums up to 4000, then Euler and Maclaurin's formula."""
    q, b, far = m(q), m(b), 4000
    S = lambda k: q ** (k ** b)
    p = lambda k: S(k) - S(k + 1)

    def total(f):
        ends = [m(far) * m(8) ** i for i in range(40)]
        head = mp.fsum(f(m(k)) for k in range(far))
        return head + mp.quad(f, ends) + f(m(far)) / 2 - mp.diff(f, far) / 12 + mp.diff(f, far, 3) / 720 - mp.diff(f, far, 5) / 30240

    with mp.workdps(50):
        mean = total(lambda k: S(k + 1))
        parameters = (float(q), float(b))
        add_function("DiscreteWeibull", parameters, "mean", None, mean)
        add_function("DiscreteWeibull", parameters, "variance", None, total(lambda k: (k - mean) ** 2 * p(k)))
        add_function("DiscreteWeibull", parameters, "entropy", None, total(lambda k: -p(k) * log(p(k)) if p(k) > 0 else m(0)))


for q, b in ((0.999, 0.8), (0.9, 0.3), (0.999999, 2.5), (1 - 1e-12, 5.0)):
    discrete_weibull_by_integrals(q, b)

for mu, lam in ((2.0, 0.4), (8.0, 0.1), (0.3, 0.0), (1.5, 0.8)):
    record("GeneralizedPoisson", (mu, lam),
           lambda k: m(mu) * (m(mu) + m(lam) * k) ** (k - 1) * mp.exp(-m(mu) - m(lam) * k) / factorial(k), 0,
           2600 if lam > 0.5 else 400, (0, 1, 4, 13, 60))

for p in (0.3, 0.95, 0.02):
    record("Geometric", (p,), lambda k: (1 - m(p)) ** k * m(p), 0, 4000, (0, 1, 4, 30), stats.geom(p, loc=-1))
for l in (-1.2, 2.0):
    p = 1 / (1 + mp.exp(-m(l)))
    record("Geometric(logits)", (l,), lambda k: (1 - p) ** k * p, 0, 1000, (0, 1, 4, 30))

for N, K, n in ((30, 12, 10), (20, 15, 9), (500, 40, 60)):
    low, high = max(0, n + K - N), min(n, K)
    record("HyperGeometric", (N, K, n), lambda k: binomial(K, k) * binomial(N - K, n - k) / binomial(N, n), low, high,
           (low, low + 1, (low + high) // 2, high - 1), stats.hypergeom(N, K, n))

for c, odds_ in ((2.0, m(3) / 2), (0.8, m(30) / m(0.8))):
    mu = float(c * odds_)
    p = odds_ / (1 + odds_)
    record("NegativeBinomial", (mu, c), lambda k: gamma(k + m(c)) / (gamma(m(c)) * factorial(k)) * (1 - p) ** m(c) * p ** k, 0,
           5000, (0, 1, 4, 30, 150), stats.nbinom(c, float(1 - p)))
for name, c, second, p in (("NegativeBinomial(probs)", 5.0, 0.4, m(0.4)),
                           ("NegativeBinomial(logits)", 2.5, -0.6, 1 / (1 + mp.exp(m(0.6)))),
                           ("GammaPoisson", 2.5, 1.5, 1 / (1 + m(1.5))),
                           ("GammaPoisson", 0.3, 0.05, 1 / (1 + m(0.05)))):
    record(name, (c, second), lambda k: gamma(k + m(c)) / (gamma(m(c)) * factorial(k)) * (1 - p) ** m(c) * p ** k, 0, 2500,
           (0, 1, 4, 30), stats.nbinom(c, float(1 - p)))
record("NegativeBinomial2", (3.0, 2.0), lambda k: (k + 1) * m("0.4") ** 2 * m("0.6") ** k, 0, 400, (0, 1, 4, 30),
       stats.nbinom(2, 0.4))

for rate in (2.5, 0.1, 14.0, 300.0):
    record("Poisson", (rate,), lambda k: m(rate) ** k * mp.exp(-m(rate)) / factorial(k), 0, 900, (0, 1, 4, 17, 60, 290),
           stats.poisson(rate))

cutpoints = [-1.0, 0.0, 2.0]


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def between(F, eta, cuts, scale=1):
    edges = [-mp.inf] + [(m(c) - m(eta)) / m(scale) for c in cuts] + [mp.inf]
    values = [m(0)] + [F(e) for e in edges[1:-1]] + [m(1)]
    return [b - a for a, b in zip(values, values[1:])]


for eta in (0.5, -3.0, 9.0):
    table = between(sigmoid, eta, cutpoints)
    record("OrderedLogistic", (eta, cutpoints), lambda k: table[k], 0, 3, (0, 1, 2))
    add("OrderedLogistic", (eta, cutpoints), 3, log(table[3]))
add("OrderedLogistic", (0.5, [1.0]), 1, log(1 - sigmoid(m(0.5))))
for eta, scale in ((0.5, 1.3), (-6.0, 0.5), (9.0, 1.0)):
    mp.mp.dps = 120  # differences of distribution functions far in the tail
    table = between(mp.ncdf, eta, cutpoints, scale)
    mp.mp.dps = 40
    record("OrderedProbit", (eta, cutpoints, scale), lambda k: table[k], 0, 3, (0, 1, 2), functions=abs(eta) < 1,
           entropy=abs(eta) < 1, moments=abs(eta) < 1)
    add("OrderedProbit", (eta, cutpoints, scale), 3, log(table[3]))
table = between(sigmoid, 0.5, cutpoints)
for x in ([1, 2, 3, 1], [0, 0, 7, 0]):
    add("OrderedMultinomial", (0.5, cutpoints, 7), x, log(multinomial(x, table)))
add_function("OrderedMultinomial", (0.5, cutpoints, 7), "mean", None, [7 * v for v in table])


def skellam(k, mu1, mu2):
    return mp.exp(-mu1 - mu2) * (mu1 / mu2) ** (m(k) / 2) * mp.besseli(abs(k), 2 * mp.sqrt(mu1 * mu2))


for mu1, mu2 in ((3.0, 1.5), (40.0, 60.0), (0.02, 0.01)):
    wide = 60 if mu1 < 10 else 260
    record("Skellam", (mu1, mu2), lambda k: skellam(k, m(mu1), m(mu2)), -wide, wide, (-40, -12, -3, -1, 0, 1, 4, 15, 38),
           bounded=False)
for mu1, mu2, k in ((5000.0, 4000.0, 1000), (5000.0, 4000.0, 2000), (1e-3, 700.0, -690)):
    add("Skellam", (mu1, mu2), k, log(skellam(k, m(mu1), m(mu2))))

write_group("discrete")
