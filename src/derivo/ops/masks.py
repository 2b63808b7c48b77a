"""Masks, where things are, counts, and looking up rows of a table."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from derivo._core import rows
from derivo._core.copies import _contiguous, _copy_into
from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, dtypes
from derivo._info import contiguous_format
from derivo.ops import _batching
from derivo.ops._rows import (
    INT64,
    Place,
    as_int64,
    fresh,
    positions,
    spread,
    take,
)
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, deliver
from derivo.ops.creation import _filled, tensor
from derivo.ops.gather import (
    _INDEX_SELECT,
    _SCATTER_ZEROS,
    _WIPE_ELEMENTS,
    BOOL,
    _gather_elements,
    _scatter_forward,
)

if TYPE_CHECKING:
    from derivo import Tensor

    Number = bool | int | float

# ------------------------------------------------------------------ masks


def _check_mask(name: str, mask: Any) -> None:
    if not isinstance(mask, TensorBase) or mask.dtype is not BOOL:
        got = mask.dtype if isinstance(mask, TensorBase) else type(mask).__name__
        raise RuntimeError(
            f"[{name}] {name} only supports boolean masks, but got mask with dtype "
            f"{got}."
        )


def _masked_fill_forward(t: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    where = FUNCTIONS["where"]
    _copy_into(t, where(mask, cast(value, t.dtype), t))
    return t


def _masked_fill_vjp(ctx: Any, g: Tensor, mask: Tensor) -> Any:
    where = FUNCTIONS["where"]
    zero = _filled((), 0, g.dtype)
    own = where(mask, zero, g) if ctx.needs[0] else None
    value = where(mask, g, zero).sum() if ctx.needs[1] else None
    return own, value


def _masked(node: str, edges: int) -> Any:
    return Primitive(
        "masked_fill_",
        node=node,
        forward=_masked_fill_forward,
        vjp=_masked_fill_vjp,
        inplace=True,
        batch=_batching.fill_by_mask,
        edges=edges,
    )


_MASKED_FILL, _MASKED_FILL_TENSOR = (
    _masked("MaskedFillBackward0", 1),
    _masked("MaskedFillBackward1", 2),
)


def _broadcasting(written: Any) -> Any:
    """The operation out of place, of a tensor that is expanded to the result's shape.

    That shape comes behind the parameters of the operation in place.
    """

    def forward(x: Tensor, other: Tensor, *params: Any) -> Any:
        *params, shape = params  # type: ignore[assignment]
        return written.forward(fresh(x.expand(shape)), other, *params)

    def vjp(ctx: Any, g: Tensor, *params: Any) -> Any:
        own, other = written.vjp(ctx, g, *params[:-1])
        return own if own is None else own.sum_to_size(ctx.shapes[0]), other

    @_batching.hidden
    def batch(op: Any, size: int, tensors: Any, flags: Any, params: Any) -> Any:
        *params, shape = params
        (x,) = _batching.lifted(tensors[:1], flags[:1], size)
        wide = _batching.padded(x, len(shape)).expand(size, *shape)
        operands = (wide.clone(memory_format=contiguous_format), tensors[1])
        return written.batch(written, size, operands, (True, flags[1]), params)

    return Primitive(
        written.name.removesuffix("_"),
        node=written.node_name,
        forward=forward,
        vjp=vjp,
        batch=batch,
        edges=written.edges,
    )


_MASKED_FILL_WIDE = _broadcasting(_MASKED_FILL)
_MASKED_FILL_TENSOR_WIDE = _broadcasting(_MASKED_FILL_TENSOR)


def _filler(self: Tensor, value: Any) -> Tensor:
    """The value that is filled in, as a tensor of the dtype of `self`."""
    if isinstance(value, TensorBase):
        if value.dim():
            raise RuntimeError(
                "[masked_fill_] masked_fill_ only supports a 0-dimensional value "
                f"tensor, but got tensor with {value.dim()} dimension(s)."
            )
        if value.dtype is not self.dtype:
            from derivo import can_cast

            if not can_cast(value.dtype, self.dtype):
                raise RuntimeError(
                    f"[masked_fill_] value cannot be converted to type {self.dtype} "
                    f"without overflow: got {value.dtype}."
                )
        return cast(value, self.dtype)
    if isinstance(value, float) and not self.dtype.is_floating_point:
        raise RuntimeError(
            f"[masked_fill_] value cannot be converted to type {self.dtype} "
            f"without overflow: got value={value}."
        )
    made: Tensor = tensor(value, dtype=self.dtype)
    return made


@public("Tensor.masked_fill_")
def masked_fill_(self: Tensor, mask: Tensor, value: Number | Tensor) -> Tensor:
    """Set the elements where a mask is true, in place."""
    _check_mask("masked_fill", mask)
    shared = [d for d, n in enumerate(self.stride()) if n == 0 and self.shape[d] > 1]
    if shared:
        warnings.warn(
            "[masked_fill_] Use of masked_fill_ on expanded tensors is deprecated: "
            "elements that share their memory are all set if the mask is true for one. "
            "Use clone() first.",
            UserWarning,
            stacklevel=2,
        )
        part = self
        for d in shared:
            part = part.narrow(d, 0, 1)
        masked_fill_(part, mask.expand(self.shape).any(tuple(shared), True), value)
        return self
    is_tensor = isinstance(value, TensorBase)
    primitive = _MASKED_FILL_TENSOR if is_tensor else _MASKED_FILL
    made: Tensor = primitive((self, _filler(self, value)), mask.detach())
    return made


@public("masked_fill", "Tensor.masked_fill")
def masked_fill(input: Tensor, mask: Tensor, value: Number | Tensor) -> Tensor:
    """Copy a tensor and set the elements where a mask is true.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype; broadcast with the mask.
    mask : Tensor
        bool.
    value : number or 0-d Tensor
        The value.

    Notes
    -----
    **Derivative** zero where the mask is true.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2).masked_fill(derivo.tensor([True, False]), 0.0)
    tensor([0., 1.])
    """
    from derivo.ops.views import broadcast_shapes

    _check_mask("masked_fill", mask)
    shape = broadcast_shapes(input.shape, mask.shape)
    if tuple(input.shape) != tuple(shape):
        is_tensor = isinstance(value, TensorBase)
        wide = _MASKED_FILL_TENSOR_WIDE if is_tensor else _MASKED_FILL_WIDE
        made: Tensor = wide((input, _filler(input, value)), mask.detach(), tuple(shape))
        return made
    return masked_fill_(_batching.fresh_for(input, mask, value), mask, value)


@public("masked_select", "Tensor.masked_select")
def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the elements where a mask is true, as a 1-D tensor.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1, 2, 3]).masked_select(derivo.tensor([True, False, True]))
    tensor([1, 3])
    """
    from derivo.ops.views import broadcast_shapes

    _check_mask("masked_select", mask)
    shape = tuple(broadcast_shapes(input.shape, mask.shape))
    made: Tensor = _MASKED_SELECT((input,), _mask_place(mask, shape), shape)
    return (
        made
        if out is None
        else deliver(out, made, "masked_select", input, mask, same=True)
    )


