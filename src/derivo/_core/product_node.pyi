# Stub of derivo._core.product_node, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class ProductNode(Node):
    """Graph node of a product; what its recorded backward gets."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def _kept_get(self, k: Any) -> Any:
        """The left (0) or right (1) operand, None if it is not needed."""
    def _kept_put(self, k: Any, value: Any) -> Any:
        """Let slot `k` store `value`, a `Packed`."""
    def _kept_raw(self, k: Any) -> Any:
        """(what is stored in slot `k`, -1: no result is saved)."""
    @property
    def _kept_shown(self) -> Any:
        """What else PyTorch shows, by name."""
    def _kept_slots(self) -> Any:
        """Names of the saved operands and their slots."""
    @property
    def alpha(self) -> Any:
        ...
    @property
    def beta(self) -> Any:
        ...
    @property
    def form(self) -> Any:
        ...
    @property
    def needs(self) -> Any:
        """Which operands need a gradient: ``(added, left, right)``."""
    @property
    def saved(self) -> Any:
        """The saved operands, checked to be unchanged; None where not needed."""
    @property
    def shape(self) -> Any:
        ...
    @property
    def turned_a(self) -> Any:
        ...

class TBackward0(Node):
    """Graph node of a transposed weight."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
_SAVED: tuple[Any, ...]
_node_types: list[Any]
