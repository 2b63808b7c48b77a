"""Checking forward mode against differences: gradcheck's ``check_forward_ad``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.autograd._checking import (
    GradcheckError,
    Part,
    check_zero,
    compare,
    directions,
    numerical,
    outputs_of,
    places_of,
    scaled,
    slow_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor
    from derivo.autograd._checking import Settings

__all__ = ["check_forward"]


def check_forward(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    settings: Settings,
    undefined: bool,
) -> None:
    """Compare tangents with central differences, and zero ones with missing ones."""
    order = places_of(inputs)
    places = [k for k in order if inputs[k].is_complex()]
    if not places:
        _check(func, inputs, settings, Part(mode="forward"))
        if undefined:
            _check_undefined(func, inputs)
        return
    among = tuple(order.index(k) for k in places)
    for name in ("imaginary", "real"):
        whole, parts = _parts(func, inputs, places, name)
        _check(whole, parts, settings, Part(name, among, "forward"))
        if undefined:
            _check_undefined(whole, parts)


def _parts(
    func: Callable[..., Any], inputs: tuple[Any, ...], places: Sequence[int], name: str
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """`func` as a function of one part of its complex inputs, and those parts."""
    rest = {k: inputs[k].detach().clone() for k in places}

    def whole(*values: Any) -> Any:
        made = list(values)
        for k, z in rest.items():
            made[k] = made[k] + z.imag * 1j if name == "real" else z.real + made[k] * 1j
        return func(*made)

    parts = list(inputs)
    for k, z in rest.items():
        part = z.real if name == "real" else z.imag
        parts[k] = part.clone().requires_grad_()
    return whole, tuple(parts)


def _push(
    func: Callable[..., Any],
    inputs: Sequence[Any],
    tangents: dict[int, Tensor],
    settings: Settings | None = None,
) -> list[Tensor | None]:
    """Tangents of the outputs, for tangents of inputs by their place."""
    from derivo.autograd import forward_ad

    found: list[Tensor | None] = []
    with forward_ad.dual_level():
        duals = [
            forward_ad.make_dual(t, tangents[k]) if k in tangents else t
            for k, t in enumerate(inputs)
        ]
        for out in outputs_of(func(*duals)):
            primal, tangent = forward_ad.unpack_dual(out)
            if (
                settings is not None
                and settings.dtypes
                and tangent is not None
                and primal.is_complex() != tangent.is_complex()
            ):
                raise GradcheckError(
                    "[gradcheck] Forward AD gradient has dtype mismatch: an output of "
                    f"{primal.dtype} has a tangent of {tangent.dtype}."
                )
            found.append(None if tangent is None else tangent.detach().clone())
    return found


def _pushed(
    func: Callable[..., Any],
    inputs: Sequence[Any],
    k: int,
    direction: Tensor,
    made: Sequence[Tensor],
    settings: Settings | None = None,
) -> list[Tensor]:
    """Tangents of the outputs along one direction of input `k`, flat."""
    from derivo import zeros_like

    # Of the others zero, rather than missing: that is `_check_undefined`'s matter.
    tangents = {at: zeros_like(inputs[at]).detach() for at in places_of(inputs)}
    found = _push(func, inputs, {**tangents, k: direction}, settings)
    return [
        (o.detach() * 0 if t is None else t).reshape(-1)
        for o, t in zip(made, found, strict=True)
    ]


def _columns(
    func: Callable[..., Any],
    inputs: Sequence[Any],
    k: int,
    made: Sequence[Tensor],
    settings: Settings | None = None,
) -> list[Tensor]:
    """Derivatives of the outputs by input `k`, ``[x.numel(), output.numel()]``."""
    from derivo import stack, zeros

    x = inputs[k]
    rows = []
    for at in range(x.numel()):
        direction = zeros(x.numel(), dtype=x.dtype)
        direction[at] = 1
        unit = direction.reshape(x.shape)
        rows.append(_pushed(func, inputs, k, unit, made, settings))
    if not rows:
        return [zeros(0, o.numel(), dtype=o.dtype) for o in made]
    return [stack([row[i] for row in rows]) for i in range(len(made))]


def _check(
    func: Callable[..., Any], inputs: tuple[Any, ...], settings: Settings, part: Part
) -> None:
    order = places_of(inputs)
    chosen = [inputs[k] for k in order]

    def call() -> Any:
        return func(*inputs)

    made = outputs_of(call())
    places = [i for i, o in enumerate(made) if o.requires_grad]
    us = directions(chosen, None)[0] if settings.fast else None
    if not places:
        check_zero(call, chosen, us, settings)
        return
    eps, count = settings.eps, len(made)
    for j, (k, x) in enumerate(zip(order, chosen, strict=True)):
        if us is None:
            slopes = numerical(call, x, eps, count)
            columns = _columns(func, inputs, k, made, settings)
            for i, at in enumerate(places):
                compare(columns[at], slopes[at], settings, part, (i, j))
            continue
        slopes = numerical(call, x, eps, count, us[j])
        direction = us[j].reshape(x.shape)
        pushed = _pushed(func, inputs, k, direction, made, settings)
        for i, at in enumerate(places):

            def slow(k: int = k, at: int = at, x: Tensor = x) -> str:
                exact = numerical(call, x, eps, count)[at]
                return slow_text(_columns(func, inputs, k, made)[at], exact, settings)

            limit = scaled(settings.atol, us[j], None)
            compare(pushed[at], slopes[at], settings, part, (i, j), limit, slow)


def _check_undefined(func: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """Compare tangents that are zero with tangents that are not there."""
    from derivo import allclose, zeros_like

    order = places_of(inputs)
    chosen = [inputs[k] for k in order]
    us = directions(chosen, None)[0]
    every = {k: u.reshape(x.shape) for k, u, x in zip(order, us, chosen, strict=True)}
    for k, x in zip(order, chosen, strict=True):
        rest = {at: t for at, t in every.items() if at != k}
        zero = _push(func, inputs, {**rest, k: zeros_like(x).detach()})
        missing = _push(func, inputs, rest)
        for i, (a, b) in enumerate(zip(zero, missing, strict=True)):
            if a is not None and b is not None and not allclose(a, b):
                raise GradcheckError(
                    f"[gradcheck] Mismatch in tangent values for output with index: {i}"
                    f" when input {k} has an undefined tangent value: expected {a}, as "
                    f"with a tangent of zeros, got {b}."
                )
