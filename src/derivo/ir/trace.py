"""Reading a Python function as a scalar expression, by handing it symbols.

The function runs with a copy of its globals, in which what works on numbers only
(`math`, `min`, `max`) is replaced by what works on symbols too; helper functions that
it calls by name are copied likewise. What cannot be read is refused at the user's line.
"""

from __future__ import annotations

import builtins
import linecache
import math
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from derivo.errors import TraceError
from derivo.ir import scalar as s
from derivo.ir.expr import Expr

__all__ = ["CAPTURED", "REPLACED", "read"]

_HOME = str(Path(__file__).resolve().parents[1])


def _symbolic(*values: object) -> bool:
    return any(isinstance(v, Expr) for v in values)


def _pick(
    name: str, plain: Callable[..., Any], scalar: Callable[..., Any] | None
) -> Callable[..., Any]:
    """Return `plain` for numbers, `scalar` as soon as a symbol is among them."""

    def function(*args: Any, **kwargs: Any) -> Any:
        if not _symbolic(*args, *kwargs.values()):
            return plain(*args, **kwargs)
        if scalar is None:
            raise TraceError(
                f"{name} works on Python numbers only. Write it with the functions of "
                "derivo (derivo.exp, derivo.sin, ...) and operators"
            )
        return scalar(*args, **kwargs)

    function.__name__ = name
    return function


def _fold(two: Callable[[Any, Any], Expr]) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise TraceError(
                "min and max take neither key nor default when they choose between "
                "scalars. Pass the scalars alone"
            )
        values = args if len(args) > 1 else tuple(args[0])
        found = values[0]
        for v in values[1:]:
            found = two(found, v)
        return found

    return function


def _log(x: Any, base: Any = None) -> Any:
    return s.log(x) if base is None else s.log(x) / s.log(base)


def _hypot(*xs: Any) -> Any:
    found = xs[0]
    for x in xs[1:]:
        found = s.hypot(found, x)
    return found if len(xs) > 1 else s.abs(found)


_MATH: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(s, name)
        for name in (
            *("exp", "exp2", "expm1", "log2", "log10", "log1p", "sqrt", "pow"),
            *("sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
            *("erf", "erfc", "lgamma", "floor", "ceil", "trunc", "fmod", "copysign"),
            *("isnan", "isinf", "isfinite", "nextafter"),
        )
    },
    "log": _log,
    "hypot": _hypot,
    "fabs": s.abs,
    "gamma": lambda x: s.special("gamma", x),
    "degrees": lambda x: x * (180.0 / math.pi),
    "radians": lambda x: x * (math.pi / 180.0),
}


class _Namespace:
    """A module seen from a definition: its functions take symbols as well."""

    def __init__(self, module: Any, wrap: Callable[[str, Any], Any]) -> None:
        self._module = module
        self._wrap = wrap

    def __getattr__(self, name: str) -> Any:
        return self._wrap(name, getattr(self._module, name))


def _of_math(name: str, value: Any) -> Any:
    if not callable(value):
        return value
    return _pick(f"math.{name}", value, _MATH.get(name))


# Functions of tensors that are no plain copies of an operation → their scalar forms;
# filled by `derivo.ops.definitions`.
REPLACED: dict[Any, Callable[..., Any]] = {}


def _of_derivo(name: str, value: Any) -> Any:
    if isinstance(value, types.ModuleType):
        return _Namespace(value, _of_derivo)
    return _replacement(value) or value


def _replacement(value: Any) -> Any:
    try:
        found = REPLACED.get(value)
    except TypeError:
        return None
    return found and _pick(value.__name__, value, found)


_MATH_FUNCTIONS = {
    getattr(math, name): name for name in dir(math) if callable(getattr(math, name))
}
_BUILTINS = {
    "min": _pick("min", min, _fold(s.minimum)),
    "max": _pick("max", max, _fold(s.maximum)),
}


