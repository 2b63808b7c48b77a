"""Compositions that stand in the graph as one operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.ops import _batching
from derivo.tensor import Tensor


def composite_node(
    name: str,
    node: str,
    function: Callable[..., Tensor],
    *,
    edges: int = 0,
    keep: bool = False,
) -> Any:
    """Make an operation that is one node of the graph from one made of others.

    Its derivative runs the composition again and differentiates that, so it is as
    differentiable as the parts are. Of `edges` see `Primitive`; `keep` the result for
    those who look at the node.
    """

    def vjp(ctx: Any, g: Tensor, *params: Any) -> tuple[Tensor | None, ...]:
        recorded = derivo.is_grad_enabled()
        saved = ctx.saved[: len(ctx.shapes)]
        if any(t is not None and t._batch is not None for t in (g, *saved)):
            return _inside_vmap(saved, ctx.needs, g, params)
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

    def _inside_vmap(
        saved: tuple[Any, ...],
        needs: tuple[bool, ...],
        g: Tensor,
        params: tuple[Any, ...],
    ) -> tuple[Tensor | None, ...]:
        # A transform knows of which level's graph it is part.
        from derivo.func import vjp as pull_back

        def of_wanted(*wanted: Tensor) -> Tensor:
            given = iter(wanted)
            inputs = [
                next(given) if need else t for t, need in zip(saved, needs, strict=True)
            ]
            return function(*inputs, *params)

        wanted = [t for t, need in zip(saved, needs, strict=True) if need]
        found = iter(pull_back(of_wanted, *wanted)[1](g))
        return tuple(next(found) if need else None for need in needs)

    return Primitive(
        name,
        node=node,
        forward=function,
        vjp=vjp,
        save=lambda needs, inputs, out, params: (*inputs, *((out,) * keep)),
        batch=_batching.follows,
        edges=edges,
    )
