"""Gathering, scattering and masking along dimensions.

Everything here is a selection of rows (see `_rows`): gathering is its own kernel,
scattering is its transpose, and each is the other's derivative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import rows
from derivo._core.autograd import Primitive
from derivo._core.dispatch import _contiguous, _copy_into
from derivo._core.tensor import TensorBase, _check_dim, dtypes, is_grad_enabled
from derivo.ops._rows import INT64, Place, as_int64, fresh, put, spread, take
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, deliver
from derivo.ops.creation import _filled, tensor

if TYPE_CHECKING:
    from derivo import Tensor

    Number = bool | int | float

BOOL = dtypes[0]


def _check_index(name: str, index: Any, allow_int32: bool = False) -> None:
    if not isinstance(index, TensorBase):
        raise TypeError(
            f"[{name}] argument 'index' must be Tensor, not {type(index).__name__}."
        )
    allowed = ("int64", "int32") if allow_int32 else ("int64",)
    if index.dtype.name not in allowed:
        raise RuntimeError(
            f"[{name}] {name}(): Expected dtype {' or '.join(allowed)} for index, got "
            f"{index.dtype}."
        )


# ------------------------------------------------------------------ whole rows


def _row_place(name: str, input: Tensor, dim: int, index: Tensor) -> Place:
    """Rows `index` of dimension `dim`."""
    if index.dim() > 1:
        raise IndexError(
            f"[{name}] {name}(): Index is supposed to be a vector, got shape "
            f"{list(index.shape)}."
        )
    _check_index(name, index, True)
    size = input.shape[dim] if input.dim() else 1
    flat = as_int64(index.detach()).reshape(-1)
    # A 0-d tensor has one row, which no dimension counts.
    return Place(rows.positions([flat], [size], dim), dim, min(input.dim(), 1))


_INDEX_SELECT = Primitive(
    "index_select",
    node="IndexSelectBackward0",
    forward=take,
    vjp=lambda ctx, g, place: _INDEX_ADD_ZEROS((g,), ctx.shapes[0], place),
)
_INDEX_ADD_ZEROS = Primitive(
    "index_add",
    node="IndexAddBackward0",
    forward=spread,
    vjp=lambda ctx, g, shape, place: _INDEX_SELECT((g,), place),
)


@public("index_select", "Tensor.index_select")
def index_select(
    input: Tensor, dim: int, index: Tensor, *, out: Tensor | None = None
) -> Tensor:
    """Take rows of a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        The dimension.
    index : Tensor
        Which rows: 0-d or 1-D, int32 or int64.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    IndexError
        If an index is out of range.

    Notes
    -----
    **Derivative** the gradient of each row is added where it came from.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> x.index_select(0, derivo.tensor([0, 0])).sum().backward()
    >>> x.grad
    tensor([2., 0.])
    """
    d = _check_dim(dim, input.dim())
    place = _row_place("index_select", input, d, index)
    made: Tensor = _INDEX_SELECT((input,), place)
    if input.dim() == 0:
        made = made.reshape(())
    return made if out is None else deliver(out, made, "index_select", input, same=True)


def _rows_vjp(ctx: Any, g: Tensor, place: Place, how: str, alpha: Any) -> Any:
    own = source = None
    if ctx.needs[0]:
        own = g if how == "sum" else _WIPE((g,), place)
    if ctx.needs[1]:
        source = _INDEX_SELECT((g,), place)
        if alpha != 1:
            source = source * alpha
        if tuple(source.shape) != ctx.shapes[1]:
            source = source.sum_to_size(ctx.shapes[1])
    return own, source


def _rows_forward(
    t: Tensor, source: Tensor, place: Place, how: str, alpha: Any
) -> Tensor:
    if alpha != 1:
        source = source * alpha
    return put(t, place, source, how)


def _wiped(g: Tensor, place: Place) -> Tensor:
    return put(fresh(g), place, _filled((), 0, g.dtype), "set")


_WIPE = Primitive(
    "index_fill",
    node="IndexFillBackward0",
    forward=_wiped,
    vjp=lambda ctx, g, place: _WIPE((g,), place),
)


def _rows_primitive(name: str, node: str) -> Any:
    return Primitive(
        name, node=node, forward=_rows_forward, vjp=_rows_vjp, inplace=True
    )


_INDEX_ADD = _rows_primitive("index_add_", "IndexAddBackward0")
_INDEX_COPY = _rows_primitive("index_copy_", "IndexCopyBackward0")
_INDEX_FILL = _rows_primitive("index_fill_", "IndexFillBackward1")


def _check_source(name: str, input: Tensor, d: int, index: Tensor, source: Any) -> None:
    if source.dtype is not input.dtype:
        raise RuntimeError(
            f"[{name}] {name}(): self and source expected to have the same dtype, but "
            f"got (self) {input.dtype} and (source) {source.dtype}."
        )
    n = index.numel()
    have = source.shape[d] if source.dim() else 1
    if n != have:
        raise RuntimeError(
            f"[{name}] {name}(): Number of indices ({n}) should be equal to "
            f"source.size(dim): ({have}), for dim: {d}."
        )
    a = [s for k, s in enumerate(input.shape) if k != d]
    b = [s for k, s in enumerate(source.shape) if k != d]
    if input.dim() and source.dim() and a != b:
        raise RuntimeError(
            f"[{name}] {name}(): source and destination must have the same shape "
            f"except in dimension {d}: got {list(source.shape)} and "
            f"{list(input.shape)}."
        )


@public("Tensor.index_add_")
def index_add_(
    self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1
) -> Tensor:
    """Add rows of `source` to rows `index` of a dimension, in place."""
    d = _check_dim(dim, self.dim())
    _check_source("index_add_", self, d, index, source)
    place = _row_place("index_add_", self, d, index)
    made: Tensor = _INDEX_ADD((self, source), place, "sum", alpha)
    return made


@public("index_add", "Tensor.index_add")
def index_add(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    *,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and add rows of `source` to rows `index` of a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension.
    index : Tensor
        Which rows; repeated ones all count.
    source : Tensor
        Of the input's dtype and shape except in dimension `dim`.
    alpha : number, default 1
        Factor of the source.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.zeros(2).index_add(0, i, derivo.ones(2))
    tensor([2., 0.])
    """
    made = index_add_(input.clone(), dim, index, source, alpha=alpha)
    return made if out is None else deliver(out, made, "index_add", same=True)


