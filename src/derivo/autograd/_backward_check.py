"""Checking backward passes against differences, and with gradients of zero or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.autograd._checking import (
    GradcheckError,
    Part,
    as_tuple,
    check_zero,
    compare,
    differentiable,
    directions,
    numerical,
    outputs_of,
    scaled,
    slow_text,
)
from derivo.autograd._engine import grad
from derivo.autograd.function import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from derivo import Tensor
    from derivo.autograd._checking import Settings

__all__ = ["check_backward", "check_undefined", "check_zero_seeds"]


def check_backward(
    func: Callable[..., Any], inputs: tuple[Any, ...], settings: Settings
) -> None:
    """Compare backward passes with central differences."""
    made = outputs_of(func(*inputs))
    if not any(o.is_complex() for o in made):
        _check(func, inputs, settings, Part())
        return
    from derivo import imag, real

    wanted = [o for o in made if o.requires_grad]
    places = tuple(k for k, o in enumerate(wanted) if o.is_complex())
    for name, take in (("imaginary", imag), ("real", real)):

        def part(*values: Any, take: Callable[..., Any] = take) -> tuple[Any, ...]:
            return tuple(
                take(o) if isinstance(o, TensorBase) and o.is_complex() else o
                for o in as_tuple(func(*values))
            )

        _check(part, inputs, settings, Part(name, places))


def _check(
    func: Callable[..., Any], inputs: tuple[Any, ...], settings: Settings, part: Part
) -> None:
    chosen = differentiable(inputs)

    def call() -> Any:
        return func(*inputs)

    made = outputs_of(call())
    places = [k for k, o in enumerate(made) if o.requires_grad]
    outputs = [made[k] for k in places]
    us, vs = directions(chosen, outputs) if settings.fast else (None, [])
    if not outputs:
        check_zero(call, chosen, us, settings)
        return
    eps, count = settings.eps, len(made)
    if us is None:
        slopes = [numerical(call, x, eps, count) for x in chosen]
        for i, output in enumerate(outputs):
            rows = _analytical(output, chosen, list(_units(output)), settings)
            for j, row in enumerate(rows):
                compare(row, slopes[j][places[i]], settings, part, (i, j))
        return
    slopes = [
        numerical(call, x, eps, count, u) for x, u in zip(chosen, us, strict=True)
    ]
    for i, output in enumerate(outputs):
        seed = vs[i].reshape(output.shape)
        pulled = _analytical(output, chosen, [seed], settings)
        for j, u in enumerate(us):

            def slow(i: int = i, j: int = j) -> str:
                units = list(_units(outputs[i]))
                rows = _pulled(outputs[i], [chosen[j]], units)[0]
                exact = numerical(call, chosen[j], eps, count)[places[i]]
                return slow_text(rows, exact, settings)

            compare(
                _project(pulled[j][:, 0], u),
                (vs[i] * slopes[j][places[i]]).sum(),
                settings,
                part,
                (i, j),
                scaled(settings.atol, u, vs[i]),
                slow,
            )


def _project(gradient: Tensor, u: Any) -> Tensor:
    if not isinstance(u, tuple):
        return (gradient * u).sum()
    return (gradient.real * u[0]).sum() + 1j * (gradient.imag * u[1]).sum()


def _units(output: Tensor) -> Iterable[Tensor]:
    """Gradients that pick one element of an output each."""
    from derivo import zeros

    for k in range(output.numel()):
        seed = zeros(output.numel(), dtype=output.dtype)
        seed[k] = 1
        yield seed.reshape(output.shape)


def _pulled(
    output: Tensor,
    chosen: Sequence[Tensor],
    seeds: Sequence[Tensor],
    settings: Settings | None = None,
) -> list[Tensor]:
    """Gradients of each input, ``[x.numel(), len(seeds)]``."""
    from derivo import stack, zeros

    columns: list[list[Tensor]] = [[] for _ in chosen]
    for seed in seeds:
        found = grad(output, chosen, seed, retain_graph=True, allow_unused=True)
        for x, g, column in zip(chosen, found, columns, strict=True):
            if g is None:
                column.append(zeros(x.numel(), dtype=x.dtype))
                continue
            if settings is not None:
                _check_form(g, x, settings)
            column.append(g.detach().clone().reshape(-1))
    return [
        stack(column, 1) if column else zeros(x.numel(), 0, dtype=x.dtype)
        for x, column in zip(chosen, columns, strict=True)
    ]


def _check_form(g: Tensor, x: Tensor, settings: Settings) -> None:
    if g.shape != x.shape:
        raise GradcheckError(
            "[gradcheck] Analytical gradient has incorrect size: expected "
            f"{list(x.shape)}, as the input has, got {list(g.shape)}."
        )
    if settings.dtypes and g.dtype != x.dtype:
        raise GradcheckError(
            "[gradcheck] Gradient has dtype mismatch: expected that of the input, "
            f"{x.dtype}, got {g.dtype}."
        )


def _analytical(
    output: Tensor,
    chosen: Sequence[Tensor],
    seeds: Sequence[Tensor],
    settings: Settings,
) -> list[Tensor]:
    """`_pulled`, which must be the same when it is done again."""
    twice = [seed for seed in seeds for _ in range(2)]
    both = _pulled(output, chosen, twice, settings)
    first = [m[:, ::2] for m in both]
    for a, b in zip(first, (m[:, 1::2] for m in both), strict=True):
        if a.numel() and bool((a - b).abs().max() > settings.nondet_tol):
            raise GradcheckError(
                "[gradcheck] Backward is not reentrant, i.e., running backward with "
                "same input and grad_output multiple times gives different values, "
                "although analytical gradient matches numerical gradient. The "
                f"tolerance for nondeterminism was {settings.nondet_tol}: if the "
                "differences are rounding of sums in another order, pass nondet_tol."
            )
    return first


# ------------------------------------------------------------------ zero and none


def check_zero_seeds(
    func: Callable[..., Any], inputs: tuple[Any, ...], settings: Settings
) -> None:
    """Refuse a backward that does not multiply by what comes in."""
    from derivo import allclose, zeros_like

    chosen = differentiable(inputs)
    outputs = [o for o in outputs_of(func(*inputs)) if o.requires_grad]
    if not outputs:
        return
    seeds = [zeros_like(o).contiguous() for o in outputs]
    found = grad(outputs, chosen, seeds, allow_unused=True)
    for x, g in zip(chosen, found, strict=True):
        if g is None:
            continue
        none = allclose(g, zeros_like(g)) if settings.masked else bool((g == 0).all())
        if not none:
            raise GradcheckError(
                "[gradcheck] backward not multiplied by grad_output: gradients of zero "
                f"for all outputs gave {g} for an input, expected zeros."
            )
        if g.dtype != x.dtype:
            raise GradcheckError(
                f"[gradcheck] grad is incorrect type: expected {x.dtype}, got {g.dtype}"
                "."
            )


class _Undefined(Function):
    """The same tensor, whose gradient is lost on the way back."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> None:
        return None


