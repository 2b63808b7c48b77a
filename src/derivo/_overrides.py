"""``__torch_function__``: classes that see the functions called with their objects.

Nothing of this costs anything before there is such a class. When the first subclass of
`Tensor` is defined that takes part (`Parameter` does not), `activate` gives every
public function a detour: its code is put into a function of its own, and what remains
asks `_core.overrides` whether an argument's class wants to know. The function objects
stay who they are, so that ``func is torch.add`` holds wherever the name came from.

Operators, properties and the core's own methods are compiled; a class that takes part
gets wrappers of them (`equip`), other tensors keep theirs.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from types import FunctionType, TracebackType
from typing import Any

from derivo._core import overrides as core
from derivo._core import tensor as core_tensor
from derivo._core.tensor import TensorBase
from derivo._disabled import (
    DisableTorchFunctionSubclass,
    _disabled_torch_function_impl,
)
from derivo.ops._surface import FUNCTIONS
from derivo.tensor import Tensor

_active = False

# What takes or makes no tensors that a class could want to know of.
NOT_OVERRIDDEN = frozenset(
    """
    tensor as_tensor asarray from_numpy frombuffer scalar_tensor is_tensor save load
    manual_seed seed initial_seed get_rng_state set_rng_state from_dlpack
    Tensor.as_subclass Tensor._make_subclass Tensor.__reduce_ex__ Tensor.__deepcopy__
    Tensor.__dlpack__ Tensor.__dlpack_device__ Tensor.__array__ Tensor.__setstate__
    """.split()  # noqa: SIM905
)


def active() -> bool:
    """Whether public functions look at the classes of their arguments."""
    return _active


def dispatch(
    public: Any, found: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Hand a call over to the innermost mode, then to each class that asked for it."""
    types = tuple(type(value) for value in found)
    if MODES.stack:
        with _Without(MODES.stack[-1]) as mode:
            made = mode.__torch_function__(public, types, args, kwargs)
        if made is not NotImplemented:
            return made
    for value in found:
        made = value.__torch_function__(public, types, args, kwargs)
        if made is not NotImplemented:
            return made
    kinds = [t.__name__ for t in types]
    tried = [type(MODES.stack[-1]).__name__] if MODES.stack else []
    name = getattr(public, "__qualname__", repr(public))
    raise TypeError(
        f"[overrides] Multiple dispatch failed for '{name}'; all __torch_function__ "
        "handlers returned NotImplemented: no implementation found for "
        f"'{name}' on types that implement __torch_function__: {tried + kinds}."
    )


class _Modes(threading.local):
    def __init__(self) -> None:
        self.stack: list[Any] = []


MODES = _Modes()


class _Without:
    """Take the innermost mode away while it works."""

    def __init__(self, mode: Any) -> None:
        self.mode = mode

    def __enter__(self) -> Any:
        MODES.stack.pop()
        core.set_modes(len(MODES.stack))
        return self.mode

    def __exit__(self, *error: object) -> None:
        MODES.stack.append(self.mode)
        core.set_modes(len(MODES.stack))