@public("Tensor.index_copy_")
def index_copy_(self: Tensor, dim: int, index: Tensor, tensor: Tensor) -> Tensor:
    """Copy rows of a tensor into rows `index` of a dimension, in place."""
    d = _check_dim(dim, self.dim())
    _check_source("index_copy_", self, d, index, tensor)
    place = _row_place("index_copy_", self, d, index)
    made: Tensor = _INDEX_COPY((self, tensor), place, "set", 1)
    return made


@public("index_copy", "Tensor.index_copy")
def index_copy(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and copy rows of `source` into rows `index` of a dimension."""
    made = index_copy_(input.clone(), dim, index, source)
    return made if out is None else deliver(out, made, "index_copy", same=True)


@public("Tensor.index_fill_")
def index_fill_(
    self: Tensor, dim: int, index: Tensor, value: Number | Tensor
) -> Tensor:
    """Set rows `index` of a dimension to one value, in place."""
    d = _check_dim(dim, self.dim())
    if isinstance(value, TensorBase):
        if value.dim():
            raise RuntimeError(
                "[index_fill_] index_fill_ only supports a 0-dimensional value tensor, "
                f"but got tensor with {value.dim()} dimension(s)."
            )
        filler = cast(value, self.dtype)
    else:
        filler = tensor(value, dtype=self.dtype)
    place = _row_place("index_fill_", self, d, index)
    if filler.requires_grad and is_grad_enabled():
        # The value is written once, however often a row is named.
        once = sorted(set(place.at.tolist()))
        place = place._replace(at=tensor(once, dtype=INT64))
    made: Tensor = _INDEX_FILL((self, filler), place, "set", 1)
    return made


@public("index_fill", "Tensor.index_fill")
def index_fill(
    input: Tensor, dim: int, index: Tensor, value: Number | Tensor
) -> Tensor:
    """Copy a tensor and set rows `index` of a dimension to one value."""
    return index_fill_(input.clone(), dim, index, value)


# ------------------------------------------------------------------ element by element


def _along(name: str, input: Tensor, dim: int, index: Tensor) -> Place:
    """Places of the elements ``[i, index[i, j, k], k]``."""
    at = as_int64(index.detach())
    if at.numel():
        # 0-d tensors, of either kind, count as vectors of one element.
        shape = tuple(input.shape) or (1,)
        vector = at if at.dim() else at.reshape(1)
        at = rows.along(vector, shape, dim, name).reshape(at.shape)
    return Place(at, 0, max(input.dim(), 1))


def _check_gather(name: str, input: Tensor, d: int, index: Tensor) -> None:
    if isinstance(index, TensorBase) and index.numel() == 0:
        return
    _check_index(name, index, True)
    if max(index.dim(), 1) != max(input.dim(), 1):
        raise RuntimeError(
            f"[{name}] {name}(): Index tensor must have the same number of dimensions "
            f"as self tensor: got {index.dim()} and {input.dim()}."
        )
    for k in range(index.dim()):
        if k != d and input.dim() and index.shape[k] > input.shape[k]:
            raise RuntimeError(
                f"[{name}] {name}(): Size does not match at dimension {k} expected "
                f"index {list(index.shape)} to be no larger than self "
                f"{list(input.shape)} apart from dimension {d}."
            )


def _gather_elements(t: Tensor, place: Place) -> Tensor:
    made: Tensor = rows.gather(
        _contiguous(t), place.at, 1, t.numel(), 1, place.at.shape
    )
    return made


def _spread_elements(g: Tensor, shape: tuple[int, ...], place: Place) -> Tensor:
    made = _filled(shape, 0, g.dtype)
    return _put_elements(made, place, g, "sum")


def _put_elements(t: Tensor, place: Place, source: Tensor, how: str) -> Tensor:
    flat = Place(place.at, 0, t.dim()) if t.dim() else Place(place.at, 0, 0)
    return put(t, flat, source, how)


_GATHER = Primitive(
    "gather",
    node="GatherBackward0",
    forward=_gather_elements,
    vjp=lambda ctx, g, place: _SCATTER_ZEROS((g,), ctx.shapes[0], place),
)
_SCATTER_ZEROS = Primitive(
    "scatter_add",
    node="ScatterAddBackward0",
    forward=_spread_elements,
    vjp=lambda ctx, g, shape, place: _GATHER((g,), place),
)


@public("gather", "Tensor.gather")
def gather(
    input: Tensor,
    dim: int,
    index: Tensor,
    *,
    sparse_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Take elements along a dimension: ``out[i, j] = input[index[i, j], j]``.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank; no larger than it in other dimensions.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If an index is out of range or shapes do not fit.

    Notes
    -----
    **Derivative** `scatter_add` of the gradient.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([[1, 2], [3, 4]])
    >>> x.gather(1, derivo.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """
    d = _check_dim(dim, input.dim())
    _check_gather("gather", input, d, index)
    made: Tensor = _GATHER((input,), _along("gather", input, d, index))
    return made if out is None else deliver(out, made, "gather", input, same=True)


def _scatter_forward(t: Tensor, src: Tensor, place: Place, how: str) -> Tensor:
    return _put_elements(t, place, src, how)


def _scatter_vjp(ctx: Any, g: Tensor, place: Place, how: str) -> Any:
    own = source = None
    if ctx.needs[0]:
        own = g if how == "sum" else _WIPE_ELEMENTS((g,), place)
    if ctx.needs[1]:
        source = _GATHER((g,), place)
        if tuple(source.shape) != ctx.shapes[1]:
            source = source.sum_to_size(ctx.shapes[1])
    return own, source


_WIPE_ELEMENTS = Primitive(
    "scatter",
    node="ScatterBackward1",
    forward=lambda g, place: _put_elements(
        fresh(g), place, _filled((), 0, g.dtype), "set"
    ),
    vjp=lambda ctx, g, place: _WIPE_ELEMENTS((g,), place),
)


def _scatter_primitive(name: str, node: str) -> Any:
    return Primitive(
        name, node=node, forward=_scatter_forward, vjp=_scatter_vjp, inplace=True
    )


_SCATTER = _scatter_primitive("scatter_", "ScatterBackward0")
_SCATTER_VALUE = _scatter_primitive("scatter_", "ScatterBackward1")
_SCATTER_ADD = _scatter_primitive("scatter_add_", "ScatterAddBackward0")
_SCATTER_REDUCE = Primitive(
    "scatter_",
    node="ScatterBackward2",
    forward=_scatter_forward,
    vjp=lambda ctx, g, place, how: _no_derivative("scatter with reduce"),
    inplace=True,
)


def _no_derivative(name: str) -> Any:
    raise RuntimeError(
        f"[{name}] the derivative for '{name}' is not implemented. Use scatter_add or "
        "scatter_reduce."
    )


def _source_like(name: str, self: Tensor, index: Tensor, src: Tensor) -> Tensor:
    """Cut `src` to the part that `index` uses."""
    if src.dtype is not self.dtype:
        raise RuntimeError(
            f"[{name}] {name}(): Expected self.dtype to be equal to src.dtype, got "
            f"{self.dtype} and {src.dtype}."
        )
    if index.numel() and max(src.dim(), 1) != max(index.dim(), 1):
        raise RuntimeError(
            f"[{name}] {name}(): Index tensor must have the same number of dimensions "
            f"as src tensor: got {index.dim()} and {src.dim()}."
        )
    for k in range(min(index.dim(), src.dim())):
        if index.shape[k] > src.shape[k]:
            raise RuntimeError(
                f"[{name}] {name}(): Expected index {list(index.shape)} to be no "
                f"larger than src {list(src.shape)}."
            )
        if index.shape[k] < src.shape[k]:
            src = src.narrow(k, 0, index.shape[k])
    return src


@public("Tensor.scatter_")
def scatter_(
    self: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Number | None = None,
    reduce: str | None = None,
) -> Tensor:
    """Write elements along a dimension, in place; see `derivo.scatter`."""
    d = _check_dim(dim, self.dim())
    _check_gather("scatter", self, d, index)
    if src is None:
        src = value
    how = "set"
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError(
                "[scatter_] reduce argument must be either add or multiply, got "
                f"reduce={reduce!r}."
            )
        how = {"add": "sum", "multiply": "prod"}[reduce]
    if isinstance(src, TensorBase):
        source, primitive = _source_like("scatter", self, index, src), _SCATTER
    elif src is None:
        raise TypeError("[scatter_] expected src (a Tensor) or value (a number).")
    else:
        source, primitive = tensor(src, dtype=self.dtype), _SCATTER_VALUE
    if index.numel() == 0:
        return self
    if reduce is not None:
        primitive = _SCATTER_REDUCE
    place = _along("scatter", self, d, index)
    made: Tensor = primitive((self, source), place, how)
    return made


@public("scatter", "Tensor.scatter")
def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Number | None = None,
    reduce: str | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and write elements: ``out[index[i, j], j] = src[i, j]``.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank.
    src : Tensor or number
        What is written; tensors are at least of the index's sizes.
    reduce : {"add", "multiply"}, optional
        Combine with what is there instead (not differentiable).
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).scatter(0, derivo.tensor([2]), 5.0)
    tensor([0., 0., 5.])
    """
    made = scatter_(input.clone(), dim, index, src, value=value, reduce=reduce)
    return made if out is None else deliver(out, made, "scatter", same=True)


@public("Tensor.scatter_add_")
def scatter_add_(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """Add elements along a dimension, in place; see `derivo.scatter_add`."""
    d = _check_dim(dim, self.dim())
    _check_gather("scatter_add", self, d, index)
    source = _source_like("scatter_add", self, index, src)
    if index.numel() == 0:
        return self
    place = _along("scatter_add", self, d, index)
    made: Tensor = _SCATTER_ADD((self, source), place, "sum")
    return made


@public("scatter_add", "Tensor.scatter_add")
def scatter_add(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Tensor,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and add elements: ``out[index[i, j], j] += src[i, j]``.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank; repeated places all count.
    src : Tensor
        At least of the index's sizes.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** of `src`: `gather` of the gradient.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.zeros(2).scatter_add(0, i, derivo.ones(2))
    tensor([2., 0.])
    """
    made = scatter_add_(input.clone(), dim, index, src)
    return made if out is None else deliver(out, made, "scatter_add", same=True)