class _Reader:
    """Copies a function, and the helpers that it names, for symbols."""

    def __init__(self) -> None:
        self.done: dict[types.FunctionType, types.FunctionType] = {}

    def value(self, value: Any) -> Any:
        """What a definition sees in place of a global, or None for the same."""
        if isinstance(value, types.ModuleType):
            if value is math:
                return _Namespace(value, _of_math)
            if value.__name__.partition(".")[0] == "derivo":
                return _Namespace(value, _of_derivo)
            return None
        if isinstance(value, types.BuiltinFunctionType):
            name = _MATH_FUNCTIONS.get(value)
            if name:
                return _of_math(name, value)
            return _BUILTINS.get(value.__name__) if value in (min, max) else None
        if isinstance(value, types.FunctionType):
            if _replacement(value):
                return _replacement(value)
            if not value.__code__.co_filename.startswith(_HOME):
                return self.function(value)
        return None

    def function(self, f: types.FunctionType) -> types.FunctionType:
        """Copy of `f` that works on symbols."""
        if f in self.done:
            return self.done[f]
        seen: dict[str, Any] = dict(f.__globals__)
        copy = types.FunctionType(
            f.__code__,
            seen,
            f.__name__,
            f.__defaults__,
            self.cells(f.__closure__),
        )
        copy.__kwdefaults__ = f.__kwdefaults__
        self.done[f] = copy
        for name in _names(f.__code__):
            if name in f.__globals__:
                found = self.value(f.__globals__[name])
                if found is not None:
                    seen[name] = found
            elif name in _BUILTINS and hasattr(builtins, name):
                seen[name] = _BUILTINS[name]
        return copy

    def cells(self, closure: Any) -> Any:
        """Closure with what it holds seen as globals are."""
        if not closure:
            return None
        made = []
        for cell in closure:
            try:
                found = self.value(cell.cell_contents)
            except ValueError:  # not yet assigned
                found = None
            made.append(cell if found is None else types.CellType(found))
        return tuple(made)


def _names(code: types.CodeType) -> set[str]:
    found = set(code.co_names)
    for item in code.co_consts:
        if isinstance(item, types.CodeType):
            found |= _names(item)
    return found


CAPTURED = (
    "a tensor is among its constants, where it would not be differentiated, and an "
    "expression has no elements to pair it with. Pass it as another operand (or its "
    "item() as a number)"
)


def _user_line(error: BaseException) -> tuple[str, int] | None:
    """Innermost line of the traceback that is not derivo's own."""
    found = None
    tb = error.__traceback__
    while tb is not None:
        file = tb.tb_frame.f_code.co_filename
        # Frames of the compiled core have relative names.
        if not file.startswith(_HOME) and not file.endswith(".pyx"):
            found = file, tb.tb_lineno
        tb = tb.tb_next
    return found


def _reason(error: Exception) -> str | None:
    """Why the function cannot be read, or None if its own error should be seen."""
    text = str(error)
    if isinstance(error, TraceError):
        return text.removeprefix("[scalar expression] ").rstrip(".")
    if isinstance(error, TypeError) and ("ufunc" in text or "numpy" in text):
        return (
            "NumPy cannot work on a scalar expression. Write the function of derivo "
            "with that name, such as derivo.exp for numpy.exp"
        )
    if isinstance(error, TypeError) and "Expr' and 'Tensor" in text.replace(
        "Tensor' and 'Expr", "Expr' and 'Tensor"
    ):
        return CAPTURED
    if isinstance(error, TypeError) and ("TensorBase" in text or "be Tensor" in text):
        return (
            "it calls a function of whole tensors on one scalar. Reduce, index and "
            "multiply matrices outside, on the operation's operands or its result"
        )
    if isinstance(error, TypeError) and "Expr" in text:
        return (
            f"{text}: inside a definition x is one scalar, as an expression. Use "
            "operators and the functions of derivo or math on it"
        )
    return None


def read(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> tuple[Any, ...]:
    """Expressions that `function` returns for symbols.

    Raises
    ------
    TraceError
        If it does with a symbol what no expression can say; names the line.
    """
    assert isinstance(function, types.FunctionType)
    try:
        made = _Reader().function(function)(*args, **kwargs)
        values = tuple(made) if isinstance(made, (tuple, list)) else (made,)
        for v in values:
            if v is not None and not isinstance(v, (Expr, bool, int, float)):
                raise TraceError(
                    f"it returns {type(v).__name__}: expected an expression of its "
                    "operands, a number, or a tuple of those. Return what the "
                    "operators and functions gave"
                )
    except Exception as error:
        reason = _reason(error)
        if reason is None:
            raise
        place = _user_line(error)
        code = function.__code__
        if place is None or place[0] == "<string>":
            place = code.co_filename, code.co_firstlineno
        source = linecache.getline(*place).strip()
        refused = TraceError(
            f"[{name}] this definition cannot be read: {reason}.\n  at "
            f"{place[0]}:{place[1]}" + (f": {source}" if source else "")
        )
        refused.filename, refused.lineno = place
        # The traceback still ends at the user's line.
        raise refused.with_traceback(error.__traceback__) from None
    return values
