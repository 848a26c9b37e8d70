#!/usr/bin/env python3
"""Writes ir/math/coefficients.h: minimax polynomials of the special functions.

Each row of TABLE gives a function, an interval, a number of coefficients and a
weight; Remez' exchange algorithm finds the polynomial p that minimises
max |weight * (p - f)|. A row of RATIONALS is interpolated at Chebyshev points. Needs mpmath. Usage: coefficients.py > ../coefficients.h
"""
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


def remez(f, a, b, n, weight, rounds=20, dense=12):
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


def log_tail_2(z):                   # the same, without 2/3
    z = nonzero(z)
    return (log_tail(z) - mpf(2) / 3) / z


def atan_tail(z):
    t = m.sqrt(nonzero(z))
    return (m.atan(t) - t) / t ** 3


def asin_tail(z):
    x = m.sqrt(nonzero(z))
    return (m.asin(x) - x) / x ** 3


def sinpi(z):
    r = m.sqrt(nonzero(z))
    return m.sin(m.pi * r) / r


def cospi(z):
    return m.cos(m.pi * m.sqrt(z))


def erf_ratio(z):
    x = m.sqrt(nonzero(z))
    return m.erf(x) / x - 1


def log_erfc(u):
    return m.log(m.erfc(u + 2))


def erfcx_scaled(t):                 # (1 + 2a) exp(a^2) erfc(a), t = (a - 4) / (a + 4)
    t = min(t, 1 - mpf(10) ** -40)
    a = 4 * (1 + t) / (1 - t)
    if a < 50:
        return (1 + 2 * a) * m.exp(a * a) * m.erfc(a)
    total, term, k = mpf(0), mpf(1), 0
    while k < 100 and abs(term) > mpf(10) ** -80:
        total, k = total + term, k + 1
        term *= -(2 * k - 1) / (2 * a * a)
    return (1 + 2 * a) * total / (a * m.sqrt(m.pi))


def erfc_inv_of_log(log_q):          # Newton's method on log(erfc(a)) = log_q
    a = m.sqrt(-log_q) if log_q < -1 else mpf(1) / 2
    for _ in range(80):
        e = m.erfc(a)
        step = (m.log(e) - log_q) * m.sqrt(m.pi) / 2 * m.exp(a * a) * e
        a += step
        if abs(step) < mpf(10) ** -70 * abs(a):
            return a
    raise ArithmeticError('no convergence')


def erf_inv_ratio(w):                # erf_inv(x) / x, w = -log(1 - x^2)
    if w < mpf(10) ** -40:
        return m.sqrt(m.pi) / 2
    x = m.sqrt(-m.expm1(-w))
    return m.erfinv(x) / x if w < 1 else erfc_inv_of_log(-w - m.log1p(x)) / x


def erfc_inv_tail(r):                # erfc_inv(2p), r = sqrt(-log p)
    return erfc_inv_of_log(LN2 - r * r)


def lgamma_near_two(v):
    v = nonzero(v)
    return m.loggamma(2 + v) / v


def lgamma_series(z):
    x = 1 / m.sqrt(nonzero(z))
    return (m.loggamma(x) - ((x - mpf(1) / 2) * m.log(x) - x + m.log(2 * m.pi) / 2)) * x


def digamma_near_root(u):
    x = u + mpf(3) / 2
    return m.digamma(x) / (x - DIGAMMA_ROOT)


def digamma_series(z):
    x = 1 / m.sqrt(nonzero(z))
    return (m.log(x) - 1 / (2 * x) - m.digamma(x)) * x ** 2


def trigamma_series(z):
    x = 1 / m.sqrt(nonzero(z))
    return (m.polygamma(1, x) - 1 / x - 1 / (2 * x * x)) * x ** 3


LN2 = m.log(2)
DIGAMMA_ROOT = m.findroot(m.digamma, mpf('1.4616'))
HALF = mpf(1) / 2
QUARTER_PI2 = (m.pi / 4 + mpf('0.002')) ** 2
THIRD = (3 - 2 * m.sqrt(2)) ** 2     # largest s^2 for 1 + f in [sqrt(1/2), sqrt(2)]