def _along_dims(input: Tensor, indices: Tensor, dim: int | None) -> tuple[Any, Any]:
    shape_i, shape_x = list(indices.shape), list(input.shape)
    for k in range(len(shape_x)):
        if k == dim:
            continue
        if shape_i[k] == 1:
            shape_i[k] = shape_x[k]
        elif shape_x[k] == 1:
            shape_x[k] = shape_i[k]
    return input.expand(shape_x), indices.expand(shape_i)


@public("take_along_dim", "Tensor.take_along_dim")
def take_along_dim(
    input: Tensor,
    indices: Tensor,
    dim: int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Take elements along a dimension; other dimensions broadcast.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    indices : Tensor
        int64; what `argmax` and `argsort` give.
    dim : int, optional
        The dimension; of the flattened tensors if not given.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3, 1, 2])
    >>> derivo.take_along_dim(x, derivo.tensor([1, 2, 0]), 0)
    tensor([1, 2, 3])
    """
    if indices.dtype is not INT64:
        raise RuntimeError(
            "[take_along_dim] torch.take_along_dim(): dtype of indices should be Long "
            f"but got {indices.dtype}."
        )
    if dim is None:
        made = gather(input.reshape(-1), 0, indices.reshape(-1))
    else:
        if input.dim() != indices.dim():
            raise RuntimeError(
                "[take_along_dim] torch.take_along_dim(): input and indices should "
                f"have the same number of dimensions, but got {input.dim()} "
                f"dimensions for input, and {indices.dim()} dimensions for indices."
            )
        d = _check_dim(dim, input.dim())
        size = input.shape[d] if input.dim() else 1
        wrapped = FUNCTIONS["where"](indices < 0, indices + size, indices)
        x, i = _along_dims(input, wrapped, d)
        made = gather(x, d, i)
    return (
        made if out is None else deliver(out, made, "take_along_dim", input, same=True)
    )


_TAKE = Primitive(
    "take",
    node="TakeBackward0",
    forward=_gather_elements,
    vjp=lambda ctx, g, place: _SCATTER_ZEROS((g,), ctx.shapes[0], place),
)


@public("take", "Tensor.take")
def take_(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take elements of the flattened tensor, in the shape of the index.

    Examples
    --------
    >>> import derivo
    >>> derivo.take(derivo.tensor([[1, 2], [3, 4]]), derivo.tensor([3, 0]))
    tensor([4, 1])
    """
    _check_index("take", index)
    at = rows.positions([as_int64(index.detach())], [input.numel()], 0)
    made: Tensor = _TAKE((input,), Place(at, 0, input.dim()))
    return made if out is None else deliver(out, made, "take", input, index, same=True)