def check_undefined(func: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """Refuse a backward that takes no gradient for something else than zero."""
    chosen = differentiable(inputs)
    count = len([o for o in outputs_of(func(*inputs)) if o.requires_grad])
    if not count:
        return
    # All of them lost; and where there are several, one at a time.
    cases = [set(range(count))] + ([{k} for k in range(count)] if count > 1 else [])
    for lost in cases:
        _check_lost(func, inputs, chosen, lost)


def _check_lost(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    chosen: Sequence[Tensor],
    lost: set[int],
) -> None:
    from derivo import zeros_like

    outputs = [
        _Undefined.apply(o) if k in lost else o
        for k, o in enumerate(o for o in outputs_of(func(*inputs)) if o.requires_grad)
    ]
    seeds = [zeros_like(o).contiguous() for o in outputs]
    try:
        found = grad(outputs, chosen, seeds, allow_unused=True)
    except RuntimeError as error:
        raise GradcheckError(
            "[gradcheck] Expected backward function to handle undefined output grads, "
            f"but it raised {type(error).__name__}: {error} A gradient that is None "
            "stands for zeros; ctx.set_materialize_grads(True) makes them."
        ) from error
    for g in found:
        if g is not None and not bool((g == 0).all()):
            raise GradcheckError(
                "[gradcheck] Expected all input grads to be undefined or zero when all "
                f"output grads are undefined or zero, got {g}. Pass "
                "check_undefined_grad=False if this is meant."
            )
