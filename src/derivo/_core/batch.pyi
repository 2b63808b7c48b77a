# Stub of derivo._core.batch, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class Frame:
    """One running `vmap`."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    level: Any
    outer: Any
    randomness: Any
    size: Any

def change(
    op: Any,
    tensors: Any,
    params: Any,
    own: Any,
    frame: Any,
    physical: Any,
    flags: Any,
    plain: Any,
    batched: Any,
) -> Any:
    """A primitive that writes into its first tensor."""

def frame_of(args: Any, level: Any) -> Any:
    """Frame of a `vmap` level, from the first of its tensors among `args`."""

def peel(t: Any, level: Any) -> Any:
    """Physical tensor of `t` at a level, and whether it has the batch dimension."""

def recorded(args: Any, level: Any) -> Any:
    """Whether the level's own graph gets a node of an operation on these."""

def set_rules(kinds: Any, functions: Any, views: Any, **slots: Any) -> Any:
    """Take the rules that are Python, and what those here need of Python."""
