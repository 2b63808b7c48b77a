# Stub of derivo._core.overrides, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



class Entry:
    """Entry(plain, public=None)

    A public function: `plain` is what it does unless a class overrides it.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any: ...
    def __eq__(self, other: object) -> bool: ...
    def __ge__(self, other: object) -> bool: ...
    def __gt__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __le__(self, other: object) -> bool: ...
    def __lt__(self, other: object) -> bool: ...
    def __ne__(self, other: object) -> bool: ...
    def __repr__(self) -> str: ...
    @property
    def plain(self) -> Any:
        ...
    @property
    def public(self) -> Any:
        ...

def as_class(cls: Any, t: Any) -> Any:
    """An object of class `cls` that is `t` in all else: memory, history, base."""

def configure(disabled: Any, dispatch: Any, operators: Any) -> Any:
    """Set the marker of classes that take no part, what carries a call out that has to
    be handed over, and the functions that stand for the core's operators.
    """

def disabled_count(change: Any = 0) -> Any:
    """Count the reasons not to look at classes on this thread; returns how many."""

def overriding(values: Any) -> Any:
    """Those of the values, and of the parts of lists and tuples among them, whose class
    overrides functions: one a class, subclasses first.
    """

def set_modes(count: Any) -> Any:
    """Say how many modes are active on this thread."""
