"""Switching the recording of operations on and off, per thread."""

from __future__ import annotations

import functools
import threading
import warnings
from typing import TYPE_CHECKING, Any, TypeVar, cast

from derivo._core.saved import _set_flag
from derivo._core.tensor import (
    _set_grad_enabled,
    _set_inference,
    is_grad_enabled,
    is_inference_mode_enabled,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = [
    "enable_grad",
    "enforce_grad_layout_policy",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "is_multithreading_enabled",
    "no_grad",
    "set_grad_enabled",
    "set_multithreading_enabled",
]

_F = TypeVar("_F", bound="Callable[..., Any]")


# What `inspect.isgeneratorfunction` asks; importing `inspect` takes milliseconds.
_CO_GENERATOR = 0x20


def _makes_a_generator(function: Any) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & _CO_GENERATOR)


class _Mode:
    """A context manager that also decorates functions and generators."""

    def clone(self) -> _Mode:
        return type(self)()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raise NotImplementedError

    def __call__(self, function: _F) -> _F:
        if isinstance(function, type):
            # Only making an object is in the mode; its methods are not.
            warnings.warn(
                "Decorating classes is deprecated: only the making of an object runs "
                "in the mode, its methods do not. Decorate __init__ instead if that is "
                "meant, or the methods.",
                FutureWarning,
                stacklevel=2,
            )
            return cast("_F", self._wrap(lambda *a, **k: function(*a, **k)))
        if _makes_a_generator(function):
            return cast("_F", self._wrap_generator(function))
        return cast("_F", self._wrap(function))

    def _wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return wrapped

    def _wrap_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        # The mode is on while the generator's own code runs, not between items.
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            try:
                with self.clone():
                    item = generator.send(None)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        with self.clone():
                            generator.close()
                        raise
                    except BaseException as error:
                        with self.clone():
                            item = generator.throw(error)
                    else:
                        with self.clone():
                            item = generator.send(sent)
            except StopIteration as stop:
                return stop.value

        return wrapped


class _GradMode(_Mode):
    _value = False

    def __init__(self, orig_func: Callable[..., Any] | None = None) -> None:
        self._before: list[bool] = []

    def __new__(cls, orig_func: Callable[..., Any] | None = None) -> Any:
        # `@no_grad` without parentheses.
        self = super().__new__(cls)
        if orig_func is None:
            return self
        self.__init__()  # type: ignore[misc]
        return self(orig_func)

    def __enter__(self) -> None:
        self._before.append(_set_grad_enabled(self._value))

    def __exit__(self, *_: object) -> None:
        _set_grad_enabled(self._before.pop())


class no_grad(_GradMode):
    """Do not record operations: results do not require gradients.

    Works as a context manager and as a decorator, in this thread only. Tensors made
    with ``requires_grad=True`` still require gradients.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0], requires_grad=True)
    >>> with derivo.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    _value = False


class enable_grad(_GradMode):
    """Record operations, inside `no_grad`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0], requires_grad=True)
    >>> with derivo.no_grad(), derivo.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """

    _value = True


class set_grad_enabled(_Mode):
    """Switch recording on or off; takes effect when it is called.

    Parameters
    ----------
    mode : bool
        Whether to record.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0], requires_grad=True)
    >>> with derivo.set_grad_enabled(False):
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                "[set_grad_enabled] set_grad_enabled(): argument 'enabled' (position "
                f"1) must be bool, not {type(mode).__name__}."
            )
        self.prev = _set_grad_enabled(mode)
        self.mode = mode

    def __call__(self, function: _F) -> _F:
        """Decorate a function; the mode outside it is left as it was."""
        _set_grad_enabled(self.prev)
        return super().__call__(function)

    def __enter__(self) -> None:
        _set_grad_enabled(self.mode)

    def __exit__(self, *_: object) -> None:
        _set_grad_enabled(self.prev)

    def clone(self) -> set_grad_enabled:
        """Another one of the same mode."""
        return type(self)(self.mode)

    def __repr__(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}(mode={self.mode})"


class inference_mode(_Mode):
    """No recording, no version counters, no views: for code that never differentiates.

    Tensors made inside cannot take part in recorded operations later; ``clone()`` them
    to do so.

    Parameters
    ----------
    mode : bool
        False switches it off inside another one.

    Examples
    --------
    >>> import derivo
    >>> with derivo.inference_mode():
    ...     y = derivo.ones(2) * 2
    >>> y.is_inference()
    True
    """

    def __new__(cls, mode: Any = True) -> Any:
        """Make the mode, or decorate the function given in its place."""
        if isinstance(mode, bool):
            return super().__new__(cls)
        return cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode
        self._before: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        inference = _set_inference(self.mode)
        # Leaving inference mode inside of it records again.
        grad = _set_grad_enabled(not self.mode)
        self._before.append((inference, grad))

    def __exit__(self, *_: object) -> None:
        inference, grad = self._before.pop()
        _set_inference(inference)
        _set_grad_enabled(grad)

    def clone(self) -> inference_mode:
        """Another one of the same mode."""
        return type(self)(self.mode)


class _Threads(threading.local):
    allowed = True


_threads = _Threads()


def is_multithreading_enabled() -> bool:
    """Whether backward may use threads of its own (see the setter)."""
    return _threads.allowed


class set_multithreading_enabled(_Mode):
    """Say whether backward may use threads of its own; takes effect when called.

    derivo runs a backward pass in the thread that asks for it, as PyTorch does on the
    CPU; the setting is kept for programs that ask for it.

    Parameters
    ----------
    mode : bool
        Whether it may.

    Examples
    --------
    >>> import derivo
    >>> with derivo.autograd.set_multithreading_enabled(False):
    ...     derivo.autograd.is_multithreading_enabled()
    False
    """

    def __init__(self, mode: bool) -> None:
        self.prev = _threads.allowed
        self.mode = bool(mode)
        _threads.allowed = self.mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        _threads.allowed = self.prev

    def clone(self) -> set_multithreading_enabled:
        """Another one of the same mode."""
        return type(self)(self.mode)


_KEEP_ANY_LAYOUT = 4


class enforce_grad_layout_policy(_Mode):
    """Say whether gradients get the strides of their tensor; takes effect when called.

    A gradient has the strides of its tensor (row-major if that has gaps), which costs a
    copy where backward made it with others. Switched off, such a gradient is kept as
    it came. Thread-local; also a context manager and a decorator.

    Parameters
    ----------
    enable : bool, default True
        Whether the strides are enforced.

    Examples
    --------
    >>> import derivo
    >>> with derivo.autograd.enforce_grad_layout_policy(False):
    ...     pass
    """

    def __init__(self, enable: bool = True) -> None:
        self.enable = bool(enable)
        self.prev = not _set_flag(_KEEP_ANY_LAYOUT, not self.enable)

    def __enter__(self) -> None:
        _set_flag(_KEEP_ANY_LAYOUT, not self.enable)

    def __exit__(self, *_: object) -> None:
        _set_flag(_KEEP_ANY_LAYOUT, not self.prev)

    def clone(self) -> enforce_grad_layout_policy:
        """Another one of the same policy."""
        return type(self)(self.enable)
