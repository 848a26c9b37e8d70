#!/usr/bin/env python3
"""Writes tests/math/grid.inc: arguments and 100-digit values of the special functions.

A value is a sum hi + lo of doubles, so that errors well below one ulp can be told
apart. Needs mpmath. Usage: make_grid.py > ../grid.inc
"""
import math
import random
from mpmath import mp, mpf
import mpmath as m

mp.dps = 100
INF, NAN = math.inf, math.nan
MAX, MIN, TINY = 1.7976931348623157e308, 2.2250738585072014e-308, 5e-324
rng = random.Random(20240229)


def linear(a, b, n):
    return [rng.uniform(a, b) for _ in range(n)]


def logarithmic(a, b, n):
    return [math.exp(rng.uniform(math.log(a), math.log(b))) for _ in range(n)]


def around(x, n=2):
    """x and its neighbours."""
    out = [x]
    lo = hi = x
    for _ in range(n):
        lo, hi = math.nextafter(lo, -INF), math.nextafter(hi, INF)
        out += [lo, hi]
    return out


def both(xs):
    return xs + [-x for x in xs]


COMMON = both([0.0, TINY, 1e-310, MIN, 1e-30, 2.0 ** -54, 2.0 ** -27, 0.5, 1.0, 2.0, 10.0, MAX, INF]) + [NAN]


def logistic(x):
    return 1 / (1 + m.exp(-x))


def softplus(x):
    return m.log1p(m.exp(-abs(x))) + max(x, mpf(0))


def erfc_inv(q):
    """0 < q <= 1"""
    a = m.sqrt(-m.log(q)) if q < mpf('0.3') else mpf('0.5')
    for _ in range(100):
        e = m.erfc(a)
        step = (m.log(e) - m.log(q)) * m.sqrt(m.pi) / 2 * m.exp(a * a) * e
        a += step
        if abs(step) < mpf(10) ** -60 * abs(a):
            return a
    raise ArithmeticError(q)


def erf_inv(x):
    if abs(x) > 1:
        return NAN
    if abs(x) == 1:
        return math.copysign(INF, x)
    return m.erfinv(x) if abs(x) < 0.75 else m.sign(x) * erfc_inv(1 - abs(x))


def ndtri(p):
    if p < 0 or p > 1:
        return NAN
    if p == 0 or p == 1:
        return -INF if p == 0 else INF
    if abs(2 * p - 1) < 0.75:
        return m.sqrt(2) * m.erfinv(2 * p - 1)
    return -m.sqrt(2) * erfc_inv(2 * p) if p < 0.5 else m.sqrt(2) * erfc_inv(2 - 2 * p)


def log_ndtr(x):
    a = abs(x) / m.sqrt(2)
    if x > 0:
        return m.log1p(-m.erfc(a) / 2) if x < 50 else -m.exp(log_ndtr(-x))
    if x > -100:
        return m.log(m.erfc(a) / 2)
    total, term, k = mpf(0), mpf(1), 0
    while k < 300 and abs(term) > mpf(10) ** -60:
        total, k = total + term, k + 1
        term *= -(2 * k - 1) / (x * x)
    return m.log(total / (a * m.sqrt(m.pi)) / 2) - x * x / 2


def at_pole(x):
    return x <= 0 and x == m.floor(x)


def lgamma(x):
    if at_pole(x):
        return INF
    return m.log(abs(m.gamma(x))) if x < 0 else m.loggamma(x)


def digamma(x):
    return NAN if at_pole(x) else m.digamma(x)


def trigamma(x):
    if at_pole(x):
        return INF
    if x < 0:
        return (m.pi / m.sin(m.pi * x)) ** 2 - m.polygamma(1, 1 - x)
    return 1 / (x * x) if x < mpf(10) ** -40 else m.polygamma(1, x)


def domain(f, inside):
    return lambda x: f(x) if inside(x) else NAN


def small(f, series):
    """f, but x itself where the argument is so small that mpmath would waste digits."""
    return lambda x: series(x) if abs(x) < mpf(10) ** -60 else f(x)


def same(x):
    return x


def erfcx(x):
    if x > 1e5:
        return 1 / (x * m.sqrt(m.pi)) * (1 - 1 / (2 * x * x) + 3 / (4 * x ** 4))
    return m.exp(x * x) * m.erfc(x)


