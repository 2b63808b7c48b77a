"""Choosing between values: where, and replacing what is not finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float


@elementwise(
    promote="same",
    node="WhereBackward0",
    oracle="np.where(condition != 0, x, y)",
    first_promoted=1,
    ulp=(0, 0),
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
)
def where(condition: Expr, x: Expr, y: Expr) -> Expr:
    """`x` where the condition holds, else `y`."""
    return s.where(condition, x, y)


@where.derivative
def _(g: Expr, condition: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Any, ...]:
    return None, s.where(condition, g, 0), s.where(condition, 0, g)


def _check_condition(condition: Tensor) -> None:
    if condition.dtype.name not in ("bool", "uint8"):
        raise RuntimeError(
            "[where] where expected condition to be a boolean tensor, but got a tensor "
            f"with dtype {condition.dtype}. Compare it with something, or convert it "
            "with .bool()."
        )


@public("where")
def _where(
    condition: Tensor,
    input: Tensor | Number | None = None,
    other: Tensor | Number | None = None,
    *,
    out: Any = None,
) -> Any:
    """Choose `input` where `condition` holds, else `other`.

    Parameters
    ----------
    condition : Tensor
        bool, any shape.
    input, other : Tensor or Number
        Broadcast with `condition` and each other. Without both, the indices of the
        elements that hold are given, as ``condition.nonzero(as_tuple=True)``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of `input` and `other`.

    Raises
    ------
    RuntimeError
        If `condition` is not bool.

    Notes
    -----
    Derivative: ``where(condition, g, 0)`` and ``where(condition, 0, g)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.where(x > 0, x, 0.1 * x)
    >>> y
    tensor([-0.1000,  2.0000], grad_fn=<WhereBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.1000, 1.0000])
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    _check_condition(condition)
    if not hasattr(input, "dtype") and not hasattr(other, "dtype"):
        # Numbers alone give a tensor of their own dtype.
        from derivo.ops.creation import tensor

        input = tensor(input)
    op = where.core
    if out is not None:
        return op.out(out, condition, input, other)
    return op(condition, input, other)


@public("Tensor.where")
def _where_method(self: Tensor, condition: Tensor, other: Tensor | Number) -> Tensor:
    """Keep the elements where `condition` holds, take `other` elsewhere.

    See `derivo.where`.
    """
    _check_condition(condition)
    return where.core(condition, self, other)


@elementwise(
    promote="same",
    node="NanToNumBackward0",
    oracle="np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)",
    ulp=(0, 0),
    on_complex="complex",
    samples=({"nan": 0.5, "posinf": 9.0, "neginf": -9.0},),
    kinks=[((math.inf,), (0.0,)), ((math.nan,), (0.0,))],
)
def nan_to_num(x: Expr, *, nan: Expr, posinf: Expr, neginf: Expr) -> Expr:
    """`x` with NaN and infinities replaced."""
    infinite = s.where(x > 0, posinf, neginf)
    return s.where(s.isnan(x), nan, s.where(s.isinf(x), infinite, x))


@nan_to_num.derivative
def _(g: Expr, x: Expr, out: Expr, **_: Expr) -> tuple[Expr, ...]:
    return (s.where(s.isfinite(x), g, 0),)


@nan_to_num.complex
def _(x: Expr, *, nan: Expr, posinf: Expr, neginf: Expr) -> Expr:
    from derivo.ir.complex import complex_, imag, real

    new = (real(nan), real(posinf), real(neginf))

    def mended(part: Expr) -> Expr:
        infinite = s.where(part > 0, new[1], new[2])
        return s.where(s.isnan(part), new[0], s.where(s.isinf(part), infinite, part))

    return complex_(mended(real(x)), mended(imag(x)))


_LARGEST = {
    "complex64": 3.4028234663852886e38,
    "complex128": 1.7976931348623157e308,
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "float64": 1.7976931348623157e308,
}


def _replacements(
    input: Tensor, nan: float | None, posinf: float | None, neginf: float | None
) -> tuple[float, float, float]:
    largest = _LARGEST.get(input.dtype.name, 0.0)
    return (
        0.0 if nan is None else nan,
        largest if posinf is None else posinf,
        -largest if neginf is None else neginf,
    )


@public("nan_to_num")
def _nan_to_num(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
    *,
    out: Any = None,
) -> Tensor:
    """Replace NaN and infinities.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    nan : float, optional
        Replaces NaN; 0 if left out.
    posinf, neginf : float, optional
        Replace the infinities; the largest and smallest finite number of the dtype
        if left out.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    Derivative: ``g`` where `input` is finite, else 0.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("nan"), float("inf")], requires_grad=True)
    >>> y = derivo.nan_to_num(x, posinf=9.0)
    >>> y
    tensor([1., 0., 9.], grad_fn=<NanToNumBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """
    op, values = nan_to_num.core, _replacements(input, nan, posinf, neginf)
    return op(input, *values) if out is None else op.out(out, input, *values)


@public("Tensor.nan_to_num")
def _nan_to_num_method(
    self: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Replace NaN and infinities.

    See `derivo.nan_to_num`.
    """
    return nan_to_num.core(self, *_replacements(self, nan, posinf, neginf))


@public("nan_to_num_", "Tensor.nan_to_num_")
def _nan_to_num_inplace(
    input: Tensor,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Replace NaN and infinities.

    In place; see `derivo.nan_to_num`.
    """
    values = _replacements(input, nan, posinf, neginf)
    return nan_to_num.core.inplace(input, *values)
