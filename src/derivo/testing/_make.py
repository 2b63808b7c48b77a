"""Random tensors for tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import derivo

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["make_tensor"]


def make_tensor(
    *shape: Any,
    dtype: Any,
    device: Any = None,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Return a tensor of uniform random values, equal to PyTorch's for a seed.

    Parameters
    ----------
    *shape : int or sequence of int
        Shape of the result.
    dtype : dtype
        Type of the elements.
    device : optional
        The CPU.
    low, high : float, optional
        Values lie in ``[low, high)``; -9 and 9 for floating point and complex, -9 and
        10 for signed integers, 0 and 10 for ``uint8``, 0 and 2 for ``bool``.
    requires_grad : bool, default False
        Whether operations on the result are recorded.
    noncontiguous : bool, default False
        Leave gaps between the elements (no effect on fewer than two).
    exclude_zero : bool, default False
        Replace zeros by the smallest positive value (integers: 1).

    Returns
    -------
    Tensor
        Of shape `shape`.

    Raises
    ------
    ValueError
        If `low` is not less than `high`, either is NaN, or a gradient is required of
        integers.

    Examples
    --------
    >>> import derivo
    >>> from derivo.testing import make_tensor
    >>> x = make_tensor(2, 3, dtype=derivo.float64, low=0, requires_grad=True)
    >>> (x * x).sum().backward()
    >>> bool((x.grad == 2 * x).all())
    True
    """
    if len(shape) == 1 and not hasattr(shape[0], "__index__"):
        shape = tuple(shape[0])
    inexact = dtype.is_floating_point or dtype.is_complex
    if requires_grad and not inexact:
        raise ValueError(
            "[make_tensor] `requires_grad=True` is not supported for boolean and "
            f"integral dtypes, but got dtype={dtype}."
        )
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "[make_tensor] The parameters `noncontiguous` and `memory_format` are "
            f"mutually exclusive, but got {noncontiguous=} and {memory_format=}."
        )
    bottom, top = _range(dtype, low, high)
    if inexact:
        out = derivo.empty(shape, dtype=dtype, device=device)
        # The parts of complex numbers are real numbers.
        with derivo.no_grad():
            (derivo.view_as_real(out) if dtype.is_complex else out).uniform_(
                bottom, top
            )
    else:
        first, last = math.ceil(bottom), math.ceil(top)
        out = derivo.randint(first, last, shape, dtype=dtype, device=device)
    if noncontiguous and out.numel() > 1:
        out = out.repeat_interleave(2, dim=-1)[..., ::2]
    elif memory_format is not None:
        out = out.contiguous(memory_format=memory_format)
    if exclude_zero:
        least = derivo.finfo(dtype).tiny if inexact else 1
        out[out == 0] = least
    if requires_grad:
        out.requires_grad_()
    return out


def _range(dtype: Any, low: float | None, high: float | None) -> tuple[float, float]:
    """Bounds of the values, within those of the dtype."""
    least: float
    most: float
    if dtype.is_floating_point or dtype.is_complex:
        limits = derivo.finfo(dtype)
        default, least, most = (-9.0, 9.0), limits.min, limits.max
    elif dtype is derivo.bool:
        default, least, most = (0, 2), 0, 2
    else:
        kind = derivo.iinfo(dtype)
        least, most = kind.min, kind.max
        default = (0, 10) if least == 0 else (-9, 10)
    bottom = default[0] if low is None else low
    top = default[1] if high is None else high
    if math.isnan(bottom) or math.isnan(top):
        raise ValueError(
            f"[make_tensor] `low` and `high` cannot be NaN, but got {low=} and {high=}."
        )
    if bottom >= top:
        raise ValueError(
            f"[make_tensor] `low` must be less than `high`, but got {bottom} >= {top}."
        )
    return max(bottom, least), min(top, most)
