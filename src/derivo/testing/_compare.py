"""`assert_close`: tensors, numbers and containers of them, within tolerances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import derivo
from derivo._core.tensor import TensorBase

__all__ = ["assert_close"]

Message = str | Callable[[str], str] | None

# Relative and absolute tolerance by dtype; PyTorch's.
_TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}


class _Options(NamedTuple):
    allow_subclasses: bool
    rtol: float | None
    atol: float | None
    equal_nan: bool
    check_dtype: bool
    check_stride: bool


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Assert ``|actual - expected| <= atol + rtol * |expected|`` for all elements.

    Parameters
    ----------
    actual, expected : Tensor, number, sequence or mapping
        What is compared; containers item by item. Tensors have the same shape.
    allow_subclasses : bool, default True
        Whether the types may differ if one derives from the other.
    rtol, atol : float, optional
        Tolerances, both or none. By default those of the dtype: 1.3e-6 and 1e-5 for
        float32, 1e-7 and 1e-7 for float64, 1e-3 and 1e-5 for float16, 1.6e-2 and 1e-5
        for bfloat16, zero for integers and bool; the larger of the two if they differ.
    equal_nan : bool, default False
        Whether NaN equals NaN.
    check_device, check_layout : bool, default True
        All tensors are dense and on the CPU: no effect.
    check_dtype : bool, default True
        Whether the dtypes must be the same.
    check_stride : bool, default False
        Whether the strides must be the same.
    msg : str or callable, optional
        The error's text, or a function of the generated text.

    Raises
    ------
    AssertionError
        If they differ.
    TypeError
        If the types cannot be compared.
    ValueError
        If only one tolerance is given.

    Examples
    --------
    >>> import derivo
    >>> from derivo.testing import assert_close
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> x.exp().sum().backward()
    >>> assert_close(x.grad, x.detach().exp())
    """
    if (rtol is None) != (atol is None):
        missing = "rtol" if rtol is None else "atol"
        raise ValueError(
            "[assert_close] Both 'rtol' and 'atol' must be either specified or "
            f"omitted, but got no {missing}."
        )
    options = _Options(
        allow_subclasses, rtol, atol, equal_nan, check_dtype, check_stride
    )
    for index, left, right in _pairs(actual, expected, (), options, msg):
        text = _difference(left, right, options)
        if text:
            _fail(text, index, msg)


def _fail(text: str, index: tuple[Any, ...], msg: Message) -> None:
    if index:
        place = "".join(f"[{item!r}]" for item in index)
        text += f"\n\nThe failure occurred for item {place}"
    if callable(msg):
        text = msg(text)
    elif msg is not None:
        text = msg
    raise AssertionError(text)


def _pairs(
    actual: Any,
    expected: Any,
    index: tuple[Any, ...],
    options: _Options,
    msg: Message,
) -> list[tuple[tuple[Any, ...], Any, Any]]:
    """Leaves of both containers side by side, with their places."""
    if _is_sequence(actual) and _is_sequence(expected):
        if len(actual) != len(expected):
            _fail(
                "The length of the sequences mismatch: "
                f"{len(actual)} != {len(expected)}",
                index,
                msg,
            )
        items = [(i, actual[i], expected[i]) for i in range(len(actual))]
    elif isinstance(actual, Mapping) and isinstance(expected, Mapping):
        missing = [k for k in expected if k not in actual]
        extra = [k for k in actual if k not in expected]
        if missing or extra:
            _fail(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {missing}\n"
                f"Additional keys in the actual mapping: {extra}",
                index,
                msg,
            )
        items = [(k, actual[k], expected[k]) for k in actual]
    else:
        _check_kinds(actual, expected, options)
        return [(index, actual, expected)]
    out = []
    for key, left, right in items:
        out += _pairs(left, right, (*index, key), options, msg)
    return out


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _check_kinds(actual: Any, expected: Any, options: _Options) -> None:
    a, b = type(actual), type(expected)
    same = a is b or (
        options.allow_subclasses and (issubclass(a, b) or issubclass(b, a))
    )
    numbers = (bool, int, float, complex)
    tensors = isinstance(actual, TensorBase) and isinstance(expected, TensorBase)
    if tensors and same:
        return
    if a in numbers and b in numbers:
        return
    if actual is None or expected is None:
        return
    raise TypeError(
        f"[assert_close] No comparison pair was able to handle inputs of type {a} and "
        f"{b}: expected two tensors, numbers, sequences or mappings."
    )


def _difference(actual: Any, expected: Any, options: _Options) -> str:
    """Say how two leaves differ; empty if they do not."""
    if actual is None or expected is None:
        return (
            "" if actual is expected else f"None mismatch: {actual} is not {expected}"
        )
    if isinstance(actual, TensorBase):
        return _tensor_difference(actual, expected, options)
    return _number_difference(actual, expected, options)


