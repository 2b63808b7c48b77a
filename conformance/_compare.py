"""Comparing what two libraries gave: values, dtype, shape, structure; strides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance._library import dtype_name

if TYPE_CHECKING:
    from conformance._library import Library

# (relative, absolute). The absolute part is for results near zero after cancellation
# and is scaled by the largest magnitude of the result (never below 1) where results
# mix elements; for elementwise operations it stands as it is.
TOLERANCE = {
    "float16": (2e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1e-5, 1e-6),
    "complex64": (1e-5, 1e-6),
    "float64": (1e-9, 1e-10),
    "complex128": (1e-9, 1e-10),
}
# A derivative of a derivative sums many terms that cancel.
GRADIENT_TOLERANCE = {
    "float64": (1e-7, 1e-8),
    "complex128": (1e-7, 1e-8),
    # A float32 operand among float64 ones: its gradient is rounded on the way, and is
    # judged with the others where all are float64.
    "float32": (1e-4, 5e-5),
}


class MismatchError(Exception):
    """The candidate's result differs from the oracle's."""


class ValuesError(MismatchError):
    """Only the values differ."""


class Strides:
    """Counts tensors whose strides agree; reported, never a failure."""

    def __init__(self) -> None:
        self.same = 0
        self.total = 0

    def add(self, want: Any, got: Any) -> None:
        # Strides of axes with one element, and of empty tensors, mean nothing.
        if want.numel() == 0 or str(want.layout) != "torch.strided":
            return
        self.total += 1
        triples = zip(want.shape, want.stride(), got.stride(), strict=True)
        self.same += all(n == 1 or a == b for n, a, b in triples)


def compare_trees(
    oracle: Library,
    candidate: Library,
    want: Any,
    got: Any,
    *,
    strides: Strides,
    elementwise: bool = False,
    values: bool = True,
    where: str = "result",
) -> None:
    """Raise MismatchError where `got` is not what `want` says."""
    if oracle.is_tensor(want):
        if not candidate.is_tensor(got):
            raise MismatchError(f"{where}: a tensor expected, got {_kind(got)}")
        compare_tensors(
            oracle,
            candidate,
            want,
            got,
            strides=strides,
            elementwise=elementwise,
            values=values,
            where=where,
        )
    elif isinstance(want, dict):
        if not isinstance(got, dict) or list(got) != list(want):
            raise MismatchError(f"{where}: a dict with keys {list(want)} expected")
        for key, item in want.items():
            compare_trees(
                oracle,
                candidate,
                item,
                got[key],
                strides=strides,
                elementwise=elementwise,
                values=values,
                where=f"{where}[{key!r}]",
            )
    elif isinstance(want, (list, tuple)):
        family = list if isinstance(want, list) else tuple
        if not isinstance(got, family) or len(got) != len(want):
            raise MismatchError(
                f"{where}: {family.__name__} of {len(want)} expected, got {_kind(got)}"
            )
        for name in _fields(want):
            if not hasattr(got, name):
                raise MismatchError(f"{where}: has no field {name!r}")
        for i, (a, b) in enumerate(zip(want, got, strict=True)):
            compare_trees(
                oracle,
                candidate,
                a,
                b,
                strides=strides,
                elementwise=elementwise,
                values=values,
                where=f"{where}[{i}]",
            )
    else:
        _compare_plain(want, got, where)


def compare_tensors(
    oracle: Library,
    candidate: Library,
    want: Any,
    got: Any,
    *,
    strides: Strides,
    elementwise: bool = False,
    values: bool = True,
    where: str = "result",
    tolerance: tuple[float, float] | None = None,
) -> None:
    """Compare dtype, shape and values of two tensors."""
    kind = dtype_name(want.dtype)
    if dtype_name(got.dtype) != kind:
        raise MismatchError(f"{where}: dtype {dtype_name(got.dtype)}, expected {kind}")
    if tuple(got.shape) != tuple(want.shape):
        raise MismatchError(
            f"{where}: shape {tuple(got.shape)}, expected {tuple(want.shape)}"
        )
    strides.add(want, got)
    if values:
        a, b = oracle.array(want), candidate.array(got)
        compare_arrays(
            a, b, where, tolerance or TOLERANCE.get(kind), elementwise=elementwise
        )


def compare_arrays(
    want: np.ndarray,
    got: np.ndarray,
    where: str,
    tolerance: tuple[float, float] | None,
    *,
    elementwise: bool = False,
) -> None:
    """Compare values; no tolerance means that they must be equal."""
    if want.shape != got.shape:
        raise MismatchError(f"{where}: shape {got.shape}, expected {want.shape}")
    if want.size == 0:
        return
    if tolerance is None or want.dtype.kind in "biu":
        bad = want != got
        gap = "exact"
    else:
        rtol, atol = tolerance
        wide = np.complex128 if want.dtype.kind == "c" else np.float64
        a, b = want.astype(wide), got.astype(wide)
        finite = np.isfinite(a)
        if not elementwise and finite.any():
            atol *= max(1.0, float(np.abs(a[finite]).max()))
        with np.errstate(invalid="ignore", over="ignore"):
            close = np.abs(a - b) <= atol + rtol * np.abs(a)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            bad = ~np.where(finite & np.isfinite(b), close, same)
            gap = ""
            if bad.any():
                error = np.abs(a - b) / (np.abs(a) + 1e-300)
                worst = np.nanmax(np.where(bad, error, 0.0))
                gap = f"relative {worst:.1e}"
    if bad.any():
        at = tuple(int(i) for i in np.argwhere(bad)[0]) if want.ndim else ()
        raise ValuesError(
            f"{where}: values differ at {at}: {got[at]!r}, expected {want[at]!r} "
            f"({int(bad.sum())} of {bad.size}, {gap})"
        )


def _compare_plain(want: Any, got: Any, where: str) -> None:
    kind = type(want).__name__
    if kind in {"dtype", "layout", "memory_format", "device"}:
        if str(got) != str(want):
            raise MismatchError(f"{where}: {got}, expected {want}")
    elif isinstance(want, float):
        if not isinstance(got, float):
            raise MismatchError(f"{where}: {_kind(got)}, expected a float")
        compare_arrays(np.array(want), np.array(got), where, (1e-6, 1e-9))
    elif isinstance(want, complex):
        if not isinstance(got, complex):
            raise MismatchError(f"{where}: {_kind(got)}, expected a complex")
        compare_arrays(np.array(want), np.array(got), where, (1e-6, 1e-9))
    elif type(got) is not type(want) or got != want:
        raise MismatchError(f"{where}: {got!r}, expected {want!r}")


def _fields(value: Any) -> tuple[str, ...]:
    """Return the field names of a named tuple or of PyTorch's result sequences."""
    if hasattr(value, "_fields"):
        return tuple(value._fields)
    if hasattr(value, "n_sequence_fields"):
        return tuple(
            name
            for name, member in vars(type(value)).items()
            if type(member).__name__ == "member_descriptor"
        )
    return ()


def _kind(value: Any) -> str:
    size = f" of {len(value)}" if isinstance(value, (list, tuple)) else ""
    return type(value).__name__ + size
