"""What snippets use to turn behaviour into plain data that can be compared.

A snippet is a function ``case_something(torch)``; it gets PyTorch once and derivo
once and returns data: numbers, strings, lists, and what these helpers make of
tensors, graphs, exceptions and warnings.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception: the names of its classes, and whether its text has the phrase."""

    classes: tuple[str, ...]
    has_phrase: bool
    text: str

    def differs(self, got: object) -> str:
        """Say how `got` differs from this one, which PyTorch raised."""
        if not isinstance(got, Raised):
            return f"no exception ({got!r}), expected {self.classes[0]}: {self.text}"
        if self.classes[0] not in got.classes:
            return f"{got.classes[0]} ({got.text}), expected {self.classes[0]}"
        if self.has_phrase and not got.has_phrase:
            return f"the message lacks the phrase: {got.text}"
        return ""


@dataclass(frozen=True, slots=True)
class Array:
    """A tensor's values that must agree to so many units in the last place."""

    values: np.ndarray
    dtype: str
    ulps: int


def raised(action: Callable[[], object], phrase: str = "") -> Raised | str:
    """Run the action; describe what it raised, or return what it gave."""
    try:
        value = action()
    except Exception as e:
        text = str(e)
        names = tuple(t.__name__ for t in type(e).__mro__)
        flat = " ".join(text.lower().split())
        return Raised(names, phrase.lower() in flat, text.strip()[:200])
    return f"accepted: {value!r}"


def warned(action: Callable[[], object], phrase: str = "") -> list[Any]:
    """Run the action; return which classes of warnings came, and the phrase's count."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    hits = [w for w in caught if phrase.lower() in str(w.message).lower()]
    # A library's own class of warning counts as the builtin that it derives from.
    return sorted(
        {
            next(c.__name__ for c in w.category.__mro__ if c.__module__ == "builtins")
            for w in hits
        }
    )


def node_tree(fn: Any, depth: int = 6) -> Any:
    """Describe a graph: [name, [children]]; a leaf's sink and None end it."""
    if fn is None:
        return None
    if depth == 0:
        return "..."
    children = [
        [node_tree(child, depth - 1), number] for child, number in fn.next_functions
    ]
    return [type(fn).__name__, fn.name().removeprefix("torch::autograd::"), children]


def values(t: Any) -> Any:
    """Describe a tensor: dtype, shape, values."""
    if t is None:
        return None
    t = t.detach()
    return [str(t.dtype), list(t.shape), t.tolist()]


def facts(t: Any) -> list[Any]:
    """Describe a tensor's place in a graph."""
    name = None if t.grad_fn is None else type(t.grad_fn).__name__
    return [t.requires_grad, t.is_leaf, name]


def exactly(t: Any) -> Array:
    """Demand the very bits."""
    return within_ulps(t, 0)


def within_ulps(t: Any, ulps: int) -> Array:
    """Demand values at most so many floating-point numbers away."""
    return Array(t.detach().contiguous().numpy().copy(), str(t.dtype), ulps)
