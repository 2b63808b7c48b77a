# Stub of derivo._core.batch, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def elementwise(op: Any, args: Any, frame: Any, level: Any) -> Any:
    """The rule of an elementwise operation."""

def frame_of(args: Any, level: Any) -> Any:
    """Frame of a `vmap` level, from the first of its tensors among `args`."""

def operands(args: Any, level: Any) -> Any:
    """Physical operands of an elementwise operation, aligned to broadcast.

    Returns
    -------
    operands : list
    batched : bool
        Whether some operand has the batch dimension; if so, all that have are aligned.
    """

def peel(t: Any, level: Any) -> Any:
    """Physical tensor of `t` at a level, and whether it has the batch dimension."""

def recorded(args: Any, level: Any) -> Any:
    """Whether the level's own graph gets a node of an operation on these."""