# name, comment, function, a, b, coefficients, weight
def bessel_series(order):
    """(order! I(2 sqrt z) / z^(order / 2) - 1) / z for the modified Bessel function I."""
    def f(z):
        term, total, k = 1 / mpf(1 + order), mpf(0), 1
        while term > mpf(10) ** -150 * total:
            total, k = total + term, k + 1
            term *= z / (k * (k + order))
        return total
    return f


def bessel_far(order):
    """sqrt(x) e^-x I(x) in t = 1 / x."""
    return lambda t: m.besseli(order, 1 / t) * m.exp(-1 / t) / m.sqrt(t) if t else 1 / m.sqrt(2 * m.pi)


def bessel_rows(order):
    near, far = bessel_series(order), bessel_far(order)
    return [('kBesselI%dNear' % order, '(%d! I%d(x) (2/x)^%d - 1) / z, z = x^2 / 4 <= 25' % (order, order, order), near,
             0, 25, 17, lambda z: (z + mpf('0.01')) / (1 + z * near(z))),
            ('kBesselI%dFar' % order, 'sqrt(x) e^-x I%d(x) in 1 / x, x >= 10' % order, far,
             0, mpf(1) / 10, 21, lambda t: 1 / far(t))]


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
    ('kLogAccurate', '(2 atanh(s) / s - 2 - 2/3 z) / z^2', log_tail_2, 0, THIRD * mpf('1.0001'), 8, one),
    ('kAtan', '(atan(t) - t) / t^3 in z = t^2, |t| <= tan(pi/8)', atan_tail, 0, (3 - 2 * m.sqrt(2)) * mpf('1.001'), 12, one),
    ('kAsin', '(asin(x) - x) / x^3 in z = x^2, |x| <= 1/2', asin_tail, 0, mpf('0.2501'), 13, one),
    ('kSinPi', 'sin(pi r) / r in z = r^2, |r| <= 1/2', sinpi, 0, mpf(1) / 4, 10, one),
    ('kCosPi', 'cos(pi r) in z = r^2, |r| <= 1/2', cospi, 0, mpf(1) / 4, 10, one),
    ('kErf', 'erf(x) / x - 1 in z = x^2, |x| <= 1', erf_ratio, 0, 1, 12, one),
    ('kLogErfc', 'log erfc(u + 2), -1 <= u <= 4', log_erfc, -1, 4, 18, lambda u: m.erfc(u + 2)),
    ('kErfcx', '(1 + 2a) exp(a^2) erfc(a) in t = (a - 4) / (a + 4)', erfcx_scaled, -1, 1, 24, one),
    ('kErfInv', 'erf_inv(x) / x in w = -log(1 - x^2) <= 4', erf_inv_ratio, 0, 4, 20, one),
    ('kLgammaNear', 'lgamma(2 + v) / v, -3/4 <= v <= 1/2', lgamma_near_two, -3 * HALF / 2, HALF, 23, one),
    ('kLgammaSeries', 'x (lgamma(x) - (x - 1/2) log x + x - log(2 pi) / 2) in 1 / x^2, x >= 4.5',
     lgamma_series, 0, 1 / mpf('20.25'), 8, one),
    ('kDigammaNear', 'digamma(x) / (x - root) in u = x - 1.5, |u| <= 1/2', digamma_near_root, -HALF, HALF, 22, one),
    ('kDigammaSeries', 'x^2 (log x - 1 / (2x) - digamma(x)) in 1 / x^2, x >= 4', digamma_series, 0, HALF ** 4, 10, one),
    ('kTrigammaSeries', 'x^3 (trigamma(x) - 1 / x - 1 / (2 x^2)) in 1 / x^2, x >= 4', trigamma_series, 0, HALF ** 4, 11, one),
]

# name, comment, function of r, first and last r, degrees; in r - first
TABLE += bessel_rows(0) + bessel_rows(1)

