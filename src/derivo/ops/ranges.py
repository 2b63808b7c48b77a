"""Tensors of evenly spaced values."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase, dtypes, get_default_dtype
from derivo._info import check_device
from derivo.ops._surface import public
from derivo.ops.creation import _INT64, _finish, _out_dtype

if TYPE_CHECKING:
    from derivo import Tensor, dtype

    Number = bool | int | float | complex

_FLOAT64 = dtypes[9]


def _number(name: str, argument: str, value: Any) -> Any:
    if isinstance(value, TensorBase):
        return value.item()
    if isinstance(value, (int, float, complex)):
        return value
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(
        f"[{name}] argument '{argument}' must be Number, not {type(value).__name__}."
    )


@public("arange")
def arange(
    start: Number | Tensor,
    end: Number | Tensor | None = None,
    step: Number | Tensor = 1,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a 1-D tensor of evenly spaced values in ``[start, end)``.

    Parameters
    ----------
    start : number
        First value; with one argument the end, from 0.
    end : number
        Where to stop; not contained.
    step : number, default 1
        Difference of neighbours.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        By default int64 if all arguments are integers, else the default dtype.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If the step is zero or leads away from the end.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(1, 10, 3)
    tensor([1, 4, 7])
    """
    check_device(device)
    if end is None:
        start, end = 0, start
    a, b, s = (
        _number("arange", name, v)
        for name, v in (("start", start), ("end", end), ("step", step))
    )
    if dtype is None:
        dtype = out.dtype if out is not None else None
    if dtype is None:
        whole = all(isinstance(v, int) for v in (a, b, s))
        dtype = _INT64 if whole else get_default_dtype()
    if s == 0:
        raise RuntimeError("[arange] step must be nonzero, got step=0.")
    if not (math.isfinite(a) and math.isfinite(b)):
        raise RuntimeError(f"[arange] unsupported range: {a} -> {b}.")
    if (b - a) * s < 0:
        raise RuntimeError(
            "[arange] upper bound and lower bound inconsistent with step sign: "
            f"start={a}, end={b}, step={s}."
        )
    if not dtype.is_floating_point and not dtype.is_complex:
        a, b, s = int(a), int(b), int(s)
        if s == 0:
            raise ValueError(
                f"[arange] step must be nonzero: got step={step}, 0 in {dtype}."
            )
        count = -((a - b) // s)
    else:
        count = math.ceil((b - a) / s)
    return _finish(out, _progression(a, s, count, dtype), requires_grad, pin_memory)


def _progression(start: Any, step: Any, count: int, dtype: dtype) -> Tensor:
    """Start + step * i, computed in double precision (or exactly) and rounded."""
    from derivo._core.scans import progression
    from derivo.ops.conversion import cast

    return cast(progression(start, step, count), dtype)


@public("range")
def range_(
    start: Number = 0,
    end: Number | None = None,
    step: Number = 1,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make values from `start` to `end` inclusive (deprecated; use `arange`)."""
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its "
        "behavior is inconsistent with Python's range builtin. Instead, use "
        "torch.arange, which produces values in [start, end).",
        UserWarning,
        stacklevel=2,
    )
    if end is None:
        start, end = 0, start
    if step == 0:
        raise RuntimeError("[range] step must be nonzero, got step=0.")
    if (end - start) * step < 0:  # type: ignore[operator]
        raise RuntimeError(
            "[range] upper bound and lower bound inconsistent with step sign: "
            f"start={start}, end={end}, step={step}."
        )
    count = math.floor((end - start) / step) + 1  # type: ignore[arg-type]
    dtype = _out_dtype(out, dtype) or get_default_dtype()
    return _finish(out, _progression(start, step, count, dtype), requires_grad)


def _spaced(
    name: str,
    start: Any,
    end: Any,
    steps: Any,
    dtype: dtype,
    base: float | None = None,
) -> Tensor:
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError(
            f"[{name}] argument 'steps' must be int, not {type(steps).__name__}."
        )
    if steps < 0:
        raise RuntimeError(
            f"[{name}] number of steps must be non-negative, got steps={steps}."
        )
    known = not (isinstance(start, TensorBase) or isinstance(end, TensorBase))
    if known and base is None and dtype.name in ("float32", "float64"):
        from derivo._core.scans import spaced

        made: Tensor = spaced(start, end, steps, dtype.code)
        return made
    return _spaced_by_operations(start, end, steps, dtype, base)


def _spaced_by_operations(
    start: Any, end: Any, steps: int, dtype: dtype, base: float | None
) -> Tensor:
    from derivo import where
    from derivo.ops.conversion import cast
    from derivo.ops.creation import tensor

    # Linear steps are taken in the dtype itself, 16 bits or not, as PyTorch takes them.
    exact = dtype.is_floating_point and base is None
    work = dtype if exact or dtype.is_complex else _FLOAT64
    if dtype.name == "float32":
        work = dtype
    a, b = (
        cast(v.detach(), work) if isinstance(v, TensorBase) else tensor(v, dtype=work)
        for v in (start, end)
    )
    if steps == 1:
        values = a.reshape(1)
    else:
        if not (dtype.is_floating_point or dtype.is_complex):
            a, b = a.trunc(), b.trunc()
        index = arange(steps)
        # The second half counts from the end, so that both ends are exact.
        step = (b - a) / (steps - 1)
        low = a + step * cast(index, work)
        high = b - step * cast(steps - 1 - index, work)
        values = where(index < steps // 2, low, high)
    if base is not None:
        values = tensor(base, dtype=work).pow(values)
    return cast(values, dtype)


def _bound(name: str, argument: str, value: Any) -> Any:
    # Under vmap there is one for each example: it stays a tensor.
    if isinstance(value, TensorBase) and value._batch is not None:
        return value
    return _number(name, argument, value)


def _is_complex(value: Any) -> bool:
    if isinstance(value, TensorBase):
        return value.is_complex()
    return isinstance(value, complex)


@public("linspace")
def linspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: int,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make `steps` evenly spaced values from `start` to `end` inclusive.

    Parameters
    ----------
    start, end : number
        First and last value.
    steps : int
        How many.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    check_device(device)
    dtype = _out_dtype(out, dtype) or get_default_dtype()
    a, b = _bound("linspace", "start", start), _bound("linspace", "end", end)
    if _is_complex(a) or _is_complex(b):
        dtype = dtype if dtype.is_complex else get_default_dtype().to_complex()
    return _finish(out, _spaced("linspace", a, b, steps, dtype), requires_grad)


@public("logspace")
def logspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: int,
    base: float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make `steps` values from base**start to base**end, evenly spaced in exponent.

    Examples
    --------
    >>> import derivo
    >>> derivo.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    check_device(device)
    dtype = _out_dtype(out, dtype) or get_default_dtype()
    a, b = _bound("logspace", "start", start), _bound("logspace", "end", end)
    if _is_complex(a) or _is_complex(b):
        dtype = dtype if dtype.is_complex else get_default_dtype().to_complex()
    return _finish(out, _spaced("logspace", a, b, steps, dtype, base), requires_grad)
