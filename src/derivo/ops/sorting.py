"""Sorting and selection; the gradients are gathers.

Unless a stable order is asked for, equal elements come in the order in which PyTorch's
sort leaves them, which the core follows comparison by comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.ordering import sorted_indices, top_indices
from derivo._core.primitive import Primitive
from derivo._core.tensor import _check_dim, dtypes
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.conversion import write_out
from derivo.ops.extremes import named, put_along

if TYPE_CHECKING:
    from derivo import Tensor

INT64 = dtypes[5]


def _sort_forward(
    x: Tensor, dim: int, descending: bool, stable: bool
) -> tuple[Tensor, Tensor]:
    from derivo import empty, zeros

    if x.is_complex():
        raise RuntimeError(
            "[sort] Sort does not support complex dtypes on CPU: complex numbers have "
            f"no order, got {x.dtype}. Sort by a real key, such as the absolute value."
        )

    if x.dim() == 0 or x.numel() == 0:
        return x.clone(), zeros(x.shape, dtype=INT64)
    moved = x.movedim(dim, -1) if dim != x.dim() - 1 else x
    index = empty(moved.shape, dtype=INT64)
    rows = moved if x.dim() == 2 else moved.reshape(-1, moved.shape[-1])
    sorted_indices(index.view(rows.shape), rows, descending, stable)
    if moved is not x:
        index = index.movedim(-1, dim).contiguous()
    return x.gather(dim, index), index


def _picked_vjp(ctx: Any, gs: Any, dim: int, *_: Any) -> Any:
    if gs[0] is None:
        return None
    (index,) = ctx.saved
    return put_along(gs[0], index, ctx.shapes[0], dim, True)


def _picking(name: str, node: str, forward: Any) -> Any:
    return Primitive(
        name,
        node=node,
        forward=forward,
        vjp=_picked_vjp,
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_batching.along(0),
    )


_SORT = _picking("sort", "SortBackward0", _sort_forward)
# What PyTorch records where `stable` is given, True or not.
_SORT_STABLE = _picking("sort", "SortBackward1", _sort_forward)
_Sort, _Topk = named("sort"), named("topk")


@public("sort", "Tensor.sort")
def sort(
    input: Tensor,
    dim: int = -1,
    descending: bool = False,
    stable: bool | None = None,
    *,
    out: Any = None,
) -> Any:
    """Sort along a dimension.

    Parameters
    ----------
    input : Tensor
        Any real dtype; NaN counts as largest.
    dim : int, default -1
        The dimension.
    descending : bool, default False
        Largest first.
    stable : bool, optional
        Keep the order of equal elements; they are not if not given.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Notes
    -----
    **Derivative** each gradient goes where its value came from.

    Examples
    --------
    >>> import derivo
    >>> derivo.sort(derivo.tensor([3, 1, 2])).indices
    tensor([1, 2, 0])
    """
    primitive = _SORT if stable is None else _SORT_STABLE
    values, indices = primitive(
        (input,), _check_dim(dim, input.dim()), bool(descending), bool(stable)
    )
    if out is not None:
        values, indices = write_out(out[0], values), write_out(out[1], indices)
    return _Sort(values, indices)


@public("argsort", "Tensor.argsort")
def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False
) -> Tensor:
    """Return the indices that sort along a dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.argsort(derivo.tensor([3, 1, 2]))
    tensor([1, 2, 0])
    """
    made: Tensor = sort(input.detach(), dim, descending, stable).indices
    return made


@public("msort", "Tensor.msort")
def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Sort along the first dimension."""
    made: Tensor = sort(input, 0).values
    return made if out is None else write_out(out, made, "msort")


def _topk_forward(
    x: Tensor, dim: int, k: int, largest: bool, ordered: bool
) -> tuple[Tensor, Tensor]:
    from derivo import empty, zeros

    if x.dim() == 0:
        return x.clone(), zeros((), dtype=INT64)
    # The core selects in rows, with PyTorch's order among equal elements.
    moved = x.movedim(dim, -1) if dim != x.dim() - 1 else x
    index = empty((*moved.shape[:-1], k), dtype=INT64)
    if index.numel():
        rows = moved if x.dim() == 2 else moved.reshape(-1, moved.shape[-1])
        places = index if x.dim() == 2 else index.view(-1, k)
        top_indices(places, rows, largest, ordered)
    if moved is not x:
        index = index.movedim(-1, dim).contiguous()
    return x.gather(dim, index), index


_TOPK = _picking("topk", "TopkBackward0", _topk_forward)


@public("topk", "Tensor.topk")
def topk(
    input: Tensor,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,
    *,
    out: Any = None,
) -> Any:
    """Return the `k` largest elements along a dimension, in order.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    k : int
        How many.
    dim : int, default -1
        The dimension.
    largest : bool, default True
        False: the smallest.
    sorted : bool, default True
        False: in the order that the selection leaves them in.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Raises
    ------
    RuntimeError
        If there are fewer than `k` elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.topk(derivo.tensor([3, 1, 2]), 2).values
    tensor([3, 2])
    """
    d = _check_dim(dim, input.dim())
    have = input.shape[d] if input.dim() else 1
    if not 0 <= k <= have:
        raise RuntimeError(
            f"[topk] selected index k out of range: expected 0 <= k <= {have}, got "
            f"k={k}."
        )
    values, indices = _TOPK((input,), d, k, bool(largest), bool(sorted))
    if out is not None:
        values, indices = write_out(out[0], values), write_out(out[1], indices)
    return _Topk(values, indices)
