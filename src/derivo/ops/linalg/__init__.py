"""Linear algebra: LAPACK by NumPy and SciPy, derivatives in terms of operations."""

from __future__ import annotations

from derivo.ops.linalg import cholesky, factors, lowrank, norms, solving, spectra

__all__ = ["cholesky", "factors", "lowrank", "norms", "solving", "spectra"]