def bessel(order):
    def f(x):
        if abs(x) < mpf(10) ** -60:
            return x / 2 if order else mpf(1)
        a = abs(x)
        if a > 1e4:  # Hankel's expansion
            term, total, mu = mpf(1), mpf(0), 4 * order * order
            for k in range(1, 60):
                total += term
                term *= -(mu - (2 * k - 1) ** 2) / (k * 8 * a)
            value = total / m.sqrt(2 * m.pi * a)
        else:
            value = m.besseli(order, a) * m.exp(-a)
        return m.sign(x) * value if order else value
    return f


TRIG = both(linear(0, 10, 60) + linear(0, 1e5, 30) + logarithmic(1e5, 2.0 ** 45, 25) + logarithmic(1e-9, 1, 20)
            + [math.pi / 4, math.pi / 2, math.pi, 3 * math.pi / 4, 1e5, 1e9, 6381956970095103 * 2.0 ** 0 / 2.0 ** 8,
               float(22), float(355), float(103993), float(245850922)])
TRIG += both(logarithmic(2.0 ** 45, 1e308, 60) + [6381956970095103 * 2.0 ** 797, MAX, 2.0 ** 1023, 1e22])
GAMMA = both(linear(0, 5, 60)) + both([0.5, 1.5, 2.5, 3.5, 4.5, 3.0, 4.0, 100.0, 170.5]) + around(1.0) + around(2.0) \
    + linear(5, 200, 25) + logarithmic(1e-300, 1, 15) + [-x for x in logarithmic(1e-300, 1, 15)] \
    + logarithmic(200, 1e15, 20) + linear(-30, 0, 25)

