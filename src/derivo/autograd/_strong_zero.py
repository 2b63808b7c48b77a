"""A zero gradient that stays zero, whatever the local derivative is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.elementwise import ElementwiseNode
from derivo._core.saved import _set_flag
from derivo._core.tensor import TensorBase
from derivo.autograd.grad_mode import _Mode

if TYPE_CHECKING:
    from derivo.ops._elementwise import Spec

__all__ = ["strong_plan", "strong_zero", "zero_wins"]

# The bit of `ThreadFlag` in `_core/tensor.pxd`.
_ZERO_WINS = 8


class strong_zero(_Mode):
    """Let a zero gradient give zero, whatever it would be multiplied by.

    A context manager and decorator, for the thread that runs the backward pass. Without
    it, as everywhere, 0 times infinity is NaN: a value that is masked or multiplied by
    zero *after* an operation with an infinite derivative (``sqrt`` at 0, ``log`` at 0,
    a ``where`` that does not choose it) gives a NaN gradient.

    Notes
    -----
    What is covered:

    - Every elementwise operation, the user's own included: an element whose incoming
      gradient is 0 contributes 0 (with several results: whose incoming gradients are
      all 0). This also holds where operands broadcast, before the sum over the
      broadcast dimensions, and when the pass is recorded with ``create_graph=True``.
    - ``norm``, ``prod``, ``logsumexp``, ``std`` and every other reduction, where it can
      be told from the shapes which dimensions were reduced: elements of a slice whose
      incoming gradient is 0.
    - Every other operation, a Function's backward too: all of its gradients, if all
      incoming ones are 0 everywhere.

    Products (``matmul``, convolutions) are not covered element by element: a sum in
    which a zero meets an infinity is NaN. Nor are complex operations. An incoming NaN
    stays NaN.

    Off, it costs nothing but a test of a flag for each step. On, elementwise steps run
    a variant of their kernel, compiled when it is met first, with one more selection
    per element: no difference for a million elements, 2 to 3 % for 4096 (medians of the
    backward pass of ``sqrt``, ``x * x``, ``tanh`` and a function of six operations, on
    and off in turns). Other steps cost a pass over their incoming gradient, and over
    their result: ``norm`` over rows of 512x512 took 2 to 8 % longer.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([0.0, 4.0], requires_grad=True)
    >>> loss = (x.sqrt() * derivo.tensor([0.0, 1.0])).sum()
    >>> derivo.autograd.grad(loss, x, retain_graph=True)[0]
    tensor([   nan, 0.2500])
    >>> with derivo.autograd.strong_zero():
    ...     derivo.autograd.grad(loss, x)[0]
    tensor([0.0000, 0.2500])
    """

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(bool(_set_flag(_ZERO_WINS, True)))

    def __exit__(self, *_: object) -> None:
        _set_flag(_ZERO_WINS, self._before.pop())


def strong_plan(plan: Any) -> Any:
    """Give the variant of an elementwise derivative in which a zero wins."""
    from derivo._core.dispatch import BackwardPlan, ElementwiseOp
    from derivo.ops._derived import Parts

    if plan.call is None:
        return plan
    kinds = [kind for kind, _ in plan.sources]
    if isinstance(plan.call, ElementwiseOp):
        spec = plan.call.spec
        incoming = [i for i, kind in enumerate(kinds) if kind == "g"]
        return BackwardPlan(_strong(spec, incoming), plan.sources, plan.results)
    if isinstance(plan.call, Parts):
        parts = Parts((), plan.call.nout)
        parts.parts = plan.call.parts
        parts._cores = [
            _strong(spec, [k for k, i in enumerate(takes) if kinds[i] == "g"])
            for spec, takes, _ in plan.call.parts
        ]
        return BackwardPlan(parts, plan.sources, plan.results)
    return plan


def _strong(spec: Spec, incoming: list[int]) -> Any:
    from derivo.ir.expr import const
    from derivo.ir.scalar import where
    from derivo.ops._derived import Refusal
    from derivo.ops._elementwise import Spec, core_op

    if isinstance(spec, Refusal) or not incoming:
        return core_op(spec)
    seeds = [spec.variables()[0][i] for i in incoming]
    nothing = seeds[0] == 0
    for seed in seeds[1:]:
        nothing = nothing & (seed == 0)
    made = tuple(where(nothing, const(0), e) for e in spec.definition)
    return core_op(
        Spec(
            f"{spec.name}_strong",
            names=spec.names,
            nin=spec.nin,
            nparams=spec.nparams,
            nout=spec.nout,
            promote="same",
            node=spec.node,
            trace=lambda _operands, _params: made,
            on_complex=spec.on_complex,
            derived=True,
        )
    )


def zero_wins(node: Any, g: Any, result: Any) -> Any:
    """Gradients of a step that is not elementwise, with a zero winning."""
    if isinstance(node, ElementwiseNode):
        return result
    given = [t for t in (g if isinstance(g, (list, tuple)) else (g,)) if t is not None]
    if result is None or not given:
        return result
    if not any(bool((t.detach() != 0).any()) for t in given):
        return _each(result, lambda t: t.new_zeros(t.shape))
    if len(given) == 1 and isinstance(result, TensorBase) and _reduces(node):
        mask = _spread(given[0].detach() == 0, result.shape)
        if mask is not None:
            return result.masked_fill(mask, 0)
    return result


def _each(result: Any, change: Any) -> Any:
    if isinstance(result, TensorBase):
        return change(result)
    return [None if t is None else change(t) for t in result]


_REDUCTIONS = (
    *("Sum", "Mean", "Prod", "Norm", "LinalgVectorNorm", "Logsumexp", "Std", "Var"),
    *("Amax", "Amin", "Max", "Min", "Median", "Nansum", "Nanmean"),
)


def _reduces(node: Any) -> bool:
    return bool(node.name().startswith(_REDUCTIONS))


def _spread(mask: Any, shape: Any) -> Any:
    """Repeat a mask over the dimensions that were reduced, or None if in doubt."""
    from itertools import combinations

    if mask.dim() == len(shape):
        kept = all(a in (1, b) for a, b in zip(mask.shape, shape, strict=True))
        return mask.expand(shape) if kept else None
    found = [
        dims
        for dims in combinations(range(len(shape)), len(shape) - mask.dim())
        if tuple(n for d, n in enumerate(shape) if d not in dims) == tuple(mask.shape)
    ]
    if len(found) != 1:
        return None
    for d in found[0]:
        mask = mask.unsqueeze(d)
    return mask.expand(shape)
