"""Powers. Exponents that are common numbers have kernels of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import ElementwiseRecord, elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float


@elementwise(
    promote="same",
    node="PowBackward1",
    node_if_number={"y": "PowBackward0", "x": "PowBackward2"},
    oracle="np.power(x, y)",
    accepts="numbers",
    domain=((0.1, 3), (-3, 3)),
    kinks=[((0.0, 0.0), (0.0, 0.0)), ((2.0, 0.0), (0.0, 0.6931471805599453))],
    numbers=(
        "x",
        "y",
    ),
    on_complex="complex",
)
def pow(x: Expr, y: Expr) -> Expr:
    """`x` to the power `y`."""
    return s.pow(x, y)


@pow.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, ...]:
    by_base = s.where(y == 0, 0, g * (y * s.pow(x, y - 1)))
    by_exponent = s.where((x == 0) & (y >= 0), 0, g * (out * s.log(x)))
    return by_base, by_exponent


@elementwise(
    promote="same",
    node="PowBackward0",
    oracle="np.square(x)",
    accepts="numbers",
    ulp=(0.5, 0.5),
    on_complex="complex",
    shown={"exponent": 2},
)
def square(x: Expr) -> Expr:
    """Second power."""
    return s.square(x)


@elementwise(
    promote="same",
    node="PowBackward0",
    oracle="x * x * x",
    accepts="numbers",
    ulp=(2, 2),
    on_complex="complex",
    shown={"exponent": 3},
)
def cube(x: Expr) -> Expr:
    """Third power."""
    return x * x * x


@cube.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * (3 * (x * x)),)


@elementwise(
    promote="same",
    node="PowBackward0",
    oracle="np.sqrt(x)",
    accepts="floats",
    ulp=(0.5, 0.5),
    domain=((0.05, 9),),
    on_complex="complex",
    shown={"exponent": 0.5},
)
def pow_half(x: Expr) -> Expr:
    """Power with exponent 1/2."""
    return s.sqrt(x)


@pow_half.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    # Keeps the operand, as any power does, not the result.
    return (g * (0.5 * s.rsqrt(x)),)


@elementwise(
    promote="same",
    node="PowBackward0",
    oracle="1 / x",
    accepts="floats",
    ulp=(0.5, 0.5),
    domain=((0.1, 9),),
    on_complex="complex",
    shown={"exponent": -1},
)
def pow_inverse(x: Expr) -> Expr:
    """Power with exponent -1."""
    return 1 / x


@pow_inverse.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (-g / (x * x),)


_COMMON: dict[float, ElementwiseRecord] = {2: square, 3: cube}
_COMMON_FLOAT: dict[float, ElementwiseRecord] = {0.5: pow_half, -1: pow_inverse}


def power(
    input: Tensor | Number, exponent: Tensor | Number
) -> tuple[Any, tuple[Any, ...]]:
    """Pick the core operation for a power, and its operands."""
    kind = type(exponent)
    if kind is int or kind is float or isinstance(exponent, (int, float, complex)):
        if isinstance(input, (int, float, complex)):
            raise TypeError(
                "[pow] pow() received an invalid combination of arguments - got "
                f"({type(input).__name__}, {kind.__name__}): expected a tensor as base "
                "or exponent. Use Python's ** for two numbers."
            )
        dtype = input.dtype
        record = _COMMON.get(exponent)  # type: ignore[arg-type]
        if dtype.is_complex or (dtype.is_floating_point and kind is not complex):
            if record is None:
                record = _COMMON_FLOAT.get(exponent)  # type: ignore[arg-type]
            if record is not None:
                return record.core, (input,)
        elif kind is int:
            if exponent < 0:
                raise RuntimeError(
                    "[pow] Integers to negative integer powers are not allowed: got "
                    f"an integer tensor and {exponent=}. Pass a float exponent, or "
                    "convert the tensor to a floating point dtype."
                )
            if record is not None and dtype.name != "bool":
                return record.core, (input,)
        return pow.core_named("PowBackward0", 1), (input, exponent)
    if isinstance(input, (int, float, complex)):
        return pow.core_named("PowBackward2", hidden=1), (input, exponent)
    return pow.core, (input, exponent)


@public("pow")
def _pow(
    input: Tensor | Number, exponent: Tensor | Number, *, out: Any = None
) -> Tensor:
    """Raise to a power.

    Parameters
    ----------
    input : Tensor or Number
        Base, any shape, any dtype except bool.
    exponent : Tensor or Number
        Broadcast with `input`; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Raises
    ------
    RuntimeError
        If integers are raised to a negative whole number.

    Notes
    -----
    Derivative: ``g * exponent * input**(exponent - 1)``, 0 where the exponent is 0;
    and ``g * out * log(input)``, 0 where the base is 0.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.pow(x, 3)
    >>> y
    tensor([ 1.,  8., 27.], grad_fn=<PowBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 3., 12., 27.])
    """
    op, operands = power(input, exponent)
    return op(*operands) if out is None else op.out(out, *operands)


@public("Tensor.pow")
def _pow_method(self: Tensor, exponent: Tensor | Number) -> Tensor:
    """Raise to a power.

    See `derivo.pow`.
    """
    op, operands = power(self, exponent)
    return op(*operands)


@public("Tensor.pow_")
def _pow_inplace(self: Tensor, exponent: Tensor | Number) -> Tensor:
    """Raise to a power.

    In place; see `derivo.pow`.
    """
    op, operands = power(self, exponent)
    return op.inplace(*operands)


def _square_operands(input: Tensor) -> tuple[Any, tuple[Any, ...]]:
    if input.dtype.name == "bool":
        return pow.core, (input, 2)
    return square.core, (input,)


@public("square", "Tensor.square")
def _square(input: Tensor, *, out: Any = None) -> Tensor:
    """Square.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype; bool becomes int64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    Derivative: ``g * 2 * input``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> y = derivo.square(x)
    >>> y
    tensor([1., 4.], grad_fn=<PowBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 2., -4.])
    """
    op, operands = _square_operands(input)
    return op(*operands) if out is None else op.out(out, *operands)


@public("square_", "Tensor.square_")
def _square_inplace(input: Tensor) -> Tensor:
    """Square.

    In place; see `derivo.square`.
    """
    op, operands = _square_operands(input)
    return op.inplace(*operands)


def _is_complex(value: Any) -> bool:
    return bool(
        value.is_complex() if hasattr(value, "dtype") else isinstance(value, complex)
    )


def _doubles(*values: Any) -> list[Any]:
    """Convert tensors and numbers to double precision, all complex if one is."""
    if any(_is_complex(v) for v in values):
        return [v.cdouble() if hasattr(v, "dtype") else complex(v) for v in values]
    return [v.double() if hasattr(v, "dtype") else float(v) for v in values]


@public("float_power", "Tensor.float_power")
def _float_power(
    input: Tensor | Number, exponent: Tensor | Number, *, out: Any = None
) -> Tensor:
    """Raise to a power in float64.

    Parameters
    ----------
    input : Tensor or Number
        Base, any shape and dtype.
    exponent : Tensor or Number
        Broadcast with `input`; one of the two is a tensor.
    out : Tensor, optional
        Takes the result; float64.

    Returns
    -------
    Tensor
        float64, of the broadcast shape.

    Raises
    ------
    RuntimeError
        If `out` is not float64.

    Notes
    -----
    Derivative: as `derivo.pow`.

    Complex operands are computed in complex128.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.float_power(x, 2)
    >>> y
    tensor([1., 4., 9.], dtype=torch.float64, grad_fn=<PowBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """
    operands = _doubles(input, exponent)
    wide = "complex128" if any(_is_complex(v) for v in operands) else "float64"
    if out is not None and out.dtype.name != wide:
        word = "ComplexDouble" if wide == "complex128" else "Double"
        raise RuntimeError(
            f"[float_power] the output given to float_power has dtype {out.dtype} but "
            f"the operation's result requires dtype {word}. Pass a {wide} tensor."
        )
    op, taken = power(*operands)
    return op(*taken) if out is None else op.out(out, *taken)


@public("Tensor.float_power_")
def _float_power_inplace(self: Tensor, exponent: Tensor | Number) -> Tensor:
    """Raise to a power in float64.

    In place, for float64 tensors; see `derivo.float_power`.
    """
    turned = self.is_complex() or _is_complex(exponent)
    if self.dtype.name != ("complex128" if turned else "float64"):
        raise RuntimeError(
            f"[float_power_] the base given to float_power_ has dtype {self.dtype} but "
            f"the operation's result requires dtype {'Complex' * turned}Double. Use "
            "float_power instead."
        )
    op, operands = power(self, *_doubles(exponent))
    return op.inplace(*operands)
