"""Compositions that stand in the graph as one operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import derivo
from derivo._core.autograd import Primitive
from derivo.tensor import Tensor


def composite_node(name: str, node: str, function: Callable[..., Tensor]) -> Any:
    """Make an operation that is one node of the graph from one made of others.

    Its derivative runs the composition again and differentiates that, so it is as
    differentiable as the parts are.
    """

    def vjp(ctx: Any, g: Tensor, *params: Any) -> tuple[Tensor | None, ...]:
        recorded = derivo.is_grad_enabled()
        saved = ctx.saved
        inputs = [
            t if t is None or recorded else t.detach().requires_grad_(need)
            for t, need in zip(saved, ctx.needs, strict=True)
        ]
        wanted = [t for t, need in zip(inputs, ctx.needs, strict=True) if need]
        with derivo.enable_grad():
            out = function(*inputs, *params)
        if not out.requires_grad:
            # Constant in what is wanted: the grid of a nearest sample.
            grads = iter([derivo.zeros_like(t) for t in wanted])
        else:
            grads = iter(
                derivo.autograd.grad(
                    out, wanted, g, create_graph=recorded, materialize_grads=True
                )
            )
        return tuple(next(grads) if need else None for need in ctx.needs)

    return Primitive(
        name,
        node=node,
        forward=function,
        vjp=vjp,
        save=lambda needs, inputs, out, params: tuple(inputs),
    )
