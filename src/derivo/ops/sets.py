"""Distinct elements, membership, places in a sorted sequence, histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.dispatch import result_type
from derivo._core.primitive import Primitive
from derivo._core.search import places
from derivo._core.tensor import TensorBase, _check_dim, dtypes
from derivo.interop.numpy import as_array, computed
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.conversion import cast, write_out
from derivo.ops.creation import tensor, zeros

if TYPE_CHECKING:
    from derivo import Tensor

BOOL, UINT8, INT32, INT64, FLOAT32 = (dtypes[k] for k in (0, 1, 4, 5, 8))


def _array(t: Tensor) -> Any:
    return as_array(cast(t, FLOAT32) if t.dtype.name == "bfloat16" else t)


def _refuse(name: str) -> Any:
    def vjp(*_: Any) -> Any:
        raise NotImplementedError(
            f"[{name}] the derivative for '{name}' is not implemented. Index with "
            "return_inverse, or detach the input."
        )

    return vjp


# --------------------------------------------------------------------- unique


def _need_sizes(name: str, x: Tensor, d: int) -> None:
    if x.numel() == 0 and any(s == 0 for i, s in enumerate(x.shape) if i != d):
        raise RuntimeError(
            f"[{name}] There are 0 sized dimensions, and they aren't selected, so "
            f"unique cannot be applied: got shape {tuple(x.shape)} with dim={d}."
        )


def _unique_forward(
    x: Tensor, dim: int | None, consecutive: bool
) -> tuple[Tensor, Tensor, Tensor]:
    import numpy as np

    a = _array(x)
    axis = 0 if dim is None else dim
    rows = a.reshape(-1) if dim is None else a
    if consecutive:
        changed = np.ones(rows.shape[axis], dtype=bool)
        if rows.shape[axis]:
            moved = np.moveaxis(rows, axis, 0)
            apart = moved[1:] != moved[:-1]
            changed[1:] = apart.any(axis=tuple(range(1, apart.ndim)))
        starts = np.flatnonzero(changed)
        values = rows.take(starts, axis)
        inverse = np.cumsum(changed) - 1
        counts = np.diff(np.append(starts, rows.shape[axis]))
    else:
        values, inverse, counts = np.unique(
            rows,
            return_inverse=True,
            return_counts=True,
            axis=None if dim is None else axis,
            equal_nan=False,
        )
    inverse = inverse.reshape(a.shape if dim is None else (-1,))
    return (
        computed(values, x.dtype),
        computed(inverse.astype(np.int64), INT64),
        computed(counts.astype(np.int64), INT64),
    )


def _unique(name: str, node: str, **_: Any) -> Any:
    return Primitive(
        name, node=node, forward=_unique_forward, vjp=_refuse(name), multi=True
    )


_UNIQUE = _unique("_unique2", "Unique2Backward0")
_UNIQUE_DIM = _unique("unique_dim", "UniqueDimBackward0")
_CONSECUTIVE = _unique("unique_consecutive", "UniqueConsecutiveBackward0")


def _chosen(made: Any, inverse: bool, counts: bool) -> Any:
    values, places, numbers = made
    if not inverse and not counts:
        return values
    return (values, *([places] if inverse else []), *([numbers] if counts else []))


@public("unique", "Tensor.unique")
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Distinct elements, or distinct slices of a dimension, in ascending order.

    Parameters
    ----------
    input : Tensor
        Any real dtype; each NaN is distinct.
    sorted : bool, default True
        Accepted; the result is always sorted.
    return_inverse : bool, default False
        Also where each element of `input` is in the result.
    return_counts : bool, default False
        Also how often each element of the result comes.
    dim : int, optional
        Compare slices of this dimension; all elements if not given.

    Returns
    -------
    Tensor or tuple of Tensor

    Notes
    -----
    Has no derivative.

    Examples
    --------
    >>> import derivo
    >>> derivo.unique(derivo.tensor([3, 1, 1]))
    tensor([1, 3])
    """
    if dim is None:
        return _chosen(_UNIQUE((input,), None, False), return_inverse, return_counts)
    d = _check_dim(dim, input.dim())
    _need_sizes("unique", input, d)
    x = input if input.dim() else input.reshape(1)
    return _chosen(_UNIQUE_DIM((x,), d, False), return_inverse, return_counts)


