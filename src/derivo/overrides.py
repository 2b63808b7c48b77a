"""Classes that take part in derivo's functions: the ``__torch_function__`` protocol.

A subclass of `Tensor` that defines the classmethod ``__torch_function__(cls, func,
types, args=(), kwargs=None)`` is asked whenever a public function, a method, an
operator or a property meets one of its objects. Other classes may define it too; they
are seen once this module has been imported, or some subclass of `Tensor` defined.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from derivo._core.overrides import overriding
from derivo._core.tensor import TensorBase
from derivo._disabled import DisableTorchFunctionSubclass
from derivo._overrides import (
    NOT_OVERRIDDEN,
    TorchFunctionMode,
    activate,
    dispatch,
    overridable,
)
from derivo.ops._surface import FUNCTIONS
from derivo.tensor import Tensor

__all__ = [
    "DisableTorchFunctionSubclass",
    "TorchFunctionMode",
    "get_ignored_functions",
    "get_overridable_functions",
    "handle_torch_function",
    "has_torch_function",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]

activate()


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether an argument's class overrides functions.

    Parameters
    ----------
    relevant_args : iterable
        Arguments of a function; `Tensor` and `Parameter` do not override.

    Returns
    -------
    bool

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import has_torch_function
    >>> class Mine(derivo.Tensor):
    ...     pass
    >>> x = derivo.ones(2)
    >>> has_torch_function((x,)), has_torch_function((x, x.as_subclass(Mine)))
    (False, True)
    """
    return bool(_direct(relevant_args))


def _direct(values: Iterable[Any]) -> list[Any]:
    # Parts of sequences do not count here: a function names what is relevant.
    return overriding([v for v in values if not isinstance(v, (tuple, list))])


def handle_torch_function(
    public_api: Callable[..., Any],
    relevant_args: Iterable[Any],
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Let the classes of arguments carry a call of a user's function out.

    Parameters
    ----------
    public_api : callable
        The function that was called.
    relevant_args : iterable
        Arguments whose classes are asked, subclasses first.
    *args, **kwargs
        What the function was called with.

    Returns
    -------
    object
        What the first class gave that did not return `NotImplemented`.

    Raises
    ------
    TypeError
        If all returned `NotImplemented`.

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import handle_torch_function, has_torch_function
    >>> class Named(derivo.Tensor):
    ...     @classmethod
    ...     def __torch_function__(cls, func, types, args=(), kwargs=None):
    ...         return func.__name__
    >>> def halve(x):
    ...     if has_torch_function((x,)):
    ...         return handle_torch_function(halve, (x,), x)
    ...     return x / 2
    >>> halve(derivo.ones(2)), halve(derivo.ones(2).as_subclass(Named))
    (tensor([0.5000, 0.5000]), 'halve')
    """
    return dispatch(public_api, _direct(relevant_args), args, kwargs)


def wrap_torch_function(
    dispatcher: Callable[..., Iterable[Any]],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a user's function ask the classes of its arguments, as a decorator.

    Parameters
    ----------
    dispatcher : callable
        Takes the function's arguments and returns those that are relevant.

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import wrap_torch_function
    >>> @wrap_torch_function(lambda x: (x,))
    ... def halve(x):
    ...     return x / 2
    >>> halve(derivo.ones(1))
    tensor([0.5000])
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            relevant = tuple(dispatcher(*args, **kwargs))
            if has_torch_function(relevant):
                return handle_torch_function(wrapped, relevant, *args, **kwargs)
            return function(*args, **kwargs)

        return wrapped

    return decorate


def is_tensor_like(inp: Any) -> bool:
    """Whether an object is a tensor or its class has ``__torch_function__``.

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import is_tensor_like
    >>> is_tensor_like(derivo.ones(1)), is_tensor_like(1.0)
    (True, False)
    """
    return isinstance(inp, TensorBase) or hasattr(inp, "__torch_function__")


def get_ignored_functions() -> set[Callable[..., Any]]:
    """Return the public functions that do not ask classes, such as ``tensor``.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor in derivo.overrides.get_ignored_functions()
    True
    """
    return {FUNCTIONS[name] for name in NOT_OVERRIDDEN if name in FUNCTIONS}


def get_overridable_functions() -> dict[Any, list[Callable[..., Any]]]:
    """Return the functions that ask classes, by the module or class that holds them.

    Examples
    --------
    >>> import derivo
    >>> found = derivo.overrides.get_overridable_functions()
    >>> derivo.add in found[derivo]
    True
    """
    import derivo

    found: dict[Any, list[Callable[..., Any]]] = {}
    for name, function in overridable().items():
        where, _, short = name.rpartition(".")
        holder: Any = derivo
        for part in where.split(".") if where else ():
            holder = getattr(holder, part, None)
        if holder is not None:
            found.setdefault(holder, []).append(getattr(holder, short, function))
    return found


def resolve_name(f: Any) -> str | None:
    """Return the qualified name of a function, as PyTorch's users know it.

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import resolve_name
    >>> resolve_name(derivo.Tensor.add), resolve_name(derivo.nn.functional.relu)
    ('torch.Tensor.add', 'torch.nn.functional.relu')
    """
    return _names().get(f)


@functools.cache
def _names() -> dict[Any, str]:
    found: dict[Any, str] = {}
    for holder in (Tensor, TensorBase):
        for name, value in vars(holder).items():
            if hasattr(value, "__get__") and hasattr(value, "__set__"):
                found[value.__get__] = f"torch.Tensor.{name}.__get__"
            elif callable(value):
                found.setdefault(value, f"torch.Tensor.{name}")
    for name, function in overridable().items():
        if not name.startswith("Tensor."):
            found[function] = f"torch.{name}"
    return found


def is_tensor_method_or_property(func: Any) -> bool:
    """Whether a function is a method or the getter of a property of `Tensor`.

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import is_tensor_method_or_property
    >>> is_tensor_method_or_property(derivo.Tensor.add)
    True
    >>> is_tensor_method_or_property(derivo.nn.functional.relu)
    False
    """
    if getattr(func, "__name__", "") == "__get__":
        return True
    name = getattr(func, "__name__", None)
    return name is not None and getattr(Tensor, name, None) is func
