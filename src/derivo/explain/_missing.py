"""Why a tensor gets no gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from derivo._core.autograd import _edge
from derivo._core.tensor import TensorBase, _writer_line

from ._report import Report, describe, quote

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["why_no_grad"]


def why_no_grad(loss: Tensor, x: Tensor) -> Report:
    """Say why `x` gets no gradient from `loss`, or that it does.

    Parameters
    ----------
    loss : Tensor
        What ``backward()`` is called on.
    x : Tensor
        Whose ``grad`` is missing.

    Returns
    -------
    Report
        ``cause`` is one of ``"dtype"``, ``"not required"``, ``"not recorded"``,
        ``"integers"``, ``"used before"``, ``"detached"``, ``"overwritten"``,
        ``"copy"``, ``"not in the graph"`` (there is no path), ``"non-leaf"``,
        ``"no backward yet"`` or ``"has gradient"`` (there is one).

    Raises
    ------
    TypeError
        If one of them is not a tensor.

    Notes
    -----
    Only what the graph still knows can be said: which of ``detach()``, ``no_grad()``
    and a trip through NumPy lost a tensor shows only where the memory is still shared.

    Examples
    --------
    >>> import derivo
    >>> w = derivo.ones(2, requires_grad=True)
    >>> x = derivo.ones(2, requires_grad=True)
    >>> loss = (w.detach() * x).sum()
    >>> derivo.explain.why_no_grad(loss, w).cause
    'detached'
    """
    for name, t in (("loss", loss), ("x", x)):
        if not isinstance(t, TensorBase):
            raise TypeError(
                f"[why_no_grad] {name} must be a Tensor, got {type(t).__name__}. Pass "
                "the tensor itself, not its value or its name."
            )
    if not (x.dtype.is_floating_point or x.dtype.is_complex):
        return Report(
            "dtype",
            f"x has dtype {x.dtype}: only floating-point and complex tensors have "
            "gradients. Convert it before it is used: x = x.float().requires_grad_().",
        )
    if not x.requires_grad:
        return _not_required(loss, x)
    if not loss.requires_grad:
        return _not_recorded(loss, x)
    target = _edge(x)
    path = _path(loss, target)
    if path is None:
        return _no_path(loss, x)
    return _connected(x, path)


def _not_required(loss: Tensor, x: Tensor) -> Report:
    for node, name, t in _constants(loss):
        if t is not None and t.data_ptr() == x.data_ptr() and t.numel():
            return Report(
                "not required",
                f"x does not require grad: it was used as a constant ({name}) in "
                f"{describe(node)}. Make it with requires_grad=True, or call "
                "x.requires_grad_() before it is used.",
                node,
            )
    return Report(
        "not required",
        "x does not require grad, so nothing that uses it is recorded for it. Make it "
        "with requires_grad=True, or call x.requires_grad_() before it is used; if it "
        "is a result, something that it is computed from must require grad.",
    )


def _not_recorded(loss: Tensor, x: Tensor) -> Report:
    if loss.is_inference():
        why = (
            "it was computed in inference mode. Use no_grad() for what must not be "
            "recorded, and neither for the loss"
        )
    elif not (loss.dtype.is_floating_point or loss.dtype.is_complex):
        return Report(
            "integers",
            f"loss has dtype {loss.dtype}: argmax, comparisons, integer casts and "
            "rounding to integers have no derivative, and the graph ends there. Use "
            "something smooth in their place (softmax for argmax, a sigmoid for a "
            "comparison), or where(condition, a, b) with differentiable a and b.",
        )
    else:
        why = (
            "on the way from x everything was recorded off: under no_grad(), after "
            "detach() or .data, through NumPy, item() or tolist(), through integers "
            "(argmax, comparisons), or x.requires_grad_() was called only after x was "
            "used"
        )
    writer = quote(_writer_line(loss))
    if writer:
        why += f"; its memory was written last at {writer}"
    return Report(
        "not recorded", f"loss does not require grad and has no grad_fn: {why}."
    )


def _path(loss: Tensor, target: tuple[Any, int]) -> list[Any] | None:
    """Nodes from the loss to an edge, the shortest way, or None."""
    start = _edge(loss)
    if start == target:
        return [start[0]]
    came: dict[Any, Any] = {start[0]: None}
    level = [start[0]]
    while level:
        following = []
        for node in level:
            for producer, nr in node.next_functions:
                if producer is None:
                    continue
                if (producer, nr) == target:
                    path = [producer]
                    back: Any = node
                    while back is not None:
                        path.append(back)
                        back = came[back]
                    return path[::-1]
                if producer not in came:
                    came[producer] = node
                    following.append(producer)
        level = following
    return None


def nodes_of(tensor: Tensor) -> Iterator[Any]:
    """Every node behind a tensor, each once."""
    if not tensor.requires_grad:
        return
    first = _edge(tensor)[0]
    seen = {first}
    stack = [first]
    while stack:
        node = stack.pop()
        yield node
        for producer, _ in node.next_functions:
            if producer is not None and producer not in seen:
                seen.add(producer)
                stack.append(producer)


def saved_of(node: Any) -> Iterator[tuple[str, Any]]:
    """Names and tensors that a node has saved and still holds."""
    for name in dir(node):
        if name.startswith("_saved_"):
            try:
                value = getattr(node, name)
            except (RuntimeError, AttributeError):
                continue
            if isinstance(value, TensorBase):
                yield name.removeprefix("_saved_"), value
    for attribute in ("saved", "saved_tensors"):
        try:
            values = getattr(node, attribute, None)
        except RuntimeError:
            continue
        if isinstance(values, tuple):
            for k, value in enumerate(values):
                if isinstance(value, TensorBase):
                    yield f"{attribute}[{k}]", value


def _constants(loss: Tensor) -> Iterator[tuple[Any, str, Any]]:
    """Steps that take a constant, with the tensor if it was saved."""
    for node in nodes_of(loss):
        if all(producer is not None for producer, _ in node.next_functions):
            continue
        found = False
        for name, t in saved_of(node):
            if not t.requires_grad or t.is_leaf:
                found = True
                yield node, name, t
        if not found:
            yield node, "", None


def _shares(t: Any, x: Any) -> bool:
    return bool(
        t.numel()
        and x.numel()
        and t.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    )


def _no_path(loss: Tensor, x: Tensor) -> Report:
    used_as_constant: list[str] = []
    for node, name, t in _constants(loss):
        if t is None:
            used_as_constant.append(describe(node))
            continue
        if t is x:
            return Report(
                "used before",
                f"x was a constant ({name}) when {describe(node)} was recorded: it did "
                "not require grad then. Call x.requires_grad_() before x is used.",
                node,
            )
        if _shares(t, x):
            return Report(
                "detached",
                f"x enters {describe(node)} as a constant ({name}) that shares its "
                "memory: detach(), .data or NumPy took it out of the graph. Use x "
                "itself there.",
                node,
            )
        if not t.requires_grad:
            used_as_constant.append(f"{describe(node)} ({name}, {list(t.shape)})")
    if x.grad_fn is not None:
        report = _overwritten(loss, x)
        if report is not None:
            return report
    for node in nodes_of(loss):
        leaf = getattr(node, "variable", None)
        if (
            leaf is not None
            and leaf.shape == x.shape
            and leaf is not x
            and _alike(leaf, x)
        ):
            return Report(
                "copy",
                f"the graph leads to another leaf of shape {list(leaf.shape)} with the "
                "values of x: a copy of x (deepcopy, to(), a second Parameter) was "
                "used. Use x itself, or look at the copy's grad.",
                node,
            )
    text = "x is not in the graph of loss: nothing recorded leads from loss to x."
    if used_as_constant:
        text += "\nSteps that take a constant, where it may have been lost:"
        for line in used_as_constant[:5]:
            text += f"\n  {line}"
        text += (
            "\nIf x should have come in there, it was detached (detach(), .data, "
            "NumPy, item(), no_grad()), turned into integers (argmax, comparison, "
            "indices), or used before requires_grad_()."
        )
    else:
        text += (
            " Is x the tensor that was used, or one of the same name from elsewhere?"
        )
    return Report("not in the graph", text)


def _alike(a: Any, b: Any) -> bool:
    if a.dtype != b.dtype:
        return False
    return bool((a.detach() == b.detach()).all())


def _overwritten(loss: Tensor, x: Tensor) -> Report | None:
    """Whether `x` got another history by a change in place after it was used."""
    behind = set(nodes_of(x))
    shared = [n for n in nodes_of(loss) if n in behind and not hasattr(n, "variable")]
    writer = quote(_writer_line(x))
    if not shared or not writer:
        return None
    latest = max(shared, key=lambda n: n._sequence_nr())
    return Report(
        "overwritten",
        f"x was changed in place at {writer} after loss was computed from it. loss "
        f"depends on the x that {describe(latest)} made; the x of now comes from "
        f"{describe(x.grad_fn)}. Use the out-of-place form, or keep the old x by "
        "another name.",
        x.grad_fn,
    )


def _connected(x: Tensor, path: list[Any]) -> Report:
    steps = "\n".join(f"  {describe(node)}" for node in path)
    way = f"\nThe way from loss to x:\n{steps}"
    if x.is_leaf or x.retains_grad:
        if x.grad is not None:
            return Report(
                "has gradient", f"x has a gradient.{way}", path[-1], path=path
            )
        return Report(
            "no backward yet",
            "x is in the graph of loss and gets its gradient from loss.backward(). "
            "x.grad is None because backward() was not called, was called with inputs= "
            "that leave x out, or zero_grad() came after it; autograd.grad() returns "
            f"gradients and fills no .grad.{way}",
            path[-1],
            path=path,
        )
    return Report(
        "non-leaf",
        f"x is not a leaf: it is the result of {describe(x.grad_fn)}, and gradients "
        "are kept for leaves only. Call x.retain_grad() before backward(), or ask "
        f"autograd.grad(loss, x).{way}",
        x.grad_fn,
        path=path,
    )
