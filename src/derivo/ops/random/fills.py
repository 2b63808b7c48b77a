"""Fills in place from continuous distributions, and the geometric one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.draws import Kind, draw_in_place, fill_tensor
from derivo._core.promotion import SCALAR_TYPES
from derivo.ops._surface import public
from derivo.ops.random._shared import (
    C_TYPES,
    LARGEST,
    change,
    check_generator,
    unsupported,
)

if TYPE_CHECKING:
    from derivo import Generator, Tensor


def fill_uniform(t: Tensor, low: float, high: float, generator: Any, op: str) -> None:
    """Fill from [low, high) after checking the bounds against the dtype."""
    code = t.dtype.code
    if code < 6:
        raise unsupported(op, "check_uniform_bounds", t, "a floating point dtype")
    largest = LARGEST[code - 2 if code > 9 else code]
    for name, value in (("from", low), ("to", high)):
        if not -largest <= value <= largest:
            raise RuntimeError(
                f"[{op}] {name} is out of bounds for {C_TYPES[code]}: expected at "
                f"most {largest} in size, got {name}={value}."
            )
    if not low <= high:
        raise RuntimeError(
            f"[{op}] uniform_ expects to return a [from, to) range, but found "
            f"from={low} > to={high}. Swap the bounds."
        )
    if high - low > largest:
        raise RuntimeError(
            f"[{op}] uniform_ expects to-from <= std::numeric_limits<"
            f"{SCALAR_TYPES[code]}>::max(), but found to={high} and from={low} which "
            "result in to-from to exceed the limit. Bring the bounds closer together."
        )
    fill_tensor(Kind.UNIFORM, t, low, high, generator)


def fill_normal(t: Tensor, mean: float, std: float, generator: Any, op: str) -> None:
    """Fill with normal numbers after checking deviation and dtype."""
    if not std >= 0:
        raise RuntimeError(
            f"[{op}] normal expects std >= 0.0, but found std {std}. A standard "
            "deviation is not negative."
        )
    if t.dtype.code < 6 and t.numel():
        raise unsupported(op, "normal_kernel_cpu", t, "a floating point dtype")
    fill_tensor(Kind.NORMAL, t, mean, std, generator)


@public("Tensor.uniform_")
def uniform_(
    self: Tensor,
    from_: float = 0.0,
    to: float = 1.0,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with numbers from the uniform distribution over [`from_`, `to`), in place.

    Parameters
    ----------
    from_ : float, default 0
        Lower bound, may occur.
    to : float, default 1
        Upper bound, does not occur unless the bounds are equal.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any floating point or complex dtype.

    Raises
    ------
    RuntimeError
        If `from_` exceeds `to`, or one of them the range of the dtype.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.empty(3).uniform_(-1, 1)
    tensor([-0.0075,  0.5364, -0.8230])
    """
    if (
        -1e4 <= from_ <= to <= 1e4  # inside the range of every dtype
        and draw_in_place(Kind.UNIFORM, self, from_, to, generator, "uniform_")
    ):
        return self
    check_generator("uniform_", generator)
    return change(
        self,
        "uniform_",
        "UniformBackward0",
        lambda: fill_uniform(self, float(from_), float(to), generator, "uniform_"),
    )


