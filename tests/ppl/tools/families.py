"""Reference values of a continuous distribution from its density and distribution function in 40-digit arithmetic: moments
and entropy by quadrature of the density, quantiles by root finding, all cross-checked with scipy where it has the family."""
import sys

import mpmath as mp
import numpy as np

from rows import add, add_function

m = mp.mpf
inf = mp.inf


def real(x):
    return [m(v) for v in x]


def family(name, parameters, log_density, values, support, cdf=None, scipy=None, knots=(), moments=(1, 2), entropy=True,
           mode=None, support_point=None, quantiles=(0.003, 0.3, 0.9), limits=None, digits=20):
    """log_density and cdf take an mpf; `knots` are points where the quadrature is split, `moments` those that exist and
    are provided (1: mean, 2: variance); `mode` is an independent value, checked to be a maximum of the density. `limits`
    bound the quadrature where the density beyond them is below any precision; more `digits` are for singular ends."""
    print(name, parameters, file=sys.stderr)
    density = lambda x: mp.exp(log_density(m(x)))
    for x in values:
        add(name, parameters, x, log_density(m(x)), None if scipy is None else float(scipy.logpdf(x)))
    with mp.workdps(digits):
        ends = limits or support
        # Nodes that round to a singular upper end are kept away from it.
        path = [ends[0], *sorted(real(knots)), ends[1] if digits == 20 else ends[1] - m(10) ** (5 - digits)]
        mass = mp.quad(density, path)
        assert abs(mass - 1) < m(10) ** -12, (name, parameters, mass)
        mean = mp.quad(lambda x: x * density(x), path) if 1 in moments else None
        if mean is not None:
            add_function(name, parameters, "mean", None, mean, None if scipy is None else scipy.mean())
        if 2 in moments:
            spread = mp.quad(lambda x: (x - mean) ** 2 * density(x), path)
            add_function(name, parameters, "variance", None, spread, None if scipy is None else scipy.var())
        if entropy:
            term = lambda x: -density(x) * log_density(x) if density(x) > 0 else m(0)
            add_function(name, parameters, "entropy", None, mp.quad(term, path))
    if mode is not None:
        at, step = log_density(m(mode)) if support[0] < mode < support[1] else None, m(10) ** -6
        if at is not None:
            assert log_density(m(mode) + step) <= at and log_density(m(mode) - step) <= at, (name, mode)
        add_function(name, parameters, "mode", None, mode)
    if support_point is not None:
        add_function(name, parameters, "support_point", None, support_point)
    if cdf is None:
        return
    with mp.workdps(90):
        for x in values:
            F = cdf(m(x))
            S = 1 - F
            add_function(name, parameters, "cdf", x, F, None if scipy is None else float(scipy.cdf(x)))
            if S < m(10) ** -40:
                continue  # as the complement of F it has too few digits left
            add_function(name, parameters, "survival", x, S, None if scipy is None else float(scipy.sf(x)))
            if 0 < F < 1:
                if F > m(10) ** -300:
                    add_function(name, parameters, "log_cdf", x, mp.log(F))
                if S > m(10) ** -300:
                    add_function(name, parameters, "log_survival", x, mp.log(S))
    for q in quantiles:
        start = scipy.ppf(q) if scipy is not None else None
        low, high = bracket(cdf, q, support, start)
        x = mp.findroot(lambda v: cdf(v) - m(q), (low, high), solver="anderson", tol=m(10) ** -50, maxsteps=400)
        assert abs(cdf(x) - m(q)) < m(10) ** -25, (name, q, x)
        add_function(name, parameters, "icdf", q, x, start)


def bracket(cdf, q, support, start):
    if start is not None and np.isfinite(start):
        width = m(10) ** -6 * max(1, abs(start))
        low, high = m(start) - width, m(start) + width
        if support[0] < low and high < support[1]:
            return low, high
    low = support[0] if support[0] > -inf else m(-1)
    high = support[1] if support[1] < inf else m(max(1, support[0] + 1))
    while support[0] == -inf and cdf(low) > q:
        low *= 2
    while support[1] == inf and cdf(high) < q:
        high = support[0] + 2 * (high - support[0]) if support[0] > -inf else 2 * high
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if cdf(middle) < q else (low, middle)
    return low, high
