"""Subscripts with tensors: gathering and writing at advanced indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import indexing as core
from derivo._core import rows
from derivo._core.copies import _contiguous
from derivo._core.inplace import _overlaps_itself
from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, set_slots
from derivo.ops import _batching
from derivo.ops._rows import (
    INT64,
    Place,
    as_int64,
    positions,
    put,
    spread,
    take,
)
from derivo.ops._surface import public
from derivo.ops.conversion import cast
from derivo.ops.creation import _filled, tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor

# ------------------------------------------------------------------ what items mean


def _as_index(item: Any) -> Any:
    """Index tensor (or int) that a subscript's item stands for."""
    if isinstance(item, range):
        item = list(item)
    if isinstance(item, (list, tuple)):
        if not item:
            return _filled((0,), 0, INT64)
        return tensor(item)
    if hasattr(item, "__array_interface__"):
        if getattr(item, "ndim", 0) == 0:
            return item.item()
        return tensor(item)
    if hasattr(item, "__index__"):
        return item.__index__()
    raise IndexError(
        "[getitem] only integers, slices (`:`), ellipsis (`...`), None and long or "
        f"byte Variables are valid indices (got {type(item).__name__})."
    )


def _bool_index(value: bool) -> Tensor:
    """Index of a dimension of size one: all of it, or nothing."""
    return _filled((1 if value else 0,), 0, INT64)


def _expand_masks(t: Tensor, items: list[Any]) -> list[Any]:
    """Replace masks by the indices of their true elements, one per dimension."""
    out: list[Any] = []
    for item in items:
        if item is Ellipsis:
            continue
        if item is None or item.dtype.name not in ("bool", "uint8"):
            if item is not None and item.dtype.name not in (
                *("int8", "int16", "int32", "int64"),
            ):
                raise IndexError(
                    "[getitem] tensors used as indices must be long, int, byte or bool "
                    f"tensors, got {item.dtype}."
                )
            out.append(item)
            continue
        for d in range(item.dim()):
            if item.shape[d] != t.shape[len(out) + d]:
                raise IndexError(
                    f"[getitem] The shape of the mask {list(item.shape)} at index {d} "
                    f"does not match the shape of the indexed tensor {list(t.shape)} "
                    f"at index {len(out) + d}."
                )
        flat = rows.nonzero(_contiguous((item != 0).detach()))
        parts = []
        for size in reversed(item.shape):
            parts.append(flat % size)
            flat = flat // size
        out.extend(reversed(parts))
    return out


def _locate(t: Tensor, items: list[Any]) -> tuple[Tensor, Place, tuple[int, ...]]:
    """Bring the indexed dimensions together.

    Returns the (perhaps permuted) tensor, the place in it, and the permutation.
    """
    kinds = tuple(
        [
            None if item is None else (item.dtype, tuple(item.shape))
            for item in items
            if item is not Ellipsis
        ]
    )
    items = _expand_masks(t, items)
    items += [None] * (t.dim() - len(items))
    dims = [d for d, item in enumerate(items) if item is not None]
    shapes = [tuple(items[d].shape) for d in dims]
    shape = shapes[0] if len(dims) == 1 else _common_shape(shapes)
    together = dims == list(range(dims[0], dims[0] + len(dims)))
    if together:
        order = tuple(range(t.dim()))
        first = dims[0]
    else:
        # Indexed dimensions apart from each other: they come first.
        order = (*dims, *(d for d in range(t.dim()) if d not in dims))
        first = 0
        t = t.permute(order)
    indices = [
        as_int64(items[d] if own == shape else items[d].expand(shape))
        for d, own in zip(dims, shapes, strict=True)
    ]
    sizes = [t.shape[first + k] for k in range(len(dims))]
    at = positions(indices, sizes, dims[0])
    return t, Place(at, first, len(dims), kinds=kinds), order


