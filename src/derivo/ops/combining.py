"""Reductions into places: `scatter_reduce` and `index_reduce`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.tensor import _check_dim
from derivo.ops import _batching
from derivo.ops._rows import fresh
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, deliver
from derivo.ops.creation import _filled
from derivo.ops.gather import (
    _along,
    _check_gather,
    _check_index,
    _put_elements,
    _source_like,
    gather,
    scatter,
    scatter_add,
)

if TYPE_CHECKING:
    from derivo import Tensor

_HOW = {"sum": "sum", "mean": "sum", "prod": "prod", "amax": "amax", "amin": "amin"}


def _identity(reduce: str, t: Tensor) -> Tensor:
    """Make what leaves every value as it is."""
    from derivo import iinfo

    value: Any = {"prod": 1}.get(reduce, 0)
    if reduce in ("amax", "amin"):
        if t.dtype.is_floating_point:
            value = float("-inf" if reduce == "amax" else "inf")
        elif t.dtype.name == "bool":
            value = reduce == "amin"
        else:
            info = iinfo(t.dtype)
            value = info.min if reduce == "amax" else info.max
    return _filled((), value, t.dtype)


def _counts(shape: Any, index: Tensor, d: int, include_self: bool, like: Any) -> Tensor:
    """How many values meet in each place; at least one."""
    start = _filled(shape, int(include_self), like)
    ones = _filled((), 1, like).expand(index.shape)
    counts: Tensor = scatter_add(start, d, index, ones)
    return counts if include_self else counts.clamp(min=1)


def _forward(
    x: Tensor, src: Tensor, d: int, index: Tensor, reduce: str, include_self: bool
) -> Tensor:
    place = _along("scatter_reduce", x, d, index)
    made = fresh(x)
    if not include_self:
        _put_elements(made, place, _identity(reduce, x), "set")
    _put_elements(made, place, src, _HOW[reduce])
    if reduce == "mean":
        counts = _counts(made.shape, index, d, include_self, made.dtype)
        whole = not made.dtype.is_floating_point and not made.is_complex()
        divided = FUNCTIONS["div"](
            made, counts, rounding_mode="floor" if whole else None
        )
        _copy_into(made, cast(divided, made.dtype))
    return made


def _vjp(
    ctx: Any, g: Tensor, d: int, index: Tensor, reduce: str, include_self: bool
) -> tuple[Any, Any]:
    own, source = _RULES[reduce](ctx, g, d, index, include_self)
    if not include_self:
        own = scatter(own, d, index, 0)
    return (own if ctx.needs[0] else None), (source if ctx.needs[1] else None)


def _sum_rule(ctx: Any, g: Tensor, d: int, index: Tensor, own: bool) -> Any:
    return g, gather(g, d, index)


def _mean_rule(ctx: Any, g: Tensor, d: int, index: Tensor, own: bool) -> Any:
    part = g / _counts(ctx.shapes[0], index, d, own, g.dtype)
    return part, gather(part, d, index)


def _prod_rule(ctx: Any, g: Tensor, d: int, index: Tensor, own: bool) -> Any:
    where = FUNCTIONS["where"]
    x, src, out = ctx.saved
    # The product of the others: by division, except where the factor is zero.
    zero_x = x == 0
    safe_x = x.masked_fill(zero_x, 1)
    others = _PRIMITIVE((safe_x, src), d, index, "prod", own)
    for_x = g * others / safe_x
    zero = src == 0
    zeros = scatter_add(
        _filled(ctx.shapes[0], 0, g.dtype), d, index, cast(zero, g.dtype)
    )
    single = zero & (gather(zeros, d, index) == 1)
    rest = _PRIMITIVE((x, src.masked_fill(single, 1)), d, index, "prod", own)
    divided = gather(g * out, d, index) / src.masked_fill(zero, 1)
    return for_x, where(single, gather(g * rest, d, index), divided)


def _extreme_rule(ctx: Any, g: Tensor, d: int, index: Tensor, own: bool) -> Any:
    x, src, out = (t.detach() for t in ctx.saved)
    hit_src = cast(src == gather(out, d, index), g.dtype)
    hit_x = cast(x == out, g.dtype)
    if not own:
        hit_x = scatter(hit_x, d, index, 0)
    # Values that tie share the gradient.
    ties = scatter_add(hit_x, d, index, hit_src).clamp(min=1)
    part = g / ties
    return hit_x * part, hit_src * gather(part, d, index)


_RULES = {
    "sum": _sum_rule,
    "mean": _mean_rule,
    "prod": _prod_rule,
    "amax": _extreme_rule,
    "amin": _extreme_rule,
}


def _save(needs: Any, inputs: Any, out: Any, params: Any) -> list[Any]:
    return [*inputs, out] if params[2] in ("prod", "amax", "amin") else []


@_batching.hidden
def _batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    d, index, *rest = params
    operands = _batching.lifted(tensors, flags, size)
    if isinstance(index, _batching.Each):
        index = index.t
    else:
        index = index.expand(size, *index.shape)
    # 0-d examples count as vectors of one element.
    shape = operands[0].shape
    *operands, index = [_batching.padded(t, 1) for t in (*operands, index)]
    made: Tensor = op(tuple(operands), d + 1, index, *rest)
    return made.reshape(shape)


def _wide(index: Tensor, d: int, shape: tuple[int, ...]) -> Tensor:
    """Rows named by `index` as an index of every element of the source."""
    line = [1] * len(shape)
    if line:
        line[d] = -1
    made: Tensor = index.reshape(line).expand(shape)
    return made


def _rows_forward(
    x: Tensor, source: Tensor, d: int, index: Tensor, *how: Any
) -> Tensor:
    return _forward(x, source, d, _wide(index, d, source.shape), *how)


def _rows_vjp(ctx: Any, g: Tensor, d: int, index: Tensor, *how: Any) -> Any:
    return _vjp(ctx, g, d, _wide(index, d, ctx.shapes[1]), *how)


@_batching.hidden
def _rows_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    d, index, *rest = params
    shape = tuple(tensors[1].shape)[flags[1] :]
    if isinstance(index, _batching.Each):
        line = [size, *(1 for _ in shape)]
        if shape:
            line[d + 1] = -1
        index = _batching.Each(index.t.reshape(line).expand(size, *shape))
    else:
        index = _wide(index, d, shape)
    return _batch(_PRIMITIVE, size, tensors, flags, (d, index, *rest))


_PRIMITIVE = Primitive(
    "scatter_reduce",
    node="ScatterReduceBackward0",
    forward=_forward,
    vjp=_vjp,
    save=_save,
    batch=_batch,
)
_INDEX_PRIMITIVE = Primitive(
    "index_reduce",
    node="IndexReduceBackward0",
    forward=_rows_forward,
    vjp=_rows_vjp,
    save=_save,
    batch=_rows_batch,
)


def _check_reduce(name: str, reduce: str, allowed: tuple[str, ...]) -> None:
    if reduce not in allowed:
        raise RuntimeError(
            f"[{name}] reduce argument must be either {', '.join(allowed[:-1])} or "
            f"{allowed[-1]}, got {reduce}."
        )


@public("scatter_reduce", "Tensor.scatter_reduce")
def scatter_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and reduce elements into it along a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank: where each element of `src` goes.
    src : Tensor
        Of the input's dtype, at least of the index's sizes.
    reduce : {"sum", "prod", "mean", "amax", "amin"}
        How values that meet are combined.
    include_self : bool, default True
        Whether the input's own value takes part where something is reduced into it.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If an index is out of range, or shapes or `reduce` do not fit.

    Notes
    -----
    **Derivative** of a mean: each value's share; of a product: the product of the
    others; of an extremum: values that tie share the gradient evenly.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0, 1])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.zeros(2).scatter_reduce(0, i, x, "amax")
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1., 1.])
    """
    d = _check_dim(dim, input.dim())
    _check_reduce("scatter_reduce", reduce, tuple(_RULES))
    _check_gather("scatter_reduce", input, d, index)
    source = _source_like("scatter_reduce", input, index, src)
    if index.numel() == 0:
        made: Tensor = input.clone()
    else:
        made = _PRIMITIVE((input, source), d, index.detach(), reduce, include_self)
    return made if out is None else deliver(out, made, "scatter_reduce")