@public("Tensor.put_")
def put_(
    self: Tensor, index: Tensor, source: Tensor, accumulate: bool = False
) -> Tensor:
    """Write elements of the flattened tensor, in place."""
    _check_index("put_", index)
    if source.dtype is not self.dtype:
        raise RuntimeError(
            f"[put_] put_(): self and source expected to have the same dtype, but got "
            f"self.dtype = {self.dtype} and source.dtype = {source.dtype}."
        )
    if source.numel() != index.numel():
        raise RuntimeError(
            "[put_] put_(): Expected source and index to have the same number of "
            f"elements, but got source.numel() = {source.numel()}, index.numel() = "
            f"{index.numel()}."
        )
    at = rows.positions([as_int64(index.detach())], [self.numel()], 0)
    place = Place(at, 0, self.dim())
    values = source.reshape(index.shape)
    made: Tensor = _PUT((self, values), place, "sum" if accumulate else "set")
    return made


_PUT = _scatter_primitive("put_", "PutBackward0")


@public("put", "Tensor.put")
def put_copy(
    input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False
) -> Tensor:
    """Copy a tensor and write elements of its flattened form."""
    return put_(input.clone(), index, source, accumulate)


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


def _masked(node: str) -> Any:
    return Primitive(
        "masked_fill_",
        node=node,
        forward=_masked_fill_forward,
        vjp=_masked_fill_vjp,
        inplace=True,
    )


