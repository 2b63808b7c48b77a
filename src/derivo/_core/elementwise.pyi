# Stub of derivo._core.elementwise, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class ElementwiseNode(Node):
    """Graph node of an elementwise operation."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __repr__(self) -> str: ...
    def _kept_get(self, k: Any) -> Any:
        """Saved operand: a tensor, a number, or what a pack hook made."""
    def _kept_put(self, k: Any, value: Any) -> Any:
        """Let a slot store `value`, a `Packed`."""
    def _kept_raw(self, k: Any) -> Any:
        """(what is stored in a slot, the output number that it is or -1)."""
    @property
    def _kept_shown(self) -> Any:
        """What else PyTorch shows, by name."""
    def _kept_slots(self) -> Any:
        """What PyTorch shows of a node: the argument's name, with its slot."""
    def _note_tangents(self, nr: Any, tangents: Any, before: Any) -> Any:
        """Let saved outputs, and a saved copy of the old value, have tangents."""
    @property
    def formula(self) -> Any:
        """Definition and derivatives of the operation, as text and LaTeX."""
    def name(self) -> Any:
        """Name of the operation, e.g. ``'MulBackward0'``."""
