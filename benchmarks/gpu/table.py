"""A run on a GPU as one JSON document and a short table: `python3 table.py FOLDER`, the folder that run.sh wrote.

bench.jsonl has the lines of nh-gpu-bench, peer.jsonl those of numpyro_gpu.py, parts.jsonl what else ran and how it ended;
each may be missing. Writes FOLDER/run.json and prints the table.
"""
import json
import os
import sys

# name: (what it is called, the target, of what kind). "times": so many times better than the peer; "most": at most so much;
# "least": at least. Of times less is better, of rates more.
TARGETS = {
    "gpu/eight_schools/1024/draws": ("eight schools, 1,024 chains", 10, "times"),
    "gpu/eight_schools/16384/draws": ("eight schools, 16,384 chains", 10, "times"),
    "gpu/eight_schools/131072/draws": ("eight schools, 131,072 chains", 10, "times"),
    "gpu/eight_schools/131072/seconds": ("the same, seconds in all", 2.0, "most"),
    "gpu/stochastic_volatility/1024/draws": ("stochastic volatility, 1,024 chains", 10, "times"),
    "gpu/hidden_markov/1024/draws": ("hidden Markov, 1,024 chains", 10, "times"),
    "gpu/logistic/1024/draws": ("logistic 10,000 x 20, 1,024 chains", 3, "times"),
    "gpu/covertype/f64": ("gradient 581,012 x 55, f64", 0.10, "most"),
    "gpu/covertype/f32": ("gradient 581,012 x 55, f32", 0.06, "most"),
    "gpu/scan": ("scan of 10 million steps", 1.5, "most"),
    "gpu/elementwise/share": ("elementwise, share of copy bandwidth", 0.9, "least"),
    "gpu/matrix_product/f64": ("product 4,096, f64", 0.95, "times"),
    "gpu/matrix_product/f32": ("product 4,096, f32", 0.95, "times"),
    "gpu/first_draw/cold": ("source to first draw, cold", 1.5, "most"),
}


def lines(path):
    """The JSON objects of a file, one in a line; a line that was cut off is left out."""
    found = []
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                try:
                    found.append(json.loads(line))
                except ValueError:
                    pass
    return found


def ratio(ours, theirs):
    """How many times better; None where one of them is missing."""
    if ours is None or theirs is None or ours["median"] == 0 or theirs["median"] == 0:
        return None
    better = ours["median"] / theirs["median"]
    return better if ours["unit"] in ("1/s", "GB/s", "1") else 1 / better


def met(ours, times, target, kind):
    """Whether the target is met: "yes", "no", or "?" where that is not known."""
    if ours is None or (kind == "times" and times is None):
        return "?"
    if not ours["checked"]:
        return "no"  # of a wrong result the time says nothing
    value = times if kind == "times" else ours["median"]
    return "yes" if (value <= target if kind == "most" else value >= target) else "no"


def compare(bench, peer):
    """One entry for each target. A sampler that did not finish with one of them is compared by its leapfrog steps."""
    ours, theirs = {m["name"]: m for m in bench}, {m["name"]: m for m in peer}
    rows = []
    for name, (title, target, kind) in TARGETS.items():
        used = name
        if name.endswith("/draws") and not (name in ours and name in theirs):
            leapfrogs = name.removesuffix("draws") + "leapfrogs"
            if leapfrogs in ours and leapfrogs in theirs:
                used, title = leapfrogs, title + " (leapfrogs)"
        a, b = ours.get(used), theirs.get(used)
        times = ratio(a, b)
        rows.append({"name": used, "title": title, "ours": a and a["median"], "peer": b and b["median"], "unit": (a or b or {}).get("unit"),
                     "ratio": times, "target": target, "kind": kind, "checked": bool(a and a["checked"]), "met": met(a, times, target, kind)})
    return rows


def number(x):
    return "-" if x is None else f"{x:.4g}"


def target_text(row):
    sign = {"times": "x", "most": row["unit"] or "", "least": ""}[row["kind"]]
    return f"{'<=' if row['kind'] == 'most' else '>='} {row['target']:g} {sign}".rstrip()


def table(rows, parts):
    head = ("", "ours", "peer", "", "ratio", "target", "checked", "met")
    body = [(r["title"], number(r["ours"]), number(r["peer"]), r["unit"] or "", number(r["ratio"]), target_text(r),
             "yes" if r["checked"] else "no", r["met"]) for r in rows]
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    text = ["  ".join(cell.ljust(w) if i in (0, 3) else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
            for row in [head, *body]]
    text += [f"{p['part']}: {'passed' if p['status'] == 0 else 'cut off' if p['status'] == 124 else 'failed (' + str(p['status']) + ')'}"
             f" in {p['seconds']} s" for p in parts]
    return "\n".join(text)


def main(folder):
    bench, peer, parts = (lines(os.path.join(folder, name + ".jsonl")) for name in ("bench", "peer", "parts"))
    rows = compare(bench, peer)
    with open(os.path.join(folder, "run.json"), "w") as file:
        json.dump({"device": bench[0].get("device") if bench else None, "parts": parts, "comparison": rows, "bench": bench, "peer": peer},
                  file, indent=1)
    print(table(rows, parts))


if __name__ == "__main__":
    main(sys.argv[1])