_MASKED_FILL, _MASKED_FILL_TENSOR = (
    _masked("MaskedFillBackward0"),
    _masked("MaskedFillBackward1"),
)


@public("Tensor.masked_fill_")
def masked_fill_(self: Tensor, mask: Tensor, value: Number | Tensor) -> Tensor:
    """Set the elements where a mask is true, in place."""
    _check_mask("masked_fill", mask)
    primitive = _MASKED_FILL
    if isinstance(value, TensorBase):
        if value.dim():
            raise RuntimeError(
                "[masked_fill_] masked_fill_ only supports a 0-dimensional value "
                f"tensor, but got tensor with {value.dim()} dimension(s)."
            )
        filler, primitive = value, _MASKED_FILL_TENSOR
        if value.dtype is not self.dtype:
            from derivo import can_cast

            if not can_cast(value.dtype, self.dtype):
                raise RuntimeError(
                    f"[masked_fill_] value cannot be converted to type {self.dtype} "
                    f"without overflow: got {value.dtype}."
                )
            filler = cast(value, self.dtype)
    else:
        if isinstance(value, float) and not self.dtype.is_floating_point:
            raise RuntimeError(
                f"[masked_fill_] value cannot be converted to type {self.dtype} "
                f"without overflow: got value={value}."
            )
        filler = tensor(value, dtype=self.dtype)
    made: Tensor = primitive((self, filler), mask.detach())
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
        input = input.expand(shape)
    from derivo import contiguous_format

    made = input.clone(memory_format=contiguous_format if 0 in input.stride() else None)
    return masked_fill_(made, mask, value)


