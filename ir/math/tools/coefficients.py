#!/usr/bin/env python3
"""Writes ir/math/coefficients.h: minimax polynomials of the special functions.

Each row of TABLE gives a function, an interval, a number of coefficients and a
weight; Remez' exchange algorithm finds the polynomial p that minimises
max |weight * (p - f)|. Needs mpmath. Usage: coefficients.py > ../coefficients.h
"""
import sys
from mpmath import mp, mpf, matrix, lu_solve
import mpmath as m

mp.dps = 160


def chebyshev_points(a, b, n):
    return [(a + b) / 2 - (b - a) / 2 * m.cos(m.pi * (i + mpf(1) / 2) / n) for i in range(n)]


def chebyshev_extrema(a, b, n):
    return [(a + b) / 2 - (b - a) / 2 * m.cos(m.pi * i / (n - 1)) for i in range(n)]


def polyval(c, x):
    s = mpf(0)
    for a in reversed(c):
        s = s * x + a
    return s


def solve(rows, rhs):
    return list(lu_solve(matrix(rows), matrix(rhs)))


def remez(f, a, b, n, weight, rounds=6, dense=12):
    """n coefficients minimising max |weight (p - f)| on [a, b]; also that maximum.

    Works in u = (2x - a - b) / (b - a) and expands at the end: the systems stay
    well conditioned and the digits are ample for it.
    """
    a, b = mpf(a), mpf(b)
    mid, half = (a + b) / 2, (b - a) / 2
    fine = chebyshev_extrema(mpf(-1), mpf(1), dense * (n + 1) + 1)
    val = [f(mid + half * u) for u in fine]
    wgt = [weight(mid + half * u) for u in fine]
    ref = [round(i * (len(fine) - 1) / n) for i in range(n + 1)]
    for _ in range(rounds):
        rows, rhs = [], []
        for j, k in enumerate(ref):
            u = fine[k]
            rows.append([u ** i for i in range(n)] + [(-1) ** j / wgt[k]])
            rhs.append(val[k])
        c = solve(rows, rhs)[:n]
        err = [wgt[k] * (polyval(c, fine[k]) - val[k]) for k in range(len(fine))]
        groups, start = [], 0        # one extremum in each run of equal sign
        for k in range(1, len(fine) + 1):
            if k == len(fine) or (err[k] > 0) != (err[start] > 0):
                groups.append(max(range(start, k), key=lambda i: abs(err[i])))
                start = k
        while len(groups) > n + 1:
            groups.pop(0 if abs(err[groups[0]]) < abs(err[groups[-1]]) else -1)
        if len(groups) < n + 1 or groups == ref:
            break
        ref = groups
    worst = max(abs(e) for e in err)
    out = [mpf(0)] * n               # substitute u = (x - mid) / half
    for i in reversed(range(n)):
        shifted = [mpf(0)] * n
        for d in range(n):
            if out[d] != 0:
                shifted[d] -= out[d] * mid / half
                if d + 1 < n:
                    shifted[d + 1] += out[d] / half
        shifted[0] += c[i]
        out = shifted
    return out, worst


def one(x):
    return mpf(1)


def nonzero(x):                      # where f is a removable 0/0
    return x if abs(x) > mpf(10) ** -40 else mpf(10) ** -40


def exp_tail(r):
    r = nonzero(r)
    return (m.expm1(r) - r) / r ** 2


def expm1_tail(r):
    r = nonzero(r)
    return (exp_tail(r) - mpf(1) / 2) / r


def log_tail(z):                     # log((1+s)/(1-s)) = 2s + s z p(z), z = s^2
    z = nonzero(z)
    s = m.sqrt(z)
    return (2 * m.atanh(s) / s - 2) / z


def sin_tail(z):
    r = m.sqrt(nonzero(z))
    return (m.sin(r) - r) / r ** 3


def cos_tail(z):
    z = nonzero(z)
    return (m.cos(m.sqrt(z)) - 1 + z / 2) / z ** 2


LN2 = m.log(2)
QUARTER_PI2 = (m.pi / 4 + mpf('0.002')) ** 2
THIRD = (3 - 2 * m.sqrt(2)) ** 2     # largest s^2 for 1 + f in [sqrt(1/2), sqrt(2)]

# name, comment, function, a, b, coefficients, weight
TABLE = [
    ('kExp', '(e^r - 1 - r) / r^2, |r| <= ln(2)/2', exp_tail,
     -LN2 / 2 * mpf('1.001'), LN2 / 2 * mpf('1.001'), 10, lambda r: (r * r + mpf('0.003')) / m.exp(r)),
    ('kExpm1', '(e^r - 1 - r - r^2 / 2) / r^3 for the same r', expm1_tail,
     -LN2 / 2 * mpf('1.001'), LN2 / 2 * mpf('1.001'), 10, lambda r: r * r + mpf('0.003')),
    ('kLog', '(2 atanh(s) / s - 2) / z, z = s^2 <= (3 - 2 sqrt 2)^2', log_tail,
     0, THIRD * mpf('1.0001'), 7, one),
    ('kLogUpToTwo', 'the same for s <= 1/3', log_tail, 0, mpf(1) / 9, 11, one),
    ('kSin', '(sin(r) - r) / r^3 in z = r^2, |r| <= pi/4', sin_tail, 0, QUARTER_PI2, 6, one),
    ('kCos', '(cos(r) - 1 + z/2) / z^2 in z = r^2, |r| <= pi/4', cos_tail, 0, QUARTER_PI2, 6, one),
]

CONSTANTS = []


def parts(name, comment, value, count):
    """value as an unevaluated sum of `count` doubles."""
    out = []
    for _ in range(count):
        d = float(value)
        out.append(d)
        value = value - mpf(d)
    CONSTANTS.append((name, comment, out))


parts('kLn2', 'ln 2', m.log(2), 3)
parts('kLog2E', '1 / ln 2', 1 / m.log(2), 1)
parts('kHalfPi', 'pi / 2', m.pi / 2, 4)
parts('kTwoOverPi', '2 / pi', 2 / m.pi, 1)


def main():
    print('// Written by tools/coefficients.py; the number after each comment is the largest\n'
          '// weighted error of the polynomial before its coefficients were rounded.\n'
          '#pragma once\n\nnamespace nuthatch::math::detail {\n')
    for name, comment, values in CONSTANTS:
        print('// ' + comment)
        print('inline constexpr double %s[] = {%s};' % (name, ', '.join(v.hex() for v in values)))
    for name, comment, f, a, b, n, w in TABLE:
        c, worst = remez(f, a, b, n, w)
        print('\n// %s: %s' % (comment, m.nstr(worst, 3)))
        print('inline constexpr double %s[] = {' % name)
        for i in range(0, n, 3):
            print('    ' + ', '.join(float(x).hex() for x in c[i:i + 3]) + ',')
        print('};')
        sys.stdout.flush()
    print('\n} // namespace nuthatch::math::detail')


main()