@public("Tensor.scatter_reduce_")
def scatter_reduce_(
    self: Tensor,
    dim: int,
    index: Tensor,
    src: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Tensor:
    """Reduce elements into the tensor in place; see `derivo.scatter_reduce`."""
    made = scatter_reduce(self, dim, index, src, reduce, include_self=include_self)
    return self.copy_(made)


@public("index_reduce", "Tensor.index_reduce")
def index_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and reduce rows of `source` into rows `index` of a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension.
    index : Tensor
        Which rows: int32 or int64, 1-D.
    source : Tensor
        Of the input's dtype and shape except in dimension `dim`.
    reduce : {"prod", "mean", "amax", "amin"}
        How rows that meet are combined.
    include_self : bool, default True
        Whether the input's own rows take part.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError, IndexError
        If shapes or `reduce` do not fit, or an index is out of range.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.ones(2).index_reduce(0, i, derivo.tensor([2.0, 3.0]), "prod")
    tensor([6., 1.])
    """
    from derivo.ops.gather import _check_source

    d = _check_dim(dim, input.dim())
    _check_reduce("index_reduce", reduce, ("prod", "mean", "amax", "amin"))
    _check_index("index_reduce", index)
    if index.dim() > 1:
        raise IndexError(
            "[index_reduce] index_reduce(): Index is supposed to be a vector, got "
            f"shape {list(index.shape)}."
        )
    _check_source("index_reduce", input, d, index, source)
    made: Tensor = _INDEX_PRIMITIVE(
        (input, source), d, index.detach(), reduce, include_self
    )
    return made if out is None else deliver(out, made, "index_reduce")


@public("Tensor.index_reduce_")
def index_reduce_(
    self: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Tensor:
    """Reduce rows into the tensor in place; see `derivo.index_reduce`."""
    made = index_reduce(self, dim, index, source, reduce, include_self=include_self)
    return self.copy_(made)
