"""Arithmetic: sums, products, quotients, remainders, signs, interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import BINARY, elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

_NO_MINUS = {
    "bool": (
        "Subtraction, the `-` operator, with a bool tensor is not supported: got a "
        "bool operand. Use the `^` or `logical_xor()` operator to combine masks, the "
        "`~` or `logical_not()` operator to invert one."
    )
}
_NO_NEGATION = {
    "bool": (
        "Negation, the `-` operator, on a bool tensor is not supported: got a bool "
        "operand. Use the `~` or `logical_not()` operator to invert a mask."
    )
}


# --- sums -------------------------------------------------------------------------


@elementwise(
    promote="same",
    node="AddBackward0",
    oracle="x + y",
    ulp=(0.5, 0.5),
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
    shown={"alpha": 1},
)
def add(x: Expr, y: Expr) -> Expr:
    """Sum of two operands, bool as logical or."""
    return x + y


@elementwise(
    promote="same",
    node="AddBackward0",
    oracle="x + alpha * y",
    ulp=(2, 2),
    floor=3.0,
    samples=({"alpha": -1.5}, {"alpha": 2}),
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
)
def add_scaled(x: Expr, y: Expr, *, alpha: Expr) -> Expr:
    """Sum with a factor for the second operand."""
    return x + alpha * y


@elementwise(
    promote="same",
    node="SubBackward0",
    oracle="x - y",
    ulp=(0.5, 0.5),
    complaints=_NO_MINUS,
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
    shown={"alpha": 1},
)
def sub(x: Expr, y: Expr) -> Expr:
    """Difference of two operands."""
    return x - y


@elementwise(
    promote="same",
    node="SubBackward0",
    oracle="x - alpha * y",
    ulp=(2, 2),
    floor=3.0,
    complaints=_NO_MINUS,
    samples=({"alpha": -1.5}, {"alpha": 2}),
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
)
def sub_scaled(x: Expr, y: Expr, *, alpha: Expr) -> Expr:
    """Difference with a factor for the second operand."""
    return x - alpha * y


@elementwise(
    promote="same",
    node="RsubBackward0",
    node_if_number={"y": "RsubBackward1"},
    oracle="y - x",
    ulp=(0.5, 0.5),
    complaints=_NO_MINUS,
    numbers=("y",),
    on_complex="complex",
    shown={"alpha": 1},
)
def rsub(x: Expr, y: Expr) -> Expr:
    """Difference the other way round."""
    return y - x


@elementwise(
    promote="same",
    node="RsubBackward0",
    node_if_number={"y": "RsubBackward1"},
    oracle="y - alpha * x",
    ulp=(2, 2),
    floor=3.0,
    complaints=_NO_MINUS,
    samples=({"alpha": -1.5}, {"alpha": 2}),
    numbers=("y",),
    on_complex="complex",
)
def rsub_scaled(x: Expr, y: Expr, *, alpha: Expr) -> Expr:
    """Difference the other way round, with a factor."""
    return y - alpha * x


def _check_alpha(op: str, input: Tensor, other: Any, alpha: Number) -> None:
    if isinstance(alpha, complex) and not any(
        isinstance(v, complex) or (hasattr(v, "dtype") and v.dtype.is_complex)
        for v in (input, other)
    ):
        raise RuntimeError(
            f"[{op}] For non-complex input tensors, argument alpha must not be a "
            f"complex number: got {alpha=}. Make one of the tensors complex."
        )
    if isinstance(alpha, float):
        dtypes = [t.dtype for t in (input, other) if hasattr(t, "dtype")]
        floating = any(d.is_floating_point or d.is_complex for d in dtypes)
        if not floating and not isinstance(other, float):
            raise RuntimeError(
                f"[{op}] For integral input tensors, argument alpha must not be a "
                f"floating point number: got {alpha=}. Pass a whole number, or "
                "convert the operands to a floating point dtype."
            )


@public("add")
def _add(
    input: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Any = None
) -> Tensor:
    """Add `other`, times `alpha`, to `input`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype; bool adds as logical or.
    other : Tensor or Number
        Broadcast with `input`.
    alpha : Number, default 1
        Factor for `other`; a whole number if the result is of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of the operands.

    Raises
    ------
    RuntimeError
        If `alpha` is a float and the operands are integers.

    Notes
    -----
    Derivative: ``g`` for `input` and ``alpha * g`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.add(x, derivo.tensor([10.0, 20.0]), alpha=0.5)
    >>> y
    tensor([ 6., 12.], grad_fn=<AddBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    if alpha == 1 and type(alpha) is int:
        op = add.core
        return op(input, other) if out is None else op.out(out, input, other)
    _check_alpha("add", input, other, alpha)
    op = add_scaled.core
    values = (input, other, alpha)
    return op(*values) if out is None else op.out(out, *values)


@public("sub", "subtract")
def _sub(
    input: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Any = None
) -> Tensor:
    """Subtract `other`, times `alpha`, from `input`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    alpha : Number, default 1
        Factor for `other`; a whole number if the result is of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of the operands.

    Raises
    ------
    RuntimeError
        If an operand is bool, or `alpha` is a float and the operands are integers.

    Notes
    -----
    Derivative: ``g`` for `input` and ``-alpha * g`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.sub(3.0 * x, x)
    >>> y
    tensor([2., 4.], grad_fn=<SubBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2., 2.])
    """
    if alpha == 1 and type(alpha) is int:
        op = sub.core
        return op(input, other) if out is None else op.out(out, input, other)
    _check_alpha("sub", input, other, alpha)
    op = sub_scaled.core
    values = (input, other, alpha)
    return op(*values) if out is None else op.out(out, *values)


@public("rsub")
def _rsub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtract `input`, times `alpha`, from `other`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    alpha : Number, default 1
        Factor for `input`; a whole number if the result is of integers.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of the operands.

    Raises
    ------
    RuntimeError
        If an operand is bool, or `alpha` is a float and the operands are integers.

    Notes
    -----
    Derivative: ``-alpha * g`` for `input` and ``g`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.rsub(x, 10)
    >>> y
    tensor([9., 8.], grad_fn=<RsubBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1., -1.])
    """
    if alpha == 1 and type(alpha) is int:
        return rsub.overload(other)(input, other)
    _check_alpha("rsub", input, other, alpha)
    return rsub_scaled.overload(other)(input, other, alpha)


