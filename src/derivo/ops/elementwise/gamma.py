"""The gamma function and its relatives: digamma, incomplete gamma, zeta."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import (
    BINARY,
    SPECIAL,
    ElementwiseRecord,
    elementwise,
)
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

INF = math.inf
_ROOT_HALF = math.sqrt(0.5)
_PDF_AT_0 = 1 / math.sqrt(2 * math.pi)


# --- gamma functions --------------------------------------------------------------


@elementwise(
    promote="float",
    node="LgammaBackward0",
    oracle="sp.gammaln(x)",
    api=BINARY,
    aliases={"gammaln": SPECIAL},
    domain=((0.1, 9),),
    floor=1.0,
)
def lgamma(x: Expr) -> Expr:
    """Take the logarithm of the absolute value of the gamma function.

    Derivative: ``g * digamma(input)``. Infinite at 0 and the negative whole numbers.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 4.0], requires_grad=True)
    >>> y = derivo.lgamma(x)
    >>> y
    tensor([0.5724, 1.7918], grad_fn=<LgammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.9635,  1.2561])
    """
    return s.lgamma(x)


@elementwise(
    promote="float",
    node="DigammaBackward0",
    oracle="sp.digamma(x)",
    api=(*BINARY, *SPECIAL),
    aliases={"psi": SPECIAL},
    domain=((0.1, 9),),
    floor=2.0,
    ulp=(8, 16),
)
def digamma(x: Expr) -> Expr:
    """Compute the logarithmic derivative of the gamma function.

    Derivative: ``g * polygamma(1, input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 4.0], requires_grad=True)
    >>> y = derivo.digamma(x)
    >>> y
    tensor([-1.9635,  1.2561], grad_fn=<DigammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([4.9348, 0.2838])
    """
    # Reflected to 1/2 and above, raised by 8, where the asymptotic series is exact.
    y = s.where(x < 0.5, 1 - x, x)
    q = y * (y + 7)
    steps = (2 * y + 7) * (1 / q + 1 / (q + 6) + 1 / (q + 10) + 1 / (q + 12))
    z = y + 8
    w = 1 / (z * z)
    series: Any = 0.0
    for c in _DIGAMMA_SERIES:
        series = (c + series) * w
    above = s.log(z) - 0.5 / z - series - steps
    part = x - s.round(x)
    reflected = above - s.PI / s.tan(s.PI * part)
    pole = s.where(x == 0, s.copysign(s.INF, -x), s.NAN)
    below = s.where(part == 0, pole, reflected)
    return s.where(x < 0.5, below, s.where(s.isinf(x), x, above))


# Bernoulli numbers over their index, the last first: B(16)/16 ... B(2)/2.
_DIGAMMA_SERIES = (
    *(-3617 / 8160, 1 / 12, -691 / 32760, 1 / 132),
    *(-1 / 240, 1 / 252, -1 / 120, 1 / 12),
)


@digamma.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (g * s.polygamma(1, x),)


@functools.cache
def polygamma_record(n: int) -> ElementwiseRecord:
    """Give the record of one order of `derivo.polygamma`."""

    @elementwise(
        promote="float",
        node="PolygammaBackward0",
        oracle=f"sp.polygamma({n}, x)",
        domain=((0.5, 5),),
        floor=2.0 if n == 0 else 0.0,
        ulp=(8, 16),
        shown={"n": n},
        register=False,
    )
    def polygamma(x: Expr) -> Expr:
        """Differentiate digamma a given number of times."""
        if n == 0:
            return digamma.definition(x)
        return s.polygamma(n, x)

    if n == 0:
        polygamma.derivative(lambda g, x, out: (g * s.polygamma(1, x),))
    return polygamma


def _polygamma_op(n: int) -> Any:
    if n < 0:
        raise RuntimeError(
            "[polygamma] polygamma(n, x) does not support negative n.: got "
            f"{n=}. Pass the order of the derivative, 0 for digamma."
        )
    return polygamma_record(n).core


@public("polygamma", "special.polygamma")
def _polygamma(n: int, input: Tensor, *, out: Any = None) -> Tensor:
    """Compute derivative number `n` of the digamma function.

    Parameters
    ----------
    n : int
        Order of the derivative, not negative.
    input : Tensor
        Any shape; integers become the default dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    RuntimeError
        If `n` is negative.

    Notes
    -----
    Derivative: ``g * polygamma(n + 1, input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 4.0], requires_grad=True)
    >>> y = derivo.polygamma(1, x)
    >>> y
    tensor([4.9348, 0.2838], grad_fn=<PolygammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-16.8288,  -0.0800])
    """
    op = _polygamma_op(n)
    return op(input) if out is None else op.out(out, input)


@public("Tensor.polygamma")
def _polygamma_method(self: Tensor, n: int) -> Tensor:
    """Compute derivative number `n` of the digamma function.

    See `derivo.polygamma`.
    """
    return _polygamma_op(n)(self)


@public("Tensor.polygamma_")
def _polygamma_inplace(self: Tensor, n: int) -> Tensor:
    """Compute derivative number `n` of the digamma function.

    In place; see `derivo.polygamma`.
    """
    return _polygamma_op(n).inplace(self)


@functools.cache
def mvlgamma_record(p: int) -> ElementwiseRecord:
    """Give the record of one dimension of `derivo.mvlgamma`."""

    @elementwise(
        promote="float",
        node="MvlgammaBackward0",
        oracle=f"np.vectorize(lambda t: sp.multigammaln(float(t), {p}))(x)",
        domain=((p / 2, p / 2 + 5),),
        floor=1.0,
        shown={"p": p},
        register=False,
    )
    def mvlgamma(x: Expr) -> Expr:
        """Logarithm of the multivariate gamma function of a given dimension."""
        total = s.lgamma(x)
        for i in range(1, p):
            total = total + s.lgamma(x - i / 2)
        return total + p * (p - 1) / 4 * math.log(math.pi)

    return mvlgamma


def _mvlgamma_op(p: int) -> Any:
    if p < 1:
        raise RuntimeError(
            f"[mvlgamma] p has to be greater than or equal to 1: got {p=}. Pass the "
            "number of dimensions."
        )
    return mvlgamma_record(p).core


@public("mvlgamma", "special.multigammaln")
def _mvlgamma(input: Tensor, p: int, *, out: Any = None) -> Tensor:
    """Take the logarithm of the multivariate gamma function.

    Parameters
    ----------
    input : Tensor
        Any shape, elements above ``(p - 1) / 2``.
    p : int
        Number of dimensions, at least 1.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    RuntimeError
        If `p` is less than 1.

    Notes
    -----
    Derivative: ``g`` times the sum of ``digamma(input - i / 2)`` for i below `p`.

    Examples
    --------
    >>> x = derivo.tensor([2.0, 4.0], requires_grad=True)
    >>> y = derivo.mvlgamma(x, 2)
    >>> y
    tensor([0.4516, 3.5651], grad_fn=<MvlgammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.4593, 2.3593])
    """
    op = _mvlgamma_op(p)
    return op(input) if out is None else op.out(out, input)


@public("Tensor.mvlgamma")
def _mvlgamma_method(self: Tensor, p: int) -> Tensor:
    """Take the logarithm of the multivariate gamma function.

    See `derivo.mvlgamma`.
    """
    return _mvlgamma_op(p)(self)


@public("Tensor.mvlgamma_")
def _mvlgamma_inplace(self: Tensor, p: int) -> Tensor:
    """Take the logarithm of the multivariate gamma function.

    In place; see `derivo.mvlgamma`.
    """
    return _mvlgamma_op(p).inplace(self)


@elementwise(
    promote="same",
    node="IgammaBackward0",
    oracle="sp.gammainc(x, y)",
    api=BINARY,
    aliases={"gammainc": SPECIAL},
    accepts="floats",
    domain=((0.5, 4), (0.2, 5)),
    no_derivative=("x",),
    ulp=(4, 32),
)
def igamma(x: Expr, y: Expr) -> Expr:
    """Compute the regularised lower incomplete gamma function.

    Derivative: for `other` only, ``g * other**(a - 1) * exp(-other) / gamma(a)`` with
    ``a = input``.

    Examples
    --------
    >>> a = derivo.tensor([1.0, 2.0])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.igamma(a, x)
    >>> y
    tensor([0.6321, 0.5940], grad_fn=<IgammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3679, 0.2707])
    """
    return s.special("gammainc", x, y)


@elementwise(
    promote="same",
    node="IgammacBackward0",
    oracle="sp.gammaincc(x, y)",
    api=BINARY,
    aliases={"gammaincc": SPECIAL},
    accepts="floats",
    domain=((0.5, 4), (0.2, 5)),
    no_derivative=("x",),
    ulp=(4, 32),
)
def igammac(x: Expr, y: Expr) -> Expr:
    """Compute the regularised upper incomplete gamma function.

    Derivative: for `other` only, minus that of `derivo.igamma`.

    Examples
    --------
    >>> a = derivo.tensor([1.0, 2.0])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.igammac(a, x)
    >>> y
    tensor([0.3679, 0.4060], grad_fn=<IgammacBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.3679, -0.2707])
    """
    return s.special("gammaincc", x, y)


@elementwise(
    promote="float",
    node="SpecialZetaBackward0",
    node_if_number={"y": "SpecialZetaBackward2", "x": "SpecialZetaBackward1"},
    oracle="sp.zeta(x, y)",
    api=SPECIAL,
    accepts="singles",
    domain=((1.5, 5), (0.5, 4)),
    no_derivative=("x",),
    ulp=(4, 32),
    numbers=(
        "x",
        "y",
    ),
)
def zeta(x: Expr, y: Expr) -> Expr:
    """Compute the Hurwitz zeta function, the sum of ``(k + other)**-input``.

    Derivative: for `other` only, ``-g * input * zeta(input + 1, other)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.zeta(derivo.tensor([2.0, 2.0]), x)
    >>> y
    tensor([1.6449, 0.6449], grad_fn=<SpecialZetaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-2.4041, -0.4041])
    """
    # Below 1 the sum has no limit.
    return s.where(x < 1, s.NAN, s.zeta(x, y))


@zeta.derivative
def _(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Any, ...]:
    return None, -g * (x * s.zeta(x + 1, y))
