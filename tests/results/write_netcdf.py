"""Writes files as ArviZ does, through netCDF4 and h5netcdf: netcdf4.nc and h5netcdf.nc in a folder."""
import os
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import xarray as xr

for engine in ("netcdf4", "h5netcdf"):
    path = os.path.join(sys.argv[1], engine + ".nc")
    chains, draws, schools = 2, 6, ["Choate", "Zürich", "Ōsaka"]
    theta = np.sin(np.arange(chains * draws * 3)).reshape(chains, draws, 3)
    theta[1, 2, 1] = np.nan
    posterior = xr.Dataset(
        {"theta": (("chain", "draw", "school"), theta), "mu": (("chain", "draw"), theta.sum(axis=-1).astype("f4"))},
        coords={"chain": np.arange(chains), "draw": np.arange(10, 10 + draws), "school": schools},
        attrs={"created_at": "2024-01-01T00:00:00+00:00", "tuning_steps": 1000, "sampling_time": 1.5,
               "sample_dims": ["chain", "draw"]},
    )
    stats = xr.Dataset({
        "diverging": (("chain", "draw"), np.arange(12).reshape(2, 6) % 5 == 0),
        "tree_depth": (("chain", "draw"), np.arange(12).reshape(2, 6)),
        "small": (("chain", "draw"), np.arange(12, dtype="i2").reshape(2, 6)),
    })
    observed = xr.Dataset({"y": (("obs",), np.array([-1, 5, 2], dtype="u4"))}, coords={"obs": [0.5, 1.5, 2.5]})
    scalar = xr.Dataset({"n": ((), 7)})
    compressed = {name: {"zlib": True, "complevel": 4} for name in posterior.data_vars}
    posterior.to_netcdf(path, mode="w", group="posterior", engine=engine, encoding=compressed)
    stats.to_netcdf(path, mode="a", group="sample_stats", engine=engine)
    observed.to_netcdf(path, mode="a", group="observed_data", engine=engine)
    scalar.to_netcdf(path, mode="a", group="constant_data", engine=engine)