@public("Tensor.add")
def _add_method(self: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Add `other`, times `alpha`.

    See `derivo.add`.
    """
    return _add(self, other, alpha=alpha)


@public("Tensor.add_")
def _add_inplace(self: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Add `other`, times `alpha`.

    In place; see `derivo.add`.
    """
    if alpha == 1 and type(alpha) is int:
        return add.core.inplace(self, other)
    _check_alpha("add_", self, other, alpha)
    return add_scaled.core.inplace(self, other, alpha)


@public("Tensor.sub", "Tensor.subtract")
def _sub_method(self: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtract `other`, times `alpha`.

    See `derivo.sub`.
    """
    return _sub(self, other, alpha=alpha)


@public("Tensor.sub_", "Tensor.subtract_")
def _sub_inplace(self: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtract `other`, times `alpha`.

    In place; see `derivo.sub`.
    """
    if alpha == 1 and type(alpha) is int:
        return sub.core.inplace(self, other)
    _check_alpha("sub_", self, other, alpha)
    return sub_scaled.core.inplace(self, other, alpha)


# --- products and quotients -------------------------------------------------------


@elementwise(
    promote="same",
    node="MulBackward0",
    oracle="x * y",
    api=BINARY,
    aliases={"multiply": BINARY},
    ulp=(0.5, 0.5),
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
)
def mul(x: Expr, y: Expr) -> Expr:
    """Multiply element by element.

    Derivative: ``g * other`` and ``g * input``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.mul(x, derivo.tensor([3.0, 4.0]))
    >>> y
    tensor([3., 8.], grad_fn=<MulBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([3., 4.])
    """
    return x * y


@elementwise(
    promote="float",
    node="DivBackward0",
    oracle="x / y",
    api=(),
    aliases={"true_divide": BINARY},
    ulp=(0.5, 0.5),
    domain=((-3, 3), (0.25, 3)),
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
)
def div(x: Expr, y: Expr) -> Expr:
    """Divide element by element, integers too giving fractions.

    Derivative: ``g / other`` and ``-g * (input / other) / other``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.true_divide(x, 4)
    >>> y
    tensor([0.2500, 0.5000], grad_fn=<DivBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.2500])
    """
    return x / y


@div.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return g / y, -g * ((x / y) / y)


@elementwise(
    promote="same",
    node="DivBackward2",
    oracle="np.floor_divide(x, y)",
    accepts="numbers",
    smooth=False,
    ulp=(0.5, 0.5),
    domain=((-9, 9), (0.25, 3)),
    numbers=(
        "x",
        "y",
    ),
    shown={"rounding_mode": "floor"},
)
def div_floor(x: Expr, y: Expr) -> Expr:
    """Quotient rounded down."""
    return x // y


@elementwise(
    promote="same",
    node="DivBackward2",
    oracle="np.trunc(np.true_divide(x, y)).astype(np.result_type(x, y))",
    accepts="numbers",
    smooth=False,
    ulp=(0.5, 0.5),
    domain=((-9, 9), (0.25, 3)),
    numbers=(
        "x",
        "y",
    ),
    shown={"rounding_mode": "trunc"},
)
def div_trunc(x: Expr, y: Expr) -> Expr:
    """Quotient rounded towards zero."""
    return s.trunc(x / y)


@div_trunc.integers
def _(x: Expr, y: Expr) -> Expr:
    return (x - s.fmod(x, y)) // y


@elementwise(
    promote="same",
    node="NotImplemented",
    oracle="np.floor_divide(x, y)",
    accepts="numbers",
    no_derivative=True,
    ulp=(0.5, 0.5),
    domain=((-9, 9), (0.25, 3)),
    numbers=(
        "x",
        "y",
    ),
)
def floor_divide(x: Expr, y: Expr) -> Expr:
    """Quotient rounded down, without a derivative."""
    return x // y


def _division(mode: str | None) -> Any:
    if mode is None:
        return div.core
    if mode == "floor":
        return div_floor.core
    if mode == "trunc":
        return div_trunc.core
    raise RuntimeError(
        "[div] div expected rounding_mode to be one of None, 'trunc', or 'floor' but "
        f"found {mode!r}. Leave it out for the exact quotient."
    )


def _check_zero(op: str, other: Any) -> None:
    # Kernels give 0 for integers over zero; PyTorch raises for the whole tensor.
    if isinstance(other, int):
        zero = other == 0
    elif isinstance(other, float) or other.dtype.is_floating_point:
        return
    else:
        zero = bool((other == 0).any())
    if zero:
        raise RuntimeError(
            f"[{op}] ZeroDivisionError: integer division by zero, the divisor "
            "contains a 0. Convert to a floating point dtype for infinities, or "
            "replace the zeros first."
        )


def _exact(input: Any, other: Any) -> bool:
    """Whether both are integers, so that a zero divisor has no answer."""
    for value in (input, other):
        if isinstance(value, float):
            return False
        dtype = getattr(value, "dtype", None)
        if dtype is not None and (dtype.is_floating_point or dtype.is_complex):
            return False
    return True


@public("div", "divide")
def _div(
    input: Tensor,
    other: Tensor | Number,
    *,
    rounding_mode: str | None = None,
    out: Any = None,
) -> Tensor:
    """Divide `input` by `other`, with the quotient rounded if asked.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    other : Tensor or Number
        Broadcast with `input`.
    rounding_mode : {None, "trunc", "floor"}
        Exact quotient (integers become the default dtype), rounded towards zero, or
        rounded down.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        If `rounding_mode` is unknown, or integers are divided by zero.

    Notes
    -----
    Derivative: ``g / other`` and ``-g * input / other**2``; 0 where the quotient is
    rounded.

    Examples
    --------
    >>> x = derivo.tensor([7.0, -7.0], requires_grad=True)
    >>> derivo.div(x, 2, rounding_mode="floor")
    tensor([ 3., -4.], grad_fn=<DivBackward2>)
    >>> y = derivo.div(x, 2)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.5000])
    """
    op = _division(rounding_mode)
    if rounding_mode is not None and _exact(input, other):
        _check_zero("div", other)
    return op(input, other) if out is None else op.out(out, input, other)


@public("Tensor.div", "Tensor.divide")
def _div_method(
    self: Tensor, other: Tensor | Number, *, rounding_mode: str | None = None
) -> Tensor:
    """Divide by `other`, with the quotient rounded if asked.

    See `derivo.div`.
    """
    return _div(self, other, rounding_mode=rounding_mode)


@public("Tensor.div_", "Tensor.divide_")
def _div_inplace(
    self: Tensor, other: Tensor | Number, *, rounding_mode: str | None = None
) -> Tensor:
    """Divide by `other`, with the quotient rounded if asked.

    In place; see `derivo.div`.
    """
    op = _division(rounding_mode)
    if rounding_mode is not None and _exact(self, other):
        _check_zero("div_", other)
    return op.inplace(self, other)


def _checked(name: str, core: Any, *values: Any) -> Any:
    """Run a division after looking for integers over zero."""
    if _exact(values[0], values[1]):
        _check_zero(name, values[1])
    return core(*values)


@public("floor_divide", "Tensor.floor_divide")
def _floor_divide(input: Tensor, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Divide and round down.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Raises
    ------
    RuntimeError
        If integers are divided by zero; in backward, as it has no derivative.

    Notes
    -----
    Derivative: none; `derivo.div` with ``rounding_mode="floor"`` has derivative 0.

    Examples
    --------
    >>> x = derivo.tensor([7.0, -7.0])
    >>> derivo.floor_divide(x, 2)
    tensor([ 3., -4.])
    >>> w = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (w * derivo.floor_divide(x, 2)).sum().backward()
    >>> w.grad
    tensor([ 3., -4.])
    """
    core = floor_divide.core
    if out is not None:
        return _checked("floor_divide", lambda *v: core.out(out, *v), input, other)
    return _checked("floor_divide", core, input, other)


@public("Tensor.floor_divide_")
def _floor_divide_inplace(self: Tensor, other: Tensor | Number) -> Tensor:
    """Divide and round down.

    In place; see `derivo.floor_divide`.
    """
    return _checked("floor_divide_", floor_divide.core.inplace, self, other)


# --- remainders -------------------------------------------------------------------


@elementwise(
    promote="same",
    node="RemainderBackward1",
    node_if_number={"y": "RemainderBackward0"},
    oracle="np.remainder(x, y)",
    accepts="numbers",
    ulp=(2, 2),
    floor=3.0,
    smooth=False,
    domain=((-9, 9), (0.5, 3)),
    numbers=(
        "x",
        "y",
    ),
)
def remainder(x: Expr, y: Expr) -> Expr:
    """Remainder with the sign of the divisor."""
    return s.remainder(x, y)


@remainder.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    return g, -g * s.floor_divide(x, y)


@elementwise(
    promote="same",
    node="FmodBackward1",
    node_if_number={"y": "FmodBackward0"},
    oracle="np.fmod(x, y)",
    accepts="numbers",
    ulp=(2, 2),
    floor=3.0,
    smooth=False,
    domain=((-9, 9), (0.5, 3)),
    numbers=("y",),
)
def fmod(x: Expr, y: Expr) -> Expr:
    """Remainder with the sign of the dividend."""
    return s.fmod(x, y)


@public("remainder", "Tensor.remainder")
def _remainder(
    input: Tensor | Number, other: Tensor | Number, *, out: Any = None
) -> Tensor:
    """Compute the remainder of a division, with the sign of the divisor.

    Parameters
    ----------
    input : Tensor or Number
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype; as Python's ``%``.

    Raises
    ------
    RuntimeError
        If integers are divided by zero.

    Notes
    -----
    Derivative: ``g`` for `input`, ``-g * floor(input / other)`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([5.5, -5.5], requires_grad=True)
    >>> y = derivo.remainder(x, 3)
    >>> y
    tensor([2.5000, 0.5000], grad_fn=<RemainderBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    core = remainder.overload(other)
    if out is not None:
        return _checked("remainder", lambda *v: core.out(out, *v), input, other)
    return _checked("remainder", core, input, other)


@public("Tensor.remainder_")
def _remainder_inplace(self: Tensor, other: Tensor | Number) -> Tensor:
    """Compute the remainder of a division, with the sign of the divisor.

    In place; see `derivo.remainder`.
    """
    return _checked("remainder_", remainder.overload(other).inplace, self, other)


@public("fmod", "Tensor.fmod")
def _fmod(input: Tensor, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Compute the remainder of a division, with the sign of the dividend.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype; as C's ``fmod``.

    Raises
    ------
    RuntimeError
        If integers are divided by zero.

    Notes
    -----
    Derivative: ``g`` for `input`, ``-g * trunc(input / other)`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([5.5, -5.5], requires_grad=True)
    >>> y = derivo.fmod(x, 3)
    >>> y
    tensor([ 2.5000, -2.5000], grad_fn=<FmodBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    core = fmod.overload(other)
    if out is not None:
        return _checked("fmod", lambda *v: core.out(out, *v), input, other)
    return _checked("fmod", core, input, other)


@public("Tensor.fmod_")
def _fmod_inplace(self: Tensor, other: Tensor | Number) -> Tensor:
    """Compute the remainder of a division, with the sign of the dividend.

    In place; see `derivo.fmod`.
    """
    return _checked("fmod_", fmod.overload(other).inplace, self, other)
