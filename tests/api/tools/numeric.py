"""Writes tests/api/numeric.inc: values of NumPy's functions.

    python tests/api/tools/numeric.py > tests/api/numeric.inc
"""
import numpy as np

from text import define

g = np.random.default_rng(5)
m = np.round(g.normal(size=(3, 5)), 3)
v = np.round(g.normal(size=7), 3)
w = np.round(g.uniform(0.1, 2, size=5), 3)
k = np.round(g.normal(size=4), 3)
t = np.array([0.0, 0.5, 1.5, 2.0, 4.0])
define("m", m), define("v", v), define("w", w), define("k", k), define("t", t)
define("gradient_last", np.gradient(m, axis=-1)), define("gradient_first", np.gradient(m, 0.5, axis=0))
define("gradient_at", np.gradient(m, t, axis=1)), define("gradient_two", np.gradient(v[:2]))
define("trapezoid_unit", np.trapz(m, dx=0.5, axis=1)), define("trapezoid_at", np.trapz(m, t, axis=1))
define("trapezoid_first", np.trapz(m, axis=0))
at = np.array([-1.0, 0.0, 0.25, 1.5, 3.0, 4.0, 5.0])
define("interpolated", np.interp(at, t, w)), define("interpolated_zero", np.interp(at, t, w, left=0, right=-1))
for mode in ("full", "same", "valid"):
    define("convolved_" + mode, np.convolve(v, k, mode))
define("convolved_short", np.convolve(k, v, "same"))
define("polynomial", np.polyval(k, m))
define("average_vector", np.average(m, axis=1, weights=w)), define("average_all", np.average(m, weights=m**2))
define("covariance", np.cov(m)), define("covariance_columns", np.cov(m, rowvar=False, ddof=0)), define("covariance_vector", np.cov(v))
define("correlation", np.corrcoef(m))
counts, edges = np.histogram(m, bins=4)
define("counts", counts), define("edges", edges)
define("counts_range", np.histogram(m, bins=5, range=(-1, 1))[0])
define("counts_weighted", np.histogram(t, bins=3, weights=w)[0]), define("density", np.histogram(m, bins=4, density=True)[0])
define("counts_edges", np.histogram(m, bins=[-1, 0, 0.5, 3])[0])
define("log_grid", np.logspace(-1, 2, 4)), define("log_grid_two", np.logspace(0, 3, 5, base=2)), define("geometric_grid", np.geomspace(1, 1000, 4))
define("geometric_negative", np.geomspace(-2, -32, 5)), define("line_open", np.linspace([0.0, 1.0], [1.0, 5.0], 4, endpoint=False))
define("line", np.linspace([0.0, 1.0], [1.0, 5.0], 4)), define("steps", np.arange(0.5, 2, 0.3)), define("steps_down", np.arange(1, -1, -0.4))
define("diagonal_up", np.diagonal(m, 1)), define("diagonal_down", np.diagonal(m, -2)), define("trace_up", np.trace(m, 2))
