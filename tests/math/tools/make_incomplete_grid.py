#!/usr/bin/env python3
"""Writes tests/math/incomplete_grid.inc: values of the incomplete gamma and beta functions, their derivatives in the
parameters, polygamma and Owen's T, to at least 20 digits, as sums hi + lo of doubles. Needs mpmath.
Usage: make_incomplete_grid.py > ../incomplete_grid.inc, or with the names of some tables. The second derivatives take minutes.
"""
import math
import random
import sys
from mpmath import mp, mpf
import mpmath as m

DIGITS = 30
rng = random.Random()


def log_uniform(a, b):
    return math.exp(rng.uniform(math.log(a), math.log(b)))


def lower_gamma(a, x):
    """P(a, x) by the power series of positive terms."""
    term = total = mpf(1)
    n = 0
    while term > mpf(10) ** (-mp.dps - 5) * total or n < x - a:
        n += 1
        term *= x / (a + n)
        total += term
    return m.exp(a * m.log(x) - x - m.loggamma(a + 1)) * total


def lower_beta(a, b, x):
    """I_x(a, b) likewise; the number of terms grows as x approaches 1."""
    term = total = mpf(1)
    n = 0
    while term > mpf(10) ** (-mp.dps - 5) * total * (1 - x) or (a + b + n) * x > a + 1 + n:
        term *= x * (a + b + n) / (a + 1 + n)
        n += 1
        total += term
        if n > 400000:
            raise ArithmeticError((a, b, x))
    return m.exp(a * m.log(x) + b * m.log(1 - x) - m.log(m.beta(a, b))) / a * total


def beta(a, b, x):
    return lower_beta(a, b, x) if x < mpf('0.9') else 1 - lower_beta(b, a, 1 - x)


def differences(f, orders, at):
    """Mixed central differences of f at `at`, `orders` in each variable; the step is 1e-25 of the variable."""
    if not any(orders):
        return f(*at)
    k = next(i for i, o in enumerate(orders) if o)
    h = mpf(10) ** -25 * at[k]
    less = [o - (i == k) for i, o in enumerate(orders)]
    up, down = ([v + s * (i == k) for i, v in enumerate(at)] for s in (h, -h))
    return (differences(f, less, up) - differences(f, less, down)) / (2 * h)


def precise(f, orders, at):
    """The same with enough digits for the differences and for what 1 - f cancels: two runs have to agree."""
    mp.dps = DIGITS + 10 + 52 * sum(orders)
    last = None
    while mp.dps < 1500:
        value = differences(f, orders, [mpf(v) for v in at])
        if last is not None and abs(value - last) <= mpf(10) ** -21 * abs(value):
            return value
        last, mp.dps = value, mp.dps + 40
    raise ArithmeticError(at)


def gamma_point():
    kind = rng.random()
    if kind < 0.3:
        return log_uniform(1e-10, 2), log_uniform(1e-8, 30)
    if kind < 0.7:
        a = log_uniform(0.3, 200)
        return a, a * math.exp(rng.gauss(0, 2) / math.sqrt(a))
    if kind < 0.85:
        a = log_uniform(200, 1e4)
        return a, a * (1 + rng.gauss(0, 4) / math.sqrt(a))
    a = log_uniform(0.5, 100)
    return a, a * math.exp(rng.uniform(-4, 1.5))


def beta_point():
    kind = rng.random()
    if kind < 0.35:
        return log_uniform(1e-6, 15), log_uniform(1e-6, 15), rng.random()
    large = lambda: log_uniform(1, 500)
    a, b = (large(), log_uniform(1e-3, 3)) if kind < 0.5 else (log_uniform(1e-3, 3), large()) if kind < 0.65 else (large(), large())
    deviation = math.sqrt((a + b) * (a + b) / (a * b * (a + b + 1)))
    logit = math.log(a / b) + rng.gauss(0, 3) * deviation
    return a, b, 1 / (1 + math.exp(-max(min(logit, 30), -60)))


def polygamma(n, x):
    total, y = mpf(0), mpf(x)
    while y < 1:
        total += (-1) ** (int(n) + 1) * m.factorial(n) / y ** (int(n) + 1)
        y += 1
    return total + m.polygamma(int(n), y)


def owens_t(h, a):
    scale = m.exp(-mpf(h) ** 2 / 2) / (2 * m.pi)
    edges = [mpf(a) * i / 16 for i in range(17)]
    if abs(h * a) > 30:
        edges = [m.sign(a) * 30 / abs(h) * i / 16 for i in range(17)] + [mpf(a)]
    return scale * m.quad(lambda t: m.exp(-(h * t) ** 2 / 2) / (1 + t * t), edges)


def literal(x):
    mantissa, exponent = float(x).hex().split('p')
    return '%sp%d' % (mantissa.rstrip('0').rstrip('.'), int(exponent))


def row(arguments, value):
    hi = float(value)
    return '{{%s}, %s, %s},' % (', '.join(literal(v) for v in arguments), literal(hi), literal(float(value - mpf(hi))))


def table(name, size, count, point, f):
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        return
    rng.seed(name)
    print('inline constexpr Sample<%d> k_%s[] = {' % (size, name))
    for _ in range(count):
        at = point()
        try:
            value = f(*at)
        except ArithmeticError:
            continue
        if abs(value) > mpf(10) ** -290:
            print(row(at, value))
    print('};')


def polygamma_point():
    x = rng.choice([log_uniform(1e-3, 1), log_uniform(0.5, 50), log_uniform(10, 1e5), -rng.uniform(0, 6)])
    return x, float(rng.choice([0, 1, 2, 3, 5, 10, 30]))


def owens_point():
    return rng.choice([rng.gauss(0, 2), rng.uniform(0, 30)]), rng.choice([abs(rng.gauss(0, 1)), log_uniform(1e-5, 1e5)])


COUNT = [60, 30, 12]  # by the order of the derivative


def main():
    if len(sys.argv) == 1:
        print('// Written by tools/make_incomplete_grid.py.')
    upper = lambda a, x: 1 - lower_gamma(a, x)
    for name, f, orders in (('igamma', lower_gamma, [0, 0]), ('igammac', upper, [0, 0]), ('igamma_grad_a', lower_gamma, [1, 0]),
                            ('igamma_grad_aa', lower_gamma, [2, 0])):
        table(name, 2, COUNT[sum(orders)], gamma_point, lambda a, x: precise(f, orders, [a, x]))
    for name, orders in (('betainc', [0, 0, 0]), ('betainc_grad_a', [1, 0, 0]), ('betainc_grad_b', [0, 1, 0]), ('betainc_grad_aa', [2, 0, 0]),
                         ('betainc_grad_ab', [1, 1, 0]), ('betainc_grad_bb', [0, 2, 0])):
        table(name, 3, COUNT[sum(orders)], beta_point, lambda a, b, x: precise(beta, orders, [a, b, x]))
    mp.dps = 50
    table('igamma_grad_x', 2, 60, gamma_point, lambda a, x: m.exp((mpf(a) - 1) * m.log(x) - x - m.loggamma(a)))
    table('betainc_grad_x', 3, 60, beta_point,
          lambda a, b, x: m.exp((mpf(a) - 1) * m.log(x) + (mpf(b) - 1) * m.log(1 - mpf(x)) - m.log(m.beta(a, b))))
    table('polygamma', 2, 60, polygamma_point, lambda x, n: polygamma(n, x))
    table('owens_t', 2, 60, owens_point, owens_t)


main()