def _common_shape(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    from derivo.ops.views import broadcast_shapes

    try:
        return tuple(broadcast_shapes(*shapes))
    except RuntimeError:
        raise IndexError(
            "[getitem] shape mismatch: indexing tensors could not be broadcast "
            f"together with shapes {', '.join(str(list(s)) for s in shapes)}."
        ) from None


# ------------------------------------------------------------------ gathering


def _unpermute(g: Tensor, order: tuple[int, ...]) -> Tensor:
    inverse = [0] * len(order)
    for i, d in enumerate(order):
        inverse[d] = i
    return g if inverse == list(range(len(order))) else g.permute(inverse)


_INDEX = Primitive(
    "index",
    linear=True,
    node="IndexBackward0",
    forward=lambda t, place, order: take(_ordered(t, order), place),
    vjp=lambda ctx, g, place, order: _unpermute(
        _SPREAD((g,), tuple(ctx.shapes[0][d] for d in order), place), order
    ),
    batch=_batching.rows("take"),
)
_SPREAD = Primitive(
    "index_put",
    linear=True,
    node="IndexPutBackward0",
    forward=spread,
    vjp=lambda ctx, g, shape, place: _TAKE((g,), place),
    batch=_batching.rows("spread"),
)
_TAKE = Primitive(
    "index",
    linear=True,
    node="IndexBackward0",
    forward=take,
    vjp=lambda ctx, g, place: _SPREAD((g,), ctx.shapes[0], place),
    batch=_batching.rows("take"),
)


def _ordered(t: Tensor, order: tuple[int, ...]) -> Tensor:
    return t if order == tuple(range(t.dim())) else t.permute(order)


def _index(t: Tensor, items: list[Any]) -> Tensor:
    _, place, order = _locate(t.detach(), items)
    made: Tensor = _INDEX((t,), place, order)
    return made


# ------------------------------------------------------------------ writing


def _put_forward(
    t: Tensor, values: Tensor, place: Place, order: tuple[int, ...], how: str
) -> Tensor:
    ordered = _ordered(t, order)
    # Broadcast here, so that the graph has no node for it.
    shape = place.result(tuple(ordered.shape))
    put(ordered, place, values.expand(shape), how)
    return t


def _put_vjp(
    ctx: Any, g: Tensor, place: Place, order: tuple[int, ...], how: str
) -> tuple[Any, Any]:
    ordered = _ordered(g, order)
    own = values = None
    if ctx.needs[0]:
        own = g
        if how == "set":
            own = _CLEAR((g,), place, order)
    if ctx.needs[1]:
        values = _TAKE((ordered,), place)
        if tuple(values.shape) != ctx.shapes[1]:
            values = values.sum_to_size(ctx.shapes[1])
    return own, values


def _put_batch(op: Any, size: int, tensors: Any, flags: Any, params: Any) -> Any:
    target, values = tensors
    place, order = params[:2]
    at = place.at
    if isinstance(at, _batching.Each):
        place = place._replace(at=at.t[0])
    sizes = tuple(target.shape[1:] if flags[0] else target.shape)
    shape = place.result(tuple(sizes[d] for d in order))
    if flags[1]:
        values = _batching.padded(values, len(shape)).expand(size, *shape)
    else:
        values = values.expand(shape)
    return _PUT_ROWS(op, size, (target, values), flags, params)


_PUT_ROWS = _batching.hidden(_batching.rows("put"))


def _cleared(g: Tensor, place: Place, order: tuple[int, ...]) -> Tensor:
    made = g.clone()
    put(_ordered(made, order), place, _filled((), 0, g.dtype), "set")
    return made


_CLEAR = Primitive(
    "index_put",
    linear=True,
    node="IndexPutBackward0",
    forward=_cleared,
    vjp=lambda ctx, g, place, order: _CLEAR((g,), place, order),
    batch=_batching.rows("wipe"),
)
_PUT = Primitive(
    "index_put_",
    linear=True,
    node="IndexPutBackward0",
    forward=_put_forward,
    vjp=_put_vjp,
    inplace=True,
    batch=_batching.hidden(_put_batch),
)


def _write(t: Tensor, items: list[Any], values: Any, how: str = "set") -> Tensor:
    ordered, place, order = _locate(t.detach(), items)
    shape = place.result(tuple(ordered.shape))
    if not isinstance(values, TensorBase):
        values = tensor(values, dtype=t.dtype)
    elif values.dtype is not t.dtype:
        values = cast(values, t.dtype)
    try:
        # Leading sizes of one may be too many, as in assignment to a view.
        while values.dim() > len(shape) and values.shape[0] == 1:
            values = values.squeeze(0)
        if tuple(values.shape) != shape:
            values.detach().expand(shape)
    except RuntimeError:
        raise RuntimeError(
            f"[index_put_] shape mismatch: value tensor of shape {list(values.shape)} "
            "cannot be broadcast to indexing result of shape "
            f"{list(shape)}."
        ) from None
    made: Tensor = _PUT((t, values), place, order, how)
    return made


def _assign(view: Tensor, value: Any) -> None:
    """Write a value into a view."""
    if not isinstance(value, TensorBase):
        if isinstance(value, (int, float, complex)) and not _overlaps_itself(view):
            view.fill_(value)  # type: ignore[arg-type]
            return
        value = tensor(value, dtype=view.dtype)
    if value.dim() == 0 and not value.requires_grad and not value.is_complex():
        view.copy_(value)
        return
    while value.dim() > view.dim() and value.shape[0] == 1:
        value = value.squeeze(0)
    view.copy_(value)


@public("index_put", "Tensor.index_put")
def index_put(
    input: Tensor,
    indices: Sequence[Tensor | None],
    values: Tensor,
    accumulate: bool = False,
) -> Tensor:
    """Copy a tensor and write values at indices.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    indices : sequence of Tensor
        One per leading dimension: integers or masks, broadcast with each other.
    values : Tensor
        Of the input's dtype; broadcast to the indexed shape.
    accumulate : bool, default False
        Add to what is there; repeated indices then all count.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.zeros(2).index_put((i,), derivo.ones(2), accumulate=True)
    tensor([2., 0.])
    """
    return index_put_(
        _batching.fresh_for(input, *indices, values), indices, values, accumulate
    )


@public("index_put_", "Tensor.index_put_")
def index_put_(
    input: Tensor,
    indices: Sequence[Tensor | None],
    values: Tensor,
    accumulate: bool = False,
) -> Tensor:
    """Write values at indices, in place; see `derivo.index_put`."""
    if values.dtype is not input.dtype:
        raise RuntimeError(
            "[index_put_] Index put requires the source and destination dtypes match, "
            f"got {input.dtype} for the destination and {values.dtype} for the source."
        )
    if len(indices) > input.dim():
        raise IndexError(
            f"[index_put_] too many indices for tensor of dimension {input.dim()} (got "
            f"{len(indices)})."
        )
    items = _with_mask_tails(indices)
    if not any(item is not None for item in items):
        return input.copy_(values.expand(input.shape))
    return _write(input, items, values, "sum" if accumulate else "set")


def _with_mask_tails(indices: Sequence[Any]) -> list[Any]:
    items: list[Any] = []
    for item in indices:
        if item is not None and not isinstance(item, TensorBase):
            item = _as_index(item)
        items.append(item)
        if item is not None and item.dtype.name in ("bool", "uint8"):
            items += [Ellipsis] * (item.dim() - 1)
    return items


core.set_callbacks(
    as_index=_as_index,
    bool_index=_bool_index,
    index=_index,
    index_put=_write,
    assign=_assign,
)
set_slots(getitem=core.getitem, setitem=core.setitem)