# name, function of a finite mpf, values at (-inf, -0, +0, +inf) where it is not
# the function's, arguments, function is odd at zero
ROWS = [
    ('exp', m.exp, {-INF: 0.0, INF: INF},
     linear(-1, 1, 50) + linear(-745.2, 709.8, 80) + linear(-745.2, -708, 25) + around(709.782712893384)
     + around(-745.1332191019412) + around(-708.3964185322641) + around(0.34657359027997264)),
    ('expm1', small(m.expm1, same), {-INF: -1.0, INF: INF},
     linear(-1, 1, 70) + linear(-45, 50, 50) + linear(50, 709.8, 20) + both(logarithmic(1e-20, 1, 20))
     + around(709.782712893384) + around(0.34657359027997264) + around(-36.7368005696771)),
    ('log', domain(m.log, lambda x: x > 0), {0.0: -INF, INF: INF, -INF: NAN},
     linear(0.5, 2, 60) + logarithmic(1e-320, 1e308, 70) + around(1.0, 4) + around(math.sqrt(0.5)) + around(MIN)),
    ('log1p', domain(small(m.log1p, same), lambda x: x > -1), {-1.0: -INF, INF: INF, -INF: NAN},
     linear(-1, 3, 70) + both(logarithmic(1e-20, 1, 30)) + logarithmic(1, 1e300, 30) + around(-1.0) + around(0.41421356237309515)),
    ('tanh', small(m.tanh, same), {-INF: -1.0, INF: 1.0},
     linear(-20, 20, 80) + linear(-1, 1, 50) + both(logarithmic(1e-20, 1, 20)) + both(linear(18, 20, 10))),
    ('logistic', logistic, {-INF: 0.0, INF: 1.0},
     linear(-3, 3, 60) + linear(-745, 40, 60) + linear(-746, -708, 20) + linear(30, 40, 10)),
    ('softplus', softplus, {-INF: 0.0, INF: INF},
     linear(-3, 3, 60) + linear(-745, 40, 60) + linear(-746, -708, 20) + linear(30, 40, 10)),
    ('sin', small(m.sin, same), {-INF: NAN, INF: NAN}, TRIG),
    ('cos', m.cos, {-INF: NAN, INF: NAN}, TRIG),
    ('tan', small(m.tan, same), {-INF: NAN, INF: NAN}, TRIG),
    ('atan', small(m.atan, same), {-INF: -m.pi / 2, INF: m.pi / 2},
     linear(-4, 4, 100) + both(logarithmic(1e-20, 1e20, 30)) + around(0.41421356237309503) + around(2.414213562373095)),
    ('asin', domain(small(m.asin, same), lambda x: abs(x) <= 1), {-INF: NAN, INF: NAN},
     linear(-1, 1, 100) + around(1.0) + around(-1.0) + both(around(0.5)) + both(logarithmic(1e-20, 1, 15))),
    ('acos', domain(m.acos, lambda x: abs(x) <= 1), {-INF: NAN, INF: NAN},
     linear(-1, 1, 100) + around(1.0) + around(-1.0) + both(around(0.5)) + both(logarithmic(1e-20, 1, 15))),
    ('erf', small(m.erf, lambda x: 2 * x / m.sqrt(m.pi)), {-INF: -1.0, INF: 1.0},
     linear(-6.2, 6.2, 100) + both(logarithmic(1e-20, 1, 30)) + around(1.0)),
    ('erfc', m.erfc, {-INF: 2.0, INF: 0.0, MAX: 0.0}, linear(-6.2, 6.2, 80) + linear(0, 27.5, 80)),
    ('erf_inv', erf_inv, {-INF: NAN, INF: NAN},
     linear(-1, 1, 100) + both(logarithmic(1e-20, 1, 20)) + [1 - x for x in logarithmic(1e-16, 1e-1, 40)]
     + around(1.0) + around(-1.0)),
    ('ndtri', ndtri, {-INF: NAN, INF: NAN},
     linear(0, 1, 80) + logarithmic(TINY, 0.5, 80) + [1 - x for x in logarithmic(1e-16, 1e-1, 30)] + around(0.5) + around(1.0)),
    ('log_ndtr', log_ndtr, {-INF: -INF, INF: 0.0, MAX: 0.0, -MAX: -INF},
     linear(-5, 5, 80) + linear(-140, 38, 80) + [-x for x in logarithmic(100, 1e154, 20)]),
    ('erfcx', erfcx, {-INF: INF, INF: 0.0}, linear(-26, 30, 120) + both(logarithmic(1e-10, 1, 15)) + logarithmic(30, 1e300, 20)),
    ('sinh', small(m.sinh, same), {-INF: -INF, INF: INF}, linear(-3, 3, 60) + linear(-710, 710.4, 60) + both(logarithmic(1e-20, 1, 15)) + around(1.5) + around(710.4758600739439)),
    ('cosh', m.cosh, {-INF: INF, INF: INF}, linear(-3, 3, 60) + linear(-710, 710.4, 60) + around(1.5) + around(710.4758600739439)),
    ('asinh', small(m.asinh, same), {-INF: -INF, INF: INF}, linear(-3, 3, 60) + both(logarithmic(1e-20, 1e300, 40)) + around(2.0 ** 28) + around(2.0 ** -28)),
    ('acosh', domain(m.acosh, lambda x: x >= 1), {-INF: NAN, INF: INF, 1.0: 0.0}, linear(1, 3, 60) + logarithmic(1, 1e300, 40) + around(1.0) + around(2.0 ** 28)),
    ('atanh', domain(small(m.atanh, same), lambda x: abs(x) < 1), {1.0: INF, -1.0: -INF, INF: NAN, -INF: NAN},
     linear(-1, 1, 60) + both(logarithmic(1e-20, 1, 20)) + around(1.0) + [1 - x for x in logarithmic(1e-16, 1e-1, 20)]),
    ('exp2', lambda x: m.power(2, x), {-INF: 0.0, INF: INF}, linear(-1, 1, 50) + linear(-1075, 1024, 80) + [float(n) for n in range(-1080, 1030, 61)]),
    ('log2', domain(lambda x: m.log(x) / m.log(2), lambda x: x > 0), {0.0: -INF, INF: INF, -INF: NAN},
     linear(0.5, 2, 60) + logarithmic(1e-320, 1e308, 60) + around(1.0, 3) + [2.0 ** n for n in range(-1070, 1020, 97)]),
    ('log10', domain(m.log10, lambda x: x > 0), {0.0: -INF, INF: INF, -INF: NAN},
     linear(0.5, 2, 60) + logarithmic(1e-320, 1e308, 60) + around(1.0, 3) + [10.0 ** n for n in range(23)]),
    ('cbrt', lambda x: m.sign(x) * m.cbrt(abs(x)), {-INF: -INF, INF: INF}, linear(-10, 10, 60) + both(logarithmic(1e-320, 1e308, 40)) + [27.0, 64.0, -125.0]),
    ('bessel_i0e', bessel(0), {-INF: 0.0, INF: 0.0}, linear(-30, 30, 100) + logarithmic(1e-8, 1e300, 40) + around(10.0)),
    ('bessel_i1e', bessel(1), {-INF: -0.0, INF: 0.0}, linear(-30, 30, 100) + both(logarithmic(1e-8, 1e300, 20)) + around(10.0)),
    ('lgamma', lgamma, {-INF: INF, INF: INF}, GAMMA + logarithmic(1e15, 2e305, 10)),
    ('digamma', digamma, {-INF: NAN, INF: INF, 0.0: -INF}, GAMMA + around(1.4616321449683622) + linear(1.4, 1.5, 10)),
    ('trigamma', trigamma, {-INF: NAN, INF: 0.0}, GAMMA),
]
ODD = {'sinh', 'asinh', 'atanh', 'cbrt', 'bessel_i1e', 'expm1', 'log1p', 'tanh', 'sin', 'tan', 'atan', 'asin', 'erf', 'erf_inv'}


