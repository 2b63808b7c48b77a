"""What all parts of `gradcheck` share: settings, differences, comparing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core.tensor import TensorBase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from derivo import Tensor

    Function = Callable[..., Any]

__all__ = [
    "GradcheckError",
    "Part",
    "Settings",
    "as_tuple",
    "check_zero",
    "compare",
    "counts",
    "differentiable",
    "directions",
    "numerical",
    "outputs_of",
    "places_of",
    "scaled",
    "slow_text",
]


class GradcheckError(RuntimeError):
    """A derivative does not agree with differences."""


class Settings(NamedTuple):
    """The options of one check; see `gradcheck`."""

    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    dtypes: bool
    fast: bool
    masked: bool


class Part(NamedTuple):
    """Which part of complex numbers is looked at, of whose, and its name."""

    name: str = ""
    places: tuple[int, ...] = ()
    mode: str = ""

    def says(self, output: int, input: int) -> str:
        """How the text of a mismatch begins."""
        forward = bool(self.mode)
        if not self.name or (input if forward else output) not in self.places:
            return ""
        whose = "inputs" if forward else "outputs"
        return f"While considering the {self.name} part of complex {whose} only, "


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Outputs or inputs as a tuple."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def counts(value: Any) -> bool:
    """Whether derivatives of a value, or by it, are looked at."""
    return isinstance(value, TensorBase) and (
        value.dtype.is_floating_point or value.dtype.is_complex
    )


def differentiable(inputs: Sequence[Any]) -> list[Tensor]:
    """Inputs that are checked."""
    return [inputs[k] for k in places_of(inputs)]


def places_of(inputs: Sequence[Any]) -> list[int]:
    """Places among the inputs of those that are checked."""
    return [
        k for k, t in enumerate(inputs) if isinstance(t, TensorBase) and t.requires_grad
    ]


def outputs_of(made: Any) -> list[Any]:
    """Outputs that are checked, if they require gradients."""
    return [o for o in as_tuple(made) if counts(o)]


# ------------------------------------------------------------------ differences


def quotients(
    call: Callable[[], Any], cell: Tensor, step: Any, eps: float, at: Any = None
) -> list[Tensor]:
    """Central difference quotients of what `call` gives, as `cell` moves by `step`.

    Parameters
    ----------
    call : callable
        Gives the outputs; looks at the memory of `cell`.
    cell : Tensor
        Is put back in the end.
    step : Tensor or number
        Direction, times `eps`.
    at : object
        Place of `cell` in the input, for errors.

    Returns
    -------
    list of Tensor
        Of each output that counts, flat.
    """
    before = cell.clone()
    try:
        cell.copy_(before - eps * step)
        low = [o.detach().clone() for o in outputs_of(call())]
        cell.copy_(before + eps * step)
        high = [o.detach().clone() for o in outputs_of(call())]
    finally:
        cell.copy_(before)
    for a, b in zip(low, high, strict=True):
        _check_alike(a, b, eps, at)
    return [(b - a).reshape(-1) / (2 * eps) for a, b in zip(low, high, strict=True)]


def _check_alike(a: Tensor, b: Tensor, eps: float, at: Any) -> None:
    where = "" if at is None else f"on index {at} "
    for what, one, other in (("shape", a.shape, b.shape), ("dtype", a.dtype, b.dtype)):
        if one != other:
            raise AssertionError(
                f"[gradcheck] Expected `func` to return outputs with the same {what} "
                f"when inputs are perturbed {where}by {eps}, but got: {what}s {one} "
                f"and {other}."
            )


def _along(
    call: Callable[[], Any], cell: Tensor, step: Any, turned: Any, eps: float, at: Any
) -> list[Tensor]:
    # Of a complex number along both axes: the gradient is dL/dx + i dL/dy.
    made = quotients(call, cell, step, eps, at)
    if not cell.is_complex():
        return made
    other: list[Any] = quotients(call, cell, turned * 1j, eps, at)
    return [a + b * 1j for a, b in zip(made, other, strict=True)]


def numerical(
    call: Callable[[], Any], x: Tensor, eps: float, count: int, u: Any = None
) -> list[Tensor]:
    """Derivative of outputs by `x`, by differences.

    Parameters
    ----------
    call : callable
        Gives `count` outputs that count.
    u : Tensor or pair of Tensor, optional
        Direction (of a complex `x`, one along each axis).

    Returns
    -------
    list of Tensor
        For each output, ``[x.numel(), output.numel()]``; ``[output.numel()]`` along a
        direction.
    """
    from derivo import stack, zeros

    data = x.data
    if u is not None:
        step, turned = u if isinstance(u, tuple) else (u, None)
        return _along(
            call,
            data,
            step.reshape(x.shape),
            None if turned is None else turned.reshape(x.shape),
            eps,
            None,
        )
    rows = [_along(call, data[at], 1.0, 1.0, eps, at) for at in _places(x)]
    if not rows:
        return [zeros(0, o.numel(), dtype=o.dtype) for o in outputs_of(call())]
    return [stack([row[k] for row in rows]) for k in range(count)]


def _places(x: Tensor) -> Iterator[tuple[int, ...]]:
    return itertools.product(*(range(n) for n in x.shape))


def vector_like(x: Tensor, generator: Any) -> Tensor:
    """Random direction of length one for the elements of `x`, real, not negative."""
    from derivo import rand

    dtype = x.real.dtype if x.is_complex() else x.dtype
    made: Tensor = rand(x.numel(), generator=generator).to(dtype)
    return made / made.norm()


# ------------------------------------------------------------------ comparing


def compare(
    analytical: Tensor,
    expected: Tensor,
    settings: Settings,
    part: Part,
    place: tuple[int, int],
    atol: float | None = None,
    more: Callable[[], str] | None = None,
) -> None:
    """Raise `GradcheckError` if a derivative is not what differences say.

    Parameters
    ----------
    place : tuple of int
        Of the output, of the input.
    atol : float, optional
        Instead of that of the settings.
    more : callable, optional
        Gives the end of the text.
    """
    from derivo import allclose, promote_types

    common = promote_types(analytical.dtype, expected.dtype)
    limit = settings.atol if atol is None else atol
    if allclose(analytical.to(common), expected.to(common), settings.rtol, limit):
        return
    output, input = place
    mode = "computed with forward mode " if part.mode else ""
    raise GradcheckError(
        f"[gradcheck] {part.says(output, input)}Jacobian {mode}mismatch for output "
        f"{output} with respect to input {input},\nnumerical:{expected}\n"
        f"analytical:{analytical}\n" + ("" if more is None else more())
    )


def slow_text(analytical: Tensor, expected: Tensor, settings: Settings) -> str:
    """What element by element would have been found, where one direction failed."""
    from derivo import allclose, promote_types

    common = promote_types(analytical.dtype, expected.dtype)
    a, b = analytical.to(common), expected.to(common)
    largest = (a - b).abs().max()
    text = (
        "These are projections on random directions (fast mode). Element by element "
        f"(slow mode):\n\nNumerical:\n{expected}\nAnalytical:\n{analytical}\n\n"
        f"The max per-element difference (slow mode) is: {largest}.\n"
    )
    if allclose(a, b, settings.rtol, settings.atol):
        text += (
            "Fast gradcheck failed but element-wise differences are small: the check "
            "might've passed in slow_mode. Pass fast_mode=False.\n"
        )
    return text


def check_zero(
    call: Callable[[], Any], chosen: Sequence[Tensor], us: Any, settings: Settings
) -> None:
    """Refuse outputs without a gradient that depend on an input after all."""
    outputs = len(outputs_of(call()))
    limit = settings.nondet_tol if us is not None else 0.0
    for j, x in enumerate(chosen):
        u = None if us is None else us[j]
        for part in numerical(call, x, settings.eps, outputs, u):
            if part.numel() and bool((part.abs() > limit).any()):
                raise GradcheckError(
                    "[gradcheck] Numerical gradient for function expected to be zero: "
                    "none of the outputs require gradients, but some depend on input "
                    f"{j}. Is a detach() or a no_grad() in the way?"
                )


def directions(
    chosen: Sequence[Tensor], outputs: Sequence[Tensor] | None
) -> tuple[list[Any], list[Tensor]]:
    """Random directions of inputs (pairs for complex ones) and of outputs."""
    from derivo import Generator

    # Always the same, and no concern of the user's random numbers.
    generator = Generator()
    us: list[Any] = []
    for x in chosen:
        u = vector_like(x, generator)
        us.append((u, vector_like(x, generator)) if x.is_complex() else u)
    vs = [] if outputs is None else [vector_like(o, generator) for o in outputs]
    return us, vs


def scaled(atol: float, u: Any, v: Tensor | None) -> float:
    """Tolerance of a projection, from that of each element: what their sums can be."""
    both = u if isinstance(u, tuple) else (u,)
    total = sum(float(each.sum()) for each in both)
    return atol * total * (1.0 if v is None else float(v.abs().sum()))
