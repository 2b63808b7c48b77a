"""The Airy function, through SciPy: it gives four results, so no kernel can call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.promotion import SCALAR_TYPES
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor


def _airy(x: Tensor, which: int) -> Tensor:
    import numpy as np
    from scipy.special import airy

    from derivo.ops.creation import from_numpy

    values = airy(x.detach().numpy().astype(np.float64))[which]
    made: Tensor = from_numpy(np.array(values)).to(x.dtype)
    return made


def _forward(x: Tensor) -> Tensor:
    return _airy(x, 0)


def _forward_slope(x: Tensor) -> Tensor:
    return _airy(x, 1)


def _vjp(ctx: Any, g: Tensor) -> Tensor:
    (x,) = ctx.saved
    slope: Tensor = _SLOPE((x,))
    return g * slope


def _vjp_slope(ctx: Any, g: Tensor) -> Tensor:
    (x,) = ctx.saved
    value: Tensor = _AIRY((x,))
    return g * (x * value)


# Each is the other's derivative: Ai'' = x * Ai.
_AIRY = Primitive(
    "airy_ai",
    node="SpecialAiryAiBackward0",
    forward=_forward,
    vjp=_vjp,
    save=(0,),
    batch=_batching.elementwise,
)
_SLOPE = Primitive(
    "airy_ai_slope",
    node="SpecialAiryAiBackwardBackward0",
    forward=_forward_slope,
    vjp=_vjp_slope,
    save=(0,),
    batch=_batching.elementwise,
)


@public("special.airy_ai")
def _airy_ai(input: Tensor, *, out: Any = None) -> Tensor:
    """Compute the Airy function Ai.

    Parameters
    ----------
    input : Tensor
        Any shape; integers become the default dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the shape of `input`.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Derivative: ``g`` times the derivative of Ai; PyTorch has none.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.airy_ai(x)
    >>> y.detach()
    tensor([0.3550, 0.1353])
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.2588, -0.1591])
    """
    import derivo

    if input.dtype.name in ("float16", "bfloat16"):
        word = SCALAR_TYPES[input.dtype.code]
        raise NotImplementedError(
            f'[airy_ai] "airy_ai_cpu" not implemented for {word!r}: expected float32 '
            f"or float64, got {input.dtype}. Convert with .to(dtype) first."
        )
    if not input.dtype.is_floating_point:
        input = input.to(derivo.get_default_dtype())
    made: Tensor = _AIRY((input,))
    return made if out is None else out.resize_(made.shape).copy_(made)
