"""Comparisons, logic, and questions about floating point values; all give bool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo.ir import scalar as s
from derivo.ops._elementwise import BINARY, PURE, elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

QUESTION = ("{}!", "Tensor.{}")


@elementwise(
    promote="compare",
    oracle="x == y",
    api=BINARY,
    numbers=("y",),
    on_complex="complex",
)
def eq(x: Expr, y: Expr) -> Expr:
    """Tell where `input` is equal to `other`; false where either is NaN.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.eq(x, 2)
    tensor([False,  True, False])
    >>> (x * derivo.eq(x, 2)).sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """
    return x == y


@elementwise(
    promote="compare",
    oracle="x != y",
    api=BINARY,
    aliases={"not_equal": BINARY},
    numbers=("y",),
    on_complex="complex",
)
def ne(x: Expr, y: Expr) -> Expr:
    """Tell where `input` differs from `other`; NaN differs from everything.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.ne(x, 2)
    tensor([ True, False,  True])
    >>> (x * derivo.ne(x, 2)).sum().backward()
    >>> x.grad
    tensor([1., 0., 1.])
    """
    return x != y


@elementwise(
    promote="compare",
    oracle="x < y",
    api=BINARY,
    aliases={"less": BINARY},
    numbers=("y",),
)
def lt(x: Expr, y: Expr) -> Expr:
    """Tell where `input` is less than `other`; false where either is NaN.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.lt(x, 2)
    tensor([ True, False, False])
    >>> (x * derivo.lt(x, 2)).sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """
    return x < y


@elementwise(
    promote="compare",
    oracle="x <= y",
    api=BINARY,
    aliases={"less_equal": BINARY},
    numbers=("y",),
)
def le(x: Expr, y: Expr) -> Expr:
    """Tell where `input` is at most `other`; false where either is NaN.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.le(x, 2)
    tensor([ True,  True, False])
    >>> (x * derivo.le(x, 2)).sum().backward()
    >>> x.grad
    tensor([1., 1., 0.])
    """
    return x <= y


@elementwise(
    promote="compare",
    oracle="x > y",
    api=BINARY,
    aliases={"greater": BINARY},
    numbers=("y",),
)
def gt(x: Expr, y: Expr) -> Expr:
    """Tell where `input` is greater than `other`; false where either is NaN.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.gt(x, 2)
    tensor([False, False,  True])
    >>> (x * derivo.gt(x, 2)).sum().backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """
    return x > y


@elementwise(
    promote="compare",
    oracle="x >= y",
    api=BINARY,
    aliases={"greater_equal": BINARY},
    numbers=("y",),
)
def ge(x: Expr, y: Expr) -> Expr:
    """Tell where `input` is at least `other`; false where either is NaN.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.ge(x, 2)
    tensor([False,  True,  True])
    >>> (x * derivo.ge(x, 2)).sum().backward()
    >>> x.grad
    tensor([0., 1., 1.])
    """
    return x >= y


@elementwise(
    promote="logical", oracle="np.logical_and(x, y)", api=BINARY, on_complex="complex"
)
def logical_and(x: Expr, y: Expr) -> Expr:
    """Tell where both are non-zero.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> a = derivo.tensor([True, True, False])
    >>> b = derivo.tensor([True, False, False])
    >>> derivo.logical_and(a, b)
    tensor([ True, False, False])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * derivo.logical_and(a, b)).sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """
    return s.logical_and(x, y)


@elementwise(
    promote="logical", oracle="np.logical_or(x, y)", api=BINARY, on_complex="complex"
)
def logical_or(x: Expr, y: Expr) -> Expr:
    """Tell where at least one is non-zero.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> a = derivo.tensor([True, True, False])
    >>> b = derivo.tensor([True, False, False])
    >>> derivo.logical_or(a, b)
    tensor([ True,  True, False])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * derivo.logical_or(a, b)).sum().backward()
    >>> x.grad
    tensor([1., 1., 0.])
    """
    return s.logical_or(x, y)


@elementwise(
    promote="logical", oracle="np.logical_xor(x, y)", api=BINARY, on_complex="complex"
)
def logical_xor(x: Expr, y: Expr) -> Expr:
    """Tell where exactly one is non-zero.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> a = derivo.tensor([True, True, False])
    >>> b = derivo.tensor([True, False, False])
    >>> derivo.logical_xor(a, b)
    tensor([False,  True, False])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * derivo.logical_xor(a, b)).sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """
    return s.logical_xor(x, y)


@elementwise(
    promote="logical", oracle="np.logical_not(x)", api=BINARY, on_complex="complex"
)
def logical_not(x: Expr) -> Expr:
    """Tell where `input` is zero.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> derivo.logical_not(x)
    tensor([ True, False])
    >>> (x * derivo.logical_not(x)).sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """
    return s.logical_not(x)


@elementwise(
    promote="compare", oracle="np.isnan(x)", api=QUESTION, on_complex="complex"
)
def isnan(x: Expr) -> Expr:
    """Tell where `input` is not a number.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isnan(x)
    tensor([False, False,  True, False])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isnan(x)).sum().backward()
    >>> w.grad
    tensor([0., 0., 1., 0.])
    """
    return s.isnan(x)


@elementwise(
    promote="compare", oracle="np.isinf(x)", api=QUESTION, on_complex="complex"
)
def isinf(x: Expr) -> Expr:
    """Tell where `input` is infinite.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isinf(x)
    tensor([False,  True, False,  True])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isinf(x)).sum().backward()
    >>> w.grad
    tensor([0., 1., 0., 1.])
    """
    return s.isinf(x)


@elementwise(
    promote="compare", oracle="np.isfinite(x)", api=QUESTION, on_complex="complex"
)
def isfinite(x: Expr) -> Expr:
    """Tell where `input` is neither infinite nor NaN.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isfinite(x)
    tensor([ True, False, False, False])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isfinite(x)).sum().backward()
    >>> w.grad
    tensor([1., 0., 0., 0.])
    """
    return s.isfinite(x)


@elementwise(promote="compare", oracle="np.isinf(x) & (x > 0)", api=PURE)
def isposinf(x: Expr) -> Expr:
    """Tell where `input` is positive infinity.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isposinf(x)
    tensor([False,  True, False, False])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isposinf(x)).sum().backward()
    >>> w.grad
    tensor([0., 1., 0., 0.])
    """
    return s.isinf(x) & (x > 0)


@elementwise(promote="compare", oracle="np.isinf(x) & (x < 0)", api=PURE)
def isneginf(x: Expr) -> Expr:
    """Tell where `input` is negative infinity.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isneginf(x)
    tensor([False, False, False,  True])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isneginf(x)).sum().backward()
    >>> w.grad
    tensor([0., 0., 0., 1.])
    """
    return s.isinf(x) & (x < 0)


@elementwise(
    promote="compare", oracle="np.isreal(x)", api=QUESTION, on_complex="complex"
)
def isreal(x: Expr) -> Expr:
    """Tell where the imaginary part is zero, which for real numbers is everywhere.

    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> derivo.isreal(x)
    tensor([True, True])
    >>> (x * derivo.isreal(x)).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return s.isnan(x) | (x == x)


