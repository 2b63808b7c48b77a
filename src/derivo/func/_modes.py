"""What happens to an operation on a tensor that a transform follows.

Each transform that follows values (`vmap`, forward mode) has a *level*: a number that
grows with nesting and is never used twice. A tensor carries, per level, what the
transform knows of it: a tangent (``t._tangents``, a dict from level to tensor), or the
tensor with the hidden batch dimension (``t._batch``, which has a ``level``). Reverse
mode needs no level: its graph is the same inside and outside.

The core's doors look at these slots only while some transform is active on the thread
(`ThreadState.modes`), so nothing is paid for transforms that are not. Where they find
one, they call `handle` instead of the operation. The innermost level among the operands
decides: its rule is written with operations on what it unwraps, and those meet the next
level, if there is one, at the same doors.

`kind` says how an operation is called again, `again(kind, op, args)`:

========== =========================== ==========================================
kind       op                          args
========== =========================== ==========================================
elementwise ElementwiseOp              operands and parameters
inplace    ElementwiseOp               the same; the result goes to the first
out        ElementwiseOp               the result, then operands and parameters
primitive  Primitive                   tuple of tensors (some None), parameters
function   a function of the core      its arguments, normalised and positional
custom     an `autograd.Function`      the arguments of ``apply``
========== =========================== ==========================================
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from derivo._core import forward
from derivo._core import tensor as core
from derivo._core.tensor import TensorBase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["again", "begin", "end", "handle", "is_active", "tensors_of", "top_level"]

_numbers = itertools.count(1)
_active: set[int] = set()


def begin() -> int:
    """Open a level on this thread; operations are intercepted until it ends."""
    level = next(_numbers)
    _active.add(level)
    core._count_modes(1)
    return level


def resume(level: int) -> None:
    """Open a level again: what was saved in it is worked on later."""
    _active.add(level)
    core._count_modes(1)


def end(level: int) -> None:
    """Close a level; what tensors still carry of it no longer counts."""
    _active.discard(level)
    core._count_modes(-1)


def is_active(level: int) -> bool:
    """Whether a level has begun and not ended."""
    return level in _active


def tensors_of(args: Any) -> Iterator[Any]:
    """All tensors among arguments, those in tuples, lists and dicts included."""
    for item in args:
        if isinstance(item, TensorBase):
            yield item
        elif isinstance(item, (tuple, list)):
            yield from tensors_of(item)
        elif isinstance(item, dict):
            yield from tensors_of(item.values())


def top_level(args: Any) -> tuple[int, str]:
    """Innermost active level among the tensors of `args`, and what it is.

    Returns
    -------
    level : int
        Zero if there is none.
    what : {"tangent", "batch", ""}
    """
    found: tuple[int, str] = forward.innermost(args)
    return found


def again(kind: str, op: Any, args: tuple[Any, ...]) -> Any:
    """Call an operation that was intercepted."""
    method = forward._METHODS.get(kind)
    return op(*args) if method is None else getattr(op, method)(*args)


_rules: dict[str, Callable[..., Any]] = {}


def set_rule(what: str, rule: Callable[[str, Any, tuple[Any, ...], int], Any]) -> None:
    """Set how a kind of level treats an operation; those of `vmap` are in the core."""
    _rules[what] = rule


def set_watch(rule: Callable[[str, Any, tuple[Any, ...]], Any]) -> None:
    """Set what gets operations that no level follows while `WATCHES_OPS` is up."""
    _rules["watch"] = rule


handle = forward.handle
forward.share(_active, _rules)
core.set_mode_handler(handle)