RATIONALS = [
    ('kErfcInv', 'erfc_inv(2p), r = sqrt(-log p) - 2.3, 2.3 .. 6.2', erfc_inv_tail, '2.3', '6.2', 8, 7),
    ('kErfcInvFar', 'erfc_inv(2p), r = sqrt(-log p) - 6, 6 .. 27.4', erfc_inv_tail, '6', '27.4', 8, 8),
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
parts('kLog2E', '1 / ln 2', 1 / m.log(2), 2)
parts('kLog10E', '1 / ln 10', 1 / m.log(10), 2)
parts('kHalfPi', 'pi / 2', m.pi / 2, 4)
parts('kTwoOverPi', '2 / pi', 2 / m.pi, 1)
parts('kPi', 'pi', m.pi, 2)
parts('kLogPi', 'log(pi)', m.log(m.pi), 2)
parts('kStirling', '(log(2 pi) - 1) / 2', (m.log(2 * m.pi) - 1) / 2, 2)
parts('kDigammaRoot', 'the positive root of digamma', DIGAMMA_ROOT, 2)
parts('kTwoThirds', '2 / 3', mpf(2) / 3, 2)
parts('kSqrtHalf', 'sqrt(1/2)', m.sqrt(HALF), 2)
parts('kSqrtTwo', 'sqrt(2)', m.sqrt(2), 2)


def two_over_pi_bits(rows=47, bits=26, scale=300):
    """Successive groups of bits of 2 / pi, times 2^scale so that the last are normal numbers."""
    with mp.workprec(rows * bits + 200):
        value, out = 2 / m.pi, []
        for i in range(rows):
            value = value * 2 ** bits
            digit = m.floor(value)
            value -= digit
            out.append(float(m.ldexp(digit, scale - bits * (i + 1))))
    return out


def rational(f, first, last, p, q):
    """Numerator, denominator and largest relative error of a p/q interpolant."""
    first, last = mpf(first), mpf(last)
    rows, rhs = [], []
    for r in chebyshev_points(mpf(0), last - first, p + q + 1):
        v = f(r + first)
        rows.append([r ** i for i in range(p + 1)] + [-v * r ** i for i in range(1, q + 1)])
        rhs.append(v)
    c = solve(rows, rhs)
    num, den = c[:p + 1], [mpf(1)] + c[p + 1:]
    worst = mpf(0)
    for i in range(101):
        r = (last - first) * i / 100
        worst = max(worst, abs(polyval(num, r) / polyval(den, r) / f(r + first) - 1))
    return num, den, worst


def write_array(name, c):
    print('inline constexpr double %s[] = {' % name)
    for i in range(0, len(c), 3):
        print('    ' + ', '.join(float(x).hex() for x in c[i:i + 3]) + ',')
    print('};')


def main():
    print('// Written by tools/coefficients.py; the number after each comment is the largest\n'
          '// weighted error of the approximation before its coefficients were rounded.\n'
          '#pragma once\n\nnamespace nuthatch::math::detail {\n')
    for name, comment, values in CONSTANTS:
        if name == 'kTwoOverPi':
            print('// 2^300 2 / pi in 26 bits at a time')
            print('inline constexpr double kTwoOverPiBits[][1] = {')
            digits = ['{%s}' % v.hex() for v in two_over_pi_bits()]
            for i in range(0, len(digits), 3):
                print('    ' + ', '.join(digits[i:i + 3]) + ',')
            print('};')
        print('// ' + comment)
        print('inline constexpr double %s[] = {\n    %s};' % (name, ', '.join(v.hex() for v in values)))
    for name, comment, f, a, b, n, w in TABLE:
        c, worst = remez(f, a, b, n, w)
        print('\n// %s: %s' % (comment, m.nstr(worst, 3)))
        write_array(name, c)
    for name, comment, f, first, last, p, q in RATIONALS:
        num, den, worst = rational(f, first, last, p, q)
        print('\n// %s: %s' % (comment, m.nstr(worst, 3)))
        write_array(name + 'Num', num)
        write_array(name + 'Den', den)
    print('\n} // namespace nuthatch::math::detail')


main()