def _mask_place(mask: Tensor, shape: tuple[int, ...]) -> Place:
    """Elements of a tensor of that shape where the mask, expanded to it, is true."""
    at = rows.nonzero(_contiguous(mask.detach().expand(shape)))
    return Place(at, 0, len(shape), kinds=((BOOL, tuple(mask.shape)),))


def _select_forward(x: Tensor, place: Place, shape: tuple[int, ...]) -> Tensor:
    return _gather_elements(x.expand(shape), place)


def _select_vjp(ctx: Any, g: Tensor, place: Place, shape: tuple[int, ...]) -> Tensor:
    return _SCATTER_ZEROS((g,), shape, place).sum_to_size(ctx.shapes[0])


@_batching.hidden
def _select_batch(op: Any, size: int, tensors: Any, flags: Any, params: Any) -> Any:
    place, shape = params
    (x,) = _batching.lifted(tensors, flags, size)
    wide = _batching.padded(x, len(shape)).expand(size, *shape)
    return _TAKE_ELEMENTS(op, size, (wide,), (True,), (place,))


_TAKE_ELEMENTS = _batching.rows("take", elements=True)
_MASKED_SELECT = Primitive(
    "masked_select",
    linear=True,
    node="MaskedSelectBackward0",
    forward=_select_forward,
    vjp=_select_vjp,
    batch=_select_batch,
)