@isreal.complex
def _(x: Expr) -> Expr:
    from derivo.ir.complex import imag

    return imag(x) == 0


@elementwise(
    promote="compare",
    oracle="np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=bool(equal_nan))",
    samples=(
        {"rtol": 1e-5, "atol": 1e-8, "equal_nan": 0},
        {"rtol": 0.5, "atol": 0.5, "equal_nan": 1},
    ),
    on_complex="complex",
)
def isclose(x: Expr, y: Expr, *, rtol: Expr, atol: Expr, equal_nan: Expr) -> Expr:
    """Whether two values differ by at most ``atol + rtol * abs(y)``."""
    gap = s.abs(x - y)
    near = s.isfinite(gap) & (gap <= atol + rtol * s.abs(y))
    nans = s.isnan(x) & s.isnan(y) & (equal_nan != 0)
    return (x == y) | near | nans


@public("isclose", "Tensor.isclose")
def _isclose(
    input: Tensor,
    other: Tensor,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Tensor:
    """Tell where two tensors differ by at most ``atol + rtol * abs(other)``.

    Parameters
    ----------
    input, other : Tensor
        Of one dtype, broadcast with each other.
    rtol, atol : float
        Relative and absolute tolerance, not negative.
    equal_nan : bool, default False
        Whether two NaN are close.

    Returns
    -------
    Tensor
        bool, of the broadcast shape.

    Raises
    ------
    RuntimeError
        If the dtypes differ or a tolerance is negative.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> derivo.isclose(x, derivo.tensor([1.0000001, 2.1]))
    tensor([ True, False])
    >>> (x * derivo.isclose(x, x.detach())).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    for position, operand in enumerate((input, other)):
        if isinstance(operand, (int, float)):
            raise TypeError(
                f"[isclose] isclose(): argument '{('input', 'other')[position]}' "
                f"(position {position + 1}) must be Tensor, not "
                f"{type(operand).__name__}. Make a tensor of it with derivo.tensor()."
            )
    if input.dtype is not other.dtype:
        raise RuntimeError(
            f"[isclose] {input.dtype} did not match {other.dtype}: expected tensors of "
            "one dtype. Convert one of them with .to(dtype)."
        )
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not value >= 0:
            raise RuntimeError(
                f"[isclose] {name} must be greater than or equal to zero, but got "
                f"{value}. Pass a tolerance that is not negative."
            )
    if not (input.dtype.is_floating_point or input.dtype.is_complex):
        if rtol == 0 and atol == 0:
            return eq.core(input, other)
        input, other = input.double(), other.double()
    return isclose.core(input, other, float(rtol), float(atol), int(equal_nan))
