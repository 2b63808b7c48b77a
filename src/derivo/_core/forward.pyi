# Stub of derivo._core.forward, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class Plan:
    """Plan(call, kinds, places, results)

    How tangents of operands become those of results: see `ops._tangents`.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
_METHODS: dict[Any, Any]

def attach(out: Any, level: Any, tangent: Any, before: Any = None) -> Any:
    """Give a result its tangent, and the copies that its own node has saved.

    `before` is the tangent, by its level, that an operand changed in place had.
    """

def clear(t: Any) -> Any:
    """Drop the tangents of a tensor and its base: those of levels that have ended."""

def derivative(
    op: Any,
    args: Any,
    given: Any,
    mask: Any,
    out: Any,
    recorded: Any = False,
) -> Any:
    """Tangent of the result(s) `out`; of an operation in place, `out` is None.

    The operands have no tangents of this level; with `recorded`, some tangent requires
    a gradient. None where there is no derivative.
    """

def elementwise(op: Any, args: Any, level: Any) -> Any:
    """An elementwise operation on operands some of which have tangents of a level."""

def fits(primal: Any, tangent: Any) -> Any:
    """Whether a tangent may be joined as it is: floating point, of the same layout."""

def handle(kind: Any, op: Any, args: Any) -> Any:
    """Let the innermost transform among the operands carry out an operation."""

def history(t: Any) -> Any:
    """Alias with the same place in the graph, and what outer levels know of it."""

def hold(tensors: Any, level: Any) -> Any:
    """Take the tangents of a level off tensors (and their bases); gives what was."""

def innermost(args: Any) -> Any:
    """Innermost active level among the tensors of `args` (0: none), and its kind."""

def leaf(t: Any, requires_grad: Any) -> Any:
    """Alias without history, and what outer levels know of it."""

def offset_between(base: Any, t: Any) -> Any:
    """Elements between the first of `base` and the first of `t`."""

def overlapping(t: Any) -> Any:
    """Whether elements share memory."""

def pause(level: Any) -> Any:
    """Let operations look past the tangents of an active level, until `unpause`."""

def release(held: Any, level: Any) -> Any:
    """Put back what `hold` has taken off."""

def same_layout(a: Any, b: Any) -> Any:
    """Whether two tensors of one shape have the same strides, and do not overlap."""

def set_callbacks(**functions: Any) -> Any:
    """Set the Python functions that tangents are made with."""

def share(active: Any, rules: Any) -> Any:
    """Take the levels that are active, and the rules of kinds of levels."""

def shares_memory(a: Any, others: Any) -> Any:
    """Whether `a` lies in the memory of one of some tensors (None among them)."""

def tangents(t: Any) -> Any:
    """What `t` has: a dict from level to tangent, empty where it has none."""

def unpause(level: Any) -> Any:
    """Let a level be active again."""

def view(op: Any, args: Any, level: Any) -> Any:
    """A view: the same one of the tangent."""
