"""Arrays as C++ that makes a Tensor."""
import numpy as np


def number(x):
    x = float(x)
    return "NAN" if np.isnan(x) else "INFINITY" if x == np.inf else "-INFINITY" if x == -np.inf else repr(x)


def define(name, x):
    x = np.asarray(x, dtype=float)
    flat = ", ".join(number(v) for v in x.ravel())
    shape = ", ".join(map(str, x.shape))
    print(f"const Tensor {name} = reshape(Tensor{{{flat}}}, {{{shape}}});")
