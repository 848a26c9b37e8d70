"""Reads the store of example_fit.h with xarray and, where it is installed, ArviZ."""
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import xarray as xr
import zarr

path = sys.argv[1]
for consolidated in (False, True):
    if consolidated:
        root = zarr.open_consolidated(path, mode="r")
        posterior = root["posterior"]
        assert list(posterior["theta"].attrs["_ARRAY_DIMENSIONS"]) == ["chain", "draw", "school"]
        assert root.attrs["key"] == 42 and root.attrs["model_hash"] == "00ff"
    data = xr.open_zarr(path, group="posterior", consolidated=False)
    assert data.theta.dims == ("chain", "draw", "school"), data.theta.dims
    assert list(data.school.values) == ["Choate", "Zürich", "Ōsaka 𝛉"], data.school.values
    np.testing.assert_array_equal(data.mu.values.ravel(), np.arange(10.0))
    np.testing.assert_allclose(data.theta.values.ravel(), np.sin(np.arange(30.0)), rtol=1e-15)
    assert data.b.dtype == np.float32 and data.b.shape == (2, 5, 1, 2)
    np.testing.assert_allclose(float(data.theta.sel(school="Zürich", chain=1, draw=4)), np.sin(28.0))
    stats = xr.open_zarr(path, group="sample_stats", consolidated=False)
    assert stats.diverging.dtype == bool and int(stats.diverging.sum()) == 4
    assert stats.tree_depth.dtype == np.int64 and int(stats.tree_depth[0, 0]) == -4
    observed = xr.open_zarr(path, group="observed_data", consolidated=False)
    assert list(observed.year.values) == [1999.5, 2000.25] and list(observed.y.values) == [0, -1]
    constant = xr.open_zarr(path, group="constant_data", consolidated=False)
    assert int(constant.n) == 7 and constant.none.shape == (0,)

try:
    import arviz
except ImportError:
    sys.exit(0)
if not hasattr(arviz, "InferenceData"):
    sys.exit(0)
if zarr.__version__.startswith("2."):
    fit = arviz.from_zarr(path)
else:
    fit = arviz.InferenceData.from_datatree(xr.open_datatree(path, engine="zarr"))
assert set(fit.groups()) == {"posterior", "sample_stats", "observed_data", "constant_data"}, fit.groups()
assert "theta[Zürich]" in arviz.summary(fit).index
assert fit.posterior.attrs["inference_library"] == "nuthatch"
