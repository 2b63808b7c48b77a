"""Stacks of arrays, and grids of vectors."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.promotion import promote_types
from derivo._core.tensor import _empty, dtypes
from derivo.ops._surface import public
from derivo.ops.conversion import cast
from derivo.ops.creation import _filled
from derivo.ops.joining import _tensors, cat, stack
from derivo.ops.ranges import arange
from derivo.ops.rearranging import flip
from derivo.ops.shapes import atleast_1d, atleast_2d, atleast_3d

if TYPE_CHECKING:
    from derivo import Tensor

BOOL = dtypes[0]

# ------------------------------------------------------------------ stacks of arrays


def _stacked(name: str, example: str, summary: str, prepare: Any, dim: Any) -> Any:
    def made(tensors: Any, *, out: Tensor | None = None) -> Tensor:
        given = _tensors(name, tensors)
        if not given:
            raise RuntimeError(f"[{name}] {name} expects a non-empty TensorList.")
        ready = [prepare(t) for t in given]
        return cat(ready, dim(ready[0]) if callable(dim) else dim, out=out)

    made.__doc__ = f"""{summary}

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal in the other dimensions; different dtypes are promoted.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If sizes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([1, 2])
    {example}
    """
    return made


def _as_column(t: Tensor) -> Tensor:
    return t if t.dim() > 1 else t.reshape(t.numel(), 1)


hstack = public("hstack")(
    _stacked(
        "hstack",
        ">>> derivo.hstack([a, a])\n    tensor([1, 2, 1, 2])",
        "Join side by side: along the second dimension, vectors along the first.",
        atleast_1d,
        lambda first: 0 if first.dim() == 1 else 1,
    )
)
vstack = public("vstack", "row_stack")(
    _stacked(
        "vstack",
        ">>> derivo.vstack([a, a]).shape\n    torch.Size([2, 2])",
        "Join as rows: along the first dimension, vectors becoming rows.",
        atleast_2d,
        0,
    )
)
dstack = public("dstack")(
    _stacked(
        "dstack",
        ">>> derivo.dstack([a, a]).shape\n    torch.Size([1, 2, 2])",
        "Join in depth: along the third dimension.",
        atleast_3d,
        2,
    )
)
column_stack = public("column_stack")(
    _stacked(
        "column_stack",
        ">>> derivo.column_stack([a, a]).tolist()\n    [[1, 1], [2, 2]]",
        "Join as columns: along the second dimension, vectors becoming columns.",
        _as_column,
        1,
    )
)


def _blocks_forward(*args: Any) -> Tensor:
    *tensors, shapes = args
    rows, columns = (sum(s[k] for s in shapes) for k in (0, 1))
    made: Tensor = _filled((rows, columns), 0, tensors[0].dtype)
    i = j = 0
    for t, (n, m) in zip(tensors, shapes, strict=True):
        if n * m:
            _copy_into(made.narrow(0, i, n).narrow(1, j, m), t.reshape(n, m))
        i, j = i + n, j + m
    return made


def _blocks_vjp(ctx: Any, g: Tensor, shapes: Any) -> Any:
    out: list[Any] = []
    i = j = 0
    for (n, m), shape, needed in zip(shapes, ctx.shapes, ctx.needs, strict=True):
        part = g.narrow(0, i, n).narrow(1, j, m) if needed else None
        out.append(part.reshape(shape) if part is not None else None)
        i, j = i + n, j + m
    return out if len(out) > 1 else out[0]


_BLOCKS = Primitive(
    "block_diag",
    node="BlockDiagBackward0",
    forward=_blocks_forward,
    vjp=_blocks_vjp,
)


@public("block_diag")
def block_diag(*tensors: Any) -> Tensor:
    """Put matrices along the diagonal of one matrix, zeros elsewhere.

    Parameters
    ----------
    *tensors : Tensor
        At most 2-D each; vectors are rows, scalars matrices of one element.

    Raises
    ------
    RuntimeError
        If a tensor has more than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.block_diag(derivo.tensor([[1, 2]]), derivo.tensor(3))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    if not tensors:
        return _filled((1, 0), 0, None)
    for i, t in enumerate(_tensors("block_diag", tensors)):
        if t.dim() > 2:
            raise RuntimeError(
                "[block_diag] torch.block_diag: Input tensors must have 2 or fewer "
                f"dimensions. Input {i} has {t.dim()} dimensions."
            )
    dtype = tensors[0].dtype
    for t in tensors[1:]:
        dtype = promote_types(dtype, t.dtype)
    shapes = tuple((1, 1, *t.shape)[-2:] for t in tensors)
    made: Tensor = _BLOCKS(tuple(cast(t, dtype) for t in tensors), shapes)
    return made


# ------------------------------------------------------------------ grids