def power(x, y):
    if y == 0 or x == 1:
        return mpf(1)
    if x < 0 and y != m.floor(y):
        return NAN
    return x ** y


def split(v):
    """v as the nearest double and the rest."""
    if isinstance(v, float) and not math.isfinite(v) or isinstance(v, float) and v == 0:
        return v, 0.0
    v = mpf(v)
    if abs(v) >= mpf(2) ** 1024 - mpf(2) ** 970:
        return math.copysign(INF, v), 0.0
    if abs(v) < mpf(2) ** -1022:
        return math.ldexp(int(m.nint(m.ldexp(v, 1074))), -1074), 0.0
    hi = float(v)
    return hi, float(v - hi)


def literal(x):
    if math.isnan(x):
        return 'kNaN'
    if math.isinf(x):
        return 'kInf' if x > 0 else '-kInf'
    if x == 0:
        return '-0.0' if math.copysign(1, x) < 0 else '0'
    mantissa, exponent = x.hex().split('p')
    if '.' in mantissa:
        mantissa = mantissa.rstrip('0').rstrip('.')
    return '%sp%d' % (mantissa, int(exponent))


def value(name, f, special, x):
    if math.isnan(x):
        return NAN
    if x == 0 and name in ODD:
        return x
    if x == 0 and name == 'digamma':
        return math.copysign(INF, -x)
    if x in special:
        return special[x]
    return f(mpf(x))


def main():
    print('// Written by tools/make_grid.py.')
    for name, f, special, xs in ROWS:
        xs = COMMON + xs
        if name in ('cosh', 'sinh', 'exp2', 'exp', 'expm1', 'softplus', 'logistic', 'erfc'):
            xs = [x for x in xs if not 1e5 < abs(x) < INF] + ([1e5, -1e5] if name != 'erfc' else [])
        if name == 'lgamma' or name == 'digamma' or name == 'trigamma':
            xs = [x for x in xs if abs(x) < 1e307 or math.isinf(x) or math.isnan(x)]
        if name == 'erfcx':
            xs = [x for x in xs if x > -1e4 or math.isinf(x) or math.isnan(x)]
        if name == 'tanh':
            xs = [x for x in xs if abs(x) < 1e5 or math.isinf(x) or math.isnan(x)]
        print('inline constexpr Sample k_%s[] = {' % name)
        for x in xs:
            hi, lo = split(value(name, f, special, x))
            print('{%s,%s,%s},' % (literal(x), literal(hi), literal(lo)))
        print('};')
    print('inline constexpr Sample2 k_pow[] = {')
    pairs = [(x, y) for x, y in zip(logarithmic(1e-300, 1e300, 60), linear(-1.2, 1.2, 60))]
    pairs += [(x, c / math.log(x)) for x, c in zip(linear(0.5, 2, 80), linear(-744, 709, 80))]
    pairs += [(-x, float(y)) for x, y in zip(linear(0.5, 9, 20), range(-10, 10))]
    pairs += [(x, y) for x in (0.5, 2.0, 10.0, 0.1, -3.0, TINY, MIN, MAX) for y in (0.5, 1.0, 2.0, -1.0, 3.0, 0.0, 2.5)]
    for x, y in pairs:
        hi, lo = split(power(mpf(x), mpf(y)))
        print('{%s,%s,%s,%s},' % (literal(x), literal(y), literal(hi), literal(lo)))
    print('};')
    print('inline constexpr Sample2 k_atan2[] = {')
    pairs = list(zip(both(logarithmic(1e-3, 1e3, 60)), linear(-10, 10, 120)))
    pairs += list(zip(both(logarithmic(1e-300, 1e300, 30)), both(logarithmic(1e-300, 1e300, 15)) * 2))
    for y, x in pairs:
        hi, lo = split(m.atan2(mpf(y), mpf(x)))
        print('{%s,%s,%s,%s},' % (literal(y), literal(x), literal(hi), literal(lo)))
    print('};')


main()