@public("masked_select", "Tensor.masked_select")
def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the elements where a mask is true, as a 1-D tensor.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1, 2, 3]).masked_select(derivo.tensor([True, False, True]))
    tensor([1, 3])
    """
    from derivo.ops.views import broadcast_tensors

    _check_mask("masked_select", mask)
    x, m = broadcast_tensors(input, mask)
    at = rows.nonzero(_contiguous(m.detach()))
    made: Tensor = _MASKED_SELECT((x,), Place(at, 0, x.dim()))
    return (
        made
        if out is None
        else deliver(out, made, "masked_select", input, mask, same=True)
    )


_MASKED_SELECT = Primitive(
    "masked_select",
    node="MaskedSelectBackward0",
    forward=_gather_elements,
    vjp=lambda ctx, g, place: _SCATTER_ZEROS((g,), ctx.shapes[0], place),
)


@public("Tensor.masked_scatter_")
def masked_scatter_(self: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Write the elements of `source`, in order, where a mask is true, in place."""
    _check_mask("masked_scatter", mask)
    if source.dtype is not self.dtype:
        raise RuntimeError(
            "[masked_scatter_] masked_scatter: expected self and source to have same "
            f"dtypes but got {self.dtype} and {source.dtype}."
        )
    at = rows.nonzero(_contiguous(mask.detach().expand(self.shape)))
    if source.numel() < at.numel():
        raise RuntimeError(
            "[masked_scatter_] masked_scatter: expected self to have no more elements "
            f"than source: got {at.numel()} true elements and {source.numel()}."
        )
    values = source.reshape(-1).narrow(0, 0, at.numel())
    made: Tensor = _MASKED_SCATTER((self, values), Place(at, 0, self.dim()), "set")
    return made


_MASKED_SCATTER = _scatter_primitive("masked_scatter_", "MaskedScatterBackward0")


@public("masked_scatter", "Tensor.masked_scatter")
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Copy a tensor and write the elements of `source` where a mask is true."""
    from derivo.ops.views import broadcast_shapes

    shape = broadcast_shapes(input.shape, mask.shape)
    return masked_scatter_(input.expand(shape).contiguous().clone(), mask, source)


# ------------------------------------------------------------------ where things are


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
    if size < 0:
        raise RuntimeError(
            f"[nonzero_static] nonzero_static: 'size' must be an non-negative integer, "
            f"got {size}."
        )
    found = nonzero(input)
    made = _filled((size, found.shape[1]), fill_value, INT64)
    count = min(size, found.shape[0])
    made.narrow(0, 0, count).copy_(found.narrow(0, 0, count))
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


_EMBEDDING_BACKWARD = Primitive(
    "embedding_backward",
    node="EmbeddingDenseBackwardBackward0",
    forward=_embedding_backward,
    vjp=_embedding_backward_vjp,
)
EMBEDDING = Primitive(
    "embedding",
    node="EmbeddingBackward0",
    forward=lambda weight, place, padding, scale: take(weight, place),
    vjp=_embedding_vjp,
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
    if index.numel() and int(index.min()) < 0:
        raise IndexError("[embedding] index out of range in self.")
    try:
        at = rows.positions([index], [weight.shape[0]], 0)
    except IndexError as error:
        raise IndexError("[embedding] index out of range in self.") from error
    made: Tensor = EMBEDDING(
        (weight,), Place(at, 0, 1), padding_idx, scale_grad_by_freq
    )
    return made
