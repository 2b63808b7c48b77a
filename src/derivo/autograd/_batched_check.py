"""Whether many gradients at once are those one by one: for `gradcheck`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.autograd._checking import outputs_of
from derivo.autograd._engine import grad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor

__all__ = ["check_batched_backward", "check_batched_forward"]

# Vectors of a batch.
COUNT = 2


def _like(t: Tensor) -> Tensor:
    from derivo import randn

    made: Tensor = randn((COUNT, *t.shape), dtype=t.dtype)
    return made


def check_batched_backward(
    func: Callable[..., Any], inputs: Sequence[Any], chosen: Sequence[Any]
) -> str:
    """Compare `grad` with ``is_grads_batched`` to one call a vector.

    Returns
    -------
    str
        What differs; empty if nothing does.
    """
    from derivo import allclose, stack, zeros_like

    outputs = [o for o in outputs_of(func(*inputs)) if o.requires_grad]
    for i, output in enumerate(outputs):
        vectors = _like(output)

        def pull(
            g: Tensor, batched: bool, of: Tensor = output
        ) -> tuple[Tensor | None, ...]:
            found: tuple[Tensor | None, ...] = grad(
                of,
                chosen,
                g,
                retain_graph=True,
                allow_unused=True,
                is_grads_batched=batched,
            )
            return found

        try:
            together = pull(vectors, True)
        except RuntimeError as error:
            return (
                "failed while testing batched gradient computation. While computing "
                f"batched gradients, got: {error}"
            )
        rows = [pull(v, False) for v in vectors]
        for j, (made, *each) in enumerate(zip(together, *rows, strict=True)):
            if made is None and all(g is None for g in each):
                continue
            x = zeros_like(chosen[j])
            expected = stack([x if g is None else g for g in each])
            got = zeros_like(expected) if made is None else made
            if not allclose(got, expected, equal_nan=True):
                return (
                    "failed while testing batched gradient computation: for output "
                    f"{i} and input {j}, got {got}, expected {expected}"
                )
    return ""


def check_batched_forward(func: Callable[..., Any], inputs: Sequence[Any]) -> str:
    """Compare `vmap` over forward mode to one call a tangent.

    Returns
    -------
    str
        What differs; empty if nothing does.
    """
    from derivo import allclose, stack
    from derivo.func import jvp, vmap

    for j, x in enumerate(outputs_of(inputs)):

        def push(t: Tensor, at: Tensor = x) -> tuple[Any, ...]:
            def of_one(value: Tensor) -> tuple[Any, ...]:
                made = func(*(value if each is at else each for each in inputs))
                return tuple(outputs_of(made))

            tangents: tuple[Any, ...] = jvp(of_one, (at.detach(),), (t,))[1]
            return tangents

        tangents = _like(x)
        try:
            together = vmap(push)(tangents)
        except RuntimeError as error:
            return (
                "failed while testing batched gradient computation with forward-mode "
                f"AD. While computing batched gradients, got: {error}"
            )
        rows = [push(t) for t in tangents]
        for i, (made, *each) in enumerate(zip(together, *rows, strict=True)):
            expected = stack(list(each))
            if not allclose(made, expected, equal_nan=True):
                return (
                    "failed while testing batched gradient computation with "
                    f"forward-mode AD: for output {i} and input {j}, got {made}, "
                    f"expected {expected}"
                )
    return ""
