"""Reductions: sums, means, products, extremes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo._core import reduce as core
from derivo.ops._primitive import Primitive
from derivo.ops._reduce import program
from derivo.ops._surface import public
from derivo.ops.complex import view_as_complex, view_as_real
from derivo.ops.conversion import cast, write_out

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


def _parts_forward(how: Any) -> Any:
    """Reduce real and imaginary parts apart, which lie along one more dimension."""

    def forward(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
        if not x.dim():
            return x.clone()
        return view_as_complex(how(view_as_real(x), dims, keepdim))

    return forward


def _spread_vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    shape = ctx.shapes[0]
    if not keepdim:
        for d in dims if shape else ():
            g = g.unsqueeze(d)
    return g.expand(shape)


def _mean_vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    shape = ctx.shapes[0]
    count = math.prod(shape[d] for d in dims) if shape else 1
    return _spread_vjp(ctx, g / count, dims, keepdim)


def _complex(name: str, how: Any, vjp: Any) -> Any:
    forms = [
        Primitive(
            name,
            node=f"{name.capitalize()}Backward{k}",
            forward=_parts_forward(how),
            vjp=vjp,
            save=(),
        )
        for k in range(2)
    ]

    def reduce(input: Tensor, dim: Any, keepdim: bool) -> Any:
        dims = core.reduced_dims(dim, input.dim())
        return forms[dim is not None]((input,), dims, keepdim)

    return reduce


core.set_operations(
    SUM,
    MEAN,
    cast=cast,
    write_out=write_out,
    sum_complex=_complex("sum", core.sum, _spread_vjp),
    mean_complex=_complex("mean", core.mean, _mean_vjp),
)
sum = public("sum", "Tensor.sum")(core.sum)
mean = public("mean", "Tensor.mean")(core.mean)
sum_to_size = public("Tensor.sum_to_size")(core.sum_to_size)
