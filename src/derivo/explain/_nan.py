"""Where the first NaN or infinity comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.autograd._engine import grad

from ._missing import nodes_of, saved_of
from ._report import Report, describe

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["find_nan"]


def find_nan(loss: Tensor) -> Report:
    """Find the step that gives the first NaN or infinity, forward or backward.

    Runs the backward pass (keeping the graph, changing no ``grad``) and looks at what
    each step gets and gives.

    Parameters
    ----------
    loss : Tensor
        A result that was recorded; summed, if it has several elements.

    Returns
    -------
    Report
        ``cause`` is ``"forward"`` (a value on the way to `loss` is not finite),
        ``"backward"`` (a gradient is not, though all values are) or ``"none"``.
        ``node`` is the step.

    Raises
    ------
    ValueError
        If nothing was recorded.

    Notes
    -----
    Values are known where a step saved them for its derivative.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([0.0, 4.0], requires_grad=True)
    >>> loss = (x.sqrt() * derivo.tensor([0.0, 1.0])).sum()
    >>> report = derivo.explain.find_nan(loss)
    >>> report.cause, report.node.name()
    ('backward', 'SqrtBackward0')
    """
    if not isinstance(loss, TensorBase) or not loss.requires_grad:
        raise ValueError(
            "[find_nan] loss was not recorded: expected a tensor that requires grad. "
            "explain.why_no_grad(loss, x) says why it does not."
        )
    forward = _forward(loss)
    return forward or _backward(loss)


def _bad(t: Any) -> bool:
    if not isinstance(t, TensorBase) or not t.numel():
        return False
    if not (t.dtype.is_floating_point or t.dtype.is_complex):
        return False
    return not bool(t.detach().isfinite().all())


def _count(t: Any) -> str:
    t = t.detach()
    nans = int(t.isnan().sum())
    infs = int(t.isinf().sum())
    parts = [f"{n} {word}" for n, word in ((nans, "NaN"), (infs, "inf")) if n]
    return f"{' and '.join(parts)} of {t.numel()} elements" if parts else "finite"


def _forward(loss: Tensor) -> Report | None:
    """The earliest step that made, or met, a value that is not finite."""
    for node in sorted(nodes_of(loss), key=lambda n: n._sequence_nr()):
        if hasattr(node, "variable"):
            if _bad(node.variable):
                return Report(
                    "forward",
                    f"a leaf of shape {list(node.variable.shape)} is not finite "
                    f"itself: {_count(node.variable)}. Look at how it was made, or at "
                    "the update that changed it last.",
                    node,
                )
            continue
        saved = list(saved_of(node))
        results = [(n, t) for n, t in saved if n.startswith("result")]
        inputs = [(n, t) for n, t in saved if not n.startswith("result")]
        bad_inputs = [(n, t) for n, t in inputs if _bad(t)]
        if bad_inputs:
            name, t = bad_inputs[0]
            producer = t.grad_fn
            made = f", made by {describe(producer)}" if producer is not None else ""
            origin = node if producer is None else producer
            return Report(
                "forward",
                f"{describe(node)} was given a value that is not finite: {name} of "
                f"shape {list(t.shape)} has {_count(t)}{made}.{_advice(origin)}",
                origin,
            )
        bad_results = [(n, t) for n, t in results if _bad(t)]
        if bad_results:
            _, t = bad_results[0]
            return Report(
                "forward",
                f"{describe(node)} gave a value that is not finite: {_count(t)}."
                f"{_operands(inputs, ~t.detach().isfinite())}{_advice(node)}",
                node,
            )
    if _bad(loss):
        node = loss.grad_fn
        where = describe(node) if node is not None else "a leaf"
        return Report(
            "forward",
            f"loss is not finite ({_count(loss)}), but nothing that was saved on the "
            f"way is: look at {where} and the steps before it.",
            node,
        )
    return None


class _Watch:
    """Hooks on every node that note what it gets and gives, in order."""

    def __init__(self, loss: Tensor) -> None:
        self.found: tuple[Any, list[Any], list[Any]] | None = None
        self.handles = [self._watch(node) for node in nodes_of(loss)]

    def _watch(self, node: Any) -> Any:
        def look(inputs: Any, outputs: Any) -> None:
            if self.found is None and any(map(_bad, inputs)):
                self.found = node, list(inputs), list(outputs)

        return node.register_hook(look)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()


def _backward(loss: Tensor) -> Report:
    from derivo import ones_like

    leaves = [n.variable for n in nodes_of(loss) if hasattr(n, "variable")]
    watch = _Watch(loss)
    try:
        grads = grad(
            loss, leaves, ones_like(loss), retain_graph=True, allow_unused=True
        )
    finally:
        watch.remove()
    if watch.found is None:
        if any(map(_bad, grads)):
            return Report(
                "backward",
                "each step's gradients are finite, but not the sum of those that meet "
                "at a leaf: it overflows. Scale the loss down.",
            )
        return Report("none", "all values and gradients are finite.")
    node, inputs, outputs = watch.found
    which = next(k for k, t in enumerate(inputs) if _bad(t))
    got = inputs[which]
    if any(map(_bad, outputs)):
        text = f"{describe(node)} was given a gradient that is not finite."
    else:
        text = (
            f"{describe(node)} gives the first gradient that is not finite: gradient "
            f"{which}, {_count(got)}."
        )
        text += _operands(list(saved_of(node)), ~got.detach().isfinite())
        zero = _zero_there(outputs, ~got.detach().isfinite())
        if zero:
            text += (
                "\nThe gradient that came in is 0 there: the value is masked or "
                "multiplied by zero afterwards, and 0 times infinity is NaN. Keep the "
                "operand away from the singular point before the operation "
                "(where(mask, x, 1)), write it as one @derivo.elementwise function "
                "with where, or run backward() under derivo.autograd.strong_zero()."
            )
    return Report(
        "backward",
        text + _formula(node) + ("" if "0 there" in text else _advice(node)),
        node,
    )


def _zero_there(outputs: list[Any], bad: Any) -> bool:
    for g in outputs:
        if isinstance(g, TensorBase) and g.shape == bad.shape:
            return bool((g.detach()[bad] == 0).any())
    return False


def _operands(saved: list[tuple[str, Any]], bad: Any) -> str:
    """What the saved operands are where the result is bad."""
    lines = []
    for name, t in saved:
        if t.shape == bad.shape and t.numel():
            values = t.detach()[bad].reshape(-1)[:4].tolist()
            lines.append(f"\n  there {name} = {', '.join(map(_short, values))}")
    return "".join(dict.fromkeys(lines))


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _formula(node: Any) -> str:
    try:
        formula = node.formula
    except AttributeError:
        return ""
    return "\n  " + str(formula).replace("\n", "\n  ")


_ADVICE = {
    "Sqrt": "Add a small number under the root: sqrt(x + eps).",
    "Log": "Keep the operand positive: log(x.clamp_min(eps)), or log_softmax for "
    "probabilities.",
    "Div": "Keep the divisor away from zero: x / (y + eps), or where(y != 0, y, 1).",
    "Pow": "A negative base with a fractional power, or 0 to a power below 1, has no "
    "finite derivative: clamp the base.",
    "Norm": "The norm has no finite derivative at 0 for this order: add a small "
    "number.",
    "Exp": "The operand is too large: subtract the maximum first, or use logsumexp or "
    "softmax.",
    "Acos": "Keep the operand inside (-1, 1): x.clamp(-1 + eps, 1 - eps).",
    "Asin": "Keep the operand inside (-1, 1): x.clamp(-1 + eps, 1 - eps).",
    "Std": "The standard deviation of equal or single values has no finite derivative: "
    "add a small number to the variance.",
    "Prod": "Factors are zero or too large: sum logarithms instead.",
}


def _advice(node: Any) -> str:
    name = node.name()
    for start, text in _ADVICE.items():
        if name.startswith((start, f"Linalg{start}", f"LinalgVector{start}")):
            return f"\n{text}"
    return ""
