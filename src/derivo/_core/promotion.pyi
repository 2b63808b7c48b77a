# Stub of derivo._core.promotion, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any


SCALAR_TYPES: tuple[Any, ...]

def _fill_table() -> Any: ...

def can_cast(from_: Any, to: Any) -> Any:
    """Whether a value may be stored in `to` without changing its kind.

    Examples
    --------
    >>> import derivo
    >>> derivo.can_cast(derivo.float32, derivo.int32)
    False
    """

def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype that both types convert to, by PyTorch's rules.

    Examples
    --------
    >>> import derivo
    >>> derivo.promote_types(derivo.int32, derivo.float32)
    torch.float32
    """