def _tolerances(names: tuple[str, str], options: _Options) -> tuple[float, float]:
    if options.rtol is not None and options.atol is not None:
        return options.rtol, options.atol
    both = [_TOLERANCES.get(name, (0.0, 0.0)) for name in names]
    return max(r for r, _ in both), max(a for _, a in both)


def _attribute(name: str, actual: Any, expected: Any) -> str:
    return f"The values for attribute '{name}' do not match: {actual} != {expected}."


def _tensor_difference(actual: Any, expected: Any, options: _Options) -> str:
    if actual.shape != expected.shape:
        return _attribute("shape", actual.shape, expected.shape)
    if options.check_dtype and actual.dtype is not expected.dtype:
        return _attribute("dtype", actual.dtype, expected.dtype)
    if options.check_stride and actual.stride() != expected.stride():
        return _attribute("stride()", actual.stride(), expected.stride())
    rtol, atol = _tolerances((actual.dtype.name, expected.dtype.name), options)
    import numpy as np

    a, b, gap, bad = _gaps(_wide(actual), _wide(expected), rtol, atol, options)
    count = int(bad.sum())
    if not count:
        return ""
    with np.errstate(divide="ignore", invalid="ignore"):
        # The least integer has no absolute value of its own kind.
        relative = gap / np.abs(b if b.dtype.kind == "c" else b.astype(gap.dtype))
    if a.ndim == 0:
        return _scalar_text(
            actual.item(), expected.item(), float(gap), float(relative), rtol, atol
        )
    lines = [
        f"Tensor-likes are not {'close' if rtol or atol else 'equal'}!\n",
        f"Mismatched elements: {count} / {a.size} ({count / a.size:.1%})",
    ]
    for word, values, tolerance in (
        ("absolute", gap, atol),
        ("relative", relative, rtol),
    ):
        # Elements that agree do not count, whatever their difference.
        worst = np.where(bad, values, -1.0)
        place = np.unravel_index(int(np.argmax(worst)), worst.shape)
        allowed = f" (up to {tolerance} allowed)" if rtol or atol else ""
        where = tuple(int(i) for i in place)
        lines.append(
            f"Greatest {word} difference: {worst[place].item()} at index "
            f"{where}{allowed}"
        )
    return "\n".join(lines)


def _wide(t: Any) -> Any:
    """NumPy array in the widest type of the kind."""
    t = t.detach()
    if t.dtype.is_complex:
        return t.to(derivo.complex128).contiguous().numpy()
    if t.dtype.is_floating_point:
        return t.to(derivo.float64).contiguous().numpy()
    return t.to(derivo.int64).contiguous().numpy()


def _gaps(
    a: Any, b: Any, rtol: float, atol: float, options: _Options
) -> tuple[Any, Any, Any, Any]:
    """Return both arrays, absolute differences, and where they are too large."""
    import numpy as np

    if a.dtype.kind == b.dtype.kind == "i" and not (rtol or atol):
        # Exactly: float64 cannot hold all integers.
        return a, b, np.abs(a.astype(np.float64) - b), a != b
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(a - b)
        # An infinite difference, or allowance, must not pass as close.
        near = np.isfinite(b) & (gap <= atol + rtol * np.abs(b))
    agree = (a == b) | (near & np.isfinite(a))
    if options.equal_nan:
        agree |= np.isnan(a) & np.isnan(b)
    return a, b, np.asarray(gap, np.float64), ~agree


def _number_difference(actual: Any, expected: Any, options: _Options) -> str:
    import numpy as np

    if options.check_dtype and type(actual) is not type(expected):
        kinds = (type(actual), type(expected))
        return f"The (d)types do not match: {kinds[0]} != {kinds[1]}."
    names = {float: "float64", complex: "complex128"}
    rtol, atol = _tolerances(
        (names.get(type(actual), ""), names.get(type(expected), "")), options
    )
    if isinstance(actual, int) and isinstance(expected, int) and not (rtol or atol):
        if actual == expected:
            return ""
        gap: float = abs(actual - expected)
    else:
        *_, gaps, bad = _gaps(
            np.asarray(actual), np.asarray(expected), rtol, atol, options
        )
        if not bad:
            return ""
        gap = float(gaps)
    relative = gap / abs(expected) if expected else float("inf")
    return _scalar_text(actual, expected, gap, relative, rtol, atol)


def _scalar_text(
    actual: Any, expected: Any, gap: float, relative: float, rtol: float, atol: float
) -> str:
    near = bool(rtol or atol)
    allowed = [f" (up to {t} allowed)" if near else "" for t in (atol, rtol)]
    return (
        f"Scalars are not {'close' if near else 'equal'}!\n\n"
        f"Expected {expected} but got {actual}.\n"
        f"Absolute difference: {gap}{allowed[0]}\n"
        f"Relative difference: {relative}{allowed[1]}"
    )