@public("meshgrid")
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Coordinate grids of vectors.

    Parameters
    ----------
    *tensors : Tensor
        0-d or 1-D, of one dtype.
    indexing : {"ij", "xy"}
        Whether the first vector runs along the rows (matrix order) or along the
        columns (Cartesian order). Leaving it out means "ij" and warns.

    Returns
    -------
    tuple of Tensor
        Views, one for each vector.

    Raises
    ------
    RuntimeError
        If the tensors are not vectors of one dtype.

    Examples
    --------
    >>> import derivo
    >>> y, x = derivo.meshgrid(derivo.arange(2), derivo.arange(3), indexing="ij")
    >>> x
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the "
            "indexing argument.",
            UserWarning,
            stacklevel=2,
        )
        indexing = "ij"
    return _grids(_tensors("meshgrid", tensors), indexing)


def _grids(given: list[Tensor], indexing: str = "ij") -> tuple[Tensor, ...]:
    if not given:
        raise RuntimeError("[meshgrid] meshgrid expects a non-empty TensorList.")
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            '[meshgrid] torch.meshgrid: indexing must be one of "xy" or "ij", but '
            f"received: {indexing}."
        )
    for t in given:
        if t.dim() > 1:
            raise RuntimeError(
                "[meshgrid] torch.meshgrid: Expected 0D or 1D tensor in the tensor "
                f"list but got shape {list(t.shape)}."
            )
        if t.dtype is not given[0].dtype:
            raise RuntimeError(
                "[meshgrid] torch.meshgrid expects all tensors to have the same "
                f"dtype, got {given[0].dtype} and {t.dtype}."
            )
    swap = indexing == "xy" and len(given) > 1
    if swap:
        given = [given[1], given[0], *given[2:]]
    shape = [t.numel() for t in given]
    grids = []
    for d, t in enumerate(given):
        line = [1] * len(given)
        line[d] = -1 if t.numel() else 0
        grids.append(t.view(line).expand(shape))
    if swap:
        grids[:2] = grids[1], grids[0]
    return tuple(grids)


@public("cartesian_prod")
def cartesian_prod(*tensors: Any) -> Tensor:
    """All tuples with one element of each vector, as rows.

    Parameters
    ----------
    *tensors : Tensor
        1-D, of one dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.cartesian_prod(derivo.tensor([1, 2]), derivo.tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    given = _tensors("cartesian_prod", tensors)
    for t in given:
        if t.dim() != 1:
            raise RuntimeError(
                f"[cartesian_prod] Expect a 1D vector, but got shape {list(t.shape)}."
            )
    if len(given) == 1:
        return given[0]
    return stack([g.flatten() for g in _grids(given)], 1)


@public("combinations")
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of `r` elements of a vector, in order, as rows.

    Parameters
    ----------
    input : Tensor
        1-D.
    r : int, default 2
        How many elements.
    with_replacement : bool, default False
        Whether an element may be chosen again.

    Examples
    --------
    >>> import derivo
    >>> derivo.combinations(derivo.tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """
    if input.dim() != 1:
        raise RuntimeError(
            f"[combinations] Expect a 1D vector, but got shape {list(input.shape)}."
        )
    if r < 0:
        raise RuntimeError(f"[combinations] Expect a non-negative number, but got {r}.")
    if r == 0:
        made: Tensor = _empty((0,), input.dtype)
        return made
    places = _grids([arange(input.shape[0])] * r)
    mask = _filled((), True, BOOL).expand(places[0].shape)
    for left, right in itertools.pairwise(places):
        mask = mask & (left <= right if with_replacement else left < right)
    return stack([g.masked_select(mask) for g in _grids([input] * r)], 1)


@public("vander")
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """Powers of the elements of a vector, as columns.

    Parameters
    ----------
    x : Tensor
        1-D.
    N : int, optional
        Number of columns; as many as elements if not given.
    increasing : bool, default False
        Whether the powers begin at zero or end there.

    Raises
    ------
    RuntimeError
        If the tensor is not 1-D, or `N` negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.vander(derivo.tensor([1, 2, 3]), 2).tolist()
    [[1, 1], [2, 1], [3, 1]]
    """
    if x.dim() != 1:
        raise RuntimeError(
            f"[vander] x must be a one-dimensional tensor, got shape {list(x.shape)}."
        )
    count = x.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError(f"[vander] N must be non-negative, got {count}.")
    if x.dtype is BOOL or not (x.is_floating_point() or x.is_complex()):
        x = cast(x, dtypes[5])
    ones = _filled((x.shape[0], min(count, 1)), 1, x.dtype)
    columns = x.unsqueeze(1).expand(-1, max(count - 1, 0))
    made = cat([ones, columns.cumprod(1)], 1) if count > 1 else ones
    return made if increasing else flip(made, 1)
