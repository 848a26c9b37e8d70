#!/usr/bin/env python3
"""Prints the table of ir/math/quadrature.h: nodes and weights of Gauss and Legendre's rule on [0, 1]. Needs mpmath.
Usage: gauss_legendre.py [points]
"""
import sys
from mpmath import mp, mpf
import mpmath as m

mp.dps = 60


def legendre(n, x):
    """P_n(x) and its derivative."""
    before, value = mpf(1), x
    for k in range(2, n + 1):
        before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
    return value, n * (x * value - before) / (x * x - 1)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    print('inline constexpr double kGaussLegendre[%d][2] = {' % n)
    for i in range(n):
        x = m.cos(m.pi * (i + mpf(3) / 4) / (n + mpf(1) / 2))
        for _ in range(10):  # Newton's method
            value, slope = legendre(n, x)
            x -= value / slope
        slope = legendre(n, x)[1]
        print('    {%s, %s},' % (float((1 - x) / 2).hex(), float(1 / ((1 - x * x) * slope * slope)).hex()))
    print('};')


main()
