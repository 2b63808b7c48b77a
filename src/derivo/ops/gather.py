"""Gathering and scattering along dimensions.

Everything here is a selection of rows (see `_rows`): gathering is its own kernel,
scattering is its transpose, and each is the other's derivative.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core import rows
from derivo._core.copies import _contiguous
from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, _check_dim, dtypes
from derivo.ops import _batching
from derivo.ops._rows import (
    INT64,
    Place,
    along,
    as_int64,
    fresh,
    positions,
    put,
    spread,
    take,
)
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, deliver
from derivo.ops.creation import _filled, tensor, zeros_like

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
    kinds = ((index.dtype, tuple(index.shape)),)
    at = positions([flat], [size], dim)
    return Place(at, dim, min(input.dim(), 1), kinds=kinds)


_INDEX_SELECT = Primitive(
    "index_select",
    node="IndexSelectBackward0",
    forward=take,
    vjp=lambda ctx, g, place: _INDEX_ADD_ZEROS((g,), ctx.shapes[0], place),
    batch=_batching.rows("take"),
)
_INDEX_ADD_ZEROS = Primitive(
    "index_add",
    node="IndexAddBackward0",
    forward=spread,
    vjp=lambda ctx, g, shape, place: _INDEX_SELECT((g,), place),
    batch=_batching.rows("spread"),
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
    if input.dim() == 0:
        if index.numel() != 1:
            raise RuntimeError(
                "[index_select] index_select(): Index to scalar can have only 1 value, "
                f"got {index.numel()} value(s)."
            )
        place = place._replace(at=place.at.reshape(()))
    made: Tensor = _INDEX_SELECT((input,), place)
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
    batch=_batching.rows("wipe"),
)


def _filled_rows_vjp(ctx: Any, g: Tensor, place: Place, how: str, alpha: Any) -> Any:
    own = value = None
    if ctx.needs[0]:
        own = _WIPE((g,), place)
    if ctx.needs[1]:
        # The value is written once, however often a row is named.
        kept = _WIPE((_filled(ctx.shapes[0], 1, g.dtype),), place)
        value = FUNCTIONS["where"](kept == 0, g, 0).sum()
    return own, value


def _rows_primitive(name: str, node: str, edges: int = 2, vjp: Any = _rows_vjp) -> Any:
    return Primitive(
        name,
        node=node,
        edges=edges,
        forward=_rows_forward,
        vjp=vjp,
        inplace=True,
        batch=_batching.rows("put"),
    )


_INDEX_ADD = _rows_primitive("index_add_", "IndexAddBackward0")
_INDEX_COPY = _rows_primitive("index_copy_", "IndexCopyBackward0")
_INDEX_FILL = _rows_primitive("index_fill_", "IndexFillBackward0", 1)
_INDEX_FILL_TENSOR = _rows_primitive(
    "index_fill_", "IndexFillBackward1", vjp=_filled_rows_vjp
)


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
    made = index_add_(
        _batching.fresh_for(input, index, source), dim, index, source, alpha=alpha
    )
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
    made = index_copy_(_batching.fresh_for(input, index, source), dim, index, source)
    return made if out is None else deliver(out, made, "index_copy", same=True)


@public("Tensor.index_fill_")
def index_fill_(
    self: Tensor, dim: int, index: Tensor, value: Number | Tensor
) -> Tensor:
    """Set rows `index` of a dimension to one value, in place."""
    d = _check_dim(dim, self.dim())
    shared = [k for k, n in enumerate(self.stride()) if n == 0 and self.shape[k] > 1]
    if shared:
        warnings.warn(
            "[index_fill_] Use of index_fill_ on expanded tensors is deprecated: "
            "elements that share their memory are all set if the index names one. "
            "Use clone() first.",
            UserWarning,
            stacklevel=2,
        )
        part = self
        for k in shared:
            part = part.narrow(k, 0, 1)
        if d in shared:
            _row_place("index_fill_", self, d, index)
            index = zeros_like(index)
        index_fill_(part, d, index, value)
        return self
    if isinstance(value, TensorBase):
        if value.dim():
            raise RuntimeError(
                "[index_fill_] index_fill_ only supports a 0-dimensional value tensor, "
                f"but got tensor with {value.dim()} dimension(s)."
            )
        filler, primitive = cast(value, self.dtype), _INDEX_FILL_TENSOR
    else:
        filler, primitive = tensor(value, dtype=self.dtype), _INDEX_FILL
    place = _row_place("index_fill_", self, d, index)
    made: Tensor = primitive((self, filler), place, "set", 1)
    return made


@public("index_fill", "Tensor.index_fill")
def index_fill(
    input: Tensor, dim: int, index: Tensor, value: Number | Tensor
) -> Tensor:
    """Copy a tensor and set rows `index` of a dimension to one value."""
    return index_fill_(_batching.fresh_for(input, index, value), dim, index, value)


# ------------------------------------------------------------------ element by element


def _along(name: str, input: Tensor, dim: int, index: Tensor) -> Place:
    """Places of the elements ``[i, index[i, j, k], k]``."""
    at = as_int64(index.detach())
    kinds = ((index.dtype, tuple(index.shape)),)
    if at.numel():
        # 0-d tensors, of either kind, count as vectors of one element.
        shape = tuple(input.shape) or (1,)
        vector = at if at.dim() else at.reshape(1)
        at = along(vector, shape, dim, name).reshape(at.shape)
    return Place(at, 0, max(input.dim(), 1), dim, kinds)


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
    linear=True,
    node="GatherBackward0",
    forward=_gather_elements,
    vjp=lambda ctx, g, place: _SCATTER_ZEROS((g,), ctx.shapes[0], place),
    batch=_batching.rows("take", elements=True),
)
_SCATTER_ZEROS = Primitive(
    "scatter_add",
    linear=True,
    node="ScatterAddBackward0",
    forward=_spread_elements,
    vjp=lambda ctx, g, shape, place: _GATHER((g,), place),
    batch=_batching.rows("spread", elements=True),
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
    linear=True,
    node="ScatterBackward1",
    forward=lambda g, place: _put_elements(
        fresh(g), place, _filled((), 0, g.dtype), "set"
    ),
    vjp=lambda ctx, g, place: _WIPE_ELEMENTS((g,), place),
    batch=_batching.rows("wipe", elements=True),
)


def _scatter_primitive(name: str, node: str, edges: int = 2) -> Any:
    return Primitive(
        name,
        node=node,
        edges=edges,
        forward=_scatter_forward,
        vjp=_scatter_vjp,
        inplace=True,
        batch=_batching.rows("put", elements=True),
    )


_SCATTER = _scatter_primitive("scatter_", "ScatterBackward0")
_SCATTER_VALUE = _scatter_primitive("scatter_", "ScatterBackward1", 1)
_SCATTER_ADD = _scatter_primitive("scatter_add_", "ScatterAddBackward0")
_SCATTER_REDUCE = Primitive(
    "scatter_",
    node="ScatterBackward2",
    forward=_scatter_forward,
    vjp=lambda ctx, g, place, how: _no_derivative("scatter with reduce"),
    inplace=True,
    batch=_batching.rows("put", elements=True),
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
    made = scatter_(
        _batching.fresh_for(input, index, src),
        dim,
        index,
        src,
        value=value,
        reduce=reduce,
    )
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
    made = scatter_add_(_batching.fresh_for(input, index, src), dim, index, src)
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
    linear=True,
    node="TakeBackward0",
    forward=_gather_elements,
    vjp=lambda ctx, g, place: _SCATTER_ZEROS((g,), ctx.shapes[0], place),
    batch=_batching.rows("take", elements=True),
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
    at = positions([as_int64(index.detach())], [input.numel()], 0)
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
    at = positions([as_int64(index.detach())], [self.numel()], 0)
    place = Place(at, 0, self.dim())
    made: Tensor = _PUT((self, source), place, "sum" if accumulate else "set")
    return made


def _put_vjp(ctx: Any, g: Tensor, place: Place, how: str) -> Any:
    own = source = None
    if ctx.needs[0]:
        own = g if how == "sum" else _WIPE_ELEMENTS((g,), place)
    if ctx.needs[1]:
        source = _GATHER((g,), place).reshape(ctx.shapes[1])
    return own, source


@_batching.hidden
def _put_batch(op: Any, size: int, tensors: Any, flags: Any, params: Any) -> Any:
    target, source = tensors
    at = params[0].at
    shape = at.t.shape[1:] if isinstance(at, _batching.Each) else at.shape
    source = source.reshape(*source.shape[: flags[1]], *shape)
    return _PUT_ELEMENTS(op, size, (target, source), flags, params)


_PUT_ELEMENTS = _batching.rows("put", elements=True)
_PUT = Primitive(
    "put_",
    node="PutBackward0",
    forward=_scatter_forward,
    vjp=_put_vjp,
    inplace=True,
    batch=_put_batch,
)


@public("put", "Tensor.put")
def put_copy(
    input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False
) -> Tensor:
    """Copy a tensor and write elements of its flattened form."""
    return put_(_batching.fresh_for(input, index, source), index, source, accumulate)
