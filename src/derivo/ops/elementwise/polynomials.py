"""Families of orthogonal polynomials, each by the recurrence of its three terms.

They are composites of other operations, without kernels of their own: the degree is a
tensor too, so the recurrence runs to the highest degree and every element keeps the
value at its own. As in PyTorch there is no gradient for the degree; unlike there, the
gradient for the argument follows from the recurrence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derivo._core.promotion import SCALAR_TYPES
from derivo.ops import _batching
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor

    Number = bool | int | float

# First polynomial, and the next from the two before: (x, k, p of k - 1, p of k).
First = Callable[[Any], Any]
Step = Callable[[Any, int, Any, Any], Any]


def _evaluate(name: str, x: Any, n: Any, first: First, step: Step, out: Any) -> Any:
    import derivo
    from derivo.ops.creation import as_tensor
    from derivo.ops.elementwise.choice import where

    if not isinstance(x, derivo.Tensor) and not isinstance(n, derivo.Tensor):
        raise TypeError(
            f"[{name}] argument 'n' (position 2) must be Tensor: got {type(x)} and "
            f"{type(n)}. One of the two must be a tensor."
        )
    dtype = derivo.result_type(x, n)
    if not dtype.is_floating_point:
        dtype = derivo.get_default_dtype()
    if dtype.name in ("float16", "bfloat16"):
        word = SCALAR_TYPES[dtype.code]
        raise NotImplementedError(
            f'[{name}] "{name}_cpu" not implemented for {word!r}: expected float32 or '
            f"float64, got {dtype}. Convert with .to(dtype) first."
        )
    x = as_tensor(x).to(dtype)
    degree = as_tensor(n).detach().to(derivo.int64)
    # Under vmap: that of all examples.
    highest = int(_batching.everything(degree).max()) if degree.numel() else 0
    before, now = as_tensor(1, dtype=dtype).expand(x.shape), first(x)
    value = where.core(degree == 0, before, 0.0)
    for k in range(1, highest + 1):
        value = where.core(degree == k, now, value)
        before, now = now, step(x, k, before, now)
    if out is None:
        return value
    return out.resize_(value.shape).copy_(value)


def _family(name: str, title: str, rule: str, first: First, step: Step) -> None:
    def polynomial(
        input: Tensor | Number, n: Tensor | Number, *, out: Any = None
    ) -> Tensor:
        return _evaluate(name, input, n, first, step, out)

    polynomial.__doc__ = f"""Evaluate the {title} of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: {rule}.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.{name}(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.{name}(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """
    public(f"special.{name}")(polynomial)


def _chebyshev(x: Any, k: int, before: Any, now: Any) -> Any:
    return 2 * x * now - before


def _shifted(x: Any, k: int, before: Any, now: Any) -> Any:
    return 2 * (2 * x - 1) * now - before


def _shift(first: First) -> First:
    return lambda x: first(2 * x - 1)


_TWICE = "``p(k+1) = 2 * input * p(k) - p(k-1)``"
_TWICE_SHIFTED = "``p(k+1) = (4 * input - 2) * p(k) - p(k-1)``"
_FIRSTS: dict[str, First] = {
    "t": lambda x: x,
    "u": lambda x: 2 * x,
    "v": lambda x: 2 * x - 1,
    "w": lambda x: 2 * x + 1,
}
for _kind, _first in _FIRSTS.items():
    _order = {"t": "first", "u": "second", "v": "third", "w": "fourth"}[_kind]
    _family(
        f"chebyshev_polynomial_{_kind}",
        f"Chebyshev polynomial of the {_order} kind",
        _TWICE,
        _first,
        _chebyshev,
    )
    _family(
        f"shifted_chebyshev_polynomial_{_kind}",
        f"Chebyshev polynomial of the {_order} kind, shifted to [0, 1],",
        _TWICE_SHIFTED,
        _shift(_first),
        _shifted,
    )
_family(
    "hermite_polynomial_h",
    "physicist's Hermite polynomial",
    "``p(k+1) = 2 * input * p(k) - 2 * k * p(k-1)``",
    lambda x: 2 * x,
    lambda x, k, before, now: 2 * x * now - 2 * k * before,
)
_family(
    "hermite_polynomial_he",
    "probabilist's Hermite polynomial",
    "``p(k+1) = input * p(k) - k * p(k-1)``",
    lambda x: x,
    lambda x, k, before, now: x * now - k * before,
)
_family(
    "laguerre_polynomial_l",
    "Laguerre polynomial",
    "``p(k+1) = ((2 * k + 1 - input) * p(k) - k * p(k-1)) / (k + 1)``",
    lambda x: 1 - x,
    lambda x, k, before, now: ((2 * k + 1 - x) * now - k * before) / (k + 1),
)
_family(
    "legendre_polynomial_p",
    "Legendre polynomial",
    "``p(k+1) = ((2 * k + 1) * input * p(k) - k * p(k-1)) / (k + 1)``",
    lambda x: x,
    lambda x, k, before, now: ((2 * k + 1) * x * now - k * before) / (k + 1),
)