class TorchFunctionMode:
    """A context in which every public function goes through ``__torch_function__``.

    Subclasses define ``__torch_function__(self, func, types, args=(), kwargs=None)``,
    in which the mode itself is off. Operators on tensors are seen as methods (``a + b``
    as ``Tensor.add``); properties and questions such as ``t.size()`` are not seen.

    Examples
    --------
    >>> import derivo
    >>> from derivo.overrides import TorchFunctionMode
    >>> class Count(TorchFunctionMode):
    ...     seen = 0
    ...     def __torch_function__(self, func, types, args=(), kwargs=None):
    ...         self.seen += 1
    ...         return func(*args, **(kwargs or {}))
    >>> x = derivo.ones(2)
    >>> with Count() as mode:
    ...     y = derivo.exp(x) + x
    >>> mode.seen
    2
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """What a call does instead; to be defined."""
        raise NotImplementedError(
            "[TorchFunctionMode] define __torch_function__(self, func, types, args, "
            "kwargs) in the subclass."
        )

    def __enter__(self) -> Any:
        activate()
        _watch_slots()
        MODES.stack.append(self)
        core.set_modes(len(MODES.stack))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        MODES.stack.pop()
        core.set_modes(len(MODES.stack))


# ------------------------------------------------------------------ the default


def default_torch_function(
    cls: type, func: Any, types: Any, args: Any = (), kwargs: Any = None
) -> Any:
    """Call the function; tensors in the result become objects of the class."""
    if not all(issubclass(cls, t) for t in types):
        return NotImplemented
    with DisableTorchFunctionSubclass():
        made = func(*args, **(kwargs or {}))
        return made if func in unconverted() else converted(made, cls)


def converted(made: Any, cls: type) -> Any:
    """Give tensors, alone or in a tuple or list, the class `cls`."""
    if isinstance(made, TensorBase):
        return made if isinstance(made, cls) else core.as_class(cls, made)
    if isinstance(made, (tuple, list)) and not isinstance(made, core_tensor.Size):
        parts = [converted(part, cls) for part in made]
        kind: Any = type(made)
        return kind._make(parts) if hasattr(kind, "_make") else kind(parts)
    return made


def unconverted() -> set[Any]:
    """Functions whose results keep their class."""
    return {TensorBase.grad.__get__, TensorBase._base.__get__}


# ------------------------------------------------------------------ detours


def _detour(*args: Any, **kwargs: Any) -> Any:
    entry: Any = 1234567
    return entry(*args, **kwargs)


def _give_detour(function: FunctionType) -> None:
    if hasattr(function, "__derivo_plain__"):
        return
    code = function.__code__
    plain = FunctionType(
        code,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    plain.__kwdefaults__ = function.__kwdefaults__
    plain.__annotations__ = function.__annotations__
    plain.__module__, plain.__qualname__ = function.__module__, function.__qualname__
    entry = core.Entry(plain, function)
    template = _detour.__code__
    function.__code__ = template.replace(
        co_consts=tuple(entry if c == 1234567 else c for c in template.co_consts),
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_freevars=code.co_freevars,
        # A traceback or an editor that asks for the line is led to the definition.
        co_filename=code.co_filename,
        co_firstlineno=code.co_firstlineno,
    )
    # What asks for the signature or the source is led to the function that works.
    function.__wrapped__ = plain  # type: ignore[attr-defined]
    function.__derivo_plain__ = plain  # type: ignore[attr-defined]


def give_detours(functions: Iterable[Any]) -> None:
    """Let functions written in Python ask the classes of their arguments first."""
    for function in functions:
        if type(function) is FunctionType:
            _give_detour(function)


def overridable() -> dict[str, Callable[..., Any]]:
    """Public functions and methods by qualified name."""
    import derivo.nn.functional as functional

    found = {n: f for n, f in FUNCTIONS.items() if n not in NOT_OVERRIDDEN}
    for name in vars(functional)["__all__"]:
        found.setdefault(f"nn.functional.{name}", getattr(functional, name))
    return found


def activate() -> None:
    """Let every public function look at the classes of its arguments, from now on."""
    global _active
    if _active:
        return
    _active = True
    import derivo
    from derivo.autograd import grad

    everything = overridable()
    compiled = {
        name: function
        for name, function in everything.items()
        if type(function) is not FunctionType and "." not in name
    }
    core.configure(
        _disabled_torch_function_impl,
        dispatch,
        [FUNCTIONS[f"Tensor.{name}"] for name in _OPERATORS],
    )
    for name, function in compiled.items():
        setattr(derivo, name, core.Entry(function))
    give_detours({*everything.values(), grad, Tensor.backward})


@functools.cache
def _watch_slots() -> None:
    """Let modes see what stands behind operators that are not the core's own."""
    from derivo._core import indexing
    from derivo.ops import _operators
    from derivo.ops.products import matmul_operator

    cls: Any = Tensor
    core_tensor.set_slots(
        matmul=core.Entry(matmul_operator, cls.matmul),
        getitem=core.Entry(indexing.getitem, cls.__getitem__),
        setitem=core.Entry(indexing.setitem, cls.__setitem__),
        rsub=core.Entry(_operators._rsub, cls.__rsub__),
        rtruediv=core.Entry(_operators._rtruediv, cls.__rtruediv__),
    )


