"""What all of linear algebra shares: checks of operands, LAPACK by NumPy and SciPy."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import TensorBase, dtypes
from derivo.errors import LinAlgError
from derivo.interop.numpy import as_array, copy_array
from derivo.ops._batching import everything
from derivo.ops.conversion import write_out
from derivo.ops.extremes import printed

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo import Tensor

INT32, INT64 = dtypes[4], dtypes[5]


def check_matrix(name: str, a: Any, argument: str = "A", square: bool = False) -> None:
    """Refuse what is not a (batch of) floating point or complex matrices."""
    if not isinstance(a, TensorBase):
        raise TypeError(
            f"[{name}] {name}(): argument '{argument}' must be Tensor, not "
            f"{type(a).__name__}."
        )
    if a.dim() < 2:
        raise RuntimeError(
            f"[{name}] linalg.{name}: The input tensor {argument} must have at least 2 "
            f"dimensions, got shape {list(a.shape)}."
        )
    if square and a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            f"[{name}] linalg.{name}: {argument} must be batches of square matrices, "
            f"but they are {a.shape[-2]} by {a.shape[-1]} matrices."
        )
    check_dtype(name, a)


def check_dtype(name: str, a: Any) -> None:
    """Refuse integers and half precision."""
    if not (a.is_floating_point() or a.is_complex()):
        raise RuntimeError(
            f"[{name}] linalg.{name}: Expected a floating point or complex tensor as "
            f"input. Got {SCALAR_TYPES[a.dtype.code]}."
        )
    if a.dtype.itemsize < 4:
        raise RuntimeError(
            f"[{name}] linalg.{name}: Low precision dtypes not supported. Got "
            f"{SCALAR_TYPES[a.dtype.code]}; convert with float()."
        )


def check_alike(name: str, a: Any, b: Any) -> None:
    """Refuse operands of different dtypes."""
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"[{name}] linalg.{name}: Expected A and B to have the same dtype, but "
            f"found A of type {a.dtype} and B of type {b.dtype} instead."
        )


def leading_shape(name: str, a: Tensor, b: Tensor) -> tuple[int, ...]:
    """Leading dimensions of two batches of matrices together."""
    one, two = tuple(a.shape[:-2]), tuple(b.shape[:-2])
    if one == two:
        return one
    rank = max(len(one), len(two))
    wide = []
    for x, y in zip(
        (1,) * (rank - len(one)) + one, (1,) * (rank - len(two)) + two, strict=True
    ):
        if x != y and 1 not in (x, y):
            raise RuntimeError(
                f"[{name}] linalg.{name}: The size of tensor a ({x}) must match the "
                f"size of tensor b ({y}) at the leading dimensions, got shapes "
                f"{list(a.shape)} and {list(b.shape)}."
            )
        wide.append(y if x == 1 else x)
    return tuple(wide)


def broadcast(name: str, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Give two batches of matrices the same leading dimensions."""
    lead = leading_shape(name, a, b)
    made = [
        t if tuple(t.shape[:-2]) == lead else t.expand(*lead, *t.shape[-2:])
        for t in (a, b)
    ]
    return made[0], made[1]


def side_by_side(a: Any, b: Any) -> tuple[Any, Any]:
    """Give two arrays of matrices the same leading dimensions."""
    if a.shape[:-2] == b.shape[:-2]:
        return a, b
    import numpy as np

    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return (
        np.broadcast_to(a, (*lead, *a.shape[-2:])),
        np.broadcast_to(b, (*lead, *b.shape[-2:])),
    )


def real_of(dtype: Any) -> Any:
    """The real dtype with the precision of `dtype`."""
    return {10: dtypes[8], 11: dtypes[9]}.get(dtype.code, dtype)


def complex_of(dtype: Any) -> Any:
    """The complex dtype with the precision of `dtype`."""
    return {8: dtypes[10], 9: dtypes[11]}.get(dtype.code, dtype)


def give(array: Any) -> Tensor:
    """Tensor of a computed array, which nobody else holds."""
    return copy_array(array, None)


take = as_array


def each_matrix(shape: tuple[int, ...]) -> Any:
    """Index of each matrix of a batch with these leading dimensions."""
    import numpy as np

    return np.ndindex(*shape)


def failed(name: str, info: Tensor, what: str) -> None:
    """Raise for the first matrix on which LAPACK gave up.

    Parameters
    ----------
    info : Tensor
        Zero for success.
    what : str
        The message; ``{k}`` is the number that LAPACK gave.
    """
    # Under vmap one matrix that fails is enough.
    info = everything(info)
    if not info.numel() or not bool((info != 0).any()):
        return
    values = info.reshape(-1).tolist()
    at = next(i for i, k in enumerate(values) if k)
    where = f"(Batch element {at}): " if info.dim() else ""
    raise LinAlgError(f"[{name}] linalg.{name}: {where}{what.format(k=values[at])}")


def singular(name: str, info: Tensor) -> None:
    """Raise if some matrix was singular."""
    failed(
        name,
        info,
        "The diagonal element {k} is zero, the "
        + ("inversion" if name == "inv" else "solve")
        + " could not be completed because the input matrix is singular.",
    )


def results(name: str, *fields: str) -> Callable[..., Any]:
    """What makes results with these fields; their type is made for the first one."""

    @cache
    def kind() -> Any:
        base = NamedTuple(name, [(f, Any) for f in fields])  # type: ignore[misc]
        return printed(name, base)

    return lambda *values: kind()(*values)


def hand_out(name: str, out: Any, made: Any) -> Any:
    """Put several results into the tensors given for them."""
    if out is None:
        return made
    return type(made)(*(write_out(o, m, name) for o, m in zip(out, made, strict=True)))


def diagonal(t: Tensor) -> Tensor:
    """Diagonals of matrices."""
    return t.diagonal(0, -2, -1)


def skew(t: Tensor) -> Tensor:
    """``t - t^H``."""
    return t - t.mH


def turned(t: Tensor) -> Tensor:
    """``i t``, for real `t`."""
    unit: Any = 1j
    return t * unit
