"""Reads the file of example_fit.h through netCDF4 and h5netcdf, alone and under xarray."""
import sys
import warnings

warnings.filterwarnings("ignore")
import netCDF4
import numpy as np
import xarray as xr

path = sys.argv[1]
for engine in ("netcdf4", "h5netcdf"):
    data = xr.open_dataset(path, group="posterior", engine=engine)
    assert data.theta.dims == ("chain", "draw", "school"), data.theta.dims
    assert [str(s) for s in data.school.values] == ["Choate", "Zürich", "Ōsaka 𝛉"], data.school.values
    np.testing.assert_array_equal(data.mu.values.ravel(), np.arange(10.0))
    np.testing.assert_allclose(data.theta.values.ravel(), np.sin(np.arange(30.0)), rtol=1e-15)
    assert data.b.dtype == np.float32 and data.b.shape == (2, 5, 1, 2)
    np.testing.assert_allclose(float(data.theta.sel(school="Zürich", chain=1, draw=4)), np.sin(28.0))
    assert data.attrs["inference_library"] == "nuthatch" and data.attrs["sampling_time"] == 0.25
    stats = xr.open_dataset(path, group="sample_stats", engine=engine)
    assert stats.diverging.dtype == bool and int(stats.diverging.sum()) == 4
    assert stats.tree_depth.dtype == np.int64 and int(stats.tree_depth[0, 0]) == -4
    observed = xr.open_dataset(path, group="observed_data", engine=engine)
    assert list(observed.year.values) == [1999.5, 2000.25] and list(observed.y.values) == [0, -1]
    constant = xr.open_dataset(path, group="constant_data", engine=engine)
    assert int(constant.n) == 7 and constant.none.shape == (0,)

with netCDF4.Dataset(path) as root:
    assert set(root.groups) == {"posterior", "sample_stats", "observed_data", "constant_data"}, root.groups
    assert root.key == 42 and root.model_hash == "00ff"
    assert list(root["posterior"].variables["theta"].dimensions) == ["chain", "draw", "school"]
    np.testing.assert_array_equal(root["sampler_state"][:], np.arange(300) % 256)