# ------------------------------------------------------------------ classes

# Methods behind the core's operators, in its order, and the names of the operators.
_OPERATORS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "truediv",
    "floor_divide": "floordiv",
    "remainder": "mod",
    "pow": "pow",
    "bitwise_and": "and",
    "bitwise_or": "or",
    "bitwise_xor": "xor",
    "bitwise_left_shift": "lshift",
    "bitwise_right_shift": "rshift",
    "lt": "lt",
    "le": "le",
    "gt": "gt",
    "ge": "ge",
    "eq": "eq",
    "ne": "ne",
}
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_SYMMETRIC = ("add", "mul", "bitwise_and", "bitwise_or", "bitwise_xor")
_TENSOR_PROPERTIES = ("data", "real", "imag", "T", "mT", "H", "mH")


def equip(cls: type) -> None:
    """Let operators, properties and the core's methods ask the class `cls`."""
    activate()
    default: Any = Tensor.__torch_function__
    custom = cls.__torch_function__.__func__ is not default.__func__  # type: ignore[attr-defined]
    for name, value in _wrappers(custom).items():
        # What the class or one between has redefined is its own affair.
        if getattr(cls, name) is getattr(Tensor, name):
            setattr(cls, name, value)


def _wrappers(custom: bool) -> dict[str, Any]:
    if not _WRAPPERS:
        _WRAPPERS[False] = _tensor_wrappers()
        _WRAPPERS[True] = {**_question_wrappers(), **_WRAPPERS[False]}
    return _WRAPPERS[custom]


_WRAPPERS: dict[bool, dict[str, Any]] = {}


def _tensor_wrappers() -> dict[str, Any]:
    """Wrappers of what gives tensors, which any subclass wants of its own class."""
    found = {
        name.removeprefix("Tensor."): _method(function)
        for name, function in FUNCTIONS.items()
        if name.startswith("Tensor.") and type(function) is not FunctionType
    }
    for name, special in {**_OPERATORS, "matmul": "matmul"}.items():
        forward = FUNCTIONS[f"Tensor.{name}"]
        found[f"__{special}__"] = _method(forward)
        if name not in _COMPARISONS:
            mirrored = getattr(Tensor, f"__r{special}__")
            alike = name in _SYMMETRIC
            found[f"__r{special}__"] = _reflected(
                forward, forward if alike else mirrored
            )
    found["__getitem__"] = _method(Tensor.__getitem__)
    for name in _TENSOR_PROPERTIES:
        found[name] = _property(getattr(Tensor, name))
    return found


def _method(public: Any) -> Any:
    entry = core.Entry(getattr(public, "__derivo_plain__", public), public)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return entry(self, *args, **kwargs)

    method.__name__ = getattr(public, "__name__", "method")
    method.__doc__ = public.__doc__
    return method


def _reflected(forward: Any, mirrored: Any) -> Any:
    forward, mirrored = _method(forward), _method(mirrored)

    def method(self: Any, other: Any) -> Any:
        if isinstance(other, TensorBase):
            return forward(other, self)
        return mirrored(self, other)

    return method


def _property(descriptor: Any) -> property:
    entry = core.Entry(descriptor.__get__, descriptor.__get__)
    return property(
        lambda self: entry(self),
        lambda self, value: descriptor.__set__(self, value),
        lambda self: descriptor.__delete__(self),
        descriptor.__doc__,
    )


def _question_wrappers() -> dict[str, Any]:
    """Wrappers of the rest, which only a class with a handler of its own can see."""
    found: dict[str, Any] = {
        name: _method(getattr(Tensor, name))
        for name in ("__len__", "__repr__", "__setitem__")
    }
    for holder in (TensorBase, Tensor):
        for name, value in vars(holder).items():
            if name.startswith("_") or f"Tensor.{name}" in FUNCTIONS:
                continue
            if isinstance(value, property) or hasattr(value, "__set__"):
                found[name] = _property(value)
            elif holder is TensorBase and callable(value):
                found[name] = _method(getattr(Tensor, name))
    return found