@public("unique_consecutive", "Tensor.unique_consecutive")
def unique_consecutive(
    input: Tensor,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Drop elements, or slices of a dimension, equal to the one before.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    return_inverse : bool, default False
        Also where each element of `input` is in the result.
    return_counts : bool, default False
        Also the lengths of the runs.
    dim : int, optional
        Compare slices of this dimension; all elements if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.unique_consecutive(derivo.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    d = None
    x = input
    if dim is not None:
        d = _check_dim(dim, input.dim())
        _need_sizes("unique_consecutive", input, d)
        x = input if input.dim() else input.reshape(1)
    return _chosen(_CONSECUTIVE((x,), d, True), return_inverse, return_counts)


@public("isin")
def isin(
    elements: Any,
    test_elements: Any,
    *,
    assume_unique: bool = False,
    invert: bool = False,
) -> Tensor:
    """Whether each of some elements is among others.

    Parameters
    ----------
    elements, test_elements : Tensor or Number
        Not both numbers.
    assume_unique : bool, default False
        Neither has an element twice.
    invert : bool, default False
        Whether it is not among them.

    Returns
    -------
    Tensor of bool
        Of the shape of `elements`.

    Examples
    --------
    >>> import derivo
    >>> derivo.isin(derivo.tensor([1, 2, 3]), derivo.tensor([2]))
    tensor([False,  True, False])
    """
    if not isinstance(elements, TensorBase) and not isinstance(
        test_elements, TensorBase
    ):
        raise TypeError(
            "[isin] isin() received an invalid combination of arguments: expected at "
            "least one Tensor, got two numbers."
        )
    for t in (elements, test_elements):
        if isinstance(t, TensorBase) and t.is_complex():
            raise RuntimeError(
                "[isin] Unsupported input type encountered for isin(): "
                f"{t.dtype}. Complex numbers have no order."
            )
    common = result_type(elements, test_elements)
    x, test = (
        cast(t.detach(), common)
        if isinstance(t, TensorBase)
        else tensor(t, dtype=common)
        for t in (elements, test_elements)
    )
    test = test.reshape(-1)
    if test.numel() == 0:
        found = zeros(x.shape, dtype=BOOL)
    else:
        test = test.sort().values
        at = _find(test, x, False).clamp(max=test.numel() - 1).reshape(-1)
        found = test.gather(0, at).reshape(x.shape) == x
    return found.logical_not() if invert else found


# --------------------------------------------------------------------- search


def _search_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    sequence, values = tensors
    if not flags[0] and sequence.dim() == 1:
        return op((sequence, values), *params)
    alone = sequence.dim() - flags[0] == 1
    sequence, values = _batching.lifted(tensors, flags, size)
    if not alone:
        return op((sequence, values), *params)
    # One sequence for all values of an example.
    made = op((sequence, values.reshape(size, -1)), *params)
    return made.reshape(values.shape)


_SEARCH = Primitive(
    "searchsorted",
    forward=lambda sequence, values, right: places(sequence, values, right),
    batch=_search_batch,
)


def _find(sequence: Tensor, values: Tensor, right: bool) -> Tensor:
    """Places of values, of the same dtype, in sorted sequences."""
    kind = sequence.dtype
    if kind.name in ("float16", "bfloat16"):
        kind = FLOAT32
    elif kind.name == "bool":
        kind = UINT8
    made: Tensor = _SEARCH(
        (cast(sequence.detach(), kind), cast(values.detach(), kind)), right
    )
    return made


def _check_search(
    name: str, sequence: Tensor, input: Any, right: bool, side: str | None
) -> str:
    if side not in (None, "left", "right"):
        raise RuntimeError(
            f"[{name}] torch.{name}(): side can only be 'left' or 'right' but got "
            f"{side}."
        )
    if side == "left" and right:
        raise RuntimeError(
            f"[{name}] torch.{name}(): side and right can't be set to opposites, got "
            "side of left while right was True."
        )
    if sequence.dim() == 0:
        raise RuntimeError(
            f"[{name}] torch.{name}(): boundaries tensor should have positive "
            "dimension, but got 0 dimension."
        )
    if isinstance(input, TensorBase):
        if input.dtype != sequence.dtype:
            raise RuntimeError(
                f"[{name}] torch.{name}(): boundary tensor and input value tensor "
                f"should have same dtype, but got boundary tensor's dtype "
                f"{sequence.dtype} and input value's dtype {input.dtype}."
            )
        if sequence.dim() != 1 and (
            input.dim() != sequence.dim() or input.shape[:-1] != sequence.shape[:-1]
        ):
            raise RuntimeError(
                f"[{name}] torch.{name}(): boundaries tensor should be 1 dimension or "
                "the first N-1 dimensions of boundaries tensor and input value tensor "
                f"must match, but we got boundaries tensor {list(sequence.shape)} and "
                f"input value tensor {list(input.shape)}."
            )
    elif sequence.dim() != 1:
        raise RuntimeError(
            f"[{name}] torch.{name}(): input value can be a scalar only when "
            "boundaries tensor dimension is 1, but we got boundaries tensor "
            f"dim={sequence.dim()}."
        )
    return "right" if right or side == "right" else "left"


@public("searchsorted")
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where values would be inserted in sorted sequences to keep them sorted.

    Parameters
    ----------
    sorted_sequence : Tensor
        Ascending along the last dimension.
    input : Tensor or Number
        Any shape if there is one sequence, else with the same leading sizes.
    out_int32 : bool, default False
        The result is int32 rather than int64.
    right : bool, default False
        After equal elements rather than before them.
    side : {"left", "right"}, optional
        The same in words.
    sorter : Tensor, optional
        int64 indices that sort `sorted_sequence`.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.searchsorted(derivo.tensor([1, 3, 5]), derivo.tensor([3, 6]))
    tensor([1, 3])
    """
    where = _check_search("searchsorted", sorted_sequence, input, right, side)
    sequence = sorted_sequence.detach()
    if sorter is not None:
        if sorter.shape != sequence.shape:
            raise RuntimeError(
                "[searchsorted] torch.searchsorted(): boundary and sorter must have "
                f"the same size, but got boundary tensor {list(sequence.shape)} and "
                f"got sorter tensor {list(sorter.shape)}."
            )
        if sorter.dtype is not INT64:
            raise RuntimeError(
                "[searchsorted] torch.searchsorted(): sorter must be a tensor of long "
                f"dtype but got dtype {sorter.dtype}."
            )
        sequence = sequence.gather(-1, sorter)
    kind = INT32 if out_int32 else INT64
    if not isinstance(input, TensorBase):
        common = result_type(sequence, input)
        input, sequence = tensor(input, dtype=common), cast(sequence, common)
    made = cast(_find(sequence, input, where == "right"), kind)
    if out is None:
        return made
    if out.dtype is not kind:
        raise RuntimeError(
            f"[searchsorted] torch.searchsorted(): output tensor's dtype is wrong, "
            f"expected {kind} but got {out.dtype}."
        )
    return write_out(out, made, "searchsorted")


@public("bucketize")
def bucketize(
    input: Any,
    boundaries: Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Which of the intervals between boundaries values lie in.

    Parameters
    ----------
    input : Tensor or Number
        Any shape.
    boundaries : Tensor
        1-D, ascending.
    out_int32 : bool, default False
        The result is int32 rather than int64.
    right : bool, default False
        A value at a boundary belongs to the interval above it.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If `boundaries` is not 1-D or of another dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.bucketize(derivo.tensor([0, 4]), derivo.tensor([1, 3, 5]))
    tensor([0, 2])
    """
    if boundaries.dim() != 1:
        raise RuntimeError(
            "[bucketize] bucketize(): boundaries tensor must be 1 dimension, but got "
            f"dim({boundaries.dim()})."
        )
    made: Tensor = searchsorted(
        boundaries, input, out_int32=out_int32, right=right, out=out
    )
    return made


# ----------------------------------------------------------------- histograms


@public("histc", "Tensor.histc")
def histc(
    input: Tensor,
    bins: int = 100,
    min: float = 0,
    max: float = 0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Histogram of the elements in a range.

    Parameters
    ----------
    input : Tensor
        float32 or float64.
    bins : int, default 100
        Number of bins of equal width.
    min, max : float, default 0
        The range, both ends within; that of the elements if both are equal.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor of shape (bins,)
        Counts, in the dtype of `input`.

    Raises
    ------
    RuntimeError
        If `bins` is not positive or the range is not finite or empty.

    Examples
    --------
    >>> import derivo
    >>> derivo.histc(derivo.tensor([1.0, 2.0, 1.0]), bins=3, min=0, max=3)
    tensor([0., 2., 1.])
    """
    if input.dtype.name not in ("float16", "bfloat16", "float32", "float64"):
        raise NotImplementedError(
            '[histc] "histogram_cpu" not implemented for integers: expected a '
            f"floating dtype, got {input.dtype}."
        )
    if bins <= 0:
        raise RuntimeError(f"[histc] bins must be > 0, but got {bins}.")
    from derivo import where

    x = input.detach().reshape(-1)
    x = cast(x, FLOAT32) if x.dtype.name == "bfloat16" else x
    low, high = tensor(float(min), dtype=x.dtype), tensor(float(max), dtype=x.dtype)
    if min == max and x.numel():
        low, high = x.amin(), x.amax()
    whole = [_batching.everything(t) for t in (low, high)]
    if not all(bool(t.isfinite().all()) for t in whole):
        raise RuntimeError(
            f"[histc] range of [{whole[0].tolist()}, {whole[1].tolist()}] is not "
            "finite."
        )
    if min > max:
        raise RuntimeError(
            f"[histc] max must be larger than min, got {min=} and {max=}."
        )
    flat = low == high
    low, high = where(flat, low - 1, low), where(flat, high + 1, high)
    inside = (x >= low) & (x <= high)
    # In the dtype of the elements, as PyTorch computes it.
    at = (where(inside, x, low) - low) * bins / (high - low)
    at = cast(at, INT64).clamp(max=bins - 1)
    counts = zeros(bins, dtype=INT64).scatter_add(0, at, cast(inside, INT64))
    made = cast(counts, input.dtype)
    return made if out is None else write_out(out, made, "histc")
