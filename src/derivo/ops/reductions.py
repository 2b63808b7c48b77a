"""Reductions: sums, means, products, extremes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.autograd import Primitive
from derivo._core.tensor import _check_dim, dtypes
from derivo.interop.numpy import as_array, computed
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor


def _sum_forward(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    import numpy as np

    dtype = x.dtype if x.dtype.is_floating_point else dtypes[5]
    wide = np.float64 if dtype.is_floating_point else np.int64
    return computed(
        np.asarray(as_array(x).sum(axis=dims, keepdims=keepdim, dtype=wide)), dtype
    )


def _spread(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    if not keepdim:
        for d in sorted(dims):
            g = g.unsqueeze(d)
    return g.expand(ctx.shapes[0])


_SUM0 = Primitive("sum", node="SumBackward0", forward=_sum_forward, vjp=_spread)
_SUM1 = Primitive("sum", node="SumBackward1", forward=_sum_forward, vjp=_spread)


@public("sum", "Tensor.sum")
def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None):  # type: ignore[no-untyped-def]
    """Sum of elements."""
    if dtype is not None:
        input = input.to(dtype)
    if dim is None or dim == ():
        prim = _SUM0 if dim is None else _SUM1
        return prim((input,), tuple(range(input.dim())), keepdim)
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    return _SUM1((input,), tuple(_check_dim(d, input.dim()) for d in dims), keepdim)


@public("Tensor.sum_to_size")
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """Sum over the dimensions that were broadcast."""
    shape = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size
    extra = self.dim() - len(shape)
    dims = tuple(range(extra)) + tuple(
        d + extra for d, n in enumerate(shape) if n == 1 and self.shape[d + extra] != 1
    )
    if not dims:
        return self
    made = _SUM1((self,), dims, True)
    return made.view(shape) if extra else made
