"""Data, timing and reporting shared by the peers' measurements. Lines have the fields of nh-bench's."""
import json
import statistics
import time


def data(folder, name):
    with open(f"{folder}/data/{name}.json") as f:
        return json.load(f)


def time_calls(repetitions, call):
    """Seconds of each call, after one that is not counted."""
    call()
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def report(peer, name, model, what, unit, values, **more):
    line = {"name": name, "peer": peer, "model": model, "what": what, "unit": unit, "median": statistics.median(values),
            "min": min(values), "repetitions": len(values)}
    print(json.dumps({**line, **more}), flush=True)


def least_bulk_ess(draws):
    """The smallest bulk effective sample size over all scalars; draws: name -> array (chain, draw, ...)."""
    import arviz as az
    import numpy as np

    ess = az.ess(az.from_dict(posterior=draws), method="bulk")
    return float(min(np.min(v.values) for v in ess.values()))