@public("Tensor.masked_scatter_")
def masked_scatter_(self: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Write the elements of `source`, in order, where a mask is true, in place."""
    place = _scattered_place(self, mask, source, tuple(self.shape))
    made: Tensor = _MASKED_SCATTER((self, source), place, "set")
    return made


def _scattered_place(
    self: Tensor, mask: Tensor, source: Tensor, shape: tuple[int, ...]
) -> Place:
    _check_mask("masked_scatter", mask)
    if source.dtype is not self.dtype:
        raise RuntimeError(
            "[masked_scatter_] masked_scatter: expected self and source to have same "
            f"dtypes but got {self.dtype} and {source.dtype}."
        )
    place = _mask_place(mask, shape)
    if source.numel() < place.at.numel():
        raise RuntimeError(
            "[masked_scatter_] masked_scatter: expected self to have no more elements "
            f"than source: got {place.at.numel()} true elements and {source.numel()}."
        )
    return place


def _masked_scatter_forward(t: Tensor, source: Tensor, place: Place, how: str) -> Any:
    return _scatter_forward(t, _leading(source, place), place, how)


def _leading(source: Tensor, place: Place) -> Tensor:
    return source.reshape(-1).narrow(0, 0, place.at.numel())


def _masked_scatter_vjp(ctx: Any, g: Tensor, place: Place, how: str) -> Any:
    own = _WIPE_ELEMENTS((g,), place) if ctx.needs[0] else None
    source = None
    if ctx.needs[1]:
        from derivo import cat

        shape = ctx.shapes[1]
        source = _MASKED_SELECT((g,), place, tuple(g.shape))
        unused = math.prod(shape) - source.numel()
        if unused:
            source = cat([source, _filled((unused,), 0, g.dtype)])
        source = source.reshape(shape)
    return own, source


def _masked_scatter_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: Any
) -> Any:
    target, source = tensors
    at = params[0].at
    n = (at.t[0] if isinstance(at, _batching.Each) else at).numel()
    if flags[1]:
        source = source.reshape(size, -1).narrow(1, 0, n)
    else:
        source = source.reshape(-1).narrow(0, 0, n)
    return _PUT_ELEMENTS(op, size, (target, source), flags, params)


_PUT_ELEMENTS = _batching.rows("put", elements=True)
_MASKED_SCATTER = Primitive(
    "masked_scatter_",
    node="MaskedScatterBackward0",
    forward=_masked_scatter_forward,
    vjp=_masked_scatter_vjp,
    inplace=True,
    batch=_batching.hidden(_masked_scatter_batch),
)


_MASKED_SCATTER_WIDE = _broadcasting(_MASKED_SCATTER)


@public("masked_scatter", "Tensor.masked_scatter")
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Copy a tensor and write the elements of `source` where a mask is true."""
    from derivo.ops.views import broadcast_shapes

    shape = tuple(broadcast_shapes(input.shape, mask.shape))
    if tuple(input.shape) != shape:
        place = _scattered_place(input, mask, source, shape)
        made: Tensor = _MASKED_SCATTER_WIDE((input, source), place, "set", shape)
        return made
    return masked_scatter_(_batching.fresh_for(input, mask, source), mask, source)


# ------------------------------------------------------------------ where things are


def _fixed_shape(name: str, input: Tensor) -> None:
    """Refuse a tensor that `vmap` follows where examples differ in their results."""
    b = input._batch
    while b is not None:
        if b.batched:
            raise RuntimeError(
                f"[{name}] vmap: We do not support batching operators that can output "
                "dynamic shape: each example may have another number of elements. Use "
                "a mask with where(), or call it outside of vmap."
            )
        b = b.tensor._batch


@public("nonzero", "Tensor.nonzero")
def nonzero(input: Tensor, *, out: Tensor | None = None, as_tuple: bool = False) -> Any:
    """Find the nonzero elements, in row-major order.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    as_tuple : bool, default False
        One 1-D tensor per dimension instead of one row per element.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor or tuple of Tensor
        int64.

    Examples
    --------
    >>> import derivo
    >>> derivo.nonzero(derivo.tensor([0, 3, 5]))
    tensor([[1],
            [2]])
    """
    from derivo import stack

    _fixed_shape("nonzero", input)
    x = input.detach()
    if as_tuple and x.dim() == 0:
        x = x.reshape(1)
    if x.is_complex():
        from derivo import view_as_real

        x = (view_as_real(x) != 0).any(-1)
    flat = rows.nonzero(_contiguous(x != 0))
    parts = []
    for size in reversed(x.shape):
        parts.append(flat % size if size else flat)
        flat = flat // size if size else flat
    parts.reverse()
    if as_tuple:
        return tuple(parts)
    made = stack(parts, 1) if parts else _filled((flat.numel(), 0), 0, INT64)
    return made if out is None else deliver(out, made, "nonzero", same=True)


@public("nonzero_static", "Tensor.nonzero_static")
def nonzero_static(
    input: Tensor, *, size: int, fill_value: int = -1, out: Tensor | None = None
) -> Tensor:
    """Find the first `size` nonzero elements; missing rows hold `fill_value`.

    Examples
    --------
    >>> import derivo
    >>> derivo.nonzero_static(derivo.tensor([0, 3]), size=2).tolist()
    [[1], [-1]]
    """
    from derivo import arange, full, stack, where

    if size < 0:
        raise RuntimeError(
            f"[nonzero_static] nonzero_static: 'size' must be an non-negative integer, "
            f"got {size}."
        )
    # No step has a size that depends on values, so it can be mapped over examples: each
    # element goes to the row that the number of those before it says, what has no row
    # to one behind the last.
    hits = (input != 0).reshape(-1)
    row = hits.cumsum(0) - 1
    row = where(hits & (row < size), row, size)
    places = arange(hits.numel())
    found = full((size + 1,), -1, dtype=INT64).scatter(0, row, places)[:size]
    columns = []
    for n in reversed(input.shape):
        columns.append(where(found < 0, fill_value, found % n))
        found = where(found < 0, found, found // n)
    made = stack(columns[::-1], 1) if columns else _filled((size, 0), 0, INT64)
    return made if out is None else deliver(out, made, "nonzero_static")


@public("unravel_index")
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Convert flat indices of a shape to one index for each dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.unravel_index(derivo.tensor([4]), (2, 3))
    (tensor([1]), tensor([1]))
    """
    if indices.dtype.is_floating_point or indices.dtype is BOOL:
        raise ValueError(
            "[unravel_index] expected 'indices' to be integer dtype, but got "
            f"{indices.dtype}."
        )
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(n < 0 for n in sizes):
        raise ValueError(
            f"[unravel_index] 'shape' cannot have negative values, but got {sizes}."
        )
    parts = []
    for size in reversed(sizes):
        parts.append(indices % size)
        indices = indices // size
    return tuple(reversed(parts))


@public("argwhere", "Tensor.argwhere")
def argwhere(input: Tensor) -> Tensor:
    """Find the nonzero elements: their indices, one row each."""
    made: Tensor = nonzero(input)
    return made


@public("count_nonzero", "Tensor.count_nonzero")
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Count the nonzero elements, of all or along dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.count_nonzero(derivo.tensor([0, 1, 2]))
    tensor(2)
    """
    return (input.detach() != 0).sum(dim)


@public("bincount", "Tensor.bincount")
def bincount(
    input: Tensor, weights: Tensor | None = None, minlength: int = 0
) -> Tensor:
    """Count how often each value occurs.

    Parameters
    ----------
    input : Tensor
        1-D, non-negative integers.
    weights : Tensor, optional
        Summed instead of counting.
    minlength : int, default 0
        Least length of the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.bincount(derivo.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    if input.dim() != 1 or input.dtype.is_floating_point or input.dtype is BOOL:
        raise RuntimeError(
            "[bincount] bincount only supports 1-d non-negative integral inputs: got "
            f"{input.dtype} of shape {list(input.shape)}."
        )
    if minlength < 0:
        raise RuntimeError(f"[bincount] minlength should be >= 0, got {minlength}.")
    top = int(input.max()) + 1 if input.numel() else 0
    if input.numel() and int(input.min()) < 0:
        raise RuntimeError(
            "[bincount] bincount only supports 1-d non-negative integral inputs."
        )
    index = cast(input, INT64)
    size = max(top, minlength)
    if weights is None:
        ones = _filled((), 1, INT64).expand(index.shape)
        return _filled((size,), 0, INT64).index_add_(0, index, ones)
    kind = weights.dtype if weights.dtype.name == "float32" else dtypes[9]
    return _filled((size,), 0, kind).index_add_(0, index, cast(weights, kind))


# ------------------------------------------------------------------ embedding


def _embedding_vjp(ctx: Any, g: Tensor, place: Place, padding: int, scale: bool) -> Any:
    return _EMBEDDING_BACKWARD((g,), ctx.shapes[0], place, padding, scale)


def _embedding_backward(
    g: Tensor, shape: tuple[int, ...], place: Place, padding: int, scale: bool
) -> Tensor:
    made = spread(_weigh(g, place, shape[0], scale), shape, place)
    if padding >= 0:
        made.select(0, padding).zero_()
    return made


def _weigh(g: Tensor, place: Place, count: int, scale: bool) -> Tensor:
    """Divide the gradient of each row by how often the row was looked up."""
    if not scale:
        return g
    counts = bincount(place.at.reshape(-1), minlength=count)
    return g / counts[place.at].unsqueeze(-1)


def _embedding_backward_vjp(
    ctx: Any, v: Tensor, shape: tuple[int, ...], place: Place, padding: int, scale: bool
) -> Tensor:
    if padding >= 0:
        keep = _filled((shape[0], 1), 1, v.dtype)
        keep.select(0, padding).zero_()
        v = v * keep
    return _weigh(_INDEX_SELECT((v,), place), place, shape[0], scale)


@_batching.hidden
def _embedding_backward_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    *_, padding, scale = params
    if scale:
        from derivo.func._fallback import looped

        return looped(op, size, tensors, flags, params)
    made: Tensor = _SUM_ROWS(op, size, tensors, flags, params)
    if padding >= 0:
        made.select(1, padding).zero_()
    return made


_SUM_ROWS = _batching.rows("spread")
_EMBEDDING_BACKWARD = Primitive(
    "embedding_backward",
    node="EmbeddingDenseBackwardBackward0",
    forward=_embedding_backward,
    vjp=_embedding_backward_vjp,
    batch=_embedding_backward_batch,
)
EMBEDDING = Primitive(
    "embedding",
    node="EmbeddingBackward0",
    forward=lambda weight, place, padding, scale: take(weight, place),
    vjp=_embedding_vjp,
    batch=_batching.rows("take"),
)


@public("embedding")
def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Look up rows of a matrix (see `derivo.nn.functional.embedding`).

    Parameters
    ----------
    weight : Tensor
        Rows, [count, size].
    indices : Tensor
        int32 or int64, any shape.
    padding_idx : int, default -1
        Row that gets no gradient; -1: none.
    scale_grad_by_freq : bool, default False
        Divide the gradient of a row by how often it was looked up.
    sparse : bool, default False
        Must be False: gradients are dense.

    Raises
    ------
    IndexError
        If an index is out of range.

    Examples
    --------
    >>> import derivo
    >>> derivo.embedding(derivo.eye(2), derivo.tensor([1]))
    tensor([[0., 1.]])
    """
    if weight.dim() != 2:
        raise RuntimeError(
            f"[embedding] 'weight' must be 2-D, got shape {list(weight.shape)}."
        )
    if indices.dtype.name not in ("int64", "int32"):
        raise RuntimeError(
            "[embedding] Expected tensor for argument #1 'indices' to have one of the "
            f"following scalar types: Long, Int; but got {indices.dtype} instead."
        )
    if sparse:
        raise NotImplementedError("[embedding] sparse gradients are not supported.")
    index = as_int64(indices.detach())
    if index.numel() and int(_batching.everything(index).min()) < 0:
        raise IndexError("[embedding] index out of range in self.")
    try:
        at = positions([index], [weight.shape[0]], 0)
    except IndexError as error:
        raise IndexError("[embedding] index out of range in self.") from error
    made: Tensor = EMBEDDING(
        (weight,), Place(at, 0, 1), padding_idx, scale_grad_by_freq
    )
    return made