@public("Tensor.normal_")
def normal_(
    self: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with normally distributed numbers, in place.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation (of a complex dtype: of the whole number, each
        part having half the variance).
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any floating point or complex dtype.

    Raises
    ------
    RuntimeError
        If `std` is negative.

    Notes
    -----
    A contiguous tensor of 16 elements or more takes other samples than the same
    number of shorter ones; both are PyTorch's.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.empty(3).normal_(1, 2)
    tensor([ 4.0820,  0.4131, -3.3576])
    """
    if std >= 0 and draw_in_place(Kind.NORMAL, self, mean, std, generator, "normal_"):
        return self
    check_generator("normal_", generator)
    return change(
        self,
        "normal_",
        "NormalBackward0",
        lambda: fill_normal(self, float(mean), float(std), generator, "normal_"),
    )


def _fill_positive(
    self: Tensor,
    op: str,
    node: str,
    kind: int,
    a: float,
    b: float,
    complaint: str | None,
    generator: Generator | None,
    accepted: tuple[int, ...] = (6, 7, 8, 9),
    what: str | None = None,
) -> Tensor:
    """Fill by one of the distributions that differ only in what they refuse."""
    check_generator(op, generator)

    def fill() -> None:
        if complaint is not None:
            raise RuntimeError(f"[{op}] {op} expects {complaint}.")
        if self.numel() and self.dtype.code not in accepted:
            if what is not None:
                raise RuntimeError(
                    f"[{op}] {what} distribution is a continuous probability "
                    "distribution. dtype must be a floating point but you specified "
                    f"{C_TYPES[self.dtype.code]}. Convert the tensor first."
                )
            numbers = "a real dtype" if 4 in accepted else "a real floating point dtype"
            raise unsupported(op, f"{op[:-1]}_cpu", self, numbers)
        fill_tensor(kind, self, a, b, generator)

    return change(self, op, node, fill)


@public("Tensor.exponential_")
def exponential_(
    self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with exponentially distributed numbers of rate `lambd`, in place.

    Parameters
    ----------
    lambd : float, default 1
        Rate, positive: the reciprocal of the mean.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any real floating point dtype.

    Raises
    ------
    RuntimeError
        If `lambd` is not positive.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> bool((derivo.empty(100).exponential_() >= 0).all())
    True
    """
    rate = float(lambd)
    complaint = None
    if not rate > 0:
        complaint = f"lambda > 0.0, but found lambda={rate}"
    return _fill_positive(
        self,
        "exponential_",
        "ExponentialBackward0",
        Kind.EXPONENTIAL,
        rate,
        0.0,
        complaint,
        generator,
        what="Exponential",
    )


@public("Tensor.cauchy_")
def cauchy_(
    self: Tensor,
    median: float = 0.0,
    sigma: float = 1.0,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with numbers from the Cauchy distribution, in place.

    Parameters
    ----------
    median, sigma : float
        Location, and scale (positive: half the distance between the quartiles).
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any real floating point dtype.

    Raises
    ------
    RuntimeError
        If `sigma` is not positive or the dtype is not floating point.

    Examples
    --------
    >>> import derivo
    >>> derivo.empty(2, 3).cauchy_().shape
    torch.Size([2, 3])
    """
    scale = float(sigma)
    complaint = None
    if not scale > 0:
        complaint = f"sigma > 0.0, but found sigma={scale}"
    return _fill_positive(
        self,
        "cauchy_",
        "CauchyBackward0",
        Kind.CAUCHY,
        float(median),
        scale,
        complaint,
        generator,
        what="Cauchy",
    )


@public("Tensor.log_normal_")
def log_normal_(
    self: Tensor,
    mean: float = 1.0,
    std: float = 2.0,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with numbers whose logarithm is normally distributed, in place.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation (positive) of the logarithm.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any real floating point dtype.

    Raises
    ------
    RuntimeError
        If `std` is not positive.

    Examples
    --------
    >>> import derivo
    >>> bool((derivo.empty(100).log_normal_() > 0).all())
    True
    """
    deviation = float(std)
    complaint = None
    if not deviation > 0:
        complaint = f"std > 0.0, but found std={deviation}"
    return _fill_positive(
        self,
        "log_normal_",
        "LogNormalBackward0",
        Kind.LOG_NORMAL,
        float(mean),
        deviation,
        complaint,
        generator,
    )


@public("Tensor.geometric_")
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Fill with the number of trials up to the first success, in place.

    Parameters
    ----------
    p : float
        Probability of success, between 0 and 1, neither included.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any real dtype but bool.

    Raises
    ------
    RuntimeError
        If `p` lies outside (0, 1).

    Examples
    --------
    >>> import derivo
    >>> bool((derivo.empty(100).geometric_(0.5) >= 1).all())
    True
    """
    chance = float(p)
    complaint = None
    if not 0 < chance < 1:
        complaint = f"p to be in (0, 1), but got p={chance}"
    return _fill_positive(
        self,
        "geometric_",
        "GeometricBackward0",
        Kind.GEOMETRIC,
        chance,
        0.0,
        complaint,
        generator,
        accepted=(1, 2, 3, 4, 5, 6, 7, 8, 9),
    )
