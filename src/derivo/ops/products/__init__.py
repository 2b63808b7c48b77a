"""Products: matrices, vectors, batches, and contractions made of them.

`basic` publishes what the core computes in one call, `matmul` and `contractions` what
folds and reshapes around it, `einsum` the letters.
"""

from __future__ import annotations

from derivo.ops.products import basic, contractions, einsum
from derivo.ops.products.matmul import matmul, matmul_operator

__all__ = ["basic", "contractions", "einsum", "matmul", "matmul_operator"]
