"""Bits of integers and bool: and, or, exclusive or, not, shifts, divisors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo.ir import scalar as s
from derivo.ops._elementwise import BINARY, UNARY, elementwise

if TYPE_CHECKING:
    from derivo.ir.expr import Expr


@elementwise(
    promote="same",
    accepts="bits",
    oracle="np.bitwise_and(x, y)",
    api=BINARY,
    numbers=(
        "x",
        "y",
    ),
)
def bitwise_and(x: Expr, y: Expr) -> Expr:
    """Combine the bits of two integers, or two truth values, by and.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_and(derivo.tensor([12, 10]), derivo.tensor([10, 3]))
    tensor([8, 2])
    >>> a, b = derivo.tensor([True, False]), derivo.tensor([True, True])
    >>> mask = derivo.bitwise_and(a, b)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """
    return s.bitwise_and(x, y)


@elementwise(
    promote="same",
    accepts="bits",
    oracle="np.bitwise_or(x, y)",
    api=BINARY,
    numbers=(
        "x",
        "y",
    ),
)
def bitwise_or(x: Expr, y: Expr) -> Expr:
    """Combine the bits of two integers, or two truth values, by or.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_or(derivo.tensor([12, 10]), derivo.tensor([10, 3]))
    tensor([14, 11])
    >>> a, b = derivo.tensor([True, False]), derivo.tensor([True, True])
    >>> mask = derivo.bitwise_or(a, b)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return s.bitwise_or(x, y)


@elementwise(
    promote="same",
    accepts="bits",
    oracle="np.bitwise_xor(x, y)",
    api=BINARY,
    numbers=(
        "x",
        "y",
    ),
)
def bitwise_xor(x: Expr, y: Expr) -> Expr:
    """Combine the bits of two integers, or two truth values, by exclusive or.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_xor(derivo.tensor([12, 10]), derivo.tensor([10, 3]))
    tensor([6, 9])
    >>> a, b = derivo.tensor([True, False]), derivo.tensor([True, True])
    >>> mask = derivo.bitwise_xor(a, b)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    return s.bitwise_xor(x, y)


@elementwise(promote="same", accepts="bits", oracle="np.bitwise_not(x)", api=BINARY)
def bitwise_not(x: Expr) -> Expr:
    """Flip the bits of an integer, or a truth value.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_not(derivo.tensor([0, 5]))
    tensor([-1, -6])
    >>> mask = derivo.bitwise_not(derivo.tensor([True, False]))
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    return s.bitwise_not(x)


@elementwise(
    promote="same",
    accepts="integers",
    oracle=(
        "np.where((y < 0) | (y >= 8 * x.itemsize), "
        "0, np.left_shift(x, np.clip(y, 0, 8 * x.itemsize - 1)))"
    ),
    api=BINARY,
    domain=((-100, 100), (0, 6)),
    numbers=(
        "x",
        "y",
    ),
)
def bitwise_left_shift(x: Expr, y: Expr) -> Expr:
    """Shift the bits of an integer left; 0 where the count is out of range.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.bitwise_left_shift(derivo.tensor([1, 3]), derivo.tensor([4, 1]))
    >>> n
    tensor([16,  6])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([16.,  6.])
    """
    return s.shift_left(x, y)


@elementwise(
    promote="same",
    accepts="integers",
    oracle=(
        "np.right_shift(x, "
        "np.where((y < 0) | (y >= 8 * x.itemsize), 8 * x.itemsize - 1, y))"
    ),
    api=BINARY,
    domain=((-100, 100), (0, 6)),
    numbers=(
        "x",
        "y",
    ),
)
def bitwise_right_shift(x: Expr, y: Expr) -> Expr:
    """Shift the bits of an integer right, keeping the sign.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.bitwise_right_shift(derivo.tensor([16, -16]), derivo.tensor([2, 2]))
    >>> n
    tensor([ 4, -4])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([ 4., -4.])
    """
    return s.shift_right(x, y)


@elementwise(
    promote="same",
    accepts="integers",
    oracle="np.gcd(x, y)",
    api=UNARY,
    domain=((-12, 12), (-12, 12)),
)
def gcd(x: Expr, y: Expr) -> Expr:
    """Compute the greatest common divisor of integers, never negative.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.gcd(derivo.tensor([12, 10]), derivo.tensor([18, 15]))
    >>> n
    tensor([6, 5])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([6., 5.])
    """
    return s.gcd(x, y)


@elementwise(
    promote="same",
    accepts="integers",
    oracle="np.lcm(x, y)",
    api=UNARY,
    domain=((-12, 12), (-12, 12)),
)
def lcm(x: Expr, y: Expr) -> Expr:
    """Compute the least common multiple of integers, never negative.

    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.lcm(derivo.tensor([12, 10]), derivo.tensor([18, 15]))
    >>> n
    tensor([36, 30])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([36., 30.])
    """
    return s.lcm(x, y)
