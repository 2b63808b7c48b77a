"""Reductions: sums, means, products, extremes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import reduce as core
from derivo.ops._reduce import program
from derivo.ops._surface import public
from derivo.ops.conversion import cast, view_as_complex, view_as_real, write_out

if TYPE_CHECKING:
    from derivo import Tensor

# ------------------------------------------------------------------ sums

_PART = program("sum", lambda p, x: p.reduce("add", x), "k", "r")
_SUM_OF_PARTS = program("sum", lambda p, x, n: p.reduce("add", x), "k", "rk")
_MEAN_OF_PARTS = program("mean", lambda p, x, n: p.reduce("add", x) / n, "k", "rk")
SUM = program(
    "sum", lambda p, x: p.reduce("add", x), "k", "r", partial=_PART, final=_SUM_OF_PARTS
)
MEAN = program(
    "mean",
    lambda p, x: p.reduce("add", x) / p.count,
    "k",
    "r",
    partial=_PART,
    final=_MEAN_OF_PARTS,
)


def _complex(input: Tensor, dim: Any, keepdim: bool, how: Any) -> Tensor:
    if not input.dim():
        # No dimensions are all of them: those of the parts must not be meant.
        return _complex(input.unsqueeze(0), 0, False, how)
    dims = core.reduced_dims(dim, input.dim())
    return view_as_complex(how(view_as_real(input), dims, keepdim))


core.set_operations(
    SUM,
    MEAN,
    cast=cast,
    write_out=write_out,
    sum_complex=lambda x, dim, keepdim: _complex(x, dim, keepdim, core.sum),
    mean_complex=lambda x, dim, keepdim: _complex(x, dim, keepdim, core.mean),
)
sum = public("sum", "Tensor.sum")(core.sum)
mean = public("mean", "Tensor.mean")(core.mean)
sum_to_size = public("Tensor.sum_to_size")(core.sum_to_size)
