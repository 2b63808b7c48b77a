from __future__ import annotations

import os
import tempfile

import pytest

# Kernels are compiled once for a whole run of the tests, into a folder of its own:
# the user's cache is neither read (a stale kernel would hide a bug) nor written.
# DERIVO_TEST_CACHE_DIR keeps one folder from run to run while working on the tests.
_kept = os.environ.get("DERIVO_TEST_CACHE_DIR")
_cache = None if _kept else tempfile.TemporaryDirectory(prefix="derivo-tests-")
os.environ["DERIVO_CACHE_DIR"] = _kept or _cache.name


@pytest.fixture
def derivo():
    import derivo

    return derivo


@pytest.fixture(autouse=True)
def _same_start():
    # Every test starts from the same seed and leaves the global settings as they were.
    import derivo

    derivo.manual_seed(0)
    dtype = derivo.get_default_dtype()
    grad = derivo.is_grad_enabled()
    yield
    derivo.set_default_dtype(dtype)
    derivo.set_grad_enabled(grad)
