"""Writes tests/ppl/{density,functions}/continuous.inc: mpmath at 40 digits, cross-checked with scipy.stats.

    python tests/ppl/tools/continuous.py
"""
import mpmath as mp
from scipy import stats

from rows import add, add_function, write_group

m = mp.mpf
for x in (-60.0, -30.0, -5.0, -1.0, 0.5, 1.0, 3.0, 12.0, 40.0):
    F = mp.ncdf((m(x) - 1) / 2)
    add_function("Normal", (1.0, 2.0), "cdf", x, F, stats.norm.cdf(x, 1, 2))
    add_function("Normal", (1.0, 2.0), "log_survival", x, mp.log(mp.ncdf((1 - m(x)) / 2)), stats.norm.logsf(x, 1, 2))

write_group("continuous")
